"""What of a prediction is disclosed to somebody from whom the model's output is not hidden.

A class, its probabilities, its set, its rival and its maps are disclosed only if the call is positive or
doubt. The places of a fracture (boxes, focus, the detector's map) are disclosed then too, unless the
release's call of fracture or none may not be used. On a healthy bone, or on no bone at all, they mean
nothing, and a reader who sees them believes them. ``python -m classifier classify --json`` prints
everything.
"""

from dataclasses import dataclass

from classifier.call import OperatingPoints
from triage.models import Case, Image, Job, Prediction
from triage.states import OPEN_STATES, JobState
from triage.vocabulary import SUSPECTED, Call, FractureClass


def call_of(prediction: Prediction, case: Case) -> Call:
    """The call of a prediction. ``case`` is the prediction's own.

    On a closed case the deciding prediction keeps the call that was signed, even if the release's call may
    no longer be used.
    """
    if case.state not in OPEN_STATES and case.deciding_prediction_id == prediction.pk:
        return Call(case.call)
    return prediction.effective_call


@dataclass(frozen=True)
class DisclosedPrediction:
    """A prediction with only what may be disclosed of it. Everything else is None.

    The fields are read from the row when they are asked for: a list needs no maps.
    """

    prediction: Prediction
    call: Call

    @property
    def names_a_class(self) -> bool:
        return self.call in SUSPECTED

    @property
    def label(self) -> str:
        """As short as a reader would say it: the call, and the predicted class where there is one."""
        call = str(self.call.label)
        return f"{call}, {self.class_label.lower()}" if self.names_a_class else call

    @property
    def class_label(self) -> str:
        """The predicted class; "" if none is disclosed."""
        return (
            str(FractureClass(self.prediction.predicted_class).label) if self.names_a_class else ""
        )

    @property
    def call_value(self) -> str | None:
        """ "positive", "doubt" or "negative"; None where the picture is not assessable."""
        return None if self.call == Call.NOT_ASSESSABLE else self.call.name.lower()

    @property
    def call_is_usable(self) -> bool:
        """Whether the release's call of fracture or none may be believed at all."""
        return self.prediction.release.call_is_usable

    @property
    def indication(self) -> str:
        """ "measured" or "not_measured" on such pictures; "" where that wasn't looked at."""
        return self.prediction.indication

    @property
    def not_measured_for(self) -> list[str]:
        """Words of ``INDICATION_LABELS``; empty where the picture is not assessable."""
        not_assessable = self.call == Call.NOT_ASSESSABLE
        return [] if not_assessable else self.prediction.not_measured_for

    @property
    def knows_healthy_bone(self) -> bool:
        """Whether the release looked for a fracture at all; the first ones knew types only."""
        return self.prediction.fracture_probability is not None

    @property
    def fracture_probability(self) -> float | None:
        """0..1; None where the call may not be used and where the picture is not assessable."""
        may_be_seen = self.call_is_usable and self.call != Call.NOT_ASSESSABLE
        return self.prediction.fracture_probability if may_be_seen else None

    @property
    def calibrated_where(self) -> float | None:
        """The share of broken bones for which the chance of a fracture is right, 0..1."""
        return self.prediction.release.prevalence

    @property
    def points(self) -> OperatingPoints | None:
        """The points that the call was made with; None without a call that may be used, and on rows that
        are older than the columns.
        """
        low, high = self.prediction.negative_below, self.prediction.positive_from
        if low is None or high is None or not (self.call_value and self.call_is_usable):
            return None
        return OperatingPoints(low, high)

    @property
    def by_own_points(self) -> bool:
        """Whether the disclosed call was made with the site's own points."""
        return self.points is not None and self.prediction.site_points_id is not None

    @property
    def predicted_class(self) -> str | None:
        return self.prediction.predicted_class if self.names_a_class else None

    @property
    def confidence(self) -> float | None:
        return self.prediction.confidence if self.names_a_class else None

    @property
    def rival_class(self) -> str | None:
        return self.prediction.rival_class if self.names_a_class else None

    @property
    def prediction_set(self) -> list[str] | None:
        return self.prediction.prediction_set if self.names_a_class else None

    @property
    def probabilities(self) -> dict[str, float] | None:
        return self.prediction.probabilities if self.names_a_class else None

    @property
    def scores(self) -> dict[str, float] | None:
        return self.prediction.scores if self.names_a_class else None

    @property
    def activation_map(self) -> list[list[float]] | None:
        return self.prediction.activation_map if self.names_a_class else None

    @property
    def rival_activation_map(self) -> list[list[float]] | None:
        return self.prediction.rival_activation_map if self.names_a_class else None

    @property
    def gives_places(self) -> bool:
        """Whether the detector's places are disclosed: not where the call of fracture may not be used."""
        return self.names_a_class and self.call_is_usable

    @property
    def boxes(self) -> list[dict[str, float]] | None:
        """Best first, as the row has them. Empty where nothing is called; None where the release has no
        detector, or where its call may not be used.
        """
        if self.gives_places or self.prediction.boxes is None:
            return self.prediction.boxes
        return [] if self.call_is_usable else None

    @property
    def focus(self) -> dict[str, float] | None:
        return self.prediction.focus if self.gives_places else None

    @property
    def fracture_map(self) -> list[list[float]] | None:
        return self.prediction.fracture_map if self.gives_places else None


def excluding_job(image: Image) -> Job | None:
    """The job whose release is not for the image, if no other has read it. For ``DisclosedCase`` alone."""
    if image.predictions.all():
        return None
    excluded = (job for job in image.jobs.all() if job.state == JobState.EXCLUDED)
    return next(excluded, None)
