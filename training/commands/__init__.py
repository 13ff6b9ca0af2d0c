"""The commands of ``python -m training``: their options and what they call."""
