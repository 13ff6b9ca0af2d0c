"""Probabilities as percentages that people read."""


def percent(probability: float) -> str:
    """0.834 → "83%". No model is certain: 0.998 is ">99%", not 100, and 0.002 is "<1%", not 0."""
    if probability < 0.01:
        return "<1%"
    if probability > 0.99:
        return ">99%"
    return f"{probability:.0%}"
