"""Removes stored files that no row names.

Files are written before their row and removed after it, so a process that is killed in between leaves files
and never a row without its files. What it left is found here, a day later.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from time import monotonic

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from triage.apart import apart
from triage.intake.named_files import named_files
from triage.models import Image

logger = logging.getLogger(__name__)

# Far longer than any request or task: whoever still works on a file has named it by then.
OLD_ENOUGH = timedelta(days=1)
# Half a minute of the task's 50 s: the last day's folder may take some of the rest.
SECONDS = 30
# Of one query: some milliseconds each, by the unique index.
BATCH = 500


@dataclass
class Sweep:
    """What a sweep found. ``stopped_at``: the first day that it didn't get to, or "" if it saw all."""

    files: int = 0
    bytes: int = 0
    stopped_at: str = ""


def remove_after_commit(names: Iterable[str]) -> None:
    """Removes stored files once the transaction that makes rows stop naming them is committed.

    The row first: killed in between, this leaves files that the sweep finds. The other way round it would
    leave a case without its pictures.
    """
    transaction.on_commit(partial(remove, list(names)))


def remove(names: Iterable[str]) -> None:
    """Removes stored files that no row names. What the storage doesn't remove now is left to the sweep."""
    listed = [name for name in names if name]
    # What was made before its original, so that the folder goes with its last file.
    for name in sorted(listed, key=lambda name: name.count("/"), reverse=True):
        try:
            default_storage.delete(name)
        except OSError:
            logger.warning("A stored file that no row names can't be removed now", exc_info=True)


def sweep_orphans(
    *, look_into_since: date | None = None, seconds: float = float("inf"), dry_run: bool = False
) -> Sweep:
    """Removes files that no row names and that are older than OLD_ENOUGH.

    1. Go through the days' folders, the newest first. Today's and yesterday's are too young.
    2. Ask for a batch of folders whether rows name their originals. If not, all their files are orphans.
    3. A folder that is named may hold what a crashed try made. It is listed only if it isn't older than
       ``look_into_since``: that costs two listings a picture, which an object store is slow with. None
       looks into all.

    Args:
        seconds: stop at the next day's folder after so long.
        dry_run: count, and remove nothing.
    """
    found, deadline = Sweep(), monotonic() + seconds
    since = f"{look_into_since:%Y/%m/%d}" if look_into_since else ""
    for day in _days():
        if monotonic() > deadline:
            found.stopped_at = day
            break
        for name in _orphans_of(day, look_into=day >= since):
            # Not there any more: another sweep was faster.
            with apart(f"Removing {name}"), suppress(FileNotFoundError):
                size = default_storage.size(name)
                if not dry_run:
                    default_storage.delete(name)
                found.bytes += size
                found.files += 1
    if found.files and not dry_run:
        logger.info("Removed %d stored files that no row names, %d bytes", found.files, found.bytes)
    return found


def sweep_recent() -> int:
    """The daily sweep, of the newest days first, within its task's time. Returns how many files went.

    A million pictures take some 10 s. Where there are more than it gets to, the command takes the rest.
    """
    week_ago = timezone.now().date() - timedelta(days=7)
    found = sweep_orphans(look_into_since=week_ago, seconds=SECONDS)
    if found.stopped_at:
        text = "The sweep of orphans got to %s; run manage.py sweep_orphans for what is older"
        logger.warning(text, found.stopped_at)
    return found.files


def _days() -> Iterator[str]:
    """The days' folders that are old enough, such as ``2026/11/27``, the newest first."""
    last = f"{timezone.now() - OLD_ENOUGH:%Y/%m/%d}"
    for year in _listed("")[0]:
        for month in _listed(year)[0]:
            for day in _listed(f"{year}/{month}")[0]:
                if (name := f"{year}/{month}/{day}") < last:
                    yield name


def _orphans_of(day: str, look_into: bool) -> Iterator[str]:
    folders = [f"{day}/{name}" for name in _listed(day)[0]]
    for at in range(0, len(folders), BATCH):
        batch = {folder: f"{Image.ARRIVED}{folder}/original" for folder in folders[at : at + BATCH]}
        named = named_files(batch.values())
        for folder, original in batch.items():
            if look_into or original not in named:
                yield from (name for name in _files(folder) if name not in named and _is_old(name))


def _files(folder: str) -> Iterator[str]:
    """The names of all files in ``folder``; those of the folders inside it first."""
    folders, files = _listed(folder)
    for inside in folders:
        yield from _files(f"{folder}/{inside}")
    yield from (f"{Image.ARRIVED}{folder}/{name}" for name in files)


def _listed(folder: str) -> tuple[list[str], list[str]]:
    """The folders and the files in a folder of arrived files, the last first; empty if it is gone."""
    folders: list[str] = []
    files: list[str] = []
    with apart(f"Listing {Image.ARRIVED}{folder}"), suppress(FileNotFoundError):
        folders, files = default_storage.listdir(Image.ARRIVED + folder)
    return sorted(folders, reverse=True), sorted(files, reverse=True)


def _is_old(name: str) -> bool:
    with apart(f"Looking at {name}"), suppress(FileNotFoundError):
        return bool(default_storage.get_modified_time(name) < timezone.now() - OLD_ENOUGH)
    return False
