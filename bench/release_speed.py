"""How fast the release is on one CPU thread: ``python -m bench.release_speed``.

Speed is told beside a plain EfficientNet-Lite0 at 224 × 224 that runs in turn with the release, in
the same process and engine: the ratio of the two holds on other machines, the seconds don't. Decoding
files is left out. Each figure is the best of several rounds, since other work can only slow one down.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.torch import save_file

from classifier.classify import Classifier
from classifier.network import FractureNetwork, shape_of
from classifier.radiograph import Radiograph
from training.graph import halved, write_onnx

LIMIT = 25  # pictures a second, one thread: what a release must reach
BATCH, ROUNDS = 8, 8
PEER_SIZE = 224


def main() -> None:
    options = _options()
    classifier = Classifier(options.release, threads=1)
    pixels = np.random.default_rng(0).integers(0, 256, (BATCH, 900, 700), np.uint8)
    radiographs = [Radiograph(picture, 8, "png") for picture in pixels]
    with tempfile.TemporaryDirectory() as folder:
        best = _best(
            {
                "peer": _peer(Path(folder)),
                "release": lambda: classifier.classify(radiographs),
            }
        )
    found = {
        "release": classifier.release.title,
        "pictures_per_second": round(BATCH / best["release"], 1),
        "lite0_at_224_per_second": round(BATCH / best["peer"], 1),
        "share_of_lite0": round(best["peer"] / best["release"], 3),
        "times_the_limit": round(BATCH / best["release"] / LIMIT, 2),
    }
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['release']}, one thread, decoded pictures of 900 × 700, batches of {BATCH}:")
    print(f"  {found['pictures_per_second']} pictures a second with preprocessing and both maps,")
    print(
        f"  {found['times_the_limit']} times the limit of {LIMIT}, and {found['share_of_lite0']} of"
    )
    print(f"  what a bare EfficientNet-Lite0 at 224 does ({found['lite0_at_224_per_second']}).")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a release on one CPU thread.")
    parser.add_argument("--release", type=Path, metavar="DIR", help="default: the shipped one")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser.parse_args()


def _peer(folder: Path) -> Callable[[], object]:
    """The forward pass alone of one plain network of the release's family."""
    network, weights = FractureNetwork(), folder / "peer.safetensors"
    save_file(halved(network.state_dict()), weights, shape_of(network))
    write_onnx(weights, PEER_SIZE, folder / "peer.onnx")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(folder / "peer.onnx"), options)
    images = np.zeros((BATCH, 3, PEER_SIZE, PEER_SIZE), np.float32)
    return lambda: session.run(None, {"images": images})


def _best(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the fastest round of each; they take turns, so that both meet the same machine."""
    best = dict.fromkeys(runs, float("inf"))
    for number in range(ROUNDS + 1):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if number:  # the first round warms up
                best[name] = min(best[name], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    main()
