"""What a release said of an image. Written once with its job, never changed."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.image import Image
from triage.models.job import Job
from triage.models.release import Release
from triage.models.site_points import SitePoints
from triage.models.visibility import SiteOwnedQuerySet
from triage.reasons import NOT_ASSESSABLE
from triage.vocabulary import Call, FractureClass, Indication

MAPS = ("activation_map", "rival_activation_map", "fracture_map")
CALLED = ("positive", "doubt")
HEAVY = ("probabilities", "scores", *MAPS)

# JSON paths of PostgreSQL that find a box or a point outside the picture. A missing key compares false.
BOX_OUTSIDE = (
    "$[*] ? (!(@.x >= 0 && @.y >= 0 && @.width > 0 && @.height > 0 && @.x + @.width <= 1"
    " && @.y + @.height <= 1 && @.score >= 0 && @.score <= 1))"
)
POINT_OUTSIDE = "$ ? (!(@.x >= 0 && @.x <= 1 && @.y >= 0 && @.y <= 1))"


def finds(column: str, path: str) -> Func:
    """Whether ``path`` finds anything in the JSON ``column``. Null where the column is null."""
    return Func(
        F(column),
        template=f"jsonb_path_exists(%(expressions)s, '{path}')",
        output_field=models.BooleanField(),
    )


def json_type(column: str) -> Func:
    return Func(F(column), function="jsonb_typeof", output_field=models.CharField())


class PredictionQuerySet(SiteOwnedQuerySet):
    site_path = "image__site"

    def light(self) -> Self:
        """With the release, and without the columns that hold most bytes, which no list shows."""
        return self.select_related("release").defer(*HEAVY, "release__manifest")


class Prediction(models.Model):
    """A stored ``classifier.finding.Finding``.

    ``probabilities``: class → 0..1, calibrated, summing to 1. ``scores``: class → raw logit.
    ``triage.disclosure`` decides what a person may see of class, probabilities, call, maps and boxes.
    Nothing above it reads them from here.
    ``negative_below`` and ``positive_from``: the points in probability that the call was made at, those of
    ``site_points`` where the site had its own; null on rows from before they were stored.
    ``fracture_probability`` is null and ``call`` empty on rows of the first releases, which knew types only.
    ``activation_map``: rows of 0..1 on the network's last grid, for the predicted class.
    ``boxes``: where the release suspects a fracture, best first: ``x``, ``y`` (upper left corner), ``width``,
    ``height`` as fractions of the picture, ``score`` 0..1. Empty where nothing is called; null where the
    release has no detector, and so are the next two. ``focus``: ``x``, ``y`` of its strongest cell.
    ``fracture_map``: rows of 0..1, the detector's probability per cell, spanning exactly the picture.
    ``reason``: a key of ``classifier.reasons.NOT_ASSESSABLE``; on old rows the sentence itself.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.OneToOneField(Job, models.PROTECT, related_name="prediction")
    image = models.ForeignKey(Image, models.PROTECT, related_name="predictions")
    release = models.ForeignKey(Release, models.PROTECT, related_name="predictions")
    assessable = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    fracture_probability = models.FloatField(null=True)
    call = models.CharField(max_length=12, blank=True)
    negative_below = models.FloatField(null=True)
    positive_from = models.FloatField(null=True)
    # No index: nobody looks for predictions by it, and every prediction would pay for one.
    site_points = models.ForeignKey(
        SitePoints, models.PROTECT, null=True, related_name="predictions", db_index=False
    )
    probabilities = models.JSONField()
    scores = models.JSONField()
    predicted_class = models.CharField(max_length=24, choices=FractureClass.choices)
    confidence = models.FloatField()
    rival_class = models.CharField(max_length=24, choices=FractureClass.choices)
    prediction_set = ArrayField(models.CharField(max_length=24))
    activation_map = models.JSONField()
    rival_activation_map = models.JSONField()
    boxes = models.JSONField(null=True)
    focus = models.JSONField(null=True)
    fracture_map = models.JSONField(null=True)
    indication = models.CharField(max_length=12, blank=True, choices=Indication.choices)
    # Body part, projection or age band of the picture, if the release was not measured for it.
    not_measured_for = ArrayField(models.CharField(max_length=24), default=list, blank=True)
    milliseconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        constraints = [
            # A worker that comes back late can't add a second one.
            models.UniqueConstraint(
                fields=["image", "release"], name="prediction_is_one_per_image_and_release"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1),
                name="prediction_confidence_is_a_probability",
            ),
            models.CheckConstraint(
                condition=Q(boxes__isnull=True, focus__isnull=True, fracture_map__isnull=True)
                | Q(boxes__isnull=False, assessable=False)
                | Q(boxes__isnull=False, focus__isnull=False, fracture_map__isnull=False),
                name="prediction_places_are_all_told_by_a_detector",
            ),
            models.CheckConstraint(
                condition=Q(boxes__isnull=True)
                | (Q(call__in=CALLED) & ~Q(boxes=[]))
                | (~Q(call__in=CALLED) & Q(boxes=[])),
                name="prediction_has_boxes_where_it_calls_a_fracture",
            ),
            # Without a detector both conditions are NULL, and a CHECK passes if its condition is NULL.
            models.CheckConstraint(
                condition=Q(Exact(json_type("boxes"), "array")) & ~Q(finds("boxes", BOX_OUTSIDE)),
                name="prediction_boxes_lie_in_the_picture",
            ),
            models.CheckConstraint(
                condition=Q(Exact(json_type("focus"), "object"))
                & ~Q(finds("focus", POINT_OUTSIDE)),
                name="prediction_focus_lies_in_the_picture",
            ),
            models.CheckConstraint(
                condition=Q(not_measured_for=[]) | Q(indication=Indication.NOT_MEASURED),
                name="prediction_names_only_what_was_not_measured",
            ),
            models.CheckConstraint(
                condition=Q(negative_below=None, positive_from=None, site_points=None)
                | Q(negative_below__isnull=False, positive_from__isnull=False),
                name="prediction_has_both_points_or_none",
            ),
            # A page could not show other points. PostgreSQL takes NaN for more than 1, so it is refused too.
            models.CheckConstraint(
                condition=Q(negative_below=None)
                | Q(
                    negative_below__gte=0,
                    negative_below__lte=F("positive_from"),
                    positive_from__lte=1,
                ),
                name="prediction_points_are_in_order",
            ),
            # A CHECK passes if its condition is NULL, so a missing probability is tested for explicitly.
            models.CheckConstraint(
                condition=Q(negative_below=None)
                | ~Q(call__in=("positive", "doubt", "negative"))
                | Q(fracture_probability__isnull=False)
                & (
                    Q(call="positive", fracture_probability__gte=F("positive_from"))
                    | Q(
                        call="doubt",
                        fracture_probability__gte=F("negative_below"),
                        fracture_probability__lt=F("positive_from"),
                    )
                    | Q(
                        call="negative",
                        fracture_probability__lt=F("negative_below"),
                    )
                ),
                name="prediction_call_follows_its_points",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} by {self.release_id}"  # no class: it may not be disclosed

    @property
    def reason_to_show(self) -> str:
        """Why the picture is not assessable, in the reader's language; "" where it is."""
        return NOT_ASSESSABLE.text(self.reason)

    @property
    def reason_code(self) -> str:
        """The same as a code."""
        return NOT_ASSESSABLE.code(self.reason)

    @property
    def effective_call(self) -> Call:
        """The call. If the release's calls may not be used, every assessable picture is in doubt."""
        if not self.assessable:
            return Call.NOT_ASSESSABLE
        if not self.release.call_is_usable or not self.call:
            return Call.DOUBT
        return Call[self.call.upper()]
