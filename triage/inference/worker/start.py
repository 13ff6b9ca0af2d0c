"""Whether this worker has the engine that the settings ask for. It imports none."""

from django.conf import settings

from classifier.engines.choice import check_engine


def check_setting() -> None:
    """Call before the tasks are imported. Raises classifier.engines.EngineUnavailable."""
    chosen = settings.CALLUS_INFERENCE
    check_engine(chosen["engine"], chosen["device"])
