"""Answers as they look, for the OpenAPI document. Names and points are those of the release that comes with
Callus; every other number is made up, and maps are cut to a few cells.
"""

import json

from drf_spectacular.utils import OpenApiExample

from classifier.release import default_release_path
from classifier.release_errors import ReleaseMissing
from triage.vocabulary import FractureClass


def _of_the_release() -> tuple[str, str, dict[str, float]]:
    """Name, version and operating points of the release that comes with Callus."""
    try:
        manifest = json.loads((default_release_path() / "manifest.json").read_text())
        rule = manifest["call"]["rule"]
    except (ReleaseMissing, OSError, KeyError):  # no release comes with this installation
        return "callus", "3.1.0", {"negative_below": 0.03, "positive_from": 0.39}
    points = {name: rule[name] for name in ("negative_below", "positive_from")}
    return manifest["name"], manifest["version"], points


_NAME, _VERSION, _POINTS = _of_the_release()
_LIKELY = {"spiral": 0.62, "oblique": 0.22}
_GRID = [[0.0, 0.04, 0.02], [0.03, 0.71, 0.18], [0.0, 0.09, 0.05]]

A_CASE = "01931c5e-6c00-7f2a-b1c3-9be0d3c45a1c"
A_MEMBERSHIP = "0192f0aa-3c10-7a55-9d21-4f6b8e0a2c17"
FIRST_LETTERS = "4f1c9be0d3c45a1"
A_MACRO = "01931c62-7d40-7b19-a2c4-5f1e8d3b9c07"
A_VIEW = "01931c64-11b2-7d83-b5a0-7e2c4f6d8a19"
A_VERSION = "01931c61-0a11-7c52-8f3e-2b7d9c0e4a66"
AN_EDITOR = "5b0f8a0e-6d0c-4a53-9d27-0f6c9c1d2e3a"
A_CURSOR = "eyJuIjogWyIwMTkzMWM1ZSJdfQ"
AN_IMAGE = "01931c5e-6f11-7b0a-8d7f-5a1c9be0d3c4"
A_PREDICTION_ID = "01931c5e-7a52-7c1e-9a50-0f6f2b6f3a10"
A_REVIEW = "01931c6a-0c3b-7d7e-8f10-2b6f3a100f6f"
A_CALL_BACK = "01931c6a-1f20-7c55-8a41-6f2b0f10a3c7"
A_CRITICAL_RESULT = "01931c6a-1f31-7a02-9b11-0f10a3c76f2b"
AN_ATTEMPT = "01931c6b-2a10-7e07-9f3d-0c3b6f2b4a55"
AN_INTERIM_OPINION = "01931c5f-0c3b-7b7e-8f10-6b3a100f6f2b"
A_RELEASE = {
    "id": "0192f0aa-1d35-7e04-b2a3-7c9d1e5f6a21",
    "name": _NAME,
    "version": _VERSION,
    "sha256": "9b1f" * 16,
}

A_PREDICTION = OpenApiExample(
    "A fracture in doubt",
    response_only=True,
    status_codes=["200"],
    value={
        "id": A_PREDICTION_ID,
        "image": AN_IMAGE,
        "release": A_RELEASE,
        "assessable": True,
        "reason": "",
        "reason_code": "",
        "finding": "doubt",
        "call": "doubt",
        "call_is_usable": True,
        "fracture_probability": round(sum(_POINTS.values()) / 2, 2),  # in doubt
        "operating_points": {**_POINTS, "set_by_site": False},
        "predicted_class": "spiral",
        "top_class": "spiral",
        "confidence": 0.62,
        "rival_class": "oblique",
        "prediction_set": ["spiral", "oblique"],
        "boxes": [
            {"x": 0.3875, "y": 0.6021, "width": 0.1438, "height": 0.0917, "score": 0.71},
            {"x": 0.5122, "y": 0.1403, "width": 0.0931, "height": 0.0772, "score": 0.12},
        ],
        "focus": {"x": 0.4594, "y": 0.6479},
        "indication": "not_measured",
        "not_measured_for": ["child"],
        "created_at": "2026-03-02T09:14:27.120000Z",
        "probabilities": {name: _LIKELY.get(name, 0.02) for name in FractureClass.values},
        "scores": {name: round(10 * _LIKELY.get(name, 0.02), 2) for name in FractureClass.values},
        "activation_map": _GRID,
        "rival_activation_map": _GRID,
        "fracture_map": _GRID,
        "milliseconds": 61.4,
    },
)
