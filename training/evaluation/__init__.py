"""Held-out scores become metrics, calibrated numbers, and figures with intervals."""
