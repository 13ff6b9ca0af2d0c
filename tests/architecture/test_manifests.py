"""The guard that ``tests/conftest.py`` puts before every query of every test."""

import pytest

from tests.factories import make_case
from tests.manifests import REPOSITORY
from triage.models import Job, Release
from triage.states import CaseState

pytestmark = pytest.mark.usefixtures("storage")


def asked_by(file, expression):
    """Runs ``expression`` of ``jobs`` and ``releases`` as if it stood in ``file``."""
    names = {"jobs": Job.objects, "releases": Release.objects}
    return eval(compile(expression, str(REPOSITORY / file), "eval"), names)


@pytest.mark.parametrize(
    "expression",
    [
        "jobs.select_related('release').first()",
        "releases.get().manifest",
        "releases.defer(None).first()",
        "releases.values_list('manifest').first()",
    ],
)
def test_a_manifest_that_is_fetched_by_the_way_is_seen(site, people, expression):
    make_case(site, people.clinician, CaseState.RECEIVED)
    with pytest.raises(AssertionError, match=r"triage/web/worklist\.py reads the manifest"):
        asked_by("triage/web/worklist.py", expression)
    assert asked_by("triage/api/releases.py", expression)


@pytest.mark.parametrize(
    "expression",
    [
        "jobs.first().release",
        "jobs.select_related('release').defer('release__manifest').first()",
        "releases.first()",
        "releases.select_for_update(no_key=True).first()",
        "jobs.first().release.refresh_from_db() or True",
    ],
)
def test_the_ordinary_ways_to_a_release_fetch_none(site, people, expression):
    make_case(site, people.clinician, CaseState.RECEIVED)
    assert asked_by("triage/web/worklist.py", expression)
