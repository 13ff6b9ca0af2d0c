"""One picture of a case: the original bytes, and the pictures made from them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.identifiers import new_id
from accounts.models import Site
from triage.models.case import Case
from triage.models.image_display import DISPLAY_CONSTRAINTS, ImageDisplay
from triage.models.image_facts import FACT_CONSTRAINTS, ImageFacts
from triage.models.keys import key_field, key_of
from triage.models.visibility import SiteOwnedQuerySet


class Image(ImageDisplay, ImageFacts):
    """The file that a sender sent, and the pictures that were made of it.

    ``original`` is untouched; ``rendition`` holds its grey pixels without loss (8 or 16 bit,
    bright bone; ``classifier.rendition_file``, and PNG in rows of before),
    ``display`` an 8-bit JPEG as its header wants it shown, of at most 1600 px, ``thumbnail`` one of at most
    192 px. All four lie in a folder of the image's own. Images of before 0035 share theirs by site and
    SHA-256.
    """

    ARRIVED = "arrived/"  # how the names of files begin that belong to one image alone

    class FileFormat(models.TextChoices):
        JPEG = "jpeg", "JPEG"
        PNG = "png", "PNG"
        TIFF = "tiff", "TIFF"
        DICOM = "dicom", "DICOM"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, models.PROTECT, related_name="images")
    # Always the case's: a foreign key of both columns holds it (migration 0024). Here too, since the indexes
    # below begin with it. No index of its own: two begin with it.
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField(_("position"))
    file_name = models.CharField(_("file name"), max_length=120)
    # What Find compares; generated, so that it can't differ from the name.
    file_name_key = models.GeneratedField(
        expression=key_of(F("file_name")), output_field=key_field(), db_persist=True
    )
    # "kind" in database and REST v1, whose names stay.
    kind = models.CharField(max_length=8, choices=FileFormat.choices)
    byte_size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    bits = models.PositiveSmallIntegerField(_("stored bits"))
    original = models.FileField(max_length=200)
    rendition = models.FileField(max_length=200)
    # What the networks of a release need of the pixels (``classifier.network_input``); its file says of which
    # release. "": of a small picture, or not made yet; a worker then reads the rendition.
    network_input = models.FileField(max_length=200, blank=True, default="", db_default="")
    display = models.FileField(max_length=200)
    thumbnail = models.FileField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SiteOwnedQuerySet.as_manager()

    class Meta:
        ordering = ["case_id", "position"]
        verbose_name = _("image")
        verbose_name_plural = _("images")
        constraints = [
            # Pages say "picture 2" and open it by that number.
            models.UniqueConstraint(fields=["case", "position"], name="image_has_its_place"),
            # In another case the same bytes may be a second question: docs/decisions/0004-duplicates.md.
            models.UniqueConstraint(fields=["case", "sha256"], name="image_is_in_a_case_once"),
            # Deleting one image's files must not hurt another image. It also finds the row of a stored file.
            models.UniqueConstraint(
                fields=["original"],
                condition=Q(original__startswith="arrived/"),
                name="image_original_is_its_own",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="image_sha256_is_hex"
            ),
            models.CheckConstraint(
                condition=Q(width__gt=0, height__gt=0, byte_size__gt=0),
                name="image_is_not_empty",
            ),
            *FACT_CONSTRAINTS,
            *DISPLAY_CONSTRAINTS,
        ]
        indexes = [
            # Intake asks of each new file whether the site had its bytes before.
            models.Index(fields=["site", "sha256"], name="image_by_bytes"),
            # And whether it had the same instance in other bytes.
            models.Index(
                fields=["site", "sop_instance_uid"],
                condition=~Q(sop_instance_uid=""),
                name="image_by_instance",
            ),
            # Find: a file name that equals the text, newest case first, or begins with it.
            models.Index(fields=["site", "file_name_key", "-case"], name="image_by_file_name"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} #{self.position}"
