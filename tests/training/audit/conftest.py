"""One audited folder of drawn pictures: a leak, a contradiction, a crop, a cut file."""

from pathlib import Path

import pytest

from tests.training.audit.pictures import COPIES, draw, write
from training.__main__ import main


def draw_folder(folder: Path) -> Path:
    """Two classes; 0 of Break/Train is turned in Test, 1 lies mirrored in Bend, 2 is cropped."""
    for number in range(14):
        write(folder / "Break" / "Train" / f"{number}.jpg", draw(number))
        write(folder / "Bend" / "Train" / f"{number}.jpg", draw(100 + number))
    write(folder / "Break" / "Test" / "new.jpg", draw(200))
    write(folder / "Bend" / "Test" / "new.jpg", draw(201))
    write(folder / "Break" / "Test" / "turned.jpg", COPIES["turned"](draw(0)))
    write(folder / "Bend" / "Train" / "mirrored.jpg", COPIES["mirrored"](draw(1)))
    write(folder / "Break" / "Train" / "cropped.jpg", COPIES["cropped"](draw(2)))
    whole = write(folder / "Bend" / "Test" / "cut.jpg", draw(202))
    whole.write_bytes(whole.read_bytes()[:-400])
    return folder


def audit(folder: Path, run: Path, *more: str) -> int:
    return main(["audit", "--data", str(folder), "--run", str(run), *more])


@pytest.fixture(scope="session")
def audited(tmp_path_factory) -> tuple[Path, Path]:
    """(the data folder, the run's folder)."""
    folder = draw_folder(tmp_path_factory.mktemp("audit") / "data")
    run = folder.with_name("run")
    assert audit(folder, run) == 0
    return folder, run
