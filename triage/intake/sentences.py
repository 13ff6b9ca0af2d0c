"""The reader's language for what the classifier's decoder refuses."""

from django.utils.translation import gettext

from classifier import refusal


def sentence(refused: refusal.RefusedFile) -> str:
    """The refusal in the present language."""
    return refusal.sentence(refused.code, refused.params, gettext)
