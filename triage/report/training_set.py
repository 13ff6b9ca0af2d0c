"""Signed opinions as a labelled, de-identified data set that ``training fit --extra`` reads.

Pictures are the renditions as PNG, without the original's header. Names are drawn anew for each
export, so that nothing in it leads back to a case. What is burned into the pixels stays in them.
"""

import csv
import hashlib
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.acts import Act
from accounts.models import Site, User
from accounts.refusals import Refused
from accounts.services.events import emit
from classifier.rendition import png_of_rendition
from triage.disclosure import shown_to
from triage.models import Image, Review
from triage.states import CaseState
from triage.vocabulary import Conclusion, FractureCertainty, FractureClass

TYPES, BONES = "bone-break", "multi-region"  # the layout that training reads
FRACTURED, HEALTHY = "fractured", "not-fractured"
# Training knows no such folders, so nothing learns from what is not certain.
POSSIBLE, OLD, ELSEWHERE = "possibly-fractured", "old-fracture", "fractured-in-some-picture"
SAID = {True: "yes", False: "no", None: ""}
CHUNK = 100  # reviews in memory at once; who may see them is asked in one query for each chunk
_COLUMNS = (
    *("path", "class", "split", "sha256", "dup_id", "group_id"),
    *("label_conflict", "test_leaked", "dedup_keep"),
    *("side", "projection"),  # of the picture, as its image has them; empty where nobody said
    # What was signed of the case, and 1 where it is known to be of this picture.
    *("fracture", "types", "displaced", "old", "of_picture"),
)


