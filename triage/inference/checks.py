"""Checks whether a release can be used: request, claim, pass, fail. The release's row is the job.

Lock order: releases by id first, then jobs, cases, and the audit trail last.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.acts import Act
from accounts.models import User
from accounts.services.events import emit
from triage.apart import apart
from triage.inference.dispatch import (
    send_check_release_on_commit,
    send_classify_queued_on_commit,
)
from triage.inference.releases import activate_release, lock_releases
from triage.models import Release, ReleaseLoad
from triage.models.release import CHECKS
from triage.reasons import Problem, ReleaseProblem
from triage.states import Activation, ReleaseState

logger = logging.getLogger(__name__)

STOPPED = Problem(ReleaseProblem.WORKER_LOST)
# Seconds before the next try. A file system that hiccups or a machine short of memory has got over it
# by then; the last pause stands for all later ones.
PAUSES = (10, 60)
CHANGED = (
    *("state", "activation", "is_active", "problem", "problem_params"),
    *("check_due_at", "checks_left", "check_attempt", "checked_at"),
)


@dataclass(frozen=True)
class Check:
    """One try to load a release. ``attempt`` fences it, as a job's does."""

    release: Release
    attempt: int


def request_check(release: Release, *, actor: User | None = None) -> Release:
    """Gives the release a fresh check, with all its tries, now.

    A release that was set aside is being checked again. A usable one stays usable, and active if it is,
    while its jobs wait for the check.
    """
    with transaction.atomic():
        release = _lock(release)
        before = _facts(release)
        if release.state != ReleaseState.USABLE:
            release.state = ReleaseState.CHECKING
        release.checks_left = CHECKS
        _due(release, seconds=0)
        send_check_release_on_commit()
        after = _facts(release)
        emit(Act.RELEASE_CHECK_REQUESTED, release, actor=actor, before=before, after=after)
    return release


@transaction.atomic
def check_and_activate(
    release: Release, wish: Activation = Activation.BY_HAND, *, actor: User | None = None
) -> bool:
    """Follows a registration: checks a release again that was set aside, and fulfils ``wish``.

    That is done at once if the release is usable, else as soon as its check is passed.

    Returns:
        Whether the release is active now.
    """
    releases = lock_releases()
    release = releases[release.pk]
    if release.state == ReleaseState.SET_ASIDE:
        request_check(release, actor=actor)
    if release.state == ReleaseState.USABLE and not release.is_suspended:
        return _activate_by(wish, release, releases, actor)
    if wish != Activation.BY_HAND and release.activation != Activation.ALWAYS:
        Release.objects.filter(pk=release.pk).update(activation=wish)
        before, after = {"activation": release.activation}, {"activation": wish}
        emit(Act.RELEASE_WISHED, release, actor=actor, before=before, after=after)
    return release.is_active


def claim_check() -> Check | None:
    """Claims the check that has waited longest and is due; None where none is.

    1. Lock a release whose check is due and that no other worker is claiming at this moment.
    2. Spend a try and take the next attempt number, which fences as a job's does.
    3. Make the check due again after the lease. A worker that is killed never says so.
    """
    with transaction.atomic():
        due = Release.objects.filter(check_due_at__lte=Now(), checks_left__gt=0)
        release = (
            due.select_for_update(skip_locked=True, no_key=True)
            .order_by("check_due_at", "pk")
            .first()
        )
        if release is None:
            return None
        release.checks_left -= 1
        release.check_attempt += 1
        _due(release, seconds=settings.CALLUS_INFERENCE["load_lease_seconds"])
    return Check(release, release.check_attempt)


def pass_check(check: Check) -> bool:
    """The release was loaded and read a picture: it is usable, and active where that was wished.

    Returns:
        False for a worker that came back too late; nothing was changed then.
    """
    with transaction.atomic():
        releases = lock_releases()
        release = releases[check.release.pk]
        if not _is_ours(check, release):
            return False
        wish, was = Activation(release.activation), release.state
        release.state, release.activation = ReleaseState.USABLE, Activation.BY_HAND
        release.problem, release.problem_params = "", {}
        release.check_due_at, release.checks_left = None, CHECKS
        release.checked_at = Now()
        release.save(update_fields=CHANGED)
        active = release.is_active or _activate_by(wish, release, releases, None)
        send_classify_queued_on_commit()
        if was != ReleaseState.USABLE:
            before, after = {"state": was}, {"state": release.state}
            emit(Act.RELEASE_USABLE, release, actor=None, before=before, after=after)
    logger.info("Release %s is usable%s", release, " and active" if active else "")
    return True


