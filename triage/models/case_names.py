"""What a case is called: in a list, in a sentence, aloud."""

from typing import TYPE_CHECKING, Any

from triage.short_names import short_name

if TYPE_CHECKING:
    from triage.models.image import Image

# Characters at the end of an id, of which the short name is made: random ones, 32 bits. The beginning of a
# UUIDv7 is its time, which neighbours share.
SHORT_ID = 8


class CaseNames:
    """The names of a ``Case``."""

    pk: Any
    accession_number: Any
    images: Any

    @property
    def first_image(self) -> "Image | None":
        """The picture that stands for the case in a list; free where images were prefetched."""
        return next(iter(self.images.all()), None)

    @property
    def short_name(self) -> str:
        """A name that a person can say and type, without anything of the patient."""
        return short_name(str(self.pk)[-SHORT_ID:])

    @property
    def name(self) -> str:
        """Which case it is, in a sentence: several may have one accession number."""
        if not self.accession_number:
            return self.short_name
        return f"{self.accession_number} ({self.short_name})"

    @property
    def called(self) -> str:
        """As ``heading`` and aloud: several cases may have one accession number, or one file name."""
        heading, short = self.heading, self.short_name
        return short if heading == short else f"{heading} ({short})"

    @property
    def heading(self) -> str:
        """What a list and a page call it: its accession number, else the name of its first file."""
        image = None if self.accession_number else self.first_image
        return self.accession_number or (image.file_name if image else "") or self.short_name
