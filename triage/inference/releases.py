"""Registers and activates model releases. A registered release is a copy, so a rollback needs no checkout."""

import shutil
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from accounts.services.audit import record
from classifier.release import load_release
from triage.inference.doorbell import ring_after_commit
from triage.inference.queue import enqueue
from triage.models import Image, Release
from triage.states import CaseState


def active_release() -> Release | None:
    """The release that new cases are read by."""
    return Release.objects.filter(is_active=True).first()


def release_folder(release: Release) -> Path:
    """Where the registered copy lies."""
    return Path(settings.MODEL_ROOT) / release.folder


def register_release(folder: Path, *, actor: User | None = None) -> Release:
    """Verifies a release folder, copies it below MODEL_ROOT and makes its row. Idempotent by hash.

    Raises:
        classifier.release.ReleaseError: the folder is missing, incompatible or corrupt.
    """
    loaded = load_release(folder)
    release = Release.objects.filter(sha256=loaded.sha256).first()
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
        )
        record("release.registered", release, actor=actor, sha256=release.sha256)
    return release


def _copy_whole(source: Path, target: Path) -> None:
    """Copies beside and renames, so that a half copy is never taken for a release."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    shutil.copytree(source, beside)
    try:
        beside.rename(target)
    except OSError:
        shutil.rmtree(beside)
        if not target.exists():
            raise


def queue_forgotten_images() -> None:
    """Queues images of waiting cases that have no job: they came while no release was active."""
    release = active_release()
    if release is None:
        return
    forgotten = Image.objects.filter(case__state=CaseState.RECEIVED, jobs=None)
    by_priority: dict[int, list[Image]] = {}
    for image in forgotten.select_related("case"):
        by_priority.setdefault(image.case.priority, []).append(image)
    for priority, images in sorted(by_priority.items()):
        enqueue(images, release, priority)


@transaction.atomic
def activate_release(release: Release, *, actor: User | None = None) -> Release:
    """Makes it the one release that new cases are read by, and queues cases that had none."""
    locked = {
        each.pk: each for each in Release.objects.select_for_update(no_key=True).order_by("pk")
    }
    release = locked[release.pk]
    if release.is_active:
        return release
    Release.objects.filter(is_active=True).update(is_active=False)
    Release.objects.filter(pk=release.pk).update(is_active=True, activated_at=Now())
    release.refresh_from_db()
    queue_forgotten_images()
    ring_after_commit()
    record("release.activated", release, actor=actor, sha256=release.sha256)
    return release