@dataclass
class Exported:
    """How many reviews and pictures went out, and pictures by class; what was left out and why.

    ``by_site``: pictures of each site that gave any.
    """

    reviews: int = 0
    pictures: int = 0
    by_class: dict[str, int] = field(default_factory=dict)
    not_assessable: int = 0
    by_site: dict[UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class _Entry:
    """A picture in one of its folders. ``of_picture``: whether the opinion is known to be of this picture."""

    part: str
    folder: str
    name: str
    sha256: str
    image: Image
    group: str
    review: Review
    of_picture: bool

    @property
    def row(self) -> tuple[object, ...]:
        review, image = self.review, self.image
        conflict = int(self.part == TYPES and len(review.classes) > 1)
        return (
            *(f"{self.folder}/{self.name}", self.folder, "", self.sha256, self.name, self.group),
            *(conflict, 0, 1),
            *(image.side, image.projection),
            *(review.fracture, ";".join(review.classes)),
            *(SAID[review.displaced], SAID[review.old], int(self.of_picture)),
        )


def export_training_set(
    *, folder: Path, site: Site | None = None, since: date | None = None, actor: User | None = None
) -> Exported:
    """Writes the standing second opinions of closed cases into a folder that is renamed when complete.

    Synthetic cases stay out. A case's pictures share a group. A picture with several types lies in
    each one's folder, marked as a conflict, which training reads as a label set if its recipe says so.
    An opinion is of the case. A picture is filed as fractured, and under a type, only where the fracture is
    certain, not an old one, and known to be on this picture. Other pictures of a fracture lie in folders that
    training leaves out; the manifest says of each what was signed.

    Raises:
        Refused: the folder exists, or there is nothing to write.
    """
    if folder.exists():
        raise Refused("folder_exists", _("%(folder)s exists. Name another.") % {"folder": folder})
    beside = folder.with_name(f".{folder.name}.{uuid4().hex[:8]}")
    try:
        exported = _write(beside, _reviews(site, since, actor))
        if not exported.pictures:
            raise Refused("nothing_to_export", _("There is no signed opinion to export."))
        with transaction.atomic():
            _record(exported, actor)
            beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return exported


def _record(exported: Exported, actor: User | None) -> None:
    """Emits each site's own count into its own chain, and nothing for a site without reviews."""
    # In the order of their keys, as everybody takes the chains' locks: two exports don't deadlock.
    for site in Site.objects.filter(pk__in=exported.by_site).order_by("pk"):
        pictures = exported.by_site[site.pk]
        emit(Act.REVIEWS_EXPORTED, site, actor=actor, site=site, pictures=pictures)


def _write(folder: Path, reviews: Iterable[Review]) -> Exported:
    key, exported = secrets.token_bytes(16), Exported()
    entries: list[_Entry] = []
    for review in reviews:
        if review.conclusion == Conclusion.NOT_ASSESSABLE:
            exported.not_assessable += 1
            continue
        exported.reviews += 1
        for image in review.case.images.all():
            exported.pictures += 1
            exported.by_site[image.site_id] = exported.by_site.get(image.site_id, 0) + 1
            entries += _write_picture(folder, review, image, key)
    for entry in entries:
        exported.by_class[entry.folder] = exported.by_class.get(entry.folder, 0) + 1
    for part in {entry.part for entry in entries}:
        with (folder / part / "manifest.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(_COLUMNS)
            writer.writerows(entry.row for entry in entries if entry.part == part)
    return exported


def _reviews(site: Site | None, since: date | None, actor: User | None) -> Iterator[Review]:
    """Leaves out cases that hide the model's output from ``actor``: a review that agrees with the model
    reveals it.
    """
    reviews = Review.objects.concluding().filter(
        case__state=CaseState.REVIEWED, case__is_synthetic=False
    )
    if site is not None:
        reviews = reviews.filter(case__site=site)
    if since is not None:
        reviews = reviews.filter(signed_at__date__gte=since)
    reviews = reviews.with_predictions().select_related("case").prefetch_related("case__images")
    rows = reviews.order_by("signed_at", "id").iterator(chunk_size=CHUNK)
    while some := list(islice(rows, CHUNK)):
        # Without a person it is the installation's operator, at its command line.
        disclosed = shown_to(actor, (review.case for review in some)) if actor else []
        hidden = {shown.case.pk for shown in disclosed if not shown.is_shown}
        yield from (review for review in some if review.case_id not in hidden)


def _write_picture(folder: Path, review: Review, image: Image, key: bytes) -> Iterator[_Entry]:
    """Writes one picture into each folder that it belongs in."""
    with image.rendition.open("rb") as file:
        png = png_of_rendition(file.read(), image.pixel_aspect_ratio, image.width * image.height)
    name, group = f"{_pseudonym(image.pk, key)}.png", _pseudonym(review.case_id, key)
    of_picture = _is_of_picture(review, image)
    state = _state(review, of_picture)
    types = review.classes if state == FRACTURED else []
    places = [(TYPES, str(FractureClass(chosen).label)) for chosen in types]
    for part, place in [*places, (BONES, state)]:
        target = folder / part / place
        target.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(png)
        digest = hashlib.sha256(png).hexdigest()
        yield _Entry(part, place, name, digest, image, group, review, of_picture)


def _state(review: Review, of_picture: bool) -> str:
    """The folder among the bones."""
    if review.conclusion != Conclusion.FRACTURE:
        return HEALTHY
    if review.fracture == FractureCertainty.POSSIBLE:
        return POSSIBLE
    if review.old:
        return OLD
    return FRACTURED if of_picture else ELSEWHERE


def _is_of_picture(review: Review, image: Image) -> bool:
    """Whether what was signed is known to be of this picture. "No fracture" is of every one.

    Of several pictures, it is those that the reader drew on, and the one of the prediction that they agreed
    with.
    """
    if review.conclusion != Conclusion.FRACTURE or len(review.case.images.all()) == 1:
        return True
    agreed = review.prediction.image_id if review.agrees and review.prediction else None
    return image.pk == agreed or any(place["image"] == image.position for place in review.places)


def _pseudonym(identifier: UUID, key: bytes) -> str:
    return hashlib.blake2b(identifier.bytes, key=key, digest_size=10).hexdigest()
