"""Codes for why a picture has no finding, with a sentence each. The code is stored.

The sentence is English and is translated when it is shown. The web process imports this module, so it must
not import numpy.
"""

from classifier.refused_file import gettext_noop

# By the pixels: what the picture shows instead of a bone, or that it is too small.
NOT_ASSESSABLE: dict[str, str] = {
    "chest": gettext_noop(
        "This looks like a chest film. The model knows films of single bones and joints only."
    ),
    "slice": gettext_noop(
        "This looks like a CT or MR slice. The model knows plain radiographs only."
    ),
    "photograph": gettext_noop(
        "This looks like a photograph. The model knows plain radiographs only."
    ),
    "document": gettext_noop(
        "This looks like a document or a drawing. The model knows plain radiographs only."
    ),
    "blank": gettext_noop("There is no picture in this: it is blank or noise."),
    "small": gettext_noop(
        "This picture is too small: its longer side has fewer than 96 pixels. Send the original."
    ),
    "narrow": gettext_noop(
        "This picture is too narrow: its shorter side has fewer than 32 pixels. Send the original."
    ),
}

# By sender or header: why the release must not be used for the picture.
EXCLUDED: dict[str, str] = {
    "slices": gettext_noop(
        "The model is not for CT, MR or nuclear medicine. It knows plain radiographs only."
    ),
    "other_modality": gettext_noop(
        "The model is not for pictures of this modality. It knows plain radiographs only."
    ),
    "chest": gettext_noop(
        "The model is not for chest films. It knows films of single bones and joints only."
    ),
    "skull": gettext_noop(
        "The model is not for films of the skull. It knows films of single bones and joints only."
    ),
    "soft_tissue": gettext_noop(
        "The model is not for films of soft tissue. It knows films of single bones and joints only."
    ),
}
# The code of an exclusion with a sentence of the release's own table.
BY_RELEASE = "by_release"


def exclusion_code(sentence: str) -> str:
    """The code of an exclusion's sentence; BY_RELEASE for a sentence of the release's own."""
    return next((code for code, own in EXCLUDED.items() if own == sentence), BY_RELEASE)
