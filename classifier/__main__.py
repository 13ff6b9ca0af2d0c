"""``python -m classifier classify FILE…``: findings of files at the terminal."""

import argparse
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from classifier.body_part_terms import BODY_PARTS
from classifier.classify import Classifier
from classifier.engines import EngineUnavailable
from classifier.header_terms import (
    AGE_BANDS,
    PROJECTIONS,
    age_band_of,
    body_part_of,
    projection_of,
)
from classifier.indications import OUTSIDE, Indication
from classifier.percentages import percent
from classifier.radiograph import RefusedFile, read_radiograph
from classifier.refused_file import place_of
from classifier.release import LoadedRelease
from classifier.release_errors import ReleaseError

logger = logging.getLogger(__name__)
NOTICE = "A model's suggestion, no diagnosis."
# What a line says of a file that can't be read: every field is there, so that a program need not ask.
_NOTHING = dict.fromkeys(
    (
        *("assessable", "reason", "reason_code", "fracture_probability", "call", "call_usable"),
        *("probabilities", "scores"),
        *("top_class", "confidence", "rival_class", "prediction_set", "boxes", "focus"),
        *("indication", "not_measured_for", "code", "release", "milliseconds"),
    )
)


def main(arguments: list[str] | None = None) -> int:
    """0 if every file was read; 1 if a file was refused, or if release or engine can't be used."""
    options = _parser().parse_args(arguments)
    try:
        classifier = Classifier(options.release, options.engine, options.threads, options.device)
    except (ReleaseError, EngineUnavailable) as error:
        print(f"classifier: {error}", file=sys.stderr)
        return 1
    # Show the progress bar only on a terminal that the results don't go to.
    watched = sys.stderr.isatty() and not sys.stdout.isatty()
    failed = False
    files = tqdm(options.files, unit="file", disable=not watched)
    for answer in _answers(classifier, files, _sender(options)):
        failed |= "error" in answer
        print(json.dumps(answer) if options.json else _line(answer), flush=True)
    if not options.json:
        print(f"{classifier.release.title}. {NOTICE}{_warning(classifier.release)}")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m classifier",
        description="Classifies radiographs of bones: fracture or none, and the fracture type. "
        + NOTICE,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    classify = commands.add_parser(
        "classify",
        help="read radiographs (JPEG, PNG, TIFF, DICOM) and name the likeliest fracture types",
        epilog="'boxes' and 'focus' say where a fracture is, in fractions of the picture's width and height "
        "from the upper left corner; they are null if the release can't say. If a file is not "
        "assessable, 'call' and 'fracture_probability' are null, and the types mean nothing. If "
        "'call_usable' is false, ignore 'call' and 'fracture_probability': they don't hold in other "
        "hospitals or were not evaluated there. 'indication' says whether the release was evaluated on such "
        "pictures. If the release must not be used for such a picture, the network doesn't run: 'call' is "
        f"'unread' and 'code' is '{OUTSIDE}'. Exit status: 0 if every file could be read, assessable or not; "
        "1 if one could not, or if the release or the engine can't be used; 2 for wrong usage.",
    )
    add = classify.add_argument
    add("files", nargs="+", type=Path, metavar="FILE", help="a radiograph")
    add("--json", action="store_true", help="one JSON object a line instead of a table")
    add("--release", type=Path, metavar="PATH", help="a release folder (default: the one shipped)")
    add("--engine", choices=["onnx", "torch"], default="onnx", help="default: onnx")
    add(
        "--device",
        choices=["cpu", "cuda"],
        help="default: cuda if the engine is torch and a CUDA device is available, else cpu",
    )
    add("--threads", type=_positive, default=1, metavar="N", help="default: 1")
    add(
        "--body-part",
        type=_known(body_part_of, BODY_PARTS),
        metavar="TERM",
        help="body part of all the files (hand, wrist, chest …); replaces the one of a DICOM header",
    )
    add(
        "--projection",
        type=_known(projection_of, PROJECTIONS),
        metavar="TERM",
        help="frontal, lateral, oblique or axial, or a DICOM term such as PA",
    )
    add(
        "--age-band",
        type=_known(age_band_of, AGE_BANDS),
        metavar="BAND",
        help="infant, child, adolescent, adult or older, or the years: 0-1, 2-11, 12-17, 18-64, 65+",
    )
    return parser


