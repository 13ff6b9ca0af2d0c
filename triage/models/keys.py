"""Keys to find a text by, however it was typed."""

from django.db.models import Expression, F, Func, TextField
from django.db.models.functions import Left, Lower, Trim

# Characters. NFKC writes some characters as up to 18 others, and an index entry holds about 2,700 bytes
# at most: a longer key would make a case impossible to store.
LONGEST_KEY = 120


def key_field() -> TextField:
    """The column's type. By code points, so that a prefix is a range of an index whatever the locale."""
    return TextField(db_collation="C")


def key_of(text: Expression | F) -> Func:
    """The key of a column, or of a text that somebody typed; worked out by PostgreSQL for both.

    NFKC makes composed and decomposed letters, and full-width and plain digits, equal.
    """
    normal = Func(text, template="normalize(%(expressions)s, NFKC)", output_field=TextField())
    return Left(Lower(Trim(normal)), LONGEST_KEY)
