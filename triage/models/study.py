"""A study and its series, from the headers of one case's DICOM files."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from triage.models.case import Case
from triage.models.visibility import SiteOwnedQuerySet

LONGEST_TEXT = 64  # characters: the value representations LO and UI


class StudyQuerySet(SiteOwnedQuerySet):
    site_path = "case__site"


class Study(models.Model):
    """A row belongs to one case: the same study in another case of the site is another row.

    Callus can't know whether two uploads with one UID are of one patient (devices give UIDs twice), and
    what stands beside a signed case must not change with a later upload. So nothing is shared between
    cases, and the row is never changed. See ``docs/decisions/0032-study-series-and-image.md``.

    Dates and times are those of the device's own clock. A text is "", a date or time null, where the header
    of the first file says nothing.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    # No index of its own: a study is reached from an image, and no case is ever deleted.
    case = models.ForeignKey(Case, models.PROTECT, related_name="studies", db_index=False)
    study_instance_uid = models.CharField(max_length=LONGEST_TEXT, blank=True)
    study_date = models.DateField(_("study date"), null=True, blank=True)
    study_time = models.TimeField(_("study time"), null=True, blank=True)
    study_description = models.CharField(max_length=LONGEST_TEXT, blank=True)
    accession_number = models.CharField(max_length=LONGEST_TEXT, blank=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["case_id", "id"]
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        constraints = [
            # A file without a UID is a study of its own: nothing says that it shares one with another file.
            models.UniqueConstraint(
                fields=["case", "study_instance_uid"],
                condition=~Q(study_instance_uid=""),
                name="study_is_in_a_case_once",
            ),
            # Referenced by ``series_is_of_its_studys_case``.
            models.UniqueConstraint(fields=["id", "case"], name="study_and_its_case"),
        ]

    def __str__(self) -> str:
        return f"study {self.pk}"  # never the UID or the date: this text may come into a log


class Series(models.Model):
    """Pictures that one device made in one go. Never changed, as its study."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    study = models.ForeignKey(Study, models.PROTECT, related_name="series", db_index=False)
    # The case of its study and of its images. Constraints of two columns, which Django doesn't know, hold
    # that: ``series_is_of_its_studys_case`` and ``image_is_of_its_series_case``, in the migration.
    case = models.ForeignKey(Case, models.PROTECT, related_name="series", db_index=False)
    series_instance_uid = models.CharField(max_length=LONGEST_TEXT, blank=True)
    series_number = models.IntegerField(null=True, blank=True)
    series_description = models.CharField(max_length=LONGEST_TEXT, blank=True)
    modality = models.CharField(max_length=16, blank=True)
    manufacturer = models.CharField(max_length=LONGEST_TEXT, blank=True)
    manufacturer_model_name = models.CharField(max_length=LONGEST_TEXT, blank=True)
    station_name = models.CharField(max_length=LONGEST_TEXT, blank=True)

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["case_id", "id"]
        verbose_name = _("series")
        verbose_name_plural = _("series")
        constraints = [
            models.UniqueConstraint(
                fields=["study", "series_instance_uid"],
                condition=~Q(series_instance_uid=""),
                name="series_is_in_a_study_once",
            ),
            # Referenced by ``image_is_of_its_series_case``.
            models.UniqueConstraint(fields=["id", "case"], name="series_and_its_case"),
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"
