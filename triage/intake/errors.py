"""Why intake refused a case, in a shape that pages and REST can show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from accounts.refusals import Refused


@dataclass(frozen=True)
class FileError:
    """Why one file was refused: a code for programs, a sentence for people.

    ``position``: its place among the files that were sent, from 1 on: two may have one name.
    """

    file_name: str
    code: str
    reason: str
    position: int


class IntakeRefused(Refused):
    """The case was not accepted. A case that was refused once its files were decoded keeps the reasons."""

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


class IntakeBusy(Refused):
    """No room at this moment. The same request may succeed after ``seconds``."""

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__("intake_busy", message)
        self.seconds = seconds
