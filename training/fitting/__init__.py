"""Fits the networks and heads of every split, and continues where a run was killed."""
