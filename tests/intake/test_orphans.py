"""Files that no row names go after a day; files that a row names stay whatever is killed."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import models, transaction

from tests.conftest import REPOSITORY
from tests.factories import incoming, make_case, make_people, make_site
from triage.intake.arrived import arrive
from triage.intake.named_files import NAMING, file_columns, named_files
from triage.intake.orphans import remove_after_commit, sweep_orphans, sweep_recent
from triage.models import Image

HOURS = 3600


def aged(storage: Path, stored: str, hours: float = 50) -> str:
    """The name of the same file as if it had arrived ``hours`` ago, in that day's folder."""
    at = time.time() - hours * HOURS
    name = f"arrived/{time.strftime('%Y/%m/%d', time.gmtime(at))}/{stored.split('/')[4]}"
    (storage / name).parent.mkdir(parents=True, exist_ok=True)
    (storage / stored).parent.rename(storage / name)
    for path in (storage / name).rglob("*"):
        os.utime(path, (at, at))
    return f"{name}/original"


@pytest.fixture
def kept(site, people, storage):
    """An image whose files arrived two days ago."""
    image = make_case(site, people.clinician).images.get()
    name = aged(storage, incoming().stored)
    derived = default_storage.save(name.replace("original", "v1/display.jpg"), ContentFile(b"d"))
    os.utime(storage / derived, (1, 1))
    Image.objects.filter(pk=image.pk).update(original=name, display=derived)
    image.refresh_from_db()
    return image


def arrived_files(storage):
    found = (storage / "arrived").rglob("*")
    return {path.relative_to(storage).as_posix() for path in found if path.is_file()}


def test_an_orphan_goes_after_a_day_and_nothing_else(kept, storage):
    named = {kept.original.name, kept.display.name}
    young = arrive("young.png", [b"x"]).stored
    hours_old = aged(storage, arrive("hours.png", [b"x"]).stored, hours=20)
    orphan = aged(storage, arrive("orphan.png", [b"x" * 10]).stored)
    beside = default_storage.save(orphan.replace("original", "v1/display.jpg"), ContentFile(b"y"))
    os.utime(storage / beside, (1, 1))
    found = sweep_orphans(dry_run=True)
    assert (found.files, found.bytes) == (2, 11)
    assert arrived_files(storage) == named | {young, hours_old, orphan, beside}
    assert sweep_orphans().files == 2
    assert arrived_files(storage) == named | {young, hours_old}
    assert not (storage / orphan).parent.exists()
    assert sweep_orphans().files == 0


def test_what_a_crashed_try_left_beside_a_named_file_goes(kept, storage):
    left = default_storage.save(kept.display.name, ContentFile(b"half"))
    just_made = default_storage.save(kept.display.name, ContentFile(b"of a worker that works"))
    os.utime(storage / left, (1, 1))
    assert sweep_recent() == 1
    assert arrived_files(storage) == {kept.original.name, kept.display.name, just_made}


def test_the_daily_sweep_begins_with_the_newest_and_says_where_it_stopped(
    storage, db, monkeypatch, caplog
):
    old = aged(storage, arrive("old.png", [b"x"]).stored, hours=24 * 400)
    aged(storage, arrive("new.png", [b"x"]).stored)
    clock = iter([0.0, 1.0, 40.0])
    monkeypatch.setattr("triage.intake.orphans.monotonic", lambda: next(clock))
    assert sweep_recent() == 1
    assert arrived_files(storage) == {old}
    assert f"got to {'/'.join(old.split('/')[1:4])}" in caplog.text


def test_the_command_counts_and_removes(db, storage):
    aged(storage, arrive("orphan.png", [b"x" * 2048]).stored)
    out = StringIO()
    call_command("sweep_orphans", "--dry-run", stdout=out)
    assert out.getvalue() == "1 files that no row names would be removed: 2 kB.\n"
    call_command("sweep_orphans", stdout=out)
    assert arrived_files(storage) == set()


def test_every_column_that_holds_a_file_s_name_is_asked():
    found = {
        model
        for model in apps.get_app_config("triage").get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FileField) or field.name == "original"
    }
    assert found == set(NAMING)
    columns = ["original", "rendition", "network_input", "display", "thumbnail", "alternatives"]
    assert sorted(file_columns(Image)) == sorted(columns)


def test_every_file_of_an_image_is_named(kept):
    made = {name: f"arrived/one/{name}" for name in ("network_input", "alternatives")}
    Image.objects.filter(pk=kept.pk).update(**made)
    kept.refresh_from_db()
    names = {getattr(kept, name).name for name in file_columns(Image)}
    assert named_files([kept.original.name]) == names


@pytest.mark.django_db(transaction=False)
def test_files_go_when_the_change_of_their_row_is_committed(
    kept, storage, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        remove_after_commit([kept.original.name, kept.display.name])
        assert len(arrived_files(storage)) == 2
    assert arrived_files(storage) == set()
    assert not (storage / kept.original.name).parent.exists()


KILLED = """
import os, signal, sys
import django; django.setup()
from django.core.files.storage.filesystem import FileSystemStorage
from django.db import transaction
from triage.intake.orphans import remove_after_commit
from triage.models import Image
stop = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "after":
    FileSystemStorage.delete = stop
with transaction.atomic():
    image = Image.objects.get(pk=sys.argv[1])
    remove_after_commit([image.original.name])
    Image.objects.filter(pk=image.pk).update(original="removed")
    if sys.argv[2] == "before":
        stop()
"""


@pytest.mark.parametrize(("moment", "named"), [("before", True), ("after", False)])
def test_a_kill_between_row_and_file_leaves_an_orphan_and_never_a_row_without_its_file(
    committed_db, settings, moment, named
):
    """Killed before the commit, the row names its file. Killed after it, the sweep finds the file."""
    storage = Path(settings.MEDIA_ROOT)
    site = make_site("North", "north")
    image = make_case(site, make_people(site, make_site("South", "south")).clinician).images.get()
    name = aged(storage, incoming().stored)
    Image.objects.filter(pk=image.pk).update(original=name)
    environment = {**os.environ, "VAR_DIR": str(settings.VAR_DIR)}
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(image.pk), moment],
        cwd=REPOSITORY,
        env=environment,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (storage / name).exists()
    image.refresh_from_db()
    assert (image.original.name == name) == named
    sweep_orphans()
    assert (storage / name).exists() == named
