"""Keeps what we tell each other about a base class out of the API's document."""

from drf_spectacular.plumbing import get_lib_doc_excludes


def doc_excludes() -> list[type]:
    """GET_LIB_DOC_EXCLUDES: classes whose docstrings describe no component and no operation.

    A class without a docstring is described by its nearest parent's, and these parents speak to us.
    """
    # Settings name this function, and views need the settings.
    from triage.api.confirming import Confirmed, ConfirmedSerializer
    from triage.api.shown import FieldsMadeOnce
    from triage.api.views import Nothing, Resource, StrictSerializer

    ours = [Confirmed, ConfirmedSerializer, FieldsMadeOnce, Nothing, Resource, StrictSerializer]
    return [*get_lib_doc_excludes(), *ours]
