"""Why intake refused a case, in a shape that pages and REST can show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from accounts.refusals import Refused


@dataclass(frozen=True)
class FileError:
    """Why one file was refused: a code for programs, a sentence for people."""

    file_name: str
    code: str
    reason: str


class IntakeRefused(Refused):
    """The case was not accepted, and nothing of it was stored."""

    def __init__(
        self,
        message: str,
        files: Sequence[FileError] = (),
        fields: Mapping[str, list[str]] | None = None,
        code: str = "intake_refused",
    ) -> None:
        super().__init__(code, message)
        self.files = list(files)
        self.fields = dict(fields or {})
