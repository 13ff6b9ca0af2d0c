"""What must be true of cases that arrived while processes were killed."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.db.models import Count

from accounts.models import AuditEntry
from triage.intake import orphans
from triage.intake.named_files import named_files
from triage.intake.sweep import sweep_arrivals
from triage.models import Case, Image
from triage.states import CaseState


def all_decided() -> bool:
    """Sweeps as beat would, and looks."""
    sweep_arrivals()
    return not Case.objects.filter(state=CaseState.ARRIVING).exists()


def times(verb: str) -> dict[str, int]:
    """Id of a case → how often this happened to it."""
    entries = AuditEntry.objects.filter(verb=verb).values_list("subject_id")
    return dict(entries.annotate(times=Count("pk")))


def assert_received_once(cases: Iterable[Case]) -> None:
    assert times("case.received") == {str(case.pk): 1 for case in cases}
    for case in cases:
        images = Image.objects.filter(case=case)
        assert images.count() == 2
        for image in images:
            for file in (image.original, image.rendition, image.display, image.thumbnail):
                assert default_storage.size(file.name) > 0


def assert_no_orphan(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a killed process left is found by the sweep, a day later; nothing else is."""
    monkeypatch.setattr(orphans, "OLD_ENOUGH", timedelta(days=-1))
    orphans.sweep_orphans()
    stored = {f"arrived/{name}" for name in files_below("")}
    assert stored == named_files([name for name in stored if name.endswith("/original")])


def files_below(folder: str) -> Iterator[str]:
    folders, files = default_storage.listdir(f"arrived/{folder}")
    for inside in folders:
        yield from files_below(f"{folder}{inside}/")
    yield from (f"{folder}{name}" for name in files)
