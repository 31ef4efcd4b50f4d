"""When a file counts as unchanged: one look at the directory tells it, whatever its size."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import NamedTuple

from app.model.usage import READINGS, Cursor

WAL = "-wal"
"""Ending of what SQLite writes first: the database itself may stay untouched for hours."""
MOST = (1 << 63) - 1
"""The largest number a database takes; a file's time can lie beyond it."""
_EARLIEST, _LATEST = 946_684_800_000, 4_102_444_800_000
"""2000 and 2100, ms since 1970 UTC."""
_TICK = 50_000_000
"""Nanoseconds within which a file may be written twice and bear one time: the clock of most file systems has 4 ms, of some
10 or more."""


class Stamp(NamedTuple):
    """What the directory says of a file, and of its write-ahead log where it is a database."""

    size: int
    """Of both together."""
    modified: int
    """Nanoseconds since 1970 UTC: the later of both."""
    device: int
    inode: int
    changed: int
    """When it was last written, renamed or given other permissions; nanoseconds since 1970 UTC."""
    mode: int

    @property
    def content(self) -> tuple[int, int, int, int]:
        """What differs where something else is in it."""
        return self.size, self.modified, self.device, self.inode

    @property
    def surely_modified(self) -> int:
        """`modified`, or 0 where it is so young that another change could still come and bear the same time."""
        return self.modified if abs(time.time_ns() - self.modified) > _TICK else 0


def stamp_of(path: str | os.PathLike[str], database: bool = False) -> Stamp:
    """The file as it is now. Raises OSError."""
    facts = os.stat(path)
    size, modified, changed = facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns
    if database:
        try:
            log = os.stat(f"{os.fspath(path)}{WAL}")
        except OSError:
            pass  # no log: it has been written back, or was never there
        else:
            size += log.st_size
            modified = max(
                modified, log.st_mtime_ns
            )  # not its change time: SQLite as root sets its owner at each opening
    return Stamp(size, min(modified, MOST), facts.st_dev, facts.st_ino, changed, facts.st_mode)


def plausible(modified: int) -> int:
    """A file's time in ms stands for records without one, so it must be a time: disks hold 1601 and 2446 too."""
    return min(max(modified, _EARLIEST), _LATEST)


def begin(stored: Cursor | None, stamp: Stamp, version: int, keeping: Callable[[bytes], bytes]) -> Cursor:
    """The stored cursor, or where this version of the reader begins; `keeping` says what it takes over."""
    if stored is not None and stored.reader == version:
        return stored
    start = Cursor(seen=plausible(stamp.modified // 1_000_000), reader=version)
    if stored is None:
        return start
    generation = (stored.generation // READINGS + 1) * READINGS
    return start._replace(seen=stored.seen, generation=generation, memory=keeping(stored.memory))


def next_generation(now: int) -> int:
    """Another reading by the same version. After a thousand the numbers come round again: neighbours differ, that is all."""
    return now // READINGS * READINGS + (now + 1) % READINGS
