"""Checks a release in a worker: loads it and reads a picture with it."""

import logging

from celery.exceptions import SoftTimeLimitExceeded

from classifier.engines import ran_out_of_memory
from classifier.release_errors import ReleaseError
from triage.inference import checks
from triage.inference.worker.loading import LoadLost, NotFinite, load
from triage.reasons import Problem, ReleaseProblem

logger = logging.getLogger(__name__)

# Characters: the first lines name the cause; a library may add a whole traceback.
LONGEST_SAID = 400
_CODES: dict[type[Exception], ReleaseProblem] = {
    SoftTimeLimitExceeded: ReleaseProblem.TOO_SLOW,
    LoadLost: ReleaseProblem.WORKER_LOST,
    NotFinite: ReleaseProblem.NOT_FINITE,
}


def check_next() -> bool:
    """Makes the check that is due. Returns whether there was one."""
    check = checks.claim_check()
    if check is None:
        return False
    try:
        load(check.release)
    except Exception as error:
        logger.warning("Release %s can't be loaded", check.release, exc_info=True)
        checks.fail_check(check, problem_of(error))
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return True
    except BaseException:  # SystemExit: the worker was asked to stop
        checks.give_back(check)
        raise
    checks.pass_check(check)
    return True


def problem_of(error: Exception) -> Problem:
    """The code of what went wrong, and what an administrator needs to know of it."""
    if isinstance(error, ReleaseError):
        return Problem(ReleaseProblem(error.code), error.params)
    if ran_out_of_memory(error):
        return Problem(ReleaseProblem.NO_MEMORY)
    if isinstance(error, OSError):
        return Problem(ReleaseProblem.NOT_READ, _said(error.strerror or type(error).__name__))
    for error_type, code in _CODES.items():
        if isinstance(error, error_type):
            return Problem(code)
    return Problem(ReleaseProblem.NOT_RUN, _said(f"{type(error).__name__}: {error}"))


def _said(text: str) -> dict[str, str]:
    """The message of a library or of the operating system, cut to a length: for operators."""
    return {"said": text[:LONGEST_SAID]}
