"""Static files by the hash of their content, so that a browser keeps them for good and asks no more."""

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage

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
