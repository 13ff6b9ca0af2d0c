"""What becomes of the demonstration's cases, by the same services as anywhere: one of every state.

What ends by itself within seconds isn't held: a case that arrives, and one that waits for the model.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from accounts.models import Site, User
from accounts.refusals import Refused
from demo.logins import ADMIN, CLINICIAN, SECOND_READER
from triage.inference.queue import claim_jobs
from triage.intake.services import withdraw_case
from triage.models import Case
from triage.queue import give_back
from triage.reasons import JobError
from triage.review.claims import claim
from triage.review.first_reading import lock_first_reading
from triage.review.interim import record_interim_opinion
from triage.review.opinion import GivenOpinion
from triage.review.reading_rules import set_reading_rules
from triage.review.services import correct, sign
from triage.worklist.one_case import shown_case


def person(email: str) -> User:
    return User.objects.get(email=email)


@contextmanager
def rules_of_the_demonstration(site: Site, *, blind: bool) -> Iterator[None]:
    """Whether a case that arrives meanwhile is read blind. Afterwards none is, and a third reader decides
    what is disputed, until somebody chooses other rules: a start that makes no case leaves them alone.
    """

    def rules(percent: int) -> None:
        set_reading_rules(
            site=site, actor=person(ADMIN), blind_percent=percent, third_if_first_differs=True
        )

    rules(100 if blind else 0)
    yield
    rules(0)


def let_the_model_read() -> None:
    """The released model reads what waits, if it can be used: as a worker does, before there is one.

    An installation of the web alone has no engine, and its worker reads them.
    """
    try:
        from triage.inference.worker.batch import work_until_empty
        from triage.inference.worker.release_check import check_next
    except ImportError:
        return
    while check_next():
        pass
    work_until_empty()


def to_read(case: Case) -> None:
    """Nothing happens: it waits for a reader."""


def fails(case: Case) -> None:
    """No try of the model succeeds. On a site that runs already, a worker may have read it before."""
    try:
        from triage.inference.worker.outcomes import Outcome, record_outcomes
    except ImportError:  # without an engine, as above
        return
    for _ in range(10):
        jobs = claim_jobs()
        own = [job for job in jobs if job.image.case_id == case.pk]
        give_back([job for job in jobs if job not in own])
        if not own:
            return
        record_outcomes(
            [Outcome(job, error=JobError.NOT_CLASSIFIED, detail="Demonstration") for job in own]
        )


def somebody_reads(case: Case) -> None:
    claim(case=case, reader=person(SECOND_READER))


def somebody_reads_again(case: Case) -> None:
    with suppress(Refused):  # somebody else reads it by now, or has signed it
        somebody_reads(case)


def is_withdrawn(case: Case) -> None:
    withdraw_case(case=case, actor=person(CLINICIAN), reason="Sent twice")


def is_corrected(case: Case) -> None:
    reader = person(SECOND_READER)
    given = GivenOpinion("certain", ("spiral",), comment="Spiral fracture.")
    review = sign(case=case, reader=reader, given=given)
    better = GivenOpinion("certain", ("spiral",), displaced=True, comment="Spiral, displaced.")
    correct(review=review, reader=reader, given=better)


def is_disputed(case: Case) -> None:
    """The reader switched once the model was shown."""
    reader = person(SECOND_READER)
    lock_first_reading(case=case, reader=reader, given=GivenOpinion("none", comment="Clear."))
    given = GivenOpinion("possible", ("greenstick",), comment="Perhaps a greenstick fracture.")
    seen = shown_case(reader, case).deciding_id
    sign(case=case, reader=reader, given=given, prediction_id=seen)


def is_called_back(case: Case) -> None:
    """The clinic thought that nothing was broken."""
    record_interim_opinion(
        case=case,
        author=person(CLINICIAN),
        interim_fracture="none",
        treated_as="soft_tissue",
        note="Bandage, home.",
    )
    given = GivenOpinion("certain", ("avulsion",), comment="Avulsion of the tip.")
    sign(case=case, reader=person(SECOND_READER), given=given)


def is_critical(case: Case) -> None:
    given = GivenOpinion("certain", ("fracture_dislocation",), displaced=True)
    sign(case=case, reader=person(SECOND_READER), given=given, critical=True)
