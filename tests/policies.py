"""Policies of disclosure for tests, as a setting names them."""

from triage.disclosure import Policy, Viewer


class NothingToRita(Policy):
    """Who is called Rita sees nothing of what the model says; all others see everything."""

    def hidden_from(self, viewer: Viewer):
        is_rita = viewer.is_authenticated and viewer.name.startswith("Rita")
        return self.hidden_of if is_rita else None

    def hidden_of(self, cases):
        return {case.pk for case in cases}


class NothingToAnybody(NothingToRita):
    """Nobody sees anything of what the model says."""

    def hidden_from(self, viewer: Viewer):
        return self.hidden_of


class OneCaseOnly(NothingToRita):
    """Rita sees nothing of stat cases and everything of the others."""

    def hidden_of(self, cases):
        return {case.pk for case in cases if case.priority == 0}


class Fickle(NothingToRita):
    """Changes its answer each time that it is asked: hides from all, then from nobody."""

    asked = 0

    def hidden_from(self, viewer: Viewer):
        type(self).asked += 1
        return self.hidden_of if self.asked % 2 else None
