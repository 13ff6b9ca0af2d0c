"""The columns that a user's lists may be sorted and filtered by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Sortable:
    """Names of columns of a case; None where that column says something that is hidden from the reader.

    ``deadline``: the column of the default order. The model's output can be read from ``due_at``, so a reader
    from whom it is hidden gets the priority's deadline instead.
    """

    deadline: str = "due_at"
    call: str | None = "call"
    predicted_class: str | None = "predicted_class"
    confidence: str | None = "confidence"

    @property
    def is_by_model(self) -> bool:
        """Whether nothing is hidden, and the order may go by what the model says."""
        return self.call is not None


ALL = Sortable()
WITHOUT_MODEL = Sortable("priority_due_at", None, None, None)
