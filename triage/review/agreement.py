"""Whether a reader can agree with the model, and what that signs: one rule for page, key and REST."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refused
from triage.disclosure import Told, ToldCase
from triage.states import CaseState
from triage.vocabulary import Call, FractureClass, Opinion

NOTHING_TO_AGREE_WITH = gettext_lazy(
    "The model has made no call on this case. Choose another opinion."
)
HIDDEN = gettext_lazy(
    "What the model says is not shown to you, so there is nothing to agree with: choose another opinion."
)
IN_DOUBT = gettext_lazy("The model is in doubt: choose a class or another opinion.")
NOT_AS_A_WHOLE = gettext_lazy(
    "The model has not assessed every picture, so you can't agree with it on the whole case. Choose "
    "another opinion."
)


def refusal_to_agree(told: Told | None, seen: ToldCase) -> Refused | None:
    """Why nobody can agree with the model on the case, or None where one can.

    A review is of the whole case. So if a picture was not assessed, the reader can only agree with a
    suspected fracture: "not assessable" for one of two pictures says nothing about the other.

    Args:
        told: what the reader saw as the case's finding; None where the case has none.
        seen: the case as the reader sees it.
    """
    if not seen.is_shown:  # first, so that the refusal is the same whatever the model says
        return Refused("model_hidden", HIDDEN)
    if told is None:
        if seen.unread_images and seen.unread_images < seen.case.images.count():
            return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)
        return Refused("nothing_to_agree_with", NOTHING_TO_AGREE_WITH)
    if told.call == Call.DOUBT:
        return Refused("model_in_doubt", IN_DOUBT)
    if seen.case.state == CaseState.RECEIVED and told.call != Call.POSITIVE:
        return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)  # a picture is still on its way
    if told.call == Call.NOT_ASSESSABLE:
        # Zero of a case that was closed before its pictures were counted.
        refused = seen.refused_images
        if refused and refused < seen.case.images.count():
            return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)
    return None


def agreement(told: Told) -> str:
    """What agreeing with ``told`` signs, as the button says it. Only where nothing refuses it."""
    if told.top_class:
        name = str(FractureClass(told.top_class).label).lower()
        return _("Agree: fracture, %(name)s") % {"name": name}
    opinion = Opinion.NO_FRACTURE if told.call == Call.NEGATIVE else Opinion.NOT_ASSESSABLE
    return _("Agree: %(opinion)s") % {"opinion": str(opinion.label).lower()}
