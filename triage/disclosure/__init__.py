"""Who may see which output of the model: asked by pages, REST, order, ETags and exports, and nowhere else.

``shown_to`` answers for loaded cases, ``sortable_for`` for the columns that a list may be sorted and
filtered by. No package above reads the model's columns from a row; ``test_disclosure_boundary`` checks that.
"""

from triage.disclosure.cases import DisclosedCase, shown_to, with_deciding_prediction
from triage.disclosure.columns import class_and_confidence, disclosed_chance
from triage.disclosure.order import Sortable, sortable_for
from triage.disclosure.policy import Policy, Viewer
from triage.disclosure.predictions import DisclosedPrediction, why_not_read, why_not_read_code

__all__ = [
    "DisclosedCase",
    "DisclosedPrediction",
    "Policy",
    "Sortable",
    "Viewer",
    "class_and_confidence",
    "disclosed_chance",
    "shown_to",
    "sortable_for",
    "why_not_read",
    "why_not_read_code",
    "with_deciding_prediction",
]
