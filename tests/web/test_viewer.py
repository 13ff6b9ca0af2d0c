"""The viewer's own promises: its bytes, and what its page tells it of a picture."""

import json
import re

import pytest
from django.urls import reverse

from config.joining import JOINED, joined
from tests.architecture.test_floors import REPOSITORY
from tests.factories import make_case
from triage.models import Image

pytestmark = pytest.mark.usefixtures("storage")

SCRIPTS = REPOSITORY / "static" / "js"


def source(name: str) -> str:
    return (REPOSITORY / "static" / name).read_text()


def test_every_module_of_the_viewer_is_served_joined():
    texts = [joined(name, source) for name in JOINED]
    modules = [*(SCRIPTS / "viewer").glob("*.js"), SCRIPTS / "rendition.js"]
    for module in modules:
        assert any(f"const ${module.stem} = (" in text for text in texts), module.name
    for text in texts:
        assert not re.search(r"^\s*//", text, re.MULTILINE)  # no comment travels


def test_the_page_has_the_facts_of_each_picture(site, people, client):
    case = make_case(site, people.clinician, images=2)
    two = case.images.last()
    curves = [{"name": "BONE", "center": 40.0, "width": 80.0, "start": 0, "size": 0}]
    Image.objects.filter(pk=two.pk).update(
        bits=12,
        display_by="window",
        curves=curves,
        rescale_slope=2.0,
        rescale_intercept=-1024.0,
        photometric_interpretation="MONOCHROME1",
        pixel_aspect_ratio=2.0,
    )
    client.force_login(people.reviewer)
    page = client.get(reverse("case", args=[case.pk]))
    facts_of = [json.loads(panel.viewer_facts) for panel in page.context["panels"]]
    assert [facts["number"] for facts in facts_of] == [1, 2]
    assert facts_of[0]["curves"] == [
        {
            "address": facts_of[0]["display"],
            "label": "",
            "center": None,
            "width": None,
            "runs": None,
        }
    ]
    assert facts_of[1]["said"] is None  # of before
    assert facts_of[1]["rendition"] == reverse("image", args=[two.pk, "rendition"])
    assert (facts_of[1]["width"], facts_of[1]["height"]) == (96, 120)
    assert (facts_of[1]["shownWidth"], facts_of[1]["shownHeight"]) == (96, 240)
    assert (facts_of[1]["bits"], facts_of[1]["slope"], facts_of[1]["intercept"]) == (
        12,
        2.0,
        -1024.0,
    )
    assert facts_of[1]["whiteZero"]
    assert not facts_of[0]["whiteZero"]
    (curve,) = facts_of[1]["curves"]
    assert (curve["center"], curve["width"], curve["label"]) == (40.0, 80.0, "40 / 80 (BONE)")


def test_what_a_display_was_made_with_is_said(site, people, client):
    case = make_case(site, people.clinician)
    image = case.images.get()
    image.display_by = "table"
    image.curves = [
        {"name": "HARD", "center": None, "width": None, "start": 0, "size": 0},
        {"name": "BONE", "center": 40.0, "width": 80.0, "start": 0, "size": 9},
    ]
    image.alternatives = "drawn/alternatives.jpegs"
    said = {"levels": [2.0, -9.0], "function": "SIGMOID", "range": None, "covered": True}
    image.look = {**said, "tables": [[0, 0, 100, 255], None]}
    image.save()
    client.force_login(people.reviewer)
    page = client.get(reverse("case", args=[case.pk]))
    (facts,) = (json.loads(panel.viewer_facts) for panel in page.context["panels"])
    assert facts["said"] == said
    assert [curve["runs"] for curve in facts["curves"]] == [[0, 0, 100, 255], None]
