"""The reader's language for what the classifier's decoder refuses."""

from django.utils.translation import gettext as _

from classifier.radiograph import MESSAGES, RefusedFile


def sentence(refusal: RefusedFile) -> str:
    """The refusal in the present language; its own English where there is no translation."""
    template = MESSAGES.get(refusal.code)
    return _(template).format(**refusal.params) if template else refusal.reason
