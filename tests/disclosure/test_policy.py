"""A policy that could hide nothing by mistake is refused when it is asked for."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from triage.disclosure import Policy
from triage.disclosure.policy import policy


class OldInterface(Policy):
    """Its method has the name of another version, so the one that is asked would hide nothing."""

    def hides_from_viewer(self, viewer):
        return True


class NoPolicy:
    def hidden_from(self, viewer):
        return None


@pytest.mark.parametrize(
    ("name", "said"),
    [("OldInterface", "has no method hidden_from"), ("NoPolicy", "is not a subclass")],
)
def test_a_class_that_hides_nothing_by_mistake_is_refused(settings, name, said):
    settings.CALLUS_DISCLOSURE_POLICY = f"{__name__}.{name}"
    with pytest.raises(ImproperlyConfigured, match=said):
        policy()
