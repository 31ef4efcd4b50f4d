"""Which log files there are, and which of them hold something new."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple, Protocol

from app.machine import Machine
from app.model.path import named, real
from app.model.usage import Cursor
from app.shapes.source import Source
from app.shapes.stamp import WAL, stamp_of


class Found(NamedTuple):
    """One log file as the directory tells it."""

    source: str
    path: str
    """As `named`: text whatever its bytes are."""
    size: int
    """Of a database with its write-ahead log."""
    modified: int
    """Nanoseconds since 1970 UTC."""
    device: int
    inode: int
    changed: int = 0
    """When it was last written, renamed or given other permissions; nanoseconds since 1970 UTC."""


class Standing(Protocol):
    """What a file was when it was read: a cursor, or as much of one as the question takes."""

    @property
    def size(self) -> int: ...
    @property
    def modified(self) -> int: ...
    @property
    def inode(self) -> int: ...
    @property
    def reader(self) -> int: ...


class Pending(NamedTuple):
    """A file with something to read, and where reading stopped."""

    found: Found
    cursor: Cursor | None

    @property
    def bytes(self) -> int:
        """About how many bytes will be read."""
        if self.cursor is None or self.cursor.offset > self.found.size:
            return self.found.size
        return self.found.size - self.cursor.offset


def roots_of(source: Source, machine: Machine) -> list[Path]:
    """The source's folders that exist, each once even where one is a link to another."""
    seen: set[tuple[int, int]] = set()
    roots: list[Path] = []
    for root in source.folders(machine):
        try:
            facts = os.stat(root)
        except OSError:
            continue
        if stat.S_ISDIR(facts.st_mode) and (facts.st_dev, facts.st_ino) not in seen:
            seen.add((facts.st_dev, facts.st_ino))
            roots.append(root)
    return roots


def never() -> bool:
    return False


def files_of(source: Source, machine: Machine, cancelled: Callable[[], bool] = never) -> Iterator[Found]:
    """Every log file of the source. Folders that can't be read are passed over; links are followed, loops are not.
    Ends early where it is cancelled: a walk may take seconds.
    """
    seen: set[tuple[int, int]] = set()
    shallow = {str(root) for root in source.shallow(machine)}
    waiting = [(str(root), "") for root in reversed(roots_of(source, machine))]
    while waiting and not cancelled():  # no recursion: folders can lie deeper than Python may call
        folder, relative = waiting.pop()
        for entry in _entries(folder, seen):
            inside = f"{relative}{entry.name}"
            if _is_folder(entry):
                if folder not in shallow:
                    waiting.append((entry.path, f"{inside}/"))
            elif source.owns(inside):
                found = look_at(source, entry.path)
                if found is not None:
                    yield found


def _entries(folder: str, seen: set[tuple[int, int]]) -> list[os.DirEntry[str]]:
    """What lies in the folder; nothing where a link leads back, or it can't be read."""
    try:
        facts = os.stat(folder)
        if (facts.st_dev, facts.st_ino) in seen:
            return []
        seen.add((facts.st_dev, facts.st_ino))
        return list(os.scandir(folder))
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def look_at(source: Source, path: str) -> Found | None:
    """The file as it is now; None if it is none, or gone."""
    try:
        stamp = stamp_of(real(path), database=source.is_database(path))
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(stamp.mode):
        return None
    return Found(source.id, named(path), stamp.size, stamp.modified, stamp.device, stamp.inode, stamp.changed)


def owner_of(path: str) -> str:
    """The database whose write-ahead log this is; else the path itself."""
    return path.removesuffix(WAL)


def unread(found: Iterable[Found], cursors: Mapping[str, Cursor], version: int) -> list[Pending]:
    """The files that have changed since they were read, or were never read."""
    return [Pending(one, cursors.get(one.path)) for one in found if is_new(one, cursors.get(one.path), version)]


def is_new(found: Found, cursor: Standing | None, version: int) -> bool:
    if cursor is None or cursor.reader != version:
        return True
    # Not the device: after a restart the same disk may bear another number.
    return (found.size, found.modified, found.inode) != (cursor.size, cursor.modified, cursor.inode)


def newest_first(pending: list[Pending]) -> list[Pending]:
    return sorted(pending, key=lambda one: (-one.found.modified, one.found.path))
