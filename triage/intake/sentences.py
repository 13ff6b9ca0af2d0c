"""Puts the refusals of the classifier's decoder into the reader's language."""

from django.utils.translation import gettext

from classifier import refused_file


def sentence(refused: refused_file.RefusedFile) -> str:
    """The refusal in the present language."""
    return refused_file.sentence(refused.code, refused.params, gettext)
