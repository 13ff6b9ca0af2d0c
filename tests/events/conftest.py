"""The site on which the acts are walked."""

from types import SimpleNamespace

import pytest

from tests.events.steps import PLANTED
from tests.factories import make_case, make_release
from triage.states import CaseState
from triage.vocabulary import Sex


@pytest.fixture
def clinic(site, other_site, people, storage):
    """A site with an active release; the case in ``case`` has planted words in every field of a person."""
    release = make_release()
    case = make_case(site, people.clinician, CaseState.PREDICTED, sex=Sex.OTHER, **PLANTED)
    return SimpleNamespace(site=site, people=people, release=release, case=case)
