"""What the content pass keeps: how far it has come in each file, and what its consumers measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from app.model.content import Measured, Row
from app.model.usage import Cursor
from app.store.files import COLUMNS, Ask, AskMany, cursor_of, values_of

_NAMES = COLUMNS.split(", ")
_SET_CURSOR = f"INSERT OR REPLACE INTO content (file_id, {COLUMNS}) VALUES ({', '.join('?' * (len(_NAMES) + 1))})"
_UNREAD = (
    "file.reader > 0 AND file.source = ? AND (content.file_id IS NULL OR content.reader <> ?"
    " OR (content.size, content.modified, content.inode) IS NOT (file.size, file.modified, file.inode))"
)
_INSERTS = {
    "visible": (
        "INSERT INTO visible (message, tokens, tools, parameters, thought, reader) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (message) DO UPDATE SET (tokens, tools, parameters, thought, reader) = (excluded.tokens,"
        " excluded.tools, excluded.parameters, excluded.thought OR thought, excluded.reader)"
        " WHERE excluded.reader > reader OR excluded.tokens >= tokens"
    ),
    "sample": (
        "INSERT INTO sample (message, model, at, tokens, tools, parameters, output) VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (message) DO UPDATE SET (model, tokens, tools, parameters, output) = (excluded.model,"
        " excluded.tokens, excluded.tools, excluded.parameters, excluded.output) WHERE excluded.tokens >= tokens"
    ),
}
"""Name of a consumer → how its rows are stored. The larger of two measurements of an answer is the whole one: the other was
taken while it was being written, or from a copy that lacks a part. Only a newer reader knows better."""
_WITH_READER = {"visible"}
_MOST = 400
"""Samples kept of a model, the newest."""
_FORGET_OLD = (
    "DELETE FROM sample WHERE model = ?1 AND at < (SELECT at FROM sample WHERE model = ?1 ORDER BY at DESC"
    f" LIMIT 1 OFFSET {_MOST - 1})"
)
_CONTRADICTED = (
    "DELETE FROM sample WHERE EXISTS (SELECT 1 FROM visible WHERE visible.message = sample.message AND thought = 1)"
)


class Unread(NamedTuple):
    """A file with content that was not measured yet, and where measuring stopped."""

    source: str
    path: str
    bytes: int
    """About how many bytes will be read."""
    cursor: Cursor | None


class Contents:
    def __init__(self, ask: Ask, ask_many: AskMany) -> None:
        self._ask = ask
        self._ask_many = ask_many

    def unread(self, readers: Mapping[str, int], limit: int = -1) -> list[Unread]:
        """Files that the usage pass has read and the content pass has not, newest first; `readers` is source → version.

        Looks at no file: what the usage pass noted of it is what it was.
        """
        found: list[tuple[int, Unread]] = []
        for source, version in readers.items():
            rows = self._ask(
                f"SELECT file.modified, file.source, file.path, file.size, {', '.join(f'content.{one}' for one in _NAMES)}"
                " FROM file LEFT JOIN content ON content.file_id = file.id"
                f" WHERE {_UNREAD} ORDER BY file.modified DESC, file.path LIMIT ?",
                (source, version, limit),
            )
            for modified, name, path, size, *stored in rows:
                cursor = None if stored[0] is None else cursor_of(stored)
                begun = cursor is not None and cursor.reader == version and cursor.offset <= size
                left = size - cursor.offset if cursor is not None and begun else size
                found.append((modified, Unread(name, path, left, cursor)))
        found.sort(key=lambda one: -one[0])
        return [one for _, one in found][: None if limit < 0 else limit]

    def keep(self, measured: Sequence[Measured]) -> list[int]:
        """Stores rows and cursors; the messages whose size is new."""
        messages: list[int] = []
        for one in measured:
            for name, rows in one.rows.items():
                self._ask_many(
                    _INSERTS[name], [_with(row, one.end.reader if name in _WITH_READER else None) for row in rows]
                )
            messages += [int(row[0]) for row in one.rows.get("visible", ()) if row[0] is not None]
        self._forget_samples(measured)
        for one in measured:
            for (file,) in self._ask("SELECT id FROM file WHERE source = ? AND path = ?", (one.source, one.path)):
                self._ask(_SET_CURSOR, (file, *values_of(one.end)))
        return messages

    def _forget_samples(self, measured: Sequence[Measured]) -> None:
        """Those that another copy shows to have been reasoned about, and of each model the oldest beyond what is kept."""
        models = {str(row[1]) for one in measured for row in one.rows.get("sample", ())}
        if models:
            self._ask(_CONTRADICTED)
            self._ask_many(_FORGET_OLD, [(model,) for model in models])

    def pass_over(self, source: str, path: str, version: int) -> None:
        """Marks a file as measured that can't be: it has gone, or fails. It is tried again when it looks different."""
        self._ask(
            "INSERT OR REPLACE INTO content (file_id, position, device, inode, size, modified, seen, head, generation,"
            " reader, memory) SELECT id, 0, device, inode, size, modified, seen, x'', 0, ?, x'' FROM file"
            " WHERE source = ? AND path = ?",
            (version, source, path),
        )

    def calibrated(self) -> dict[str, int]:
        """Model → samples that its ratio was learned from."""
        return dict(self._ask("SELECT model, samples FROM calibration"))

    def samples(self) -> dict[str, list[tuple[int, int, int, int]]]:
        """Model → (tokens, tools, parameters, output) of each of its samples, the oldest first."""
        found: dict[str, list[tuple[int, int, int, int]]] = {}
        for model, *sample in self._ask(
            "SELECT model, tokens, tools, parameters, output FROM sample ORDER BY model, at, message"
        ):
            found.setdefault(model, []).append((sample[0], sample[1], sample[2], sample[3]))
        return found


def _with(row: Row, reader: int | None) -> Row:
    return row if reader is None else (*row, reader)
