"""A signed opinion. Append-only: a correction is a new row that supersedes the old one."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import Case
from triage.models.prediction import HEAVY, Prediction
from triage.models.reading import Reading
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import Conclusion, FractureClass, Opinion, Stage

# Characters: two pages of a report. A file that was pasted by mistake is refused.
LONGEST_COMMENT = 4000


class ReviewQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"

    def standing(self) -> "ReviewQuerySet":
        """Reviews that no correction has superseded."""
        return self.filter(superseded_by=None)

    def with_predictions(self) -> "ReviewQuerySet":
        """Loads what ``conclusion`` reads, without the maps, which are most of a prediction's bytes."""
        reviews = self.select_related("prediction__release")
        return reviews.defer(
            *(f"prediction__{field}" for field in HEAVY), "prediction__release__manifest"
        )


class Review(models.Model):
    """``prediction`` is the one that the reader saw when signing; null where they saw none.

    ``classes`` of ``agree`` is the class that the prediction names, empty if it names none: the
    reader then agrees with "no fracture seen" or "not assessable", and ``conclusion`` says which.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="reviews")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="reviews")
    stage = models.CharField(_("stage"), max_length=16, choices=Stage.choices)
    opinion = models.CharField(_("opinion"), max_length=16, choices=Opinion.choices)
    classes = ArrayField(
        models.CharField(max_length=24, choices=FractureClass.choices),
        verbose_name=_("classes"),
        default=list,
        blank=True,
    )
    comment = models.TextField(
        _("comment"), blank=True, validators=[MaxLengthValidator(LONGEST_COMMENT)]
    )
    # Null on reviews that were signed before readings were kept. A correction names the reading of the first.
    reading = models.ForeignKey(Reading, models.PROTECT, null=True, related_name="reviews")
    prediction = models.ForeignKey(Prediction, models.PROTECT, null=True, related_name="reviews")
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, related_name="superseded_by"
    )
    signed_at = models.DateTimeField(_("signed"), auto_now_add=True)

    objects = ReviewQuerySet.as_manager()

    #: An event names these fields, without their values.
    PRIVATE_FIELDS = frozenset({"opinion", "classes", "comment"})

    class Meta:
        ordering = ["signed_at", "id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            # A correction is a further row, which names the review that it supersedes.
            models.UniqueConstraint(
                fields=["case", "stage"],
                condition=Q(supersedes=None),
                name="review_is_one_per_stage_unless_it_corrects",
            ),
            models.CheckConstraint(
                # For "agree", the prediction's row says whether there is a class to name.
                condition=Q(opinion=Opinion.AGREE, classes__len__lte=1)
                | Q(opinion=Opinion.OTHER_CLASS, classes__len__gt=0)
                | Q(opinion__in=[Opinion.NO_FRACTURE, Opinion.NOT_ASSESSABLE], classes__len=0),
                name="review_names_classes_when_it_must",
            ),
            models.CheckConstraint(
                condition=~Q(opinion=Opinion.AGREE) | Q(prediction__isnull=False),
                name="review_agrees_with_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_opinion_display()} ({self.reader})"

    @property
    def conclusion(self) -> Conclusion:
        """What the opinion comes to; of ``agree`` it is read from the prediction agreed with."""
        if self.classes:
            return Conclusion.FRACTURE
        if self.opinion != Opinion.AGREE:
            return Conclusion(self.opinion)
        prediction = self.prediction
        if prediction is not None and prediction.assessable:
            return Conclusion.NO_FRACTURE
        return Conclusion.NOT_ASSESSABLE
