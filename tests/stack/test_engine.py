"""The engine is a setting: a real worker serves with it, or says at its start why it can't."""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as Picture

from classifier.classify import Classifier
from config import env
from demo.drawings import draw
from tests.factories import make_case, make_people, make_site, usable_release
from tests.processes import WORKER, processes, wait_until
from tests.stack.test_web_install import libraries
from triage.inference.dispatch import send_classify_queued
from triage.inference.worker.pictures import read_image
from triage.models import Image, Job, Prediction
from triage.states import CaseState

CLOSE = 1e-4  # between the engines: see docs/model.md


@pytest.fixture
def start(tmp_path, settings) -> Iterator[Callable]:
    """Starts a worker of the inference queue. Its engine is named by the environment."""
    with processes(tmp_path) as starter:
        yield lambda python=sys.executable, **environment: starter(
            "worker",
            *(str(python), *WORKER[1:], "-Q", "inference", "-n", "engine@%h"),
            VAR_DIR=str(settings.VAR_DIR),
            **environment,
        )


def drawn_case(site, sender, label: str, seed: int):
    """A case whose picture is a drawn radiograph."""
    case = make_case(site, sender, CaseState.RECEIVED)
    buffer = io.BytesIO()
    draw(label, seed).save(buffer, "PNG")
    name = default_storage.save(f"drawn/{case.pk}", ContentFile(buffer.getvalue()))
    width, height = Picture.open(buffer).size
    Image.objects.filter(case=case).update(rendition=name, width=width, height=height)
    return case


def test_a_worker_with_torch_finds_what_onnx_runtime_finds(committed_db, start):
    release = usable_release()
    site = make_site()
    people = make_people(site, make_site())
    for seed, label in enumerate(("oblique", "comminuted", "intact")):
        drawn_case(site, people.clinician, label, seed)
    jobs = list(Job.objects.select_related("image__case").order_by("pk"))
    expected = Classifier(engine="onnx").classify([read_image(job) for job in jobs])

    worker = start(INFERENCE_ENGINE="torch", INFERENCE_DEVICE="cpu")
    send_classify_queued()
    wait_until(lambda: Prediction.objects.count() == len(jobs), 120, "every prediction")
    assert any("libtorch" in path for path in libraries(worker.popen.pid)), worker.output
    for job, finding in zip(jobs, expected, strict=True):
        kept = Prediction.objects.get(job=job)
        assert kept.release == release
        said = (kept.assessable, kept.call, kept.predicted_class, kept.prediction_set)
        assert said == (
            *(finding.assessable, finding.call or "", finding.top_class),
            list(finding.prediction_set),
        )
        assert kept.probabilities == pytest.approx(finding.probabilities, abs=CLOSE)
        assert kept.fracture_probability == pytest.approx(finding.fracture_probability, abs=CLOSE)
        for kept_box, box in zip(kept.boxes, finding.boxes, strict=True):
            assert kept_box == pytest.approx(asdict(box), abs=1e-3)
        # Kept in three decimals.
        assert np.allclose(kept.fracture_map, finding.fracture_map, atol=0.0005 + CLOSE)
        assert np.allclose(kept.activation_map, finding.activation_map, atol=0.0005 + 10 * CLOSE)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"INFERENCE_DEVICE": "cuda"}, "The engine 'onnx' doesn't run on 'cuda'. Use 'torch'."),
        (
            {"INFERENCE_ENGINE": "torch", "INFERENCE_DEVICE": "cuda", "CUDA_VISIBLE_DEVICES": ""},
            "torch finds no CUDA device on this machine.",
        ),
        ({"INFERENCE_ENGINE": "tensorflow"}, "INFERENCE_ENGINE must be onnx or torch, not"),
    ],
)
def test_a_worker_that_can_not_run_its_engine_says_why_and_ends(start, environment, sentence):
    worker = start(**environment)
    assert worker.popen.wait(60) != 0
    assert sentence in worker.output


def test_a_worker_in_an_installation_of_the_web_says_what_it_lacks(start, web_install):
    for engine, missing in {
        "onnx": "onnxruntime, safetensors, scipy",
        "torch": "onnxruntime, safetensors, scipy, timm, torch, torchvision",
    }.items():
        worker = start(web_install / "python", INFERENCE_ENGINE=engine)
        assert worker.popen.wait(60) == 1
        assert worker.output.splitlines()[-1] == (
            f"This worker can't classify: The engine '{engine}' needs {missing}, which this installation "
            "lacks. Install requirements-worker.txt."
        )


def test_a_word_that_no_setting_knows_is_refused(monkeypatch):
    monkeypatch.setenv("INFERENCE_ENGINE", "ONNX")
    with pytest.raises(ImproperlyConfigured, match="must be onnx or torch, not 'ONNX'"):
        env.choice("INFERENCE_ENGINE", "onnx", ("onnx", "torch"))
