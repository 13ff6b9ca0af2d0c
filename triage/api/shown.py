"""Fields of serializers that show rows are made once a class."""

import copy
from typing import Any

from rest_framework import serializers


class FieldsMadeOnce(serializers.Serializer):
    """For a ModelSerializer that shows rows and reads no requests; it stands before that class.

    REST framework makes the fields of every instance anew, from the model and with all their choices and
    descriptions: a quarter of what answering with a case cost. Here each instance gets copies of fields that
    were made once and belong to nobody. A field is copied with its parent still unset, so that each finds the
    request of its own serializer.
    """

    def get_fields(self) -> dict[str, Any]:
        made = _made.get(type(self))
        if made is None:  # two threads at once make the same
            made = _made[type(self)] = super().get_fields()
        return {name: _copied(field) for name, field in made.items()}


_made: dict[type[serializers.Serializer], dict[str, serializers.Field]] = {}


def _copied(field: serializers.Field) -> serializers.Field:
    copied = copy.copy(field)
    if isinstance(copied, serializers.ListField | serializers.ListSerializer):
        copied.child = _copied(copied.child)
        copied.child.parent = copied  # which was bound to the original
    return copied
