"""What stops a training command."""


class TrainingError(Exception):
    """One clear sentence for the person at the terminal; the last good state is untouched."""
