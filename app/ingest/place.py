"""Our database as a file on the disk: is the one we have open still the one that lies there?"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


class Place:
    """Looked at before each look at everything; people delete a database, or lay a copy of theirs in its place."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self._log = Path(f"{database}-wal")
        self._ours = identity(database)
        self._our_log: tuple[int, int] | None = None

    def is_lost(self) -> bool:
        """Whoever goes on writing then writes into a file without a name."""
        if identity(self._database) != self._ours:
            return True
        self._our_log = identity(self._log)
        return False

    def clear_up(self) -> None:
        """SQLite finds its log by name alone: one left by the file that has gone would be played into the file that comes,
        and the last connection to close, which would take it away, can be the reader in another thread. (To see it: write,
        unlink the database while a reader is open, make it anew: the old rows are there again, or half of them.)
        """
        if self._our_log is not None and self.is_lost() and identity(self._log) == self._our_log:
            for name in (self._log, Path(f"{self._database}-shm")):
                with suppress(OSError):
                    name.unlink()


def identity(path: Path) -> tuple[int, int] | None:
    """(device, inode) of what lies at the path; None where nothing does."""
    try:
        facts = os.stat(path)
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
