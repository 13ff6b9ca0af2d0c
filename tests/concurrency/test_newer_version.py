"""A newer version is decided while somebody signs the earlier one, and two versions at the same moment."""

import itertools

import pytest

from accounts.models import AuditEntry
from accounts.refusals import Conflict
from tests.concurrency.meeting import StoppableThread, meet
from tests.factories import make_people, make_site
from tests.intake.test_newer_versions import film, links, sent, signed, to_send
from triage.intake import decision
from triage.intake import queue as decoding
from triage.intake.decoding import decode
from triage.intake.services import arrive_case
from triage.models import Case, NewerVersion, Reading, Review
from triage.review import claims

pytestmark = pytest.mark.usefixtures("committed_db", "storage")


def decoded(people, site, exporter) -> Case:
    """A case whose only file is decoded, and which nobody has decided yet."""
    case = arrive_case(**to_send(people.clinician, site, film(exporter=exporter)))
    job = decoding.claim_next()
    decoding.record(job, decode(job))
    return case


def worlds():
    """Site, people and the number of the statement after which the first act is stopped."""
    for number in itertools.count():
        site = make_site()
        yield site, make_people(site, make_site()), number


def sign_in_time(people, old, new) -> bool:
    """Whether the signature won; nothing is lost either way."""
    old, new = Case.objects.get(pk=old.pk), Case.objects.get(pk=new.pk)
    assert (new.state, links(new)) == ("received", [old.pk])
    assert Reading.objects.get(case=old).ended in ("signed", "withdrawn")
    verbs = list(AuditEntry.objects.filter(site=old.site).values_list("verb", flat=True))
    if old.state == "reviewed":
        assert (old.replaced_by, Review.objects.filter(case=old).count()) == (None, 1)
        assert new.received_at > old.received_at and "case.replaced" not in verbs
        return True
    assert (old.state, old.replaced_by) == ("withdrawn", new)
    assert not Review.objects.filter(case=old).exists() and "review.signed" not in verbs
    assert new.received_at == old.received_at
    return False


@pytest.mark.parametrize("stopped", ["sign", "conclude"])
def test_of_a_signature_and_a_newer_version_one_wins(stopped):
    """One of them is stopped after each statement that takes another lock; the other comes then."""
    won = []
    for site, people, number in worlds():
        old = sent(people.clinician, site, film()).case
        claims.claim(case=old, reader=people.reviewer)
        new = decoded(people, site, "second")
        acts = {
            "sign": lambda old=old, people=people: signed(old, people.reviewer),
            "conclude": lambda new=new: decision._conclude(new.pk),
        }
        first = StoppableThread(acts.pop(stopped), stop_after=number)
        second = StoppableThread(*acts.values())
        meet(first, second)
        won.append(sign_in_time(people, old, new))
        errors = [error for error in (first.error, second.error) if error is not None]
        assert len(errors) == (0 if won[-1] else 1)
        assert all(
            isinstance(error, Conflict) and error.code == "case_replaced" for error in errors
        )
        if len(first.stops) <= number + 1:
            break
    assert len(won) >= 4 and any(won if stopped == "sign" else [not signature for signature in won])


@pytest.mark.parametrize("first_decided", [0, 1])
def test_two_versions_that_are_decided_together_see_each_other(first_decided):
    for site, people, number in worlds():
        cases = [decoded(people, site, "first"), decoded(people, site, "second")]
        acts = [lambda case=case: decision._conclude(case.pk) for case in cases]
        first = StoppableThread(acts[first_decided], stop_after=number)
        second = StoppableThread(acts[1 - first_decided])
        meet(first, second)
        assert (first.error, second.error) == (None, None)
        old, new = (Case.objects.get(pk=case.pk) for case in cases)
        assert (old.state, old.replaced_by, new.state) == ("withdrawn", new, "received")
        assert NewerVersion.objects.filter(newer__site=site).count() == 1
        if len(first.stops) <= number + 1:
            break
    assert number >= 4
