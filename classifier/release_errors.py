"""Why a release can't be used: codes, and the sentence of each.

What is stored is the code with its parameters. The sentence is English and is translated where it is shown.
"""

from classifier.refused_file import gettext_noop

SENTENCES: dict[str, str] = {
    "no_manifest": gettext_noop("%(path)s contains no release: manifest.json is missing."),
    "not_one_release": gettext_noop("%(path)s has %(count)s releases. It must have exactly one."),
    "not_json": gettext_noop("%(path)s is not JSON."),
    "not_a_manifest": gettext_noop("%(path)s is not a manifest."),
    "other_format": gettext_noop(
        "%(path)s is of format %(given)s, but this Callus reads formats %(older)s and %(newer)s: use a "
        "release of one of these, such as the one that comes with Callus."
    ),
    "other_kinds": gettext_noop("%(path)s names other kinds of pictures than this Callus knows."),
    "other_classes": gettext_noop("%(path)s names other classes than this Callus knows."),
    "bad_title": gettext_noop(
        "%(path)s needs a %(key)s of letters, digits and .+-_ alone, not %(given)s."
    ),
    "lacks_an_entry": gettext_noop("%(path)s lacks what a manifest needs: %(said)s."),
    "bad_indications": gettext_noop("%(path)s has a table that can't be used: %(said)s"),
    "no_files": gettext_noop("%(path)s lists no files."),
    "file_outside": gettext_noop("%(path)s names a file outside its folder."),
    "file_missing": gettext_noop("%(path)s is missing."),
    "file_differs": gettext_noop(
        "%(path)s is not the file that was released: its SHA-256 differs."
    ),
    "file_unknown": gettext_noop("%(path)s does not belong to the release. Delete it."),
    "no_weights": gettext_noop("%(path)s does not name its weights among its files."),
    "other_networks": gettext_noop("%(path)s holds other networks than the manifest says."),
    "other_size": gettext_noop(
        "%(path)s reads %(input)s of %(given)s pixels, and the manifest says %(size)s."
    ),
    "no_fracture_score": gettext_noop("%(path)s has no output for fractures, or none for kinds."),
    "not_run": gettext_noop("The engine can't run it. %(said)s"),
    "version_is_taken": gettext_noop(
        "%(title)s is registered with another manifest. Give this one another version."
    ),
}
LONGEST_PARAM = 400  # characters: a library may say a page


class ReleaseError(Exception):
    """A release that can't be used. Its text is the English sentence, for logs and the command line.

    ``params``: what the sentence names: paths, numbers, and as ``said`` the words of a library.
    """

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = {name: str(value)[:LONGEST_PARAM] for name, value in params.items()}
        super().__init__(SENTENCES[code] % self.params)


class ReleaseMissing(ReleaseError):
    """There is no release in the folder."""


class ReleaseIncompatible(ReleaseError):
    """The release was made for another version of Callus."""


class ReleaseCorrupt(ReleaseError):
    """A file of the release is missing, or differs from the manifest."""
