"""How a migration makes an index beside the running site, so that it can be run again."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


class AddIndexRepeatably(AddIndexConcurrently):
    """AddIndexConcurrently that can be repeated after it failed.

    PostgreSQL waits for every older snapshot, also one of a dump that reads other tables. If that takes
    longer than the owner's ``lock_timeout``, it leaves an index of this name that nothing uses, and Django's
    own operation says "already exists" from then on.
    """

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, *states: Any
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, *states)
