"""Which files were read and how far: the table `file`, written with the rows it gave."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from typing import Any

from app.model.usage import Batch, Cursor, Problem

Ask = Callable[..., list[Any]]
_COLUMNS = "position, device, inode, size, modified, seen, head, generation, reader, memory"
_INSERT = f"INSERT INTO file (source, path, {_COLUMNS}, skipped, read_at) VALUES ({', '.join('?' * 14)})"
_MOVE = (
    f"UPDATE file SET ({_COLUMNS}) = ({', '.join('?' * 10)}), skipped = ?, read_at = ?, problem = NULL,"
    " problem_at = NULL WHERE id = ?"
)
_PROBLEM = (
    "INSERT INTO file (source, path, position, device, inode, size, modified, seen, head, generation, reader, memory,"
    " skipped, problem, problem_at, read_at) VALUES (?, ?, 0, '0', '0', 0, 0, ?, x'', 0, 0, x'', '{}', ?, ?, 0)"
    " ON CONFLICT (source, path) DO UPDATE SET problem = excluded.problem, problem_at = excluded.problem_at"
)


class Files:
    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def cursors(self, source: str) -> dict[str, Cursor]:
        """Path → how far it has been read, of every file of the source ever read."""
        rows = self._ask(f"SELECT path, {_COLUMNS} FROM file WHERE source = ? AND reader > 0", (source,))
        return {row[0]: _cursor(row[1:]) for row in rows}

    def cursor(self, source: str, path: str) -> Cursor | None:
        rows = self._ask(
            f"SELECT {_COLUMNS} FROM file WHERE source = ? AND path = ? AND reader > 0", (source, path)
        )
        return _cursor(rows[0]) if rows else None

    def renamed(self, source: str, path: str, device: int, inode: int) -> Cursor | None:
        """The cursor of a file now found at `path`: same inode, and nothing is left at its old place. Moves the row."""
        rows = self._ask(
            f"SELECT id, path, {_COLUMNS} FROM file WHERE device = ? AND inode = ? AND source = ? AND reader > 0",
            (str(device), str(inode), source),
        )
        for row in rows:
            if not os.path.exists(row[1]):
                self._ask("DELETE FROM file WHERE source = ? AND path = ? AND reader = 0", (source, path))
                self._ask("UPDATE file SET path = ? WHERE id = ?", (path, row[0]))
                return _cursor(row[2:])
        return None

    def move(self, batch: Batch, now: int) -> int | None:
        """The file's id, its cursor moved to the batch's end; None if the batch did not begin at the stored cursor."""
        rows = self._ask(
            f"SELECT id, skipped, {_COLUMNS} FROM file WHERE source = ? AND path = ?", (batch.source, batch.path)
        )
        values = _values(batch.end)
        if not rows:
            if batch.start is not None:
                return None
            self._ask(_INSERT, (batch.source, batch.path, *values, json.dumps(batch.skipped), now))
            return int(self._ask("SELECT last_insert_rowid()")[0][0])
        ident, skipped, *stored = rows[0]
        cursor = _cursor(stored)
        begun = cursor.reader > 0
        if begun and (batch.start is None or _place(cursor) != _place(batch.start)):
            return None
        before: dict[str, int] = json.loads(skipped) if begun and cursor.generation == batch.end.generation else {}
        for reason, count in batch.skipped.items():
            before[reason] = before.get(reason, 0) + count
        self._ask(_MOVE, (*values, json.dumps(before), now, ident))
        return int(ident)

    def problem(self, problem: Problem) -> None:
        """Notes that a file can't be read. What was read of it before stays."""
        self._ask(_PROBLEM, (problem.source, problem.path, problem.at, problem.what, problem.at))


def _place(cursor: Cursor) -> tuple[int, int, int]:
    return cursor.offset, cursor.generation, cursor.reader


def _cursor(row: Sequence[Any]) -> Cursor:
    offset, device, inode, size, modified, seen, head, generation, reader, memory = row
    return Cursor(offset, int(device), int(inode), size, modified, seen, head, generation, reader, memory)


def _values(cursor: Cursor) -> tuple[Any, ...]:
    return (
        *(cursor.offset, str(cursor.device), str(cursor.inode), cursor.size, cursor.modified),
        *(cursor.seen, cursor.head, cursor.generation, cursor.reader, cursor.memory),
    )
