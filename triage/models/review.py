"""A signed opinion. Append-only: a correction is a new row that supersedes the old one."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import Case
from triage.models.prediction import HEAVY, Prediction
from triage.models.reading import Reading
from triage.models.review_rules import CONSTRAINTS, LONGEST_OTHER_FINDING
from triage.models.visibility import SiteOwnedQuerySet
from triage.states import CaseState
from triage.vocabulary import FRACTURED, Conclusion, FractureCertainty, FractureClass, Stage

# Characters: two pages of a report. A file that was pasted by mistake is refused.
LONGEST_COMMENT = 4000


class ReviewQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"

    def standing(self) -> "ReviewQuerySet":
        """Reviews that no correction has superseded."""
        return self.filter(superseded_by=None)

    def concluding(self) -> "ReviewQuerySet":
        """Standing reviews that say what became of their case: no first reading, and none that a third
        reader has decided over, or will.
        """
        third = Review.objects.filter(case=OuterRef("case"), stage=Stage.THIRD)
        final = ~Q(stage=Stage.FIRST) & (Q(stage=Stage.THIRD) | ~Q(Exists(third)))
        return self.standing().filter(final).exclude(case__state=CaseState.THIRD)

    def with_predictions(self) -> "ReviewQuerySet":
        """Loads the predictions that were seen without their maps, which are most of their bytes."""
        reviews = self.select_related("prediction__release")
        return reviews.defer(
            *(f"prediction__{field}" for field in HEAVY), "prediction__release__manifest"
        )


class Review(models.Model):
    """``triage.review.opinion.GivenOpinion`` as it was signed: the same words.

    ``prediction`` is the one that the reader saw when signing; null where they saw none. ``agrees``: the
    reader agreed with it, and ``fracture`` and ``classes`` are what it says.
    ``displaced``, ``old``: null where the reader did not say. ``places``: where the fracture lies, each with
    the ``image``'s number from 1, and ``x``, ``y`` (upper left corner), ``width``, ``height`` as fractions of
    the picture; a point has no width and height, both are 0.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews")
    stage = models.CharField(_("stage"), max_length=16, choices=Stage.choices)
    # The version before inserts without it: a trigger fills it in (0048-an-opinion-of-several-answers.md).
    fracture = models.CharField(
        _("fracture"), max_length=16, choices=FractureCertainty.choices, db_default=""
    )
    classes = ArrayField(
        models.CharField(max_length=24, choices=FractureClass.choices),
        verbose_name=_("types"),
        default=list,
        blank=True,
    )
    displaced = models.BooleanField(_("displaced"), null=True)
    old = models.BooleanField(_("old"), null=True)
    places = models.JSONField(_("places"), default=list, db_default=[], blank=True)
    other_finding = models.CharField(
        _("other finding"), max_length=LONGEST_OTHER_FINDING, db_default="", blank=True
    )
    comment = models.TextField(
        _("comment"), blank=True, validators=[MaxLengthValidator(LONGEST_COMMENT)]
    )
    agrees = models.BooleanField(_("agrees with the model"), default=False, db_default=False)
    # Of a final opinion on a blind case: whether it differs from its reader's first reading. Null elsewhere.
    switched = models.BooleanField(_("differs from the first reading"), null=True)
    # Null on reviews that were signed before readings were kept. A correction names the reading of the first.
    reading = models.ForeignKey(Reading, models.PROTECT, null=True, related_name="reviews")
    prediction = models.ForeignKey(Prediction, models.PROTECT, null=True, related_name="reviews")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    signed_at = models.DateTimeField(_("signed"), auto_now_add=True)

    objects = ReviewQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset(
        {
            *("fracture", "classes", "displaced", "old", "places"),
            *("other_finding", "comment", "agrees"),
        }
    )

    class Meta:
        ordering = ["signed_at", "id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        # What a reader signed last. Ids are in the order of time.
        indexes = [
            models.Index(
                fields=["reader", "-id"], condition=Q(supersedes=None), name="review_last_of_reader"
            )
        ]
        constraints = CONSTRAINTS

    def __str__(self) -> str:
        return f"{self.get_fracture_display()} ({self.reader})"

    @property
    def conclusion(self) -> Conclusion:
        """What the opinion comes to, whether it is certain or only possible."""
        if self.fracture in FRACTURED:
            return Conclusion.FRACTURE
        if self.fracture == FractureCertainty.NONE:
            return Conclusion.NO_FRACTURE
        return Conclusion.NOT_ASSESSABLE
