"""Why something wasn't done: stored as codes, shown as sentences in the reader's language.

Rows of earlier versions hold the English sentence in the same column. They stay as they are: a catalogue
knows the code of each sentence that Callus wrote, and shows any other text unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from django.utils.translation import gettext, gettext_noop

from classifier import reasons, release_errors

OTHER = "other"  # the code of a text that no version of Callus wrote as one of its sentences


class JobError(StrEnum):
    """Why a job failed. None has a parameter: the details are for operators, in ``error_detail``."""

    WORKER_LOST = "worker_lost"
    UNREADABLE = "unreadable"
    NOT_CLASSIFIED = "not_classified"
    TOO_SLOW = "too_slow"
    NO_MEMORY = "no_memory"
    NOT_REACHED = "not_reached"
    NOT_STORED = "not_stored"


class ReleaseProblem(StrEnum):
    """Why a release couldn't be loaded and tried. From NO_MANIFEST on: the codes of a ``ReleaseError``."""

    WORKER_LOST = "worker_lost"
    TOO_SLOW = "too_slow"
    NO_MEMORY = "no_memory"
    NOT_FINITE = "not_finite"
    NOT_RUN = "not_run"
    NOT_READ = "not_read"
    NOT_WHOLE = "not_whole"  # of rows up to 4.0, whose parameter is the sentence
    NO_MANIFEST = "no_manifest"
    NOT_ONE_RELEASE = "not_one_release"
    NOT_JSON = "not_json"
    NOT_A_MANIFEST = "not_a_manifest"
    OTHER_FORMAT = "other_format"
    OTHER_KINDS = "other_kinds"
    OTHER_CLASSES = "other_classes"
    BAD_TITLE = "bad_title"
    LACKS_AN_ENTRY = "lacks_an_entry"
    BAD_INDICATIONS = "bad_indications"
    NO_FILES = "no_files"
    FILE_OUTSIDE = "file_outside"
    FILE_MISSING = "file_missing"
    FILE_DIFFERS = "file_differs"
    FILE_UNKNOWN = "file_unknown"
    NO_WEIGHTS = "no_weights"
    OTHER_NETWORKS = "other_networks"
    OTHER_SIZE = "other_size"
    NO_FRACTURE_SCORE = "no_fracture_score"
    VERSION_IS_TAKEN = "version_is_taken"


@dataclass(frozen=True)
class Problem:
    """A code and what its sentence names."""

    code: ReleaseProblem
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """For logs."""
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.params.items())])


@dataclass(frozen=True)
class Catalogue:
    """``sentences``: code → English, whose ``%(name)s`` the parameters fill in. ``other``: any other text's
    code.
    """

    sentences: Mapping[str, str]
    other: str = OTHER

    def text(self, stored: str, params: Mapping[str, str] | None = None) -> str:
        """What a stored code says in the present language; an old row's text as it is."""
        if not stored:
            return ""
        text = gettext(self.sentences.get(stored, stored))
        return text % params if params and stored in self.sentences else text

    def code(self, stored: str) -> str:
        """The code, also of a sentence that an earlier version stored; "" of nothing."""
        if not stored or stored in self.sentences:
            return stored
        return next((code for code, own in self.sentences.items() if own == stored), self.other)


JOB_ERRORS = Catalogue(
    {
        JobError.WORKER_LOST: gettext_noop("The worker stopped while it read this picture."),
        JobError.UNREADABLE: gettext_noop("The stored picture could not be read."),
        JobError.NOT_CLASSIFIED: gettext_noop("The model could not read this picture."),
        JobError.TOO_SLOW: gettext_noop("The model took too long over this picture."),
        JobError.NO_MEMORY: gettext_noop("The worker had too little memory for this picture."),
        JobError.NOT_REACHED: gettext_noop("The stored picture could not be reached."),
        JobError.NOT_STORED: gettext_noop("What the model said could not be stored."),
    }
)
RELEASE_PROBLEMS = Catalogue(
    {
        ReleaseProblem.WORKER_LOST: gettext_noop(
            "The worker stopped while it loaded this release."
        ),
        ReleaseProblem.TOO_SLOW: gettext_noop("Loading it took longer than a worker may take."),
        ReleaseProblem.NO_MEMORY: gettext_noop("The worker had too little memory to load it."),
        ReleaseProblem.NOT_FINITE: gettext_noop(
            "It read a picture and gave something that is no number."
        ),
        ReleaseProblem.NOT_READ: gettext_noop("Its files can't be read. %(said)s."),
        ReleaseProblem.NOT_WHOLE: gettext_noop("%(said)s"),
        **{ReleaseProblem(code): text for code, text in release_errors.SENTENCES.items()},
    }
)
NOT_ASSESSABLE = Catalogue(reasons.NOT_ASSESSABLE)
EXCLUSIONS = Catalogue(reasons.EXCLUDED, other=reasons.BY_RELEASE)
