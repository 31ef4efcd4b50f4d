"""A redacted sample of a log for a bug report: names and types of its fields, and no value, not even of what was a name.

Names of fields are the format's; but an object may also be a dictionary of somebody's files, ids or words. A name is shown
only where it looks like one that a program was written with; the others, and all of those that lead to things of one
shape, are hidden.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

from app import __version__, formats
from app.machine import Machine
from app.model.path import real
from app.report.drift import LATELY
from app.shapes.database import schema_of
from app.shapes.fields import instant, mapping, record_of
from app.shapes.finding import files_of, newest_first, unread
from app.shapes.source import Source
from app.store import drift, queries

HIDDEN = "‹key›"
_NAME = re.compile(r"\$?_{0,2}[a-z][a-z0-9]*((_[a-z0-9]+)*_?|([A-Z][a-z0-9]*)*)")
_CAPITALS = 4
"""Capitals of a name from which on its words must be longer than two letters: ids are of one letter each."""
_DOTTED = re.compile(r"(gen_ai|llm|otel|telemetry)(\.[a-z][a-z0-9_]*)+")
_HEX = re.compile(r"[0-9a-f]{8,}")
_LONGEST_NAME, _DIGITS = 40, 2
_DEEPEST, _FORMS, _LINES = 7, 3, 160
_TAIL = 4 << 20
_WHOLE = 64 << 20
_TYPES: dict[type, str] = {bool: "boolean", int: "integer", float: "number", type(None): "null"}
_ALIKE = 3
"""Members of one shape from which on an object is a dictionary, whose keys are data."""


class Sample(NamedTuple):
    """What may be copied into a report."""

    source: Source
    kind: str | None
    """The kind that nobody knows, where the sample is of one."""
    lines: int
    """How many there are of it."""
    versions: tuple[str, ...]
    """Of the agent, the last used first."""
    text: str
    """Its structure, several lines."""

    @property
    def report(self) -> str:
        """All of it, with what it was taken with."""
        facts = [f"Cuenta {__version__}, {self.source.id}, reader {self.source.version}"]
        if self.versions:
            facts.append(f"agent {', '.join(self.versions[:3])}")
        if self.kind is not None:
            facts.append(f'kind "{self.kind}" is not known, {formats.counted(self.lines, "time", "times")}')
        return "\n".join((*facts, self.text)) + "\n"


def take(connection: sqlite3.Connection, machine: Machine, source: Source) -> Sample | None:
    """Of the newest record of an unknown kind, or else of the newest with usage. None where no log can be read. Reads a part
    of a log: not for the GUI thread.
    """
    unknown = [one for one in queries.unknown_kinds(connection) if one.source == source.id]
    kind = unknown[0].kind if unknown else None
    every = newest_first(unread(files_of(source, machine), {}, source.version))
    places = [one.path for one in unknown] + [one.found.path for one in every]
    versions = drift.versions(connection, machine.clock() - LATELY).get(source.id, ())
    for place in places[:20]:
        path = Path(real(place))
        text = _of_database(path) if source.is_database(path.name) else _of_text(path, kind)
        if text is not None:
            return Sample(source, kind, sum(one.lines for one in unknown if one.kind == kind), versions, text)
    return None


def structure(value: object) -> str:
    """Names and types of what a record holds, laid out over lines."""
    lines = _shown(_form(value, 0), 0).split("\n")
    return "\n".join([*lines[:_LINES], "…"] if len(lines) > _LINES else lines)


# --- which record


def _of_text(path: Path, kind: str | None) -> str | None:
    records = [one for line in _last_lines(path) if (one := record_of(line)) is not None]
    if not records:
        return _of_document(path)
    wanted = [one for one in records if kind is not None and kind in _kinds(one)]
    wanted = wanted or [one for one in records if _counts(one)]
    return structure((wanted or records)[-1])


def _last_lines(path: Path) -> list[bytes]:
    try:
        with open(path, "rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL))
            lines = file.read(_TAIL).split(b"\n")
    except OSError:
        return []
    return [one for one in lines if one.lstrip()[:1] == b"{"]


def _of_document(path: Path) -> str | None:
    try:
        if path.stat().st_size > _WHOLE:
            return None
        document = record_of(path.read_bytes())
    except OSError:
        return None
    return None if document is None else structure(document)


def _of_database(path: Path) -> str | None:
    """Tables and columns with their types as declared."""
    try:
        tables = schema_of(path)
    except (OSError, sqlite3.Error):
        return None
    lines = [f"{name}({', '.join(columns)})" for name, columns in tables if _is_name(name)]
    return "\n".join(lines[:_LINES]) or None


def _kinds(record: dict[str, Any]) -> set[str]:
    """What it, or an object in it, may be called."""
    parts = [record, *map(mapping, record.values())]
    return {value for part in parts for value in part.values() if isinstance(value, str)}


def _counts(value: object, depth: int = 0) -> bool:
    """Does it hold a number that is called tokens, or a usage?"""
    return depth < 5 and any(
        "usage" in name.lower() or ("token" in name.lower() and isinstance(one, int)) or _counts(one, depth + 1)
        for name, one in mapping(value).items()
    )


# --- what is shown of it

Form = str | tuple[tuple[str, "Form"], ...] | list["Form"]
"""A type's name, the members of an object, or the forms that stand in a list."""


def _form(value: object, depth: int) -> Form:
    if isinstance(value, dict):
        return "object" if depth > _DEEPEST else _members(mapping(value), depth)  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(value, list):
        every = cast("list[object]", value)
        return "list" if depth > _DEEPEST else _distinct(_form(one, depth + 1) for one in every[:200])
    if isinstance(value, str):
        return "time" if instant(value) is not None else "string"
    return _TYPES.get(type(value), "value")


def _members(value: dict[str, object], depth: int) -> Form:
    forms = [(str(name), _form(one, depth + 1)) for name, one in value.items()]
    objects = [form for _, form in forms if isinstance(form, tuple)]
    dictionary = len(objects) >= _ALIKE and len(objects) == len(forms) and len(_distinct(iter(objects))) == 1
    shown = [(name, form) for name, form in forms if _is_name(name) and not dictionary]
    hidden = _distinct(form for name, form in forms if not _is_name(name) or dictionary)
    return (*shown, *((HIDDEN, form) for form in hidden))


def _distinct(forms: Iterator[Form]) -> list[Form]:
    found: list[Form] = []
    for form in forms:
        if form not in found:
            found.append(form)
    return found[:_FORMS]


def _is_name(name: str) -> bool:
    if len(name) > _LONGEST_NAME or sum(letter.isdigit() for letter in name) > _DIGITS or _HEX.fullmatch(name):
        return False
    capitals = sum(letter.isupper() for letter in name)
    if capitals >= _CAPITALS and len(name) < 3 * (capitals + 1):
        return False
    return bool(_NAME.fullmatch(name) or _DOTTED.fullmatch(name))


def _shown(form: Form, depth: int) -> str:
    if isinstance(form, str):
        return form
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(form, tuple):
        lines = [f'{inner}"{name}": {_shown(one, depth + 1)}' for name, one in form]
        return "{\n" + ",\n".join(lines) + f"\n{outer}}}" if lines else "{}"
    if all(isinstance(one, str) for one in form):
        return f"[{', '.join(map(str, form))}]"
    return "[\n" + ",\n".join(inner + _shown(one, depth + 1) for one in form) + f"\n{outer}]"
