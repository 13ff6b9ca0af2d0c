"""Why a picture has no finding: codes, and the sentence of each. No numpy here: the web process reads it.

What is stored is the code. The sentence is English and is translated where it is shown.
"""

from classifier.refused_file import gettext_noop

# What a picture turned out to be in its pixels, or too small to be read.
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

# What sender or header say it is, which the release is not for.
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
# Of an exclusion that a release's own table explains in words of its own.
BY_RELEASE = "by_release"


def exclusion_code(sentence: str) -> str:
    """The code of an exclusion's sentence; BY_RELEASE where the words are the release's own."""
    return next((code for code, own in EXCLUDED.items() if own == sentence), BY_RELEASE)
