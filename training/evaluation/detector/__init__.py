"""A detector's held-out maps become outcomes, calibrated numbers and figures."""
