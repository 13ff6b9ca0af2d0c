"""Detectors on a machine that is lent for minutes: it has this code, one packed file, and an accelerator.

python -m training.fitting.detection.lent pack FILE
    here: the pictures, some 23 MiB
python -m training.fitting.detection.lent fit FILE --run DIR
    there: the weights of each split, in half precision
python -m training fit --only 'detector-*' --config training/configs/lite0-cuda.toml --run DIR
    here again, with these weights in the folder: what the splits score
"""

import argparse
import logging
import os
import sys
import time
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import torch
from safetensors import safe_open

from training.config import Config
from training.datasets.detector_pictures import Pictures, read_pictures
from training.errors import TrainingError
from training.fitting.detection.fit import train_split, views_of
from training.fitting.detection.packed import read_packed, write_packed
from training.fitting.detection.run_record import record_detectors
from training.fitting.detection.splits import detector_splits
from training.fitting.run import DetectorRun
from training.storage.atomic import save_tensors

_ROOT = Path(__file__).resolve().parents[3]
_CONFIG = _ROOT / "training" / "configs" / "lite0-cuda.toml"
logger = logging.getLogger("training")


def main(arguments: list[str] | None = None) -> int:
    """0 when done; 1 with one sentence when it can't be."""
    parser = argparse.ArgumentParser(prog="python -m training.fitting.detection.lent")
    parser.add_argument("do", choices=["pack", "fit"])
    parser.add_argument("file", type=Path)
    parser.add_argument("--config", type=Path, default=_CONFIG)
    data = Path(os.environ.get("CALLUS_DATA", _ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=data)
    parser.add_argument("--run", type=Path, default=_ROOT / "runs" / "lite0-cuda")
    parser.add_argument("--only", default="*", metavar="PATTERN")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    try:
        config = Config.read(options.config)
        if config.detector is None:
            raise TrainingError(f"{options.config} has no [detector].")
        if options.do == "pack":
            stored = config.detector.stored_size
            write_packed(read_pictures(options.data, stored, sys.stderr.isatty()), options.file)
        else:
            fit_weights(config, read_packed(options.file), options.run, options.only)
    except TrainingError as error:
        print(f"training: {error}", file=sys.stderr)
        return 1
    return 0


def fit_weights(config: Config, pictures: Pictures, folder: Path, only: str = "*") -> None:
    """Writes the weights of each split whose name matches, and skips those that are there.

    Raises TrainingError if the recipe has no detector, or the run is of another recipe or other data.
    """
    if config.detector is None:
        raise TrainingError("The recipe has no [detector].")
    folder.mkdir(parents=True, exist_ok=True)
    record_detectors(config, folder, None, pictures)
    run = DetectorRun.begin(config, pictures, folder, sys.stderr.isatty())
    views = cache(lambda: views_of(run))
    for split in detector_splits(config, pictures):
        path = folder / f"{split.name}.safetensors"
        if fnmatch(split.name, only) and not path.exists():
            began = time.monotonic()
            train_split(run, views, split)
            _halve(path)
            logger.info("%s: %.0f s on %s", split.name, time.monotonic() - began, run.device.kind)


def _halve(path: Path) -> None:
    """As a release keeps them: what is scored is what is served."""
    with safe_open(path, "pt") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        metadata = file.metadata()
    save_tensors(path, {name: _half(tensor) for name, tensor in tensors.items()}, metadata)


def _half(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.half() if tensor.is_floating_point() else tensor


if __name__ == "__main__":
    sys.exit(main())
