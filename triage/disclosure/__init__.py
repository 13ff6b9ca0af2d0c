"""What of the model's output is told, and to whom: one door for pages, REST, order, ETags and exports.

``shown_to`` says it of cases that were loaded, ``sortable_for`` of the columns that a list may be sorted and
filtered by. Nobody above reads the model's columns from a row; ``test_disclosure_boundary`` looks.
"""

from triage.disclosure.cases import ToldCase, shown_to, with_finding
from triage.disclosure.columns import class_and_confidence, told_chance
from triage.disclosure.order import Sortable, sortable_for
from triage.disclosure.policy import Policy, Viewer
from triage.disclosure.told import Told, why_not_read, why_not_read_code

__all__ = [
    "Policy",
    "Sortable",
    "Told",
    "ToldCase",
    "Viewer",
    "class_and_confidence",
    "shown_to",
    "sortable_for",
    "told_chance",
    "why_not_read",
    "why_not_read_code",
    "with_finding",
]
