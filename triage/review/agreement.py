"""Whether a reader can agree with the model, and what that signs: one rule for page, key and REST."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.refusals import Refused
from triage.disclosure import DisclosedCase, DisclosedPrediction
from triage.review.opinion import GivenOpinion
from triage.states import CaseState
from triage.vocabulary import Call, FractureCertainty, FractureClass

NOTHING_TO_AGREE_WITH = gettext_lazy(
    "The model has made no call on this case: there is nothing to agree with."
)
HIDDEN = gettext_lazy("The model's output is hidden from you: there is nothing to agree with.")
IN_DOUBT = gettext_lazy("The model is in doubt: say yourself whether there is a fracture.")
NOT_AS_A_WHOLE = gettext_lazy(
    "The model has not assessed every picture, so you can't agree with it on the whole case."
)


def refusal_to_agree(
    disclosed: DisclosedPrediction | None, disclosed_case: DisclosedCase
) -> Refused | None:
    """Why nobody can agree with the model on the case, or None where one can.

    A review is of the whole case. So if a picture was not assessed, the reader can only agree with a
    suspected fracture: "not assessable" for one of two pictures says nothing about the other.

    Args:
        disclosed: the prediction that gave the call which the reader saw; None where there is none.
        disclosed_case: the case as the reader sees it.
    """
    # First, so that the refusal is the same whatever the model says.
    if not disclosed_case.is_shown:
        return Refused("model_hidden", HIDDEN)
    if disclosed is None:
        if _is_only_some(disclosed_case.unread_images, disclosed_case):
            return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)
        return Refused("nothing_to_agree_with", NOTHING_TO_AGREE_WITH)
    if disclosed.call == Call.DOUBT:
        return Refused("model_in_doubt", IN_DOUBT)
    if disclosed_case.case.state == CaseState.RECEIVED and disclosed.call != Call.POSITIVE:
        return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)  # a picture is still on its way
    # The count is 0 on cases that were closed before Callus counted these images.
    if disclosed.call == Call.NOT_ASSESSABLE and _is_only_some(
        disclosed_case.not_assessable_images, disclosed_case
    ):
        return Refused("not_read_as_a_whole", NOT_AS_A_WHOLE)
    return None


def _is_only_some(count: int, disclosed_case: DisclosedCase) -> bool:
    """Whether ``count`` images are neither none nor all of the case's."""
    return 0 < count < disclosed_case.image_count


def suggestion(disclosed: DisclosedPrediction) -> GivenOpinion:
    """What agreeing with ``disclosed`` says. Only where nothing refuses it."""
    if disclosed.predicted_class:
        return GivenOpinion(FractureCertainty.CERTAIN, (disclosed.predicted_class,))
    if disclosed.call == Call.NEGATIVE:
        return GivenOpinion(FractureCertainty.NONE)
    return GivenOpinion(FractureCertainty.NOT_ASSESSABLE)


def agreement(disclosed: DisclosedPrediction) -> str:
    """What agreeing with ``disclosed`` signs, as the button says it. Only where nothing refuses it."""
    said = suggestion(disclosed)
    names = [
        FractureCertainty(said.fracture).label,
        *(FractureClass(name).label for name in said.classes),
    ]
    return _("Agree: %(said)s") % {"said": ", ".join(str(name).lower() for name in names)}
