"""The form of an opinion as a browser sends it. Nothing is refused here: nothing typed is lost."""

from django.http import QueryDict

from triage.review.draft_content import FIELDS
from triage.review.opinion_content import Content


def content_of(form: QueryDict) -> Content:
    """What a draft keeps of a form that was sent."""
    return {
        name: form.getlist(name) if field.many else form.get(name, "")
        for name, field in FIELDS.items()
    }
