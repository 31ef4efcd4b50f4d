"""Puts a plain value into TOML text and takes it out again, a line for it; whoever calls proves the result by reading it."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def read(text: str) -> Any:
    """Raises ValueError."""
    return tomllib.loads(text.removeprefix("\ufeff"))


def put(text: str, at: tuple[str, ...], value: Any, joins: bool) -> str | None:
    """The text with that line, or None where it can't be written: lists are left alone."""
    written = _literal(value)
    if joins or written is None:
        return None
    *above, last = at
    lines, end = text.split("\n"), "\r" if "\r\n" in text else ""
    line = f"{_name(last)} = {written}{end}"
    found = _line_of(lines, above, last)
    if found is not None:
        return "\n".join([*lines[:found], line, *lines[found + 1 :]])
    begin, stop = _table(lines, above)
    if begin is not None:
        return "\n".join([*lines[:stop], line, *lines[stop:]])
    head = [f"[{'.'.join(map(_name, above))}]{end}", line, ""]
    return "\n".join(head if not text.strip() else [text.rstrip("\r\n") + end, end, *head])


def take(text: str, at: tuple[str, ...], value: Any, joins: bool) -> str | None:
    """The text without that line."""
    *above, last = at
    lines = text.split("\n")
    found = _line_of(lines, above, last)
    if joins or found is None:
        return None
    return "\n".join([*lines[:found], *lines[found + 1 :]])


def _table(lines: list[str], names: list[str]) -> tuple[int | None, int]:
    """(line behind the head of the table, line behind its last entry); (None, 0) where it has no head."""
    heads = [number for number, line in enumerate(lines) if line.lstrip().startswith("[")]
    if names:
        wanted = re.compile(
            r"\s*\[\s*" + r"\s*\.\s*".join(f'"?{re.escape(one)}"?' for one in names) + r"\s*\]\s*(#.*)?\r?$"
        )
        begin = next((number + 1 for number in heads if wanted.match(lines[number])), None)
        if begin is None:
            return None, 0
    else:
        begin = 0
    stop = next((number for number in heads if number >= begin), len(lines))
    while stop > begin and not lines[stop - 1].strip():
        stop -= 1
    return begin, stop


def _line_of(lines: list[str], names: list[str], key: str) -> int | None:
    begin, stop = _table(lines, names)
    wanted = re.compile(rf'\s*"?{re.escape(key)}"?\s*=')
    return (
        next((number for number in range(begin or 0, stop) if wanted.match(lines[number])), None)
        if begin is not None
        else None
    )


def _name(name: str) -> str:
    return name if _BARE.fullmatch(name) else json.dumps(name)


def _literal(value: Any) -> str | None:
    """JSON's texts, numbers and truths are TOML's too."""
    return (
        json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        if isinstance(value, (str, int, float, bool))
        else None
    )
