"""Checks a release: it is loaded for real, in a worker, and reads a picture."""

import logging

from celery.exceptions import SoftTimeLimitExceeded
from django.utils.translation import gettext_noop

from classifier.engines import ran_out_of_memory
from classifier.release import ReleaseError
from triage.inference import checks
from triage.inference.worker.loading import LoadLost, NotFinite, load

logger = logging.getLogger(__name__)

TOO_SLOW = gettext_noop("Loading it took longer than a worker may take.")
NO_MEMORY = gettext_noop("The worker had too little memory to load it.")
NO_NUMBER = gettext_noop("It read a picture and gave something that is no number.")
NOT_RUN = gettext_noop("The engine can't run it.")
NOT_READ = gettext_noop("Its files can't be read.")


def check_next() -> bool:
    """Makes the check that is due. Returns whether there was one."""
    check = checks.claim_check()
    if check is None:
        return False
    try:
        load(check.release)
    except Exception as error:
        logger.warning("Release %s can't be loaded", check.release, exc_info=True)
        checks.fail_check(check, why(error))
        if isinstance(error, SoftTimeLimitExceeded):
            raise
        return True
    except BaseException:  # SystemExit: the worker is told to stop
        checks.give_back(check)
        raise
    checks.pass_check(check)
    return True


def why(error: Exception) -> str:
    """One sentence for the administrator."""
    if isinstance(error, ReleaseError):
        return str(error)
    if isinstance(error, SoftTimeLimitExceeded):
        return TOO_SLOW
    if isinstance(error, LoadLost):
        return checks.STOPPED
    if ran_out_of_memory(error):
        return NO_MEMORY
    if isinstance(error, NotFinite):
        return NO_NUMBER
    if isinstance(error, OSError):
        return f"{NOT_READ} {error.strerror or type(error).__name__}."
    return f"{NOT_RUN} {type(error).__name__}: {error}"
