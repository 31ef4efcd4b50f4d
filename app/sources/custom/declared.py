"""What `sources.user.toml` declares, checked: what is wrong is said in one sentence with its line."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from app.shapes.fields import mapping, word

FIELDS = (
    *("time", "model", "provider", "id", "session", "project"),
    *("input", "cache_read", "cache_write", "output", "reasoning", "cost"),
)
_COUNTS = ("input", "cache_read", "cache_write", "output", "cost")
_KEYS = ("name", "files", "format", "records", "time_unit", "inside", "fields")
_FORMATS = ("json-lines", "json", "csv")
UNITS = {"s": 1_000.0, "ms": 1.0, "us": 0.001, "ns": 0.000_001}
"""Unit of time → ms."""
_PARTS = {"cache_read": "input", "cache_write": "input", "reasoning": "output"}
"""What can be inside what."""


class BrokenError(ValueError):
    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")


class Declared(NamedTuple):
    """One kind of log."""

    name: str
    base: Path
    pattern: str
    """Of a path below `base`, as a regular expression."""
    format: str
    records: str | None
    unit: str | None
    inside: frozenset[str]
    """Kinds that are part of the one they can be part of; all others stand beside it."""
    fields: dict[str, str]

    def fits(self, relative: str) -> bool:
        return re.fullmatch(self.pattern, relative) is not None

    def holds(self, path: Path) -> bool:
        return path.is_relative_to(self.base) and self.fits(path.relative_to(self.base).as_posix())


def declared(path: Path, home: Path) -> tuple[Declared, ...]:
    """Raises BrokenError, and OSError where the file can't be read."""
    facts = path.stat()
    return _declared(path, home, facts.st_mtime_ns, facts.st_size)


@lru_cache(4)
def _declared(path: Path, home: Path, modified: int, size: int) -> tuple[Declared, ...]:
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(text, str(error)) from None
    others = sorted(document.keys() - {"source"})
    if others:
        raise BrokenError(_line(text, 0, others[0]), f"there is no `{others[0]}` here; a log begins with `[[source]]`.")
    several: Any = document.get("source")
    if not isinstance(several, list):
        raise BrokenError(1, "a log begins with `[[source]]`, in two brackets.")
    return tuple(_one(mapping(facts), _At(text, place + 1), home) for place, facts in enumerate(several))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _unreadable(text: str, why: str) -> BrokenError:
    found = re.search(r" ?\(at line (\d+), column \d+\)", why)
    line = int(found[1]) if found else text.count("\n") + 1
    return BrokenError(line, f"it is no TOML here: {re.sub(r' ?[(]at .*[)]', '', why)}.")


class _At(NamedTuple):
    """Where in the file a declaration stands."""

    text: str
    place: int

    def broken(self, key: str, what: str) -> BrokenError:
        return BrokenError(_line(self.text, self.place, key), what)


def _line(text: str, place: int, key: str) -> int:
    """The line of a key in the declaration of that place, else that of its head; 0 is before all."""
    heads, head = 0, 1
    for number, line in enumerate(text.splitlines(), 1):
        if re.match(r"\s*\[\[\s*source\s*\]\]", line):
            heads += 1
            head = number if heads == place else head
        if heads == place and re.match(rf'\s*\[?\s*(?:source\.)?"?{re.escape(key)}"?\s*[=\].]', line):
            return number
    return head


def _one(facts: dict[str, object], at: _At, home: Path) -> Declared:
    for key in facts:
        if key not in _KEYS:
            raise at.broken(key, f"there is no `{key}`; there are {', '.join(_KEYS)}.")
    name, files, format = (_text(facts, key, at) for key in ("name", "files", "format"))
    if format not in _FORMATS:
        raise at.broken("format", f"`format` is one of {', '.join(_FORMATS)}.")
    unit = facts.get("time_unit")
    if unit is not None and unit not in UNITS:
        raise at.broken("time_unit", f"`time_unit` is one of {', '.join(UNITS)}.")
    base, pattern = _split(files, home, at)
    fields, inside = _fields(facts, at), _inside(facts, at)
    return Declared(name, base, pattern, format, word(facts.get("records")), word(unit), inside, fields)


def _text(facts: dict[str, object], key: str, at: _At) -> str:
    value = word(facts.get(key))
    if value is None:
        raise at.broken(key, f"`{key}` is missing." if key not in facts else f"`{key}` is a text in quotation marks.")
    return value


def _fields(facts: dict[str, object], at: _At) -> dict[str, str]:
    fields = mapping(facts.get("fields"))
    for key, value in fields.items():
        if key not in FIELDS:
            raise at.broken(key, f"there is no field `{key}`; there are {', '.join(FIELDS)}.")
        if word(value) is None:
            raise at.broken(key, f"`{key}` is the name of a field, in quotation marks.")
    if not fields.keys() & {*_COUNTS}:
        raise at.broken("fields", f"`[source.fields]` names none of {', '.join(_COUNTS)}: nothing could be counted.")
    return {key: str(value) for key, value in fields.items()}


def _inside(facts: dict[str, object], at: _At) -> frozenset[str]:
    inside = mapping(facts.get("inside"))
    for key, value in inside.items():
        if _PARTS.get(key) != value:
            known = ", ".join(f'{part} = "{whole}"' for part, whole in _PARTS.items())
            raise at.broken("inside", f"`inside` can say {known}, and nothing else.")
    return frozenset(inside)


def _split(files: str, home: Path, at: _At) -> tuple[Path, str]:
    """The folder before the first pattern, and all behind it."""
    path = home / files[2:] if files[:2] in ("~/", "~\\") else Path(files)
    parts = path.parts
    first = next((place for place, part in enumerate(parts) if re.search(r"[*?]", part)), len(parts) - 1)
    base = Path(*parts[:first]) if first else Path()
    if not base.is_absolute():
        raise at.broken("files", "`files` begins with a folder from the root, or with `~/`.")
    if base == home or base == Path(base.anchor):
        raise at.broken("files", "`files` would look through everything: name a folder before the first `*`.")
    return base, _expression(PurePath(*parts[first:]).as_posix())


def _expression(pattern: str) -> str:
    """`**/` is any folders, `*` and `?` stay within a name."""
    kinds = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    return "".join(kinds.get(piece) or re.escape(piece) for piece in pieces)
