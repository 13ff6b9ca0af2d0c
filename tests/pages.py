"""What a page says, however its template is broken into lines."""

import re


def flat(page: str) -> str:
    """The page in one line, each run of white space as one space, as a browser shows it."""
    return re.sub(r"\s+", " ", page).replace(" >", ">")
