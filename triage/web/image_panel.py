"""A picture on the page of a case, with its own facts and what the model says of it."""

import json
from dataclasses import dataclass

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.inference.described import described
from triage.models import Image, Job, Prediction
from triage.models.prediction import MAPS
from triage.vocabulary import Call
from triage.web.boxes import LABELS_A_SIDE, DrawnBox
from triage.web.displays import choices_of
from triage.web.image_facts import facts_of, side_and_projection, side_marks
from triage.web.map_palette import PALETTE
from triage.web.no_output import NoOutput
from triage.web.type_set import TypeSet, type_set
from triage.web.viewer_facts import viewer_facts

DEFERRED = (*MAPS, "scores")  # most of a prediction's bytes


@dataclass(frozen=True)
class ImagePanel:
    """A picture with what the model says of it, as far as the reader may see it.

    ``not_read``: why no model reads it, "" if one does. ``gives_call``: the case's call comes from it.
    ``came_late``: the model said it after the case was closed, so whoever signed has not seen it.
    ``no_output``: why there is nothing to show; not shown beside ``disclosed``. ``side_mark``: the side, over
    the picture and below its thumbnail, in a case whose pictures differ in it; "" otherwise.
    """

    image: Image
    disclosed: DisclosedPrediction | None
    failure: str
    not_read: str
    gives_call: bool
    came_late: bool
    no_output: NoOutput | None
    side_mark: str

    @property
    def number(self) -> int:
        """1..20, as the strip and the address have it."""
        return self.image.position

    @property
    def side_and_projection(self) -> str:
        return side_and_projection(self.image)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """(name, value) of each known fact of the picture."""
        return list(facts_of(self.image))

    @property
    def displays(self) -> list[tuple[str, str]]:
        """(address, label) of each display that the header offers, or of the only one."""
        return choices_of(self.image)

    @property
    def viewer_facts(self) -> str:
        """What ``static/js/viewer`` has to know of the picture, as JSON."""
        return json.dumps(viewer_facts(self.image))

    @property
    def mark(self) -> str:
        """What stands below the thumbnail: a picture that no fracture was seen on needs no mark."""
        if self.disclosed is not None:
            negative = self.disclosed.call == Call.NEGATIVE
            return "" if negative else str(self.disclosed.call.label)
        return _("Not read") if self.not_read or self.failure else ""

    @property
    def ranked(self) -> list[tuple[str, float, str]]:
        """(class, probability, role) from the most probable down; role is top, rival or rest."""
        disclosed = self.disclosed
        if disclosed is None or disclosed.probabilities is None:
            return []
        roles = {disclosed.predicted_class: "top", disclosed.rival_class: "rival"}
        pairs = sorted(disclosed.probabilities.items(), key=lambda pair: -pair[1])
        return [(name, value, roles.get(name, "rest")) for name, value in pairs]

    @property
    def type_set(self) -> TypeSet | None:
        """How often the set of types holds the true one; None where no set is disclosed or it isn't known."""
        if self.disclosed is None or not self.disclosed.names_a_class:
            return None
        return type_set(self.disclosed.prediction.release_id)

    @property
    def map_colours(self) -> list[tuple[str, str]]:
        """(offset, colour) from no evidence to most, for the legend of the heat maps."""
        last = len(PALETTE) - 1
        return [(f"{at / last:.0%}", f"rgb{colour}") for at, colour in enumerate(PALETTE)]

    @property
    def drawn(self) -> list[DrawnBox]:
        """The detector's boxes, best first. Empty if there is no detector or no box."""
        boxes = self.disclosed.boxes if self.disclosed else None
        return DrawnBox.all_of(boxes or [])

    @property
    def call_not_used(self) -> str:
        """Why the release's call is not used; "" if it is used, or if there is none."""
        disclosed = self.disclosed
        if disclosed is None or not disclosed.call_value or disclosed.call_is_usable:
            return ""
        if not disclosed.knows_healthy_bone:
            return ""
        if disclosed.call == Call.DOUBT:
            return _("That call isn't used: every picture counts as in doubt.")
        return _("The case was closed before that was known, and stays as it was.")

    @property
    def boxes_label(self) -> str:
        """How the lines of its boxes are to be read."""
        if self.disclosed and self.disclosed.call == Call.DOUBT:
            return _("Dotted: in doubt.")
        return _("Solid: a fracture is suspected.")

    @property
    def unknown_facts(self) -> str:
        """Says which of projection and age is unknown; "" if both are known, or without a call to compare.

        The release's table of indications can't compare an unknown value, so "measured" says less then.
        """
        if self.disclosed is None or not self.disclosed.call_value or not self.disclosed.indication:
            return ""
        subject = described(self.image).subject
        if subject.projection:
            return "" if subject.age_band else _("Age is not known.")
        return (
            _("Projection is not known.")
            if subject.age_band
            else _("Projection and age are not known.")
        )

    @property
    def label_size(self) -> int:
        """Pixels of the image: how tall letters over it are where no script knows the screen's."""
        return max(1, max(self.image.square_shape) // LABELS_A_SIDE)


def panels_of(disclosed_case: DisclosedCase) -> list[ImagePanel]:
    """One for each picture of the case, in their order. The case keeps the pictures for who asks next."""
    predictions = Prediction.objects.select_related("release").order_by("created_at", "id")
    jobs = Job.objects.select_related("release").defer("release__manifest", "error_detail")
    images = Image.objects.select_related("series__study").prefetch_related(
        Prefetch("predictions", predictions.defer(*DEFERRED, "release__manifest")),
        Prefetch("jobs", jobs),
    )
    case = disclosed_case.case
    prefetch_related_objects([case], Prefetch("images", images.order_by("position")))
    found = list(case.images.all())
    several, marks = len(found) > 1, side_marks(found)
    return [
        _panel(image, disclosed_case, mark, several=several)
        for image, mark in zip(found, marks, strict=True)
    ]


def _panel(image: Image, case: DisclosedCase, side_mark: str, *, several: bool) -> ImagePanel:
    """The deciding prediction where this image has it, else the newest one."""
    predictions: list[Prediction] = list(image.predictions.all())
    deciding = [found for found in predictions if found.pk == case.deciding_id]
    prediction = next(iter([*deciding, *predictions[::-1]]), None)
    jobs: list[Job] = list(image.jobs.all())
    closed_at = case.case.closed_at
    failure = next((job.failure_to_show for job in jobs if job.failure_to_show), "")
    not_read = case.why_not_read(image)
    return ImagePanel(
        image=image,
        disclosed=case.disclose(prediction) if prediction else None,
        failure=failure,
        not_read=not_read,
        gives_call=bool(deciding),
        came_late=bool(
            prediction and closed_at and prediction.created_at > closed_at and not deciding
        ),
        no_output=NoOutput.of(case, not_read=not_read, failed=bool(failure), several=several),
        side_mark=side_mark,
    )
