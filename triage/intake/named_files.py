"""Which stored files do rows name? A file that no row names belongs to nobody."""

from collections.abc import Collection

from django.db.models import Field, FileField, Model

from triage.models import DecodeJob, Image
from triage.models.decode_job import StoredNames

# Every model whose rows name stored files, with the way from a row to the original of its picture. That
# column has a unique index on the names of arrived files, so that a row is found by its file.
# Jobs before images: a name that goes over to an image meanwhile is then seen by the second query.
NAMING: dict[type[Model], str] = {DecodeJob: "original", Image: "original"}


def named_originals(names: Collection[str]) -> set[str]:
    """Those of ``names`` that a row has as its original."""
    return named_files(names) & set(names)


def named_files(originals: Collection[str]) -> set[str]:
    """Every stored file that belongs to one of these originals and that a row names, the original too."""
    named: set[str] = set()
    for model, way in NAMING.items():
        # The prefix is the unique index's condition: PostgreSQL takes the index only if the query repeats it.
        rows = model._default_manager.filter(
            **{f"{way}__startswith": Image.ARRIVED, f"{way}__in": originals}
        )
        for values in rows.values_list(*file_columns(model)):
            for value in values:
                named.update(value.values() if isinstance(value, dict) else [value])
    return named - {""}


def file_columns(model: type[Model]) -> list[str]:
    """The columns of ``model`` that hold names of stored files."""
    return [field.name for field in model._meta.get_fields() if _is_file(field)]


def _is_file(field: object) -> bool:
    return isinstance(field, Field) and isinstance(field, FileField | StoredNames)
