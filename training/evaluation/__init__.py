"""What held-out scores are worth: metrics, calibration and figures with intervals."""
