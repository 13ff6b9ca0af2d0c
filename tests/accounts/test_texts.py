"""Texts are counted and stored as their readers see them."""

import unicodedata

import pytest

from accounts.texts import as_read

VARIANT = "\ufa19"  # a form of 神 that some families write; NFC alone would replace it


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (" a\r\nb\rc\nd\r\n", "a\nb\nc\nd"),
        ("\r\n\r\n", ""),
        (unicodedata.normalize("NFD", "Äußerst Đặng é"), "Äußerst Đặng é"),
        (unicodedata.normalize("NFD", "한국어"), "한국어"),
        (f"{VARIANT}e\u0301", f"{VARIANT}é"),
        ("\u0958", "\u0958"),  # NFC writes two characters for it
        ("１２ ﬁ ½", "１２ ﬁ ½"),  # only equal in NFKC, which is for comparing
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("\ud800", "\ud800"),
    ],
)
def test_a_text_is_in_the_form_in_which_it_is_read(typed, read):
    assert as_read(typed) == read
    assert as_read(read) == read


@pytest.mark.parametrize("sign", ["a", "é", "e\u0301", "神", VARIANT, "\u0958", "\U0001f9b4", "ﷺ"])
def test_what_a_box_lets_in_is_never_too_long(sign):
    """A box counts UTF-16 code units."""
    assert len(as_read(f"x{sign}x")) <= len(f"x{sign}x".encode("utf-16-le")) // 2
