"""A decode child asks for large pages, and keeps what one step gives back for the next one."""

from pathlib import Path

import numpy as np
import pytest

from tests import pictures
from tests.intake.decoders import parent_of
from triage.intake.sandbox import Sandbox

LARGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage/enabled")
PIXELS = np.arange(2400 * 2000, dtype=np.uint32).reshape(2400, 2000) * 2654435761 >> 20
# 4,000 faults of 4 kB are 16 MB; the film's steps need 200 MB one after the other.
MOST = 4000


def faults_of_children(sandbox: Sandbox) -> int:
    """proc_pid_stat(5), cminflt: the minor faults of children that were waited for."""
    stat = Path(f"/proc/{parent_of(sandbox).pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[8])


@pytest.mark.skipif(
    not LARGE_PAGES.exists() or "[never]" in LARGE_PAGES.read_text(),
    reason="this kernel has no large pages",
)
def test_a_film_costs_few_page_faults() -> None:
    film = pictures.dicom(PIXELS.astype(np.uint16), 12)
    with Sandbox() as sandbox:
        sandbox.decode_bytes("a.png", pictures.png())
        before = faults_of_children(sandbox)
        sandbox.decode_bytes("film.dcm", film)
        found = faults_of_children(sandbox) - before
    assert 0 < found < MOST
