"""A job becomes a prediction."""
