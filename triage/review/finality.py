"""Whether a signed opinion is the answer to its case, and the words for one that isn't: for pages and REST.

``ReviewQuerySet.concluding`` is the same rule in SQL.
"""

from django.utils.translation import gettext as _

from triage.disclosure import DisclosedCase
from triage.models import Case, Review
from triage.review.third_reading import third_because_shown
from triage.states import CaseState
from triage.vocabulary import Stage


def is_final(review: Review, case: Case) -> bool:
    """Whether the opinion is what became of ``case``, its case as it is now.

    No query, where the review was loaded with its correction.
    """
    is_last = review.stage == Stage.THIRD or not case.third_because
    return (
        case.state == CaseState.REVIEWED
        and is_last
        and review.stage != Stage.FIRST
        and getattr(review, "superseded_by", None) is None
    )


def third_because_in_words(shown: DisclosedCase) -> str:
    """ "the first reading, what the model is sure of": what the opinion differs from. "" where hidden."""
    return ", ".join(str(differs.label) for differs in third_because_shown(shown))


def why_not_final(shown: DisclosedCase) -> str:
    """Of what was signed on a case that waits for a third reader, as far as this person may know why.

    "" for any other case.
    """
    if shown.case.state != CaseState.THIRD:
        return ""
    if others := third_because_in_words(shown):
        text = _("It is not final: it differs from %(others)s, so a third reader is asked.")
        return text % {"others": others}
    return _("It is not final: a third reader is asked.")


def signed_in_words(shown: DisclosedCase) -> str:
    """What somebody reads who has just signed: "Signed.", and no more only where that was the end of it."""
    return " ".join(part for part in (_("Signed."), why_not_final(shown)) if part)
