"""Static files by the hash of their content, so that a browser keeps them for good and asks no more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

from config.joining import JOINED, Source, joined

# ``new Worker(new URL("./reader.js", import.meta.url))``
_BY_MODULE = (
    r"""(?P<matched>new URL\(["'](?P<url>\./[^"']+)["'], import\.meta\.url\))""",
    """new URL("%(url)s", import.meta.url)""",
)


class HashedModules(CompressedManifestStaticFilesStorage):
    """Imports between our own modules name hashed files too: a changed module changes all that import it.

    Libraries are left alone: their bundles hold texts that only look like imports.
    """

    # A pass hashes one more floor of imports.
    max_post_process_passes = 20

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        _, imports = self._js_module_import_aggregation_patterns
        self.patterns = (*self.patterns, ("js/*.js", (*imports, _BY_MODULE)))  # type: ignore[has-type]  # the stubs leave it out
        super().__init__(*args, **kwargs)

    def as_served(self, name: str, source: Source) -> str:
        """The text of a module, joined with others where it is served so."""
        return joined(name, source) if name in JOINED else source(name)

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[Any]:
        """Joins what is served as one before it is hashed. ``paths``: name → where its source is."""
        if not dry_run and paths:
            paths = {**paths, **self._joined(paths)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _joined(self, paths: dict[str, Any]) -> dict[str, Any]:
        def source(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        for name in JOINED:
            Path(self.path(name)).write_text(joined(name, source))
        return {name: (self, name) for name in JOINED}
