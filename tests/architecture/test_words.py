"""Words of Callus alone that were replaced by the field's own stay out of code, pages and documents.

Whoever renames a notion adds the old word here. A word is matched as a whole: ``told`` is found in "was told"
and not in ``is_told``. Stored values and names in migrations keep the words that they have.
"""

import re
from collections.abc import Iterator

import pytest

from tests.architecture.test_floors import REPOSITORY

# Old word → what to write instead. One line a word, the words of one notion together.
REMOVED = {
    # disclosure
    "Told": "DisclosedPrediction",
    "ToldCase": "DisclosedCase",
    "told_chance": "disclosed_chance",
    "picture_told": "image_prediction",
    "UNTOLD": "PRIVATE_FIELDS",
    "sortable_for": "disclosure_for(…).sortable",
    "hides_from": "hidden_from",
    # a finding is of one picture, a case has a call; a page shows the model's output
    "with_finding": "with_deciding_prediction",
    "case_finding": "case_model_output",
    "finding_context": "model_output_context",
    "finding_in_words": "call_label",
    "case-finding": "case-call",
    "picture-finding": "image-output",
    # the model's class; REST's predictions and ``classify --json`` keep "top_class"
    "suggested class": "predicted class",
    "Suggested class": "Predicted class",
    # the classifier: terms of a header, values of a dimension, outputs of a network
    "header_words": "header_terms",
    "body_part_words": "body_part_terms",
    "_seen_once": "_features_once",
    "timm_door": "timm_import",
    # a file of an upload has an error
    "FileRefusal": "FileError",
    # a picture that is no bone radiograph; releases keep "foreign" as a key
    "foreign_kind": "non_radiograph_kind",
    "foreign_log_odds": "non_radiograph_log_odds",
    # an external test set; releases keep "outside" as a key
    "outside set": "external test set",
    "outside_refusals": "external_refusals",
    # fractured or not
    "share_broken": "share_fractured",
    "of_broken": "of_fractured",
    "of_whole": "of_not_fractured",
    # verbs for what has an effect: a case is summarized, locked, claimed; a claim is given back
    "deciding.py": "case_summary.py",
    "DECIDED": "SUMMARY_FIELDS",
    "decide_anew": "update_deadlines",
    "tried_again": "retry_contention",
    "case_release": "case_give_back",
    "OneDoorAdminSite": "CallusAdminSite",
    # one name for one constant
    "KEPT": "RETENTION, MAX_LOADED or CHANGES_PER_SITE",
    "model_reads": "model_status",
    "load reading": "load formats",
    "templatetags.reading": "templatetags.formats",
    "env.whole": "env.integer",
    # modules, packages and views
    "past_the_door": "past_disclosure",
    "test_doors": "test_password_checks",
    "lint.house": "lint.package_sizes",
    "ROOM_ABOVE": "SPACE_ABOVE",
    # whether a call may be used
    "verdict": "call_usability",
    "verdict_elsewhere": "usability_elsewhere",
    # 'word' was a label, a stored value, a value of a URL, a code of REST, a text of a script
    "in_words": "label",
    "class_in_words": "class_label",
    "case_words": "case_side_and_projection",
    "image_words": "side_and_projection",
    "INDICATION_WORDS": "INDICATION_LABELS",
    "indication_words": "indication_labels",
    "clock_words": "clock_texts",
    "call_word": "call_value",
    "OLD_WORDS": "OLD_VALUES",
    "FINDING_WORDS": "FINDING_VALUES",
    "PRIORITY_WORDS": "PRIORITY_VALUES",
    "WordField": "CodeField",
    "OptionalWord": "OptionalCodeField",
    # a projection is no view, and a list with its filters is a query
    "ONE_VIEW": "ONE_PROJECTION",
    "side_and_view": "side_and_projection",
    # matches are exact, prefix and substring; a filter has a type; an image has a format
    "LAST_LETTER": "LAST_CODE_POINT",
    "filter_kinds": "filter_types",
    "Image.Kind": "Image.FileFormat",
    # what is read, shown or fetched
    "LOOKED_AT": "ROWS_SCANNED_PER_RESULT",
    "UNSHOWN": "DEFERRED",
    "part_of_a_page": "fragment",
    "finding_part": "model_output_fragment",
    # code says image, a page says picture
    "DecodedPicture": "DecodedImage",
    "picture_facts": "image_facts",
    "strip_picture": "strip_image",
    "data-of-picture": "data-of-image",
    # pictures with and without a fracture
    "whole bones": "bones without a fracture",
}
# The same in prose, where only these folders are rid of the word.
REMOVED_IN: dict[str, tuple[str, ...]] = {
    # A network is trained on pictures. In training/ plots and manifests of releases keep the older words.
    "learnt": ("classifier", "demo", "localservices", "lint", "bench", "triage", "templates"),
    # A view, a package, a boundary. ``door`` is a stored key of the audit trail, written in one place.
    "doors": ("triage", "accounts", "config", "templates", "docs", "tests/architecture", "lint"),
    "rooms": ("triage", "accounts", "config", "templates", "tests/architecture", "lint"),
    "nouns": ("triage", "accounts", "config", "templates", "docs", "lint"),
    # A loop variable says what it holds.
    "for each in": ("triage", "accounts", "config", "classifier", "localservices", "demo"),
    "told": ("triage", "accounts", "config", "templates", "static/js", "docs", "localservices"),
}
FOLDERS = (
    *("accounts", "triage", "classifier", "config", "training", "demo", "localservices", "lint"),
    *("tests", "templates", "static", "docs", "bench", "docker"),
)
KINDS = {".py", ".html", ".js", ".css", ".md", ".toml", ".txt", ".yml", ".yaml"}
# Migrations have landed, and releases are never changed; the pictures of docs/screens hold no words; this
# file names them all.
LEFT_OUT = ("migrations/", "classifier/releases/", "tests/architecture/test_words.py")


