"""Every act emits exactly one event, which says before and after; and no patient's data is in any."""

import json

import pytest

from accounts.acts import NOTHING_CHANGED, Act
from accounts.models import AuditEntry, OutboxMessage
from tests.events.steps import doing
from tests.events.walk import WALK
from tests.factories import PASSWORD


def test_every_act_is_walked():
    assert set(WALK) == set(Act)


@pytest.mark.parametrize("act", Act, ids=str)
def test_an_act_emits_one_event_with_before_and_after(act, clinic, tmp_path):
    clinic.folder = tmp_path / "export"
    begin = WALK[act](clinic)
    done = doing(begin)
    entry = done.only(act)
    assert OutboxMessage.objects.filter(
        entry__in=[each.pk for each in done.entries]
    ).count() == len(done.entries)
    detail = entry.detail
    if act in NOTHING_CHANGED:
        assert not {"before", "after", "untold"} & set(detail)
    else:
        assert isinstance(detail["before"], dict) and isinstance(detail["after"], dict)
        assert detail["before"] != detail["after"] or detail["untold"]
    everything = json.dumps(list(AuditEntry.objects.values_list("detail", flat=True))).lower()
    for planted in ("planted", "jane", PASSWORD, "different one", "no_fracture"):
        assert planted not in everything
