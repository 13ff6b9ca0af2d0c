"""Who may see which output of the model: asked by pages, REST, order, ETags and exports, and nowhere else.

``disclosure_for`` asks the policy; its answer says what of loaded cases may be seen (``cases``) and by which
columns a list may be sorted and filtered (``sortable``). No package above reads the model's columns from a
row; ``test_disclosure_boundary`` checks that. Beside the policy, a blind case is sealed: its row says
nothing, and only who has locked a first reading of it is shown what the model says (``worklist.one_case``).
"""

from triage.disclosure.cases import DisclosedCase, with_deciding_prediction
from triage.disclosure.columns import class_and_confidence, disclosed_chance
from triage.disclosure.disclosure import Disclosure, disclosure_at, disclosure_for, shown_to
from triage.disclosure.order import Sortable
from triage.disclosure.output import CaseOutput
from triage.disclosure.policy import Policy, Viewer
from triage.disclosure.predictions import DisclosedPrediction

__all__ = [
    "CaseOutput",
    "DisclosedCase",
    "DisclosedPrediction",
    "Disclosure",
    "Policy",
    "Sortable",
    "Viewer",
    "class_and_confidence",
    "disclosed_chance",
    "disclosure_at",
    "disclosure_for",
    "shown_to",
    "with_deciding_prediction",
]