def sources(folders: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """(path, text) of each file that somebody writes by hand."""
    roots = [REPOSITORY / folder for folder in folders]
    files = [path for root in roots for path in root.rglob("*")]
    if folders == FOLDERS:
        files += [path for path in REPOSITORY.iterdir() if path.name != "CHANGELOG.md"]
    for path in files:
        name = path.relative_to(REPOSITORY).as_posix()
        if path.suffix in KINDS and not any(part in name for part in LEFT_OUT):
            yield name, path.read_text()


def found_in(text: str, words: dict[str, str]) -> Iterator[str]:
    """ "line: word, say …" for each removed word of ``text``."""
    pattern = re.compile(r"\b(" + "|".join(map(re.escape, words)) + r")\b")
    for number, line in enumerate(text.splitlines(), 1):
        for match in pattern.finditer(line):
            yield f"{number}: {match[1]}, say {words[match[1]]}"


def test_no_removed_word_comes_back():
    assert [
        f"{name}:{place}" for name, text in sources(FOLDERS) for place in found_in(text, REMOVED)
    ] == []


@pytest.mark.parametrize("word", REMOVED_IN)
def test_no_removed_word_comes_back_in_prose(word):
    words = {word: "what the glossary says"}
    assert [
        f"{name}:{place}"
        for name, text in sources(REMOVED_IN[word])
        for place in found_in(text, words)
    ] == []


def test_no_word_is_replaced_by_itself():
    """A rename by script can rewrite the old word here too, and then forbids the new one."""
    assert [word for word, present in REMOVED.items() if word in present.split()] == []


def test_a_removed_word_is_seen_as_a_whole_word_only():
    assert [*found_in("x = 1\ncase: ToldCase", REMOVED)] == ["2: ToldCase, say DisclosedCase"]
    assert [*found_in("places_are_all_told_by_a_detector", {"told": "given"})] == []
    assert len([*sources(FOLDERS)]) > 500
