"""What the log leaves out."""

import logging


class NoHealthChecks(logging.Filter):
    """A health check's 503 is an answer to whoever asked every few seconds, no error of the site."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not path.startswith("/healthz/")
