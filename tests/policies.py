"""Policies of disclosure for tests, as a setting names them."""

from triage.disclosure import Policy, Viewer


class NothingToRita(Policy):
    """Who is called Rita sees nothing of what the model says; all others see everything."""

    def hides_from(self, viewer: Viewer) -> bool:
        return viewer.is_authenticated and viewer.name.startswith("Rita")

    def hidden(self, viewer, cases):
        return {case.pk for case in cases} if self.hides_from(viewer) else set()


class OneCaseOnly(NothingToRita):
    """Rita sees nothing of stat cases and everything of the others."""

    def hidden(self, viewer, cases):
        if not self.hides_from(viewer):
            return set()
        return {case.pk for case in cases if case.priority == 0}


class Inconsistent(Policy):
    """Hides rows from people whose lists it sorts by what the rows hide."""

    def hidden(self, viewer, cases):
        return {case.pk for case in cases}
