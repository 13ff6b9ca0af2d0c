"""What the log leaves out."""

import logging
import re

# PostgreSQL quotes the row's values after DETAIL: of a person's case, they don't belong in a log.
_DETAIL = re.compile(r"^DETAIL:.*?(?=^The above exception|^Traceback|\Z)", re.M | re.S)
# A value that doesn't fit a column's type is quoted, and after LINE the statement around it: psycopg
# writes parameters into the statement.
_MISFIT = re.compile(
    r"((?:invalid input|malformed|out of range)[^\"\n]*)\".*?(?=^LINE|^The above exception|^Traceback|\Z)",
    re.M | re.S,
)
_STATEMENT = re.compile(r"^LINE \d+:.*?(?=^DETAIL|^The above exception|^Traceback|\Z)", re.M | re.S)


class NoHealthChecks(logging.Filter):
    """A health check's 503 is an answer to whoever asked every few seconds, no error of the site."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return not path.startswith("/healthz/")


class WithoutRows(logging.Formatter):
    """Keeps the tracebacks of database errors, and drops the values that they quote."""

    def format(self, record: logging.LogRecord) -> str:
        text = _MISFIT.sub(r"\1(left out)\n", super().format(record))
        text = _STATEMENT.sub("LINE: left out\n\n", text)
        return _DETAIL.sub("DETAIL: left out\n\n", text)