def _known(value_of: Callable[[object], str], values: Iterable[str]) -> Callable[[str], str]:
    """The type of an argument. An unknown value is an error; otherwise it would count as not given."""

    def known(text: str) -> str:
        if value := value_of(text):
            return value
        raise argparse.ArgumentTypeError(f"unknown value {text!r}. Use one of: {', '.join(values)}")

    return known


def _sender(options: argparse.Namespace) -> dict[str, str]:
    """The options that describe the files."""
    given = {name: getattr(options, name) for name in ("body_part", "projection", "age_band")}
    return {name: value for name, value in given.items() if value}


def _warning(release: LoadedRelease) -> str:
    """One or two more sentences if the release's call may not be used."""
    if release.call_is_usable:
        return ""
    reason = release.manifest["call"].get("usable_reason", "")
    return f" Its fracture call may not be used. {reason}".rstrip()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive integer")
    return int(text)


def _answers(
    classifier: Classifier, files: Iterator[Path], sender: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    for path in files:
        try:
            answer = _answer(classifier, path, sender)
        except (RefusedFile, OSError) as error:
            answer = {"error": _reason(path, error)}
        except MemoryError:
            answer = {"error": RefusedFile("sandbox_memory", path.name).reason}
        except Exception as error:  # an error with one file must not stop the others
            logger.error("%s: %s", path, place_of(error))
            answer = {"error": RefusedFile("unexpected", path.name).reason}
        yield {"file": str(path), **_NOTHING, **answer}


def _answer(classifier: Classifier, path: Path, sender: Mapping[str, str]) -> dict[str, Any]:
    """The answer for one file. Raises RefusedFile and OSError."""
    radiograph = read_radiograph(_content(path), path.name, any_modality=True)
    radiograph = replace(radiograph, sender=sender)
    indication = classifier.release.indications.of(radiograph.subject)
    if indication.is_excluded:
        return _unread(classifier.release, indication)
    (finding,) = classifier.classify([radiograph])
    # This command also prints a call that may not be used, with ``call_usable`` false.
    return {**finding.as_json(), "call_usable": classifier.release.call_is_usable}


def _unread(release: LoadedRelease, indication: Indication) -> dict[str, Any]:
    """The answer for a picture that the release must not be used for: the reason, and the release."""
    return {
        "call": "unread",
        "code": OUTSIDE,
        "reason": indication.reason,
        "reason_code": indication.code,
        "indication": indication.state,
        "release": release.title,
    }


def _content(path: Path) -> bytes:
    if path.is_dir():
        raise IsADirectoryError("is a folder. Name the files in it.")
    return path.read_bytes()


def _reason(path: Path, error: RefusedFile | OSError) -> str:
    """One sentence that names the file."""
    if isinstance(error, RefusedFile):
        return error.reason
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist."
    return f"{path}: {error.strerror}." if error.strerror else f"{path} {error}"


def _line(answer: dict[str, Any]) -> str:
    file = answer["file"] if answer["file"].isprintable() else repr(answer["file"])
    if "error" in answer:
        return f"{file}  refused: {answer['error']}"
    if answer["code"]:
        return f"{file}  not read by a model: {answer['reason']}"
    if not answer["assessable"]:
        return f"{file}  not assessable: {answer['reason']}"
    rest = ", ".join(answer["prediction_set"][1:]) or "nothing else"
    chance = percent(answer["fracture_probability"])
    return (
        f"{file}  fracture {chance} ({answer['call']}{_where(answer)})  "
        f"{answer['top_class']} {percent(answer['confidence'])}"
        f"  (not excluded: {rest}; {answer['milliseconds']:.0f} ms)"
    )


def _where(answer: dict[str, Any]) -> str:
    """A short text about the boxes; "" if there are none."""
    if not answer["boxes"]:
        return ""
    best, *others = answer["boxes"]
    across, down = best["x"] + best["width"] / 2, best["y"] + best["height"] / 2
    more = f" and {len(others)} more" if others else ""
    return f": box at {across:.0%} across, {down:.0%} down{more}"


if __name__ == "__main__":
    if hasattr(signal, "SIGPIPE"):  # `| head` ends a command quietly, as it does others
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    sys.exit(main())
