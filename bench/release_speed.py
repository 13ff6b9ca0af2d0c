"""How fast the release is on one CPU thread: ``python -m bench.release_speed``.

Speed is measured beside a plain EfficientNet-Lite0 at 224 × 224 that runs in turn with the release, in
the same process and engine: the ratio of the two holds on other machines, the seconds don't. Decoding
files is left out. Each figure is the best of several rounds, since other work can only slow one down. Of a
release with a detector each network is timed alone as well.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from classifier.classify import Classifier
from classifier.engines.onnx import DETECTOR_INPUT, TYPES_INPUT
from classifier.network import FractureNetwork
from classifier.radiograph import Radiograph
from classifier.release import LoadedRelease
from training.networks.graph import save_weights, write_onnx

LIMIT = 10  # pictures a second, one thread: what a release must reach
GOAL = 20
BATCH, ROUNDS = 8, 8
PEER_SIZE = 224
OUTPUTS = {
    "types": ["logits", "features", "kinds"],
    "detector": ["fracture", "heat", "extent"],
}


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
                **_networks(classifier.release, Path(folder)),
            }
        )
    found = {
        "release": classifier.release.title,
        "pictures_per_second": round(BATCH / best["release"], 1),
        "lite0_at_224_per_second": round(BATCH / best["peer"], 1),
        "share_of_lite0": round(best["peer"] / best["release"], 3),
        "times_the_limit": round(BATCH / best["release"] / LIMIT, 2),
        "lite0_that_a_network_costs": {
            name: round(best[name] / best["peer"], 2) for name in OUTPUTS if name in best
        },
    }
    if options.json:
        print(json.dumps(found))
        return
    print(f"{found['release']}, one thread, decoded pictures of 900 × 700, batches of {BATCH}:")
    print(f"  {found['pictures_per_second']} pictures a second with preprocessing and all maps,")
    print(f"  {found['times_the_limit']} times the limit of {LIMIT} (goal: {GOAL}), and")
    print(f"  {found['share_of_lite0']} of the speed of a plain EfficientNet-Lite0 at 224")
    print(f"  ({found['lite0_at_224_per_second']}).")
    for name, times in found["lite0_that_a_network_costs"].items():
        print(f"  Its {name} network alone costs {times} times such a Lite0.")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure a release on one CPU thread.")
    parser.add_argument("--release", type=Path, metavar="DIR", help="default: the shipped one")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    return parser.parse_args()


def _peer(folder: Path) -> Callable[[], object]:
    """The forward pass alone of one plain network of the release's family."""
    weights = folder / "peer.safetensors"
    save_weights(weights, FractureNetwork())
    write_onnx(weights, PEER_SIZE, folder / "peer.onnx")
    session = _session(folder / "peer.onnx")
    images = np.zeros((BATCH, 3, PEER_SIZE, PEER_SIZE), np.float32)
    return lambda: session.run(None, {"images": images})


def _networks(release: LoadedRelease, folder: Path) -> dict[str, Callable[[], object]]:
    """The forward pass alone of each network of a release that holds two, one picture after the other."""
    if release.detector is None:
        return {}
    whole = onnx.load(release.file("onnx"), load_external_data=False)
    weights = release.file("safetensors")
    shutil.copyfile(weights, folder / weights.name)  # a graph's weights lie beside it
    sizes = (release.preprocessing.size, release.detector.preprocessing.size)
    inputs = zip((TYPES_INPUT, DETECTOR_INPUT), sizes, strict=True)
    runs = {}
    for (name, outputs), (source, size) in zip(OUTPUTS.items(), inputs, strict=True):
        graph = onnx.utils.Extractor(whole).extract_model([source], outputs)
        onnx.save(graph, folder / f"{name}.onnx")
        runs[name] = _one_by_one(_session(folder / f"{name}.onnx"), source, size)
    return runs


def _one_by_one(
    session: onnxruntime.InferenceSession, source: str, size: int
) -> Callable[[], object]:
    image = np.zeros((1, 3, size, size), np.float32)
    return lambda: [session.run(None, {source: image}) for _ in range(BATCH)]


def _session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options)


def _best(runs: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of the fastest round of each; they take turns, so that both run under the same conditions."""
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
