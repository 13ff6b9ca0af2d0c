"""Keeps the memory of processes that hold secrets from other processes of the same user."""

import os

from classifier.kernel import hide_memory

_STACK = "CALLUS_STACK"  # localservices.leftovers.MARK, which this package can't import


def hide_from_other_processes() -> None:
    """Makes this process, and those it forks, unreadable: no memory, no environment, no core dump.

    Not on one's own machine: ``make run`` finds what a killed run left behind by the environment of these
    processes, and without root it could not read it.
    """
    if os.getuid() == 0 or _STACK not in os.environ:
        hide_memory()