def fail_check(check: Check, problem: Problem) -> bool:
    """This try failed: another one after a pause while tries are left, else the release is set aside."""
    with transaction.atomic():
        release = _lock(check.release)
        if not _is_ours(check, release):
            return False
        _record_failure(release, problem)
    return True


@transaction.atomic
def give_back(check: Check) -> None:
    """For a worker that is asked to stop: the check is due again, and its try is not spent."""
    release = _lock(check.release)
    if _is_ours(check, release):
        release.checks_left += 1
        release.check_attempt += 1
        _due(release, seconds=0)
        send_check_release_on_commit()


@transaction.atomic
def suspend(release: Release, problem: Problem) -> None:
    """A worker couldn't load a usable release: it is used again once a check is passed.

    What went wrong counts as the first try; the check makes the others. The release's jobs wait meanwhile,
    their tries unspent. Where a check waits already, nothing changes.
    """
    release = _lock(release)
    if release.state == ReleaseState.USABLE and release.check_due_at is None:
        release.checks_left = CHECKS - 1
        _record_failure(release, problem)


def sweep_checks() -> bool:
    """Counts the tries of workers that never came back. Returns whether a check is due."""
    for load in ReleaseLoad.objects.filter(leased_until__lt=Now()):
        with apart(f"Release {load.release_id}"), transaction.atomic():
            # Deleted by one sweep only, and not where the worker came back after all.
            if ReleaseLoad.objects.filter(pk=load.pk).delete()[0]:
                suspend(load.release, STOPPED)
    lost = Release.objects.filter(check_due_at__lte=Now(), checks_left=0).order_by("pk")
    for release_id in list(lost.values_list("pk", flat=True)):
        with apart(f"The check of release {release_id}"), transaction.atomic():
            # SKIP LOCKED: whoever holds the row is ending this very check.
            for release in lost.filter(pk=release_id).select_for_update(
                skip_locked=True, no_key=True
            ):
                _record_failure(release, STOPPED)
    return Release.objects.filter(check_due_at__lte=Now(), checks_left__gt=0).exists()


def _record_failure(release: Release, problem: Problem) -> None:
    release.check_attempt += 1  # the worker of this try comes too late from now on
    release.problem, release.problem_params = problem.code, dict(problem.params)
    release.checked_at = Now()
    if release.checks_left > 0:
        tried = CHECKS - release.checks_left
        _due(release, seconds=PAUSES[min(tried, len(PAUSES)) - 1])
        logger.warning("Release %s can't be loaded; it is tried again: %s", release, problem)
        return
    before = {"state": release.state, "is_active": release.is_active}
    release.state, release.check_due_at = ReleaseState.SET_ASIDE, None
    # Somebody chose this release: where nothing else is chosen meanwhile, a passed check restores it.
    release.activation = Activation.IF_NONE if release.is_active else release.activation
    release.is_active = False
    release.save(update_fields=CHANGED)
    logger.error("Release %s is set aside: %s", release, problem)
    after = {"state": release.state, "is_active": False, "problem": release.problem}
    emit(Act.RELEASE_SET_ASIDE, release, actor=None, before=before, after=after)


def _facts(release: Release) -> dict[str, Any]:
    due = release.check_due_at is not None
    return {"state": release.state, "check_is_due": due, "checks_left": release.checks_left}


def _due(release: Release, *, seconds: float) -> None:
    """On the database's clock, as every lease is."""
    release.check_due_at = Now() + timedelta(seconds=seconds)
    release.save(update_fields=CHANGED)
    release.refresh_from_db(fields=CHANGED)


def _activate_by(
    wish: Activation, release: Release, releases: dict[UUID, Release], actor: User | None
) -> bool:
    taken = any(other.is_active for other in releases.values())
    if wish == Activation.ALWAYS or (wish == Activation.IF_NONE and not taken):
        activate_release(release, actor=actor)
        return True
    return release.is_active


def _is_ours(check: Check, release: Release) -> bool:
    return release.check_due_at is not None and release.check_attempt == check.attempt


def _lock(release: Release) -> Release:
    # No key of the row changes, and a job that is added meanwhile refers to it: FOR NO KEY UPDATE.
    return Release.objects.select_for_update(no_key=True).get(pk=release.pk)
