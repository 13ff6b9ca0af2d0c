"""Registers and activates model releases. A registered release is a copy, so a rollback needs no checkout."""

import shutil
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.identifiers import first_id_of
from accounts.models import User
from accounts.refusals import Conflict
from accounts.services.events import emit
from classifier.network_input import squares_of
from classifier.preprocess import Preprocessing
from classifier.release import LoadedRelease, load_release
from classifier.release_errors import ReleaseError, ReleaseIncompatible
from classifier.squares import Squares
from triage.inference.case_update import update_cases
from triage.inference.dispatch import (
    send_check_release_on_commit,
    send_classify_queued_on_commit,
)
from triage.inference.queue import enqueue
from triage.inference.reassign import jobs_of_other_releases, reassign
from triage.models import Image, Release
from triage.states import Activation, CaseState, ReleaseState


def active_release() -> Release | None:
    """The release that new cases are read by. Its manifest, which is long, is read when it is asked for."""
    return Release.objects.filter(is_active=True).defer("manifest").first()


def active_squares() -> Squares | None:
    """What the active release's networks need of a picture's pixels.

    None if no release is active, or if it isn't kept in bytes (``classifier.network_input.squares_of``).
    """
    entries = Release.objects.filter(is_active=True).values_list(
        "manifest__preprocessing", "manifest__detector__preprocessing"
    )
    found = [entry for entry in entries.first() or () if entry]
    try:
        return squares_of([Preprocessing.from_manifest(entry) for entry in found])
    except (TypeError, ValueError):  # no worker could load such a release
        return None


def release_folder(release: Release) -> Path:
    """Where the registered copy lies."""
    return Path(settings.MODEL_ROOT) / release.folder


def register_release(folder: Path, *, actor: User | None = None) -> Release:
    """Verifies a release folder, copies it below MODEL_ROOT and makes its row. Idempotent by hash.

    A new one is then checked by a worker, and can be activated when it is usable.

    Raises:
        classifier.release_errors.ReleaseError: the folder is missing, incompatible or corrupt, or the version
            belongs to another manifest.
    """
    loaded = load_release(folder)
    release = Release.objects.filter(sha256=loaded.sha256).first()
    if release is None:
        _refuse_a_second(loaded)
    target = Path(loaded.name) / f"{loaded.version}-{loaded.sha256[:12]}"
    _copy_whole(folder, Path(settings.MODEL_ROOT) / target)
    if release is not None:
        return release
    with transaction.atomic():
        release = Release.objects.create(
            name=loaded.name,
            version=loaded.version,
            sha256=loaded.sha256,
            manifest=loaded.manifest,
            folder=str(target),
            call_is_usable=loaded.call_is_usable,
            prevalence=loaded.prevalence,
            check_due_at=Now(),
        )
        send_check_release_on_commit()
        after = {"state": release.state, "sha256": release.sha256}
        emit(Act.RELEASE_REGISTERED, release, actor=actor, before={}, after=after)
    return release


def _refuse_a_second(loaded: LoadedRelease) -> None:
    """A prediction names its release by name and version, so these mean one manifest for ever."""
    if Release.objects.filter(name=loaded.name, version=loaded.version).exists():
        raise ReleaseIncompatible("version_is_taken", title=loaded.title)


def _copy_whole(source: Path, target: Path) -> None:
    """Copies beside and renames, so that a half copy is never taken for a release.

    A copy that is there already stays if it is whole; one that was damaged since is replaced.
    """
    if target.exists() and _is_whole(target):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    shutil.copytree(source, beside)
    damaged = target.with_name(f"{beside.name}.damaged")
    with suppress(FileNotFoundError):
        target.rename(damaged)
    try:
        beside.rename(target)
    except OSError:  # another process was faster with the same copy
        shutil.rmtree(beside)
        if not target.exists():
            raise
    shutil.rmtree(damaged, ignore_errors=True)


def _is_whole(folder: Path) -> bool:
    try:
        load_release(folder)
    except ReleaseError:
        return False
    return True


def queue_forgotten_images(younger_than: timedelta | None = None) -> None:
    """Queues images of waiting cases that have no job: they came while no release was active.

    Args:
        younger_than: look at images of this age only. An activation looks at all; afterwards only an image is
            left that was committed at the same moment. All cases of years need a second, and the newest
            images are found by their ids in a millisecond.
    """
    release = active_release()
    if release is None:
        return
    forgotten = Image.objects.filter(case__state=CaseState.RECEIVED, jobs=None)
    if younger_than is not None:
        forgotten = forgotten.filter(pk__gte=first_id_of(timezone.now() - younger_than))
    by_priority: dict[int, list[Image]] = {}
    for image in forgotten.select_related("case"):
        by_priority.setdefault(image.case.priority, []).append(image)
    for priority, images in sorted(by_priority.items()):
        enqueue(images, release, priority)


def lock_releases() -> dict[UUID, Release]:
    """Locks all releases until the transaction ends: the first of all locks. Returns id → release."""
    # No key changes, and jobs that are added meanwhile refer to these rows: FOR NO KEY UPDATE.
    rows = Release.objects.select_for_update(no_key=True).order_by("pk")
    return {release.pk: release for release in rows}


@transaction.atomic
def activate_release(release: Release, *, actor: User | None = None) -> Release:
    """Makes it the one release that cases are read by.

    It reads what waits or failed on open cases, and the cases that had no release. A
    picture that a worker is reading at this moment is still read by the former release.

    Raises:
        Conflict: no worker could load it, or its check isn't passed yet.
    """
    releases = lock_releases()
    release = releases[release.pk]
    _refuse_unusable(release)
    if release.is_active:
        return release
    former = next((str(row.pk) for row in releases.values() if row.is_active), None)
    Release.objects.filter(is_active=True).update(is_active=False)
    # This choice is later than what anybody wished before.
    Release.objects.exclude(activation=Activation.BY_HAND).update(activation=Activation.BY_HAND)
    Release.objects.filter(pk=release.pk).update(is_active=True, activated_at=Now())
    release.refresh_from_db()
    moved, changed_cases = reassign(release, jobs_of_other_releases(release))
    queue_forgotten_images()
    send_classify_queued_on_commit()
    update_cases(changed_cases)
    emit(
        Act.RELEASE_ACTIVATED,
        release,
        actor=actor,
        before={"active": former},
        after={"active": str(release.pk)},
        sha256=release.sha256,
        jobs=moved,
    )
    return release


def _refuse_unusable(release: Release) -> None:
    values = {"release": release, "problem": release.problem_to_show}
    if release.state == ReleaseState.SET_ASIDE:
        message = _(
            "%(release)s is set aside and can't be activated: %(problem)s Ask for another check."
        )
    elif release.check_due_at is not None:
        message = _("%(release)s is being checked. Activate it when its check is passed.")
    else:
        return
    raise Conflict("release_not_usable", message % values)


@transaction.atomic
def reassign_left_behind() -> None:
    """Gives to the active release what its activation could not: a job that a worker held at that
    moment and gave back, or one that was queued while the activation was committed.
    """
    release = active_release()
    if release is None:
        return
    others = jobs_of_other_releases(release, release.activated_at)
    if not others.exists():  # most often: the releases are locked for nothing otherwise
        return
    release = lock_releases()[release.pk]
    if release.is_active:
        _moved, changed_cases = reassign(release, others)
        update_cases(changed_cases)
