"""The page of a finished run, read as a browser gets it."""

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from tests.training.evaluation.score_tables import drawn_run
from training.evaluation.evaluate import evaluate
from training.page.charts import standalone
from training.publishing.plots import plots
from training.publishing.report.examples import EACH

_VOID = {"meta", "img", "br", "link"}


class Balanced(HTMLParser):
    """Notes tags that aren't closed in their order, and every address that is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.asked: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in _VOID:
            self.open.append(tag)
        self.asked += [value for name, value in attrs if name in ("src", "href", "action")]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(trained) -> str:
    assert trained.command("report") == 0
    return (trained.run / "report.html").read_text()


def test_the_page_is_whole_and_asks_for_nothing(page):
    parser = Balanced()
    parser.feed(page)
    assert not parser.open
    assert all(each.startswith(("#", "data:image/jpeg;base64,")) for each in parser.asked)


def test_every_section_that_the_contents_name_is_there(page):
    named = re.findall(r'<a href="#(\w+)"', page)
    assert {"types", "sure", "fracture", "refusal", "maps", "right", "wrong"} <= set(named)
    assert all(f'<section id="{name}">' in page for name in named)


def test_examples_show_a_radiograph_and_two_maps(page, trained):
    right, wrong = (page.split(f'<section id="{name}">')[1] for name in ("right", "wrong"))
    wrong_figures = wrong.count("<figure>")
    assert 0 < wrong_figures <= EACH * 10
    assert wrong.count("<img ") == 3 * wrong_figures
    assert right.count("<img ") % 3 == 0


def test_without_the_radiographs_it_says_where_they_should_be(page, trained, tmp_path, capsys):
    assert trained.command("report", "--data", str(tmp_path)) == 1
    assert str(tmp_path) in capsys.readouterr().err
    assert (trained.run / "report.html").read_text() == page


def test_an_unfinished_run_is_named(trained, tmp_path, capsys):
    assert trained.command("report", "--run", str(tmp_path)) == 1
    assert "no run" in capsys.readouterr().err


def test_plots_are_well_formed_files_that_say_what_they_show():
    drawn = plots(evaluate(drawn_run(), resamples=20))
    assert set(drawn) == {
        "confusion",
        "coarse",
        "reliability",
        "coverage",
        "fracture_roc",
        "fracture_reliability",
        "deletion",
    }
    for svg in drawn.values():
        root = ElementTree.fromstring(standalone(svg))
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert len(root.get("aria-label", "")) > 20


def test_a_curve_that_falls_faster_is_told_with_an_interval():
    found = evaluate(drawn_run(), resamples=200)["explanation"]
    low, high = found["lower_by_map"]["interval"]
    assert 0 < low < found["lower_by_map"]["value"] < high
    assert found["curves"][0]["by_map"] == found["curves"][0]["by_chance"]
