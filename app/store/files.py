"""Which files were read and how far: the table `file`, written with the rows it gave."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.model.path import real
from app.model.usage import Batch, Cursor, Problem

Ask = Callable[..., list[Any]]
AskMany = Callable[[str, list[tuple[Any, ...]]], None]
COLUMNS = "position, device, inode, size, modified, seen, head, generation, reader, memory"
_INSERT = f"INSERT INTO file (id, source, path, {COLUMNS}, skipped, read_at) VALUES ({', '.join('?' * 15)})"
_MOVE = (
    f"UPDATE file SET ({COLUMNS}) = ({', '.join('?' * 10)}), skipped = ?, read_at = ?, problem = NULL,"
    " problem_at = NULL WHERE id = ?"
)
_PROBLEM = (
    "INSERT INTO file (source, path, position, device, inode, size, modified, seen, head, generation, reader, memory,"
    " skipped, problem, problem_at, read_at) VALUES (?, ?, 0, '0', '0', 0, 0, ?, x'', 0, 0, x'', '{}', ?, ?, 0)"
    " ON CONFLICT (source, path) DO UPDATE SET problem = excluded.problem, problem_at = excluded.problem_at"
)


def cursors(ask: Ask, source: str) -> dict[str, Cursor]:
    """Path → how far it has been read, of every file of the source ever read."""
    rows = ask(f"SELECT path, {COLUMNS} FROM file WHERE source = ? AND reader > 0", (source,))
    return {row[0]: cursor_of(row[1:]) for row in rows}


class Standing(NamedTuple):
    """Enough of a cursor to tell whether the file has changed. What parsers remember can be megabytes in all."""

    size: int
    modified: int
    inode: int
    reader: int


class Files:
    def __init__(self, ask: Ask, ask_many: AskMany) -> None:
        self._ask = ask
        self._ask_many = ask_many

    @classmethod
    def reading(cls, connection: sqlite3.Connection) -> Files:
        """For a connection that only reads."""

        def ask(statement: str, values: tuple[Any, ...] = ()) -> list[Any]:
            return connection.execute(statement, values).fetchall()

        return cls(ask, lambda *_: None)

    def cursor(self, source: str, path: str) -> Cursor | None:
        rows = self._ask(f"SELECT {COLUMNS} FROM file WHERE source = ? AND path = ? AND reader > 0", (source, path))
        return cursor_of(rows[0]) if rows else None

    def standing(self, source: str) -> dict[str, Standing]:
        """Path → what it was when it was read, of every file of the source ever read."""
        rows = self._ask(
            "SELECT path, size, modified, inode, reader FROM file WHERE source = ? AND reader > 0", (source,)
        )
        return {path: Standing(size, modified, int(inode), reader) for path, size, modified, inode, reader in rows}

    def cursors_of(self, source: str, paths: Sequence[str]) -> dict[str, Cursor]:
        """Path → how far it has been read, of these files."""
        rows = self._ask(
            f"SELECT path, {COLUMNS} FROM file WHERE source = ? AND reader > 0"
            " AND path IN (SELECT value FROM json_each(?))",
            (source, json.dumps(paths)),
        )
        return {row[0]: cursor_of(row[1:]) for row in rows}

    def known(self, places: Iterable[tuple[str, int, int]]) -> set[tuple[str, int, int]]:
        """Those (source, device, inode) under which a file was ever read."""
        asked = json.dumps([(str(device), str(inode), source) for source, device, inode in places])
        rows = self._ask(
            "SELECT source, device, inode FROM json_each(?) AS asked CROSS JOIN file ON"
            " device = json_extract(asked.value, '$[0]') AND inode = json_extract(asked.value, '$[1]')"
            " AND source = json_extract(asked.value, '$[2]')",
            (asked,),
        )
        return {(source, int(device), int(inode)) for source, device, inode in rows}

    def renamed(
        self, source: str, path: str, device: int, inode: int, fits: Callable[[Cursor], bool]
    ) -> tuple[str, Cursor] | None:
        """Old path and cursor of a file now found at `path`: it has left its old place, and `fits`. Moves the row.

        The inode alone proves nothing: that of a deleted file is soon given to another.
        """
        rows = self._ask(
            f"SELECT id, path, {COLUMNS} FROM file WHERE device = ? AND inode = ? AND source = ? AND reader > 0",
            (str(device), str(inode), source),
        )
        for row in rows:
            cursor = cursor_of(row[2:])
            if not _lies_at(row[1], device, inode) and fits(cursor):
                self._ask("DELETE FROM file WHERE source = ? AND path = ? AND reader = 0", (source, path))
                self._ask("UPDATE file SET path = ? WHERE id = ?", (path, row[0]))
                return row[1], cursor
        return None

    def move(self, batches: Sequence[Batch], now: int) -> list[int | None]:
        """The file's id of each batch, cursors moved to the batches' ends; None for one that is refused, since it did
        not begin at the stored cursor. Several batches of one file follow each other.
        """
        known = self._known(batches)
        new, moved, ids = dict[int, tuple[Any, ...]](), dict[int, tuple[Any, ...]](), list[int | None]()
        following = int(self._ask("SELECT coalesce(max(id), 0) + 1 FROM file")[0][0])
        for batch in batches:
            place = (batch.source, batch.path)
            ident, cursor, skipped = known.get(place, (None, None, {}))
            if not _continues(batch, cursor):
                ids.append(None)
                continue
            again = cursor is not None and cursor.generation == batch.end.generation
            total = _added(skipped if again else {}, batch.skipped)
            values = (*values_of(batch.end), json.dumps(total), now)
            if ident is None:
                ident, following = following, following + 1
                new[ident] = (ident, *place, *values)
            elif ident in new:
                new[ident] = (ident, *place, *values)
            else:
                moved[ident] = (*values, ident)
            known[place] = ident, batch.end, total
            ids.append(ident)
        self._ask_many(_INSERT, list(new.values()))
        self._ask_many(_MOVE, list(moved.values()))
        return ids

    def _known(self, batches: Sequence[Batch]) -> dict[tuple[str, str], tuple[int, Cursor | None, dict[str, int]]]:
        rows = self._ask(
            f"SELECT id, source, path, skipped, {COLUMNS} FROM file"
            " WHERE source IN (SELECT value FROM json_each(?)) AND path IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted({batch.source for batch in batches})), json.dumps([batch.path for batch in batches])),
        )
        return {
            (source, path): (ident, cursor_of(stored) if stored[8] else None, json.loads(skipped))
            for ident, source, path, skipped, *stored in rows
        }

    def problem(self, problem: Problem) -> None:
        """Notes that a file can't be read. What was read of it before stays."""
        self._ask(_PROBLEM, (problem.source, problem.path, problem.at, problem.what, problem.at))


def _lies_at(path: str, device: int, inode: int) -> bool:
    try:
        facts = os.stat(real(path))
    except (OSError, ValueError):
        return False
    return (facts.st_dev, facts.st_ino) == (device, inode)


def _continues(batch: Batch, stored: Cursor | None) -> bool:
    """Does the batch begin where reading stands? A file noted only for a problem has not been begun."""
    if stored is None or batch.start is None:
        return stored is None and batch.start is None
    return _place(stored) == _place(batch.start)


def _added(before: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    return {reason: before.get(reason, 0) + more.get(reason, 0) for reason in {*before, *more}}


def _place(cursor: Cursor) -> tuple[int, int, int, bytes]:
    return cursor.offset, cursor.generation, cursor.reader, cursor.head


def cursor_of(row: Sequence[Any]) -> Cursor:
    offset, device, inode, size, modified, seen, head, generation, reader, memory = row
    return Cursor(offset, int(device), int(inode), size, modified, seen, head, generation, reader, memory)


def values_of(cursor: Cursor) -> tuple[Any, ...]:
    return (
        *(cursor.offset, str(cursor.device), str(cursor.inode), cursor.size, cursor.modified),
        *(cursor.seen, cursor.head, cursor.generation, cursor.reader, cursor.memory),
    )
