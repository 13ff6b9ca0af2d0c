"""The README is one screen, and what the documents point at is there."""

import functools
import importlib.util
import re

import pytest
from django.core.management import get_commands

from tests.architecture.test_floors import REPOSITORY

README = REPOSITORY / "README.md"
FOLDERS = (".", "docs", "docs/decisions", "training", "classifier/releases/*")
DOCUMENTS = sorted(page for folder in FOLDERS for page in REPOSITORY.glob(f"{folder}/*.md"))
PACKAGES = (
    *("triage", "classifier", "accounts", "config", "training"),
    *("demo", "localservices", "lint"),
)
SOURCES = {".py", ".js", ".toml", ".yml", ".txt"}
LINK = re.compile(r"\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)")
TARGET = re.compile(r"(?m)^([a-z]+):")
QUOTED = {
    "make": re.compile(r"(?m)(?:^|`)(?:[A-Z_]+=\S+ )*make ([a-z]+)"),
    "manage": re.compile(r'make manage ARGS="([a-z_]+)'),
    "module": re.compile(r"(?m)(?:^|`)python -m ([a-z_.]+)"),
}


def links(page):
    return LINK.findall(page.read_text())


def quoted(kind):
    """(page, word) of each command of this kind; the changelog also names commands that are gone."""
    pages = [page for page in DOCUMENTS if page.name != "CHANGELOG.md"]
    return {(page, word) for page in pages for word in QUOTED[kind].findall(page.read_text())}


def anchors(page):
    """What GitHub makes of the headings of a page."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text())
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_each_link_leads_to_a_file_and_a_heading_of_it(page):
    for path, anchor in links(page):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


def test_the_readme_is_one_screen_and_leads_to_every_document():
    text, led_to = README.read_text(), {path for path, _ in links(README)}
    assert len(text.splitlines()) <= 60
    assert {
        page.relative_to(REPOSITORY).as_posix() for page in (REPOSITORY / "docs").glob("*.md")
    } <= led_to
    top = {"CONTRIBUTING.md", "LICENSE", "training/README.md", "docs/decisions/README.md"}
    assert top <= led_to


def test_the_readme_gives_the_two_commands_and_says_what_callus_is_not():
    text = README.read_text()
    commands = text.split("```sh\n")[1].split("```")[0]
    assert re.findall(r"(?m)^make \w+", commands) == ["make run", "make test"]
    assert "**Callus is not a medical device.**" in text


def test_each_command_that_a_document_names_is_there():
    targets = set(TARGET.findall((REPOSITORY / "Makefile").read_text()))
    made, managed, modules = quoted("make"), quoted("manage"), quoted("module")
    assert len(made) > 5 and len(managed) > 3 and len(modules) > 3
    assert {(page, word) for page, word in made if word not in targets} == set()
    assert {(page, word) for page, word in managed if word not in get_commands()} == set()
    assert {(page, word) for page, word in modules if not importlib.util.find_spec(word)} == set()


FILE = re.compile(r"`((?:[a-z_]+/)+[\w.]*|[\w]+\.toml)`")


def test_each_file_that_contributing_names_is_there():
    named = FILE.findall((REPOSITORY / "CONTRIBUTING.md").read_text())
    assert len(named) > 30
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


@pytest.mark.parametrize(
    "page",
    [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "training" / "README.md"],
    ids=lambda page: page.name,
)
def test_each_module_that_a_document_names_is_there(page):
    """By its whole path, or as much of its end as the text around it leaves to say."""
    folders = [REPOSITORY / package for package in (*PACKAGES, "bench", "docker", "tests")]
    modules = [
        f"/{path.relative_to(REPOSITORY)}" for folder in folders for path in folder.rglob("*.py")
    ]
    named = re.findall(r"`([\w./-]+\.py)`", page.read_text())
    assert [name for name in named if not any(it.endswith(f"/{name}") for it in modules)] == []


# A Python, SQL or setting's name, perhaps with its owner or its arguments: `Case.call`, `emit(…)`, `due_at`.
NAME = re.compile(r"`([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?:\([^`]*\))?`")


@pytest.mark.parametrize(
    "page",
    [*(REPOSITORY / "docs").glob("*.md"), REPOSITORY / "CONTRIBUTING.md"],
    ids=lambda page: page.name,
)
def test_each_name_that_a_document_uses_is_in_the_code(page):
    """A renamed function, field or setting is renamed in the documents too."""
    assert set(names_in(page)) - words_of_the_code() == set()


def test_the_walk_finds_names():
    assert {"Redating", "due_at", "arrive_case"} <= set(
        names_in(REPOSITORY / "docs" / "architecture.md")
    )


def names_in(page):
    """Each part of the dotted names of a page that is no file's name."""
    named = NAME.findall(page.read_text())
    dotted = [name for name in named if not re.search(r"\.(py|md|toml|json|csv|npz|js|txt)$", name)]
    return [part for name in dotted for part in name.split(".")]


@functools.cache
def words_of_the_code():
    """Every word of the repository's sources and settings, and of their paths."""
    folders = [REPOSITORY / name for name in (*PACKAGES, "bench", "docker", "static/js", "tests")]
    found = [path for folder in folders for path in folder.rglob("*.*") if path.suffix in SOURCES]
    found += [path for path in REPOSITORY.iterdir() if path.is_file() and path.suffix != ".md"]
    # The list of removed words holds names that are not in the code any more.
    found = [path for path in found if path.name != "test_words.py"]
    texts = [
        text for path in found for text in (str(path.relative_to(REPOSITORY)), path.read_text())
    ]
    return {word for text in texts for word in re.findall(r"\w+", text)}


CLAIMS = re.findall(
    r"(?m)^\| (.+?) \| `(.+?)::(\w+)` \|$", (REPOSITORY / "docs" / "claims.md").read_text()
)


@pytest.mark.parametrize(("claim", "path", "test"), CLAIMS, ids=lambda value: value[:60])
def test_each_claim_has_its_test(claim, path, test):
    assert re.search(rf"(?m)^def {test}\(", (REPOSITORY / path).read_text()), claim


def test_no_row_of_the_claims_is_left_out():
    rows = [
        line
        for line in (REPOSITORY / "docs" / "claims.md").read_text().splitlines()
        if "::" in line
    ]
    assert len(CLAIMS) == len(rows) > 20
