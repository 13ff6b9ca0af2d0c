"""PostgreSQL refuses to run as root. In a container or on a CI machine we often are root."""

import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Account:
    """The user that a program runs as. Both ids are None if we aren't root: it runs as the same user."""

    uid: int | None = None
    gid: int | None = None

    def options(self) -> dict[str, Any]:
        """Arguments of ``subprocess.run``."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, folder: Path) -> None:
        """Makes a private folder that the account can reach."""
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        if self.uid is not None and self.gid is not None:
            os.chown(folder, self.uid, self.gid)
            _let_pass(folder.parent)

    def may_read(self, *folders: Path) -> None:
        """Lets the account reach, read and run an installation that root made for itself alone."""
        if self.uid is None:
            return
        for folder in folders:
            _let_pass(folder.parent)
            for path in (folder, *folder.rglob("*")):
                mode = path.lstat().st_mode
                wanted = 0o055 if mode & stat.S_IXUSR else 0o044
                if not stat.S_ISLNK(mode) and mode & wanted != wanted:
                    path.chmod(stat.S_IMODE(mode) | wanted)


def account_for(folder: Path) -> Account:
    """The current user. As root: the owner of an existing folder, else ``nobody``, which every system has."""
    if os.geteuid() != 0:
        return Account()
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(nobody.pw_uid, nobody.pw_gid)


def _let_pass(folder: Path) -> None:
    """Lets every user pass through ``folder`` and its parents, without listing them."""
    for directory in (folder, *folder.parents):
        mode = stat.S_IMODE(directory.stat().st_mode)
        if not mode & stat.S_IXOTH:
            directory.chmod(mode | stat.S_IXOTH)
            print(
                f"As root, PostgreSQL runs as another user: it may now pass {directory}.",
                file=sys.stderr,
            )
