"""Why the local services can't start."""


class Problem(Exception):
    """One sentence or two for the person at the terminal: what is wrong and what to do."""
