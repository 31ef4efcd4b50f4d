"""A record where it stands: looked up live in the log and never kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.model.path import real
from app.shapes.fields import label, mapping

_CHUNK, _LONGEST = 1 << 20, 64 << 20
_LABELS = frozenset(("type", "model", "service_tier", "speed", "inference_geo"))
"""What in a usage object may be named in words. Any other text is shown as `…`: it could be what somebody wrote."""


class Record(NamedTuple):
    """`line` counts from 1; `size` is in bytes, without the line's end."""

    line: int
    size: int
    usage: str
    """The usage object as indented JSON: counts and a few labels, never a text. Empty where the record has none."""


def look_up(path: str, position: int, usage_at: Sequence[str]) -> Record | None:
    """The line that begins at that byte. None where the file is gone, or no line begins there any more."""
    try:
        with open(real(path), "rb") as file:
            before, last = 0, b"\n"
            while (left := position - file.tell()) > 0:
                chunk = file.read(min(_CHUNK, left))
                if not chunk:
                    return None
                before += chunk.count(b"\n")
                last = chunk[-1:]
            line = file.readline(_LONGEST) if last == b"\n" else b""
    except OSError:
        return None
    return Record(before + 1, len(line.rstrip(b"\r\n")), _usage(line, usage_at)) if line else None


def _usage(line: bytes, usage_at: Sequence[str]) -> str:
    import msgspec

    try:
        found: object = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return ""
    for name in usage_at:
        found = mapping(found).get(name)
    if not mapping(found):
        return ""
    return msgspec.json.format(msgspec.json.encode(_counts(found)), indent=2).decode("utf-8")


def _counts(found: object, name: str = "") -> object:
    """The same without its texts."""
    if isinstance(found, dict):
        return {label(key) or "…": _counts(each, key) for key, each in mapping(found).items()}  # pyright: ignore[reportUnknownArgumentType]
    if isinstance(found, list):
        listed: list[object] = found  # pyright: ignore[reportUnknownVariableType]
        return [_counts(each, name) for each in listed]
    if isinstance(found, str) and found and not (name in _LABELS and label(found.replace("/", "."))):
        return "…"
    return found
