"""Decodes a small picture of every kind, so that a decode child has nothing left to import.

A child can't open a file. Python imports, and libraries load codecs, when they first need them; whatever they
need is therefore loaded here, before the first child is forked. The pictures are drawn by
tests/classifier/samples.py; tests/classifier/test_warm_up.py looks for what is still missing.
"""

import codecs
import logging
from pathlib import Path

import pydicom.charset

from classifier.decode_child import described, parts_of, refusal
from classifier.radiograph import read_radiograph
from classifier.refused_file import RefusedFile, place_of
from classifier.squares import Square, Squares

_SMALLEST = Squares((Square(1, 0.5, 99.5),))
SAMPLES = Path(__file__).with_name("samples")


def warm_up() -> None:
    """Raises RefusedFile if one of our own pictures can't be read: the installation is broken then."""
    for name in {*pydicom.charset.python_encoding.values(), "utf-8"}:
        codecs.lookup(name)
    for sample in sorted(SAMPLES.iterdir()):
        radiograph = read_radiograph(sample.read_bytes(), sample.name)
        described(radiograph, b"key")
        for _ in parts_of(radiograph, {"network_input": _SMALLEST.as_json()}):
            pass
    _refuse()


def _refuse() -> None:
    """The way of a file that breaks a reader: its traceback is read."""
    try:
        read_radiograph(b"no picture", "a.txt")
    except RefusedFile as refused:
        refusal(refused)
        logging.getLogger(__name__).debug("%s", place_of(refused))
