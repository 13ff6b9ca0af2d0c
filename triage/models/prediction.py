"""What a release said of an image. Written once with its job, never changed."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.image import Image
from triage.models.job import Job
from triage.models.release import Release
from triage.models.visibility import SiteOwnedQuerySet
from triage.vocabulary import FractureClass, Suspicion

HEAVY = ("probabilities", "scores", "activation_map", "rival_activation_map")


class PredictionQuerySet(SiteOwnedQuerySet):
    site_path = "image__site"

    def light(self) -> Self:
        """With the release, without what is most of a row's bytes: no list shows it."""
        return self.select_related("release").defer(*HEAVY, "release__manifest")


class Prediction(models.Model):
    """A stored ``classifier.finding.Finding``.

    ``probabilities``: class → 0..1, calibrated, summing to 1. ``scores``: class → raw logit.
    Nothing above ``triage.disclosure`` reads class, probabilities, call or maps from here: what may be told
    of them is decided there.
    ``activation_map``: rows of 0..1 on the network's last grid, for the top class.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    job = models.OneToOneField(Job, models.PROTECT, related_name="prediction")
    image = models.ForeignKey(Image, models.PROTECT, related_name="predictions")
    release = models.ForeignKey(Release, models.PROTECT, related_name="predictions")
    assessable = models.BooleanField(default=True)
    reason = models.CharField(max_length=300, blank=True)
    fracture_probability = models.FloatField(null=True)
    call = models.CharField(max_length=12, blank=True)
    probabilities = models.JSONField()
    scores = models.JSONField()
    top_class = models.CharField(max_length=24, choices=FractureClass.choices)
    confidence = models.FloatField()
    rival_class = models.CharField(max_length=24, choices=FractureClass.choices)
    prediction_set = ArrayField(models.CharField(max_length=24))
    activation_map = models.JSONField()
    rival_activation_map = models.JSONField()
    milliseconds = models.FloatField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PredictionQuerySet.as_manager()

    class Meta:
        verbose_name = _("prediction")
        verbose_name_plural = _("predictions")
        constraints = [
            models.UniqueConstraint(
                fields=["image", "release"], name="prediction_is_one_per_image_and_release"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1),
                name="prediction_confidence_is_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} by {self.release_id}"  # no class: it may be none to tell

    @property
    def suspicion(self) -> Suspicion:
        """Every assessable picture is in doubt where the release's call may not be used."""
        if not self.assessable:
            return Suspicion.REFUSED
        if not self.release.call_is_usable or not self.call:
            return Suspicion.DOUBT
        return Suspicion[self.call.upper()]
