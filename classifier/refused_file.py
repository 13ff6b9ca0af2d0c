"""Why a file is refused: limits, codes, and one sentence for each code."""

import traceback
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

Params = dict[str, str | int]


def gettext_noop(text: str) -> str:
    """Marks a sentence for ``makemessages``; this package has no Django to translate with."""
    return text


@dataclass(frozen=True)
class Limits:
    """The largest file: its ``bytes``, and the ``pixels`` that its header gives, checked before decoding.

    Both defaults are choices. A common large film, 43 × 43 cm at 100 µm, has 18.5 million pixels, and 37 MB
    at 16 bits without compression; both limits leave room for it.
    """

    bytes: int = 40 * 1024 * 1024
    pixels: int = 50_000_000

    def check_bytes(self, name: str, count: int) -> None:
        """Raises RefusedFile for an empty or too large file."""
        if count == 0:
            raise RefusedFile("empty", name)
        if count > self.bytes:
            megabyte = 1024 * 1024
            raise RefusedFile(
                "too_large", name, size=-(-count // megabyte), limit=self.bytes // megabyte
            )

    def check_pixels(self, name: str, width: int, height: int) -> None:
        """Raises RefusedFile for a picture without pixels, or with too many."""
        if width < 1 or height < 1:
            raise RefusedFile("no_pixels", name)
        if width * height > self.pixels:
            raise RefusedFile(
                "too_many_pixels", name, width=width, height=height, limit=self.pixels // 1_000_000
            )


# What a file really is. The text is ``params["found"]`` of a refusal, and is translated too.
FOUND: dict[str, str] = {
    "jpeg": gettext_noop("a JPEG picture"),
    "png": gettext_noop("a PNG picture"),
    "tiff": gettext_noop("a TIFF picture"),
    "dicom": gettext_noop("a DICOM file"),
    "gif": gettext_noop("a GIF picture"),
    "bmp": gettext_noop("a BMP picture"),
    "webp": gettext_noop("a WebP picture"),
    "heic": gettext_noop("a HEIC or AVIF picture"),
    "video": gettext_noop("a video"),
    "pdf": gettext_noop("a PDF document"),
    "index": gettext_noop("the index of a disc (DICOMDIR)"),
    "report": gettext_noop("a report (DICOM SR)"),
    "key_images": gettext_noop("a list of key images"),
    "object": gettext_noop("a DICOM object without pixels"),
    "presentation": gettext_noop("a presentation state, which says how pictures are shown"),
    "document": gettext_noop("a document inside a DICOM file"),
    "clip": gettext_noop("a video inside a DICOM file"),
    "waveform": gettext_noop("a recorded waveform"),
    "zip": gettext_noop("a ZIP archive or office document"),
    "text": gettext_noop("a text file"),
    "unknown": gettext_noop("no kind of picture that is known here"),
}

MESSAGES: dict[str, str] = {
    "empty": gettext_noop("{name} is empty. Export it again."),
    "too_large": gettext_noop(
        "{name} has {size} MB, and at most {limit} MB are taken. Export it compressed."
    ),
    "too_many_pixels": gettext_noop(
        "{name} has {width} × {height} pixels, and at most {limit} million are taken. "
        "Export it smaller."
    ),
    "not_an_image": gettext_noop("{name} is {found}. Send a JPEG, PNG, TIFF or DICOM file."),
    "not_a_picture": gettext_noop(
        "{name} is {found} and holds no radiograph. Leave it out; no picture is lost."
    ),
    "truncated": gettext_noop("{name} is cut off after {have} kB. Export it again."),
    "truncated_of": gettext_noop("{name} is cut off after {have} of {want} kB. Export it again."),
    "damaged": gettext_noop("{name} is damaged and can't be read. Export it again."),
    "no_pixels": gettext_noop("{name} holds no picture. Export it again with its pixels."),
    "multiple_frames": gettext_noop(
        "{name} holds {count} pictures. Send each picture as a file of its own."
    ),
    "unsupported_modality": gettext_noop(
        "{name} is a picture of modality {modality}. Send a radiograph (CR, DX or RG)."
    ),
    "for_processing": gettext_noop(
        "{name} is the detector's raw image (FOR PROCESSING). Send the one for presentation."
    ),
    "unsupported_syntax": gettext_noop(
        "{name} is packed as {syntax}, which can't be read here. Export it uncompressed."
    ),
    "unsupported_pixels": gettext_noop(
        "{name} stores its pixels as {pixels}, which can't be read here. "
        "Export it as grey with 8 to 16 bits."
    ),
    "malformed_header": gettext_noop(
        "{name} can't be read: {keyword} in its DICOM header is missing or of a wrong kind. "
        "Export it from another program."
    ),
    "unexpected": gettext_noop(
        "{name} can't be read: it broke the program that reads pictures. Export it again."
    ),
    "sandbox_timeout": gettext_noop(
        "{name} took longer than {seconds} seconds to read. Export it smaller, or uncompressed."
    ),
    "sandbox_memory": gettext_noop(
        "{name} needs more memory to read than is allowed. Export it smaller, or uncompressed."
    ),
    "sandbox_crash": gettext_noop("{name} broke the program that reads pictures. Export it again."),
}


class RefusedFile(ValueError):
    """A file that is not accepted. ``code`` is for programs, ``reason`` for the person who sent it.

    ``params`` has the values of the sentence (always ``name``), so that a page can build the sentence again
    in the reader's language: ``sentence(code, params, gettext)``.
    """

    def __init__(self, code: str, name: str, **params: str | int) -> None:
        self.code = code
        self.params: Params = {"name": short_name(name), **params}
        super().__init__(self.reason)

    @property
    def reason(self) -> str:
        return sentence(self.code, self.params)

    @classmethod
    def cut_off(cls, name: str, have: int, want: int | None = None) -> "RefusedFile":
        """A file that ends after ``have`` bytes, and should have ``want`` if that is known."""
        known = {} if want is None else {"want": -(-want // 1024)}
        return cls("truncated", name, have=have // 1024, **known)


def sentence(code: str, params: Params, translate: Callable[[str], str] = str) -> str:
    """The sentence of a refusal. ``translate``: ``gettext``, or ``str`` for English."""
    key = "truncated_of" if code == "truncated" and "want" in params else code
    values = dict(params)
    if "found" in values:
        values["found"] = translate(str(values["found"]))
    return translate(MESSAGES[key]).format(**values)


def place_of(error: Exception) -> str:
    """The class of an error and the line that raised it, without its message: that may have patient data."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {PurePath(frame.filename).name}:{frame.lineno}"


def short_name(name: str, longest: int = 60) -> str:
    """The file name without folders and control characters, shortened in the middle."""
    bare = PurePath(name.replace("\\", "/")).name
    clean = "".join(sign for sign in bare if unicodedata.category(sign)[0] != "C").strip()
    if len(clean) > longest:
        clean = f"{clean[: longest - 13]}…{clean[-12:]}"
    return clean or "file"
