"""Which pictures a release was evaluated on, and which it must not be used for.

The manifest has a table over body part × projection × age band × modality. A release classifies every picture
that the table doesn't exclude. An unknown value of a picture excludes nothing. See
``docs/decisions/0021-where-a-release-may-be-used.md``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Self

from classifier import header_terms
from classifier.body_part_terms import BODY_PARTS
from classifier.reasons import exclusion_code

OUTSIDE = "outside_indications"  # the code of a picture that a release must not be used for

# Each dimension's vocabulary, in the order in which a sentence names them.
DIMENSIONS: Mapping[str, tuple[str, ...]] = {
    "age_band": header_terms.AGE_BANDS,
    "body_part": BODY_PARTS,
    "projection": header_terms.PROJECTIONS,
    "modality": header_terms.MODALITIES,
}
# Sentences don't name the modality: all of them are radiographs.
_NAMED = ("age_band", "body_part", "projection")
UNKNOWN_PART = "unknown_body_part"

State = Literal["measured", "not_measured", "excluded"]


@dataclass(frozen=True)
class Subject:
    """What a picture shows: a value of each dimension's vocabulary, or "" if unknown."""

    body_part: str = ""
    projection: str = ""
    age_band: str = ""
    modality: str = ""

    @classmethod
    def of(
        cls,
        modality: str = "",
        tags: Mapping[str, object] | None = None,
        sender: Mapping[str, str] | None = None,
    ) -> Self:
        """The sender's value, or the header's if the sender gave none.

        Args:
            modality: the header's.
            tags: ``classifier.dicom_tags.read_tags``, or some of it.
            sender: ``body_part``, ``projection`` and ``age_band`` as the sender gave them.
        """
        tags, sender = tags or {}, sender or {}
        of_part, of_projection = header_terms.body_part_of, header_terms.projection_of
        return cls(
            body_part=of_part(sender.get("body_part")) or of_part(tags.get("body_part")),
            projection=of_projection(sender.get("projection"))
            or of_projection(tags.get("projection")),
            age_band=header_terms.age_band_of(sender.get("age_band"))
            or header_terms.age_band_of_years(tags.get("patient_age")),
            modality=header_terms.modality_of(modality),
        )


@dataclass(frozen=True)
class Indication:
    """The entry of a release's table for one picture.

    ``reason``: why the picture is excluded, a sentence; ``code``: its code in ``classifier.reasons``. Both
    are "" if it isn't excluded. ``not_measured_for``: the values of the picture that the release was not
    evaluated on; empty if it was evaluated on all of them, or if it has no table.
    """

    state: State
    reason: str = ""
    not_measured_for: tuple[str, ...] = ()
    code: str = ""

    @property
    def is_excluded(self) -> bool:
        return self.state == "excluded"


NO_TABLE = Indication("not_measured")


class OutsideIndications(ValueError):
    """A release was asked to classify a picture that it must not be used for. The message says why."""


@dataclass(frozen=True)
class Cell:
    """Values of each dimension. A dimension that is left out matches every value."""

    values: Mapping[str, frozenset[str]]
    reason: str = ""

    def excludes(self, subject: Subject) -> bool:
        """Whether the picture has one of the cell's values in every dimension that the cell names."""
        return all(getattr(subject, name) in values for name, values in self.values.items())

    def lies_in(self, other: "Cell") -> bool:
        """Whether ``other`` holds every picture of this cell."""
        return all(
            self.values.get(name, frozenset(DIMENSIONS[name])) <= values
            for name, values in other.values.items()
        )

    def misses(self, subject: Subject) -> tuple[str, ...]:
        """The dimensions in which the picture is known to lie outside of the cell.

        An unknown body part counts as outside: figures of hands say nothing about it. An unknown projection
        or age doesn't, because the evaluated pictures had every projection and no ages.
        """
        return tuple(
            name
            for name, values in self.values.items()
            if getattr(subject, name) not in values
            and (getattr(subject, name) or name == "body_part")
        )


@dataclass(frozen=True)
class Indications:
    """``has_table``: the release has a table of its own. Otherwise only the built-in exclusions are known."""

    excluded: tuple[Cell, ...]
    measured: tuple[Cell, ...] = ()
    has_table: bool = True

    def of(self, subject: Subject) -> Indication:
        """The table's entry for a picture."""
        for cell in self.excluded:
            if cell.excludes(subject):
                return Indication("excluded", cell.reason, code=exclusion_code(cell.reason))
        if any(not cell.misses(subject) for cell in self.measured):
            return Indication("measured")
        if not self.has_table:
            return NO_TABLE
        return Indication("not_measured", not_measured_for=tuple(self._unmeasured(subject)))

    def _nearest_first(self, subject: Subject) -> list[Cell]:
        """Cells of the same body part first, then those that differ in the fewest dimensions."""

        def distance(cell: Cell) -> tuple[bool, int]:
            missed = cell.misses(subject)
            return "body_part" in missed, len(missed)

        return sorted(self.measured, key=distance)

    def _unmeasured(self, subject: Subject) -> Iterable[str]:
        """The picture's values that no measured cell has. If each has a cell, those of the combination."""
        known = {name: value for name in _NAMED if (value := getattr(subject, name))}
        alone = [
            value
            for name, value in known.items()
            if all(value not in cell.values.get(name, {value}) for cell in self.measured)
        ]
        if not subject.body_part:
            return [*alone, UNKNOWN_PART]
        if alone or not self.measured:
            return alone or known.values()
        nearest = self._nearest_first(subject)[0].misses(subject)
        return [value for name, value in known.items() if name in nearest or name == "body_part"]
