"""Calls of records whose fields the user has named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.model.path import real
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, mapping, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.otel.signals import moment
from app.shapes.records import Records
from app.sources.custom.declared import UNITS, Declared


def read(path: Path, cursor: Cursor | None, known: tuple[Declared, ...], version: int) -> Iterator[Batch]:
    """By the declaration that names the file; of a file that none names, which somebody tries out, by the first that finds
    a call in it.
    """
    place = Path(real(str(path)))
    mine = [one for one in known if one.holds(place)]
    if mine:
        yield from _read(mine[0], path, cursor, version)
        return
    for one in known:
        try:
            batches = [*_read(one, path, cursor, version)]
        except OSError:
            continue  # of another form
        if any(batch.calls for batch in batches):
            yield from batches
            return


def _read(one: Declared, path: Path, cursor: Cursor | None, version: int) -> Iterator[Batch]:
    if one.format == "json-lines":
        return read_lines("custom", version, path, cursor, lambda path, cursor: _Lines(one, path, cursor))
    decoded = _rows_of_table if one.format == "csv" else lambda raw: _rows_of_document(raw, one.records)
    return read_document("custom", version, path, cursor, decoded, lambda rows, gathered: _all(one, rows, gathered))


class _Lines(Records):
    needles = re.compile(rb"\{")

    def __init__(self, declared: Declared, path: Path, cursor: Cursor) -> None:
        super().__init__(path, cursor)
        self.declared = declared
        self.clock = declared.fields.get("time", "time")

    def entry(self, record: dict[str, Any], offset: int) -> None:
        at = _time(value_at(record, self.declared.fields.get("time")), self.declared.unit)
        _record(self, self.declared, record, self.when(at), offset)


def _rows_of_document(raw: bytes, records: str | None) -> list[Any] | None:
    try:
        document: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    found = value_at(document, records) if records and isinstance(document, dict) else document
    return found if isinstance(found, list) else [found]  # pyright: ignore[reportUnknownVariableType]


def _rows_of_table(raw: bytes) -> list[Any]:
    """A row whose end is missing is still being written: half a number is a number, too."""
    import csv

    lines = raw.decode("utf-8-sig", "replace").replace("\0", "").splitlines(keepends=True)
    whole = [line for line in lines if line.endswith(("\n", "\r"))]
    first = whole[0] if whole else ""
    between = max(",;\t", key=first.count)
    try:
        return [*csv.DictReader(whole, delimiter=between)]
    except csv.Error:
        return []


def _all(declared: Declared, rows: list[Any], gathered: Gathered) -> None:
    at = gathered.file_time
    for place, row in enumerate(rows):
        record = mapping(row)
        at = _time(value_at(record, declared.fields.get("time")), declared.unit) or at
        _record(gathered, declared, record, at, place)


def _record(gathered: Gathered, declared: Declared, record: dict[str, Any], at: int, offset: int) -> None:
    said = {name: value_at(record, path) for name, path in declared.fields.items()}
    tokens = _tokens(said, declared.inside)
    session = _text(said.get("session")) or gathered.path.stem
    cost = said.get("cost")
    cost = dollars(cost.lstrip("$ ") if isinstance(cost, str) else cost)
    if not (any(tokens) or cost):
        return  # a record without counts is one of something else
    ident, model = _text(said.get("id")), _text(said.get("model"))
    gathered.learn(session, project=_text(said.get("project")), entrypoint=declared.name)
    gathered.add(
        call(
            *("custom", declared.name, *((ident,) if ident else (session, at, model, *tokens, cost))),
            session=session,
            at=at,
            model=model,
            tokens=tokens,
            provider=_text(said.get("provider")),
            reported=cost,
            context=tokens.total if "session" in declared.fields else None,
            evidence="A" if "cache_read" in declared.fields else "B",
            offset=offset,
            native=ident,
        )
    )


def _tokens(said: dict[str, Any], inside: frozenset[str]) -> Tokens:
    kinds = ("input", "cache_read", "cache_write", "output", "reasoning")
    sent, read, write, output, reasoning = (_whole(said.get(kind)) for kind in kinds)
    parts = (read if "cache_read" in inside else 0) + (write if "cache_write" in inside else 0)
    if parts <= sent:  # more than the whole: it stood beside it after all
        sent -= parts
    if "reasoning" not in inside:
        output += reasoning
    return Tokens(sent, read, write, 0, output, min(reasoning, output))


def _whole(value: object) -> int:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return 0
    return count(value)


def _text(value: object) -> str | None:
    """An id may be a number."""
    return str(value) if type(value) is int else word(value)


def _time(value: object, unit: str | None) -> int | None:
    if unit is None:
        return moment(value)
    try:
        return instant(float(value) * UNITS[unit] / 1_000) if isinstance(value, (int, float, str)) else None
    except (ValueError, OverflowError):
        return moment(value)


def value_at(record: object, path: str | None) -> object:
    """What the names lead to; a name may have dots of its own, and a number is a place in a list."""
    if path is None:
        return None
    facts: Any = record
    if isinstance(facts, list):
        head, _, rest = path.partition(".")
        inner: object = facts[int(head)] if head.isdecimal() and int(head) < len(facts) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        return value_at(inner, rest) if rest else inner
    if not isinstance(facts, dict):
        return None
    if path in facts:
        return facts[path]  # pyright: ignore[reportUnknownVariableType]
    for place in (place for place, letter in enumerate(path) if letter == "."):
        if path[:place] in facts:
            found = value_at(facts[path[:place]], path[place + 1 :])  # pyright: ignore[reportUnknownArgumentType]
            if found is not None:
                return found
    return None
