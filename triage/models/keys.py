"""Keys by which Find compares texts: however somebody types a text, its key is the same."""

from django.db.models import Expression, F, Func, TextField
from django.db.models.functions import Left, Lower, Trim

# Characters. NFKC writes some characters as up to 18 others, and an index entry holds about 2,700 bytes
# at most: a longer key would make a case impossible to store.
LONGEST_KEY = 120


def key_field() -> TextField:
    """The type of a key's column.

    Its collation is "C", the order of code points: a prefix is then a range of the index in every locale.
    """
    return TextField(db_collation="C")


def key_of(text: Expression | F) -> Func:
    """The key of a column, or of a text that somebody typed. PostgreSQL computes both, so that they agree.

    NFKC makes composed and decomposed letters equal, and full-width and plain digits.
    """
    normal = Func(text, template="normalize(%(expressions)s, NFKC)", output_field=TextField())
    return Left(Lower(Trim(normal)), LONGEST_KEY)
