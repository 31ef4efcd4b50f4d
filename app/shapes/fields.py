"""Tolerant readers of single fields: a log may hold anything anywhere, and one odd field never costs the line."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, loads
from typing import TypeVar

import msgspec

from app.model.instant import instant_of
from app.model.money import NANO

CORRUPT = 10_000_000
"""More tokens than any one request can have: a record above this is damaged."""
_DEEPEST = 12_000
_LONGEST_REPAIR = 32 << 20
T = TypeVar("T")


def count(value: object) -> int:
    """A token count as logged; 0 where it is missing, negative or no number."""
    if type(value) is int:
        return value if value > 0 else 0
    if type(value) is float and 0 < value < 1e18:
        return int(value)
    return 0


def word(value: object) -> str | None:
    """A non-empty text; None for anything else."""
    return value if type(value) is str and value else None


def mapping(value: object) -> dict[str, object]:
    """The object as a dictionary; an empty one for anything else."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def instant(value: object) -> int | None:
    """Milliseconds since 1970 UTC of a logged time: ISO 8601, or a number of seconds, milliseconds or microseconds."""
    if type(value) is str:
        return instant_of(value)
    if type(value) in (int, float) and 0 < value < 1e18:  # pyright: ignore[reportOperatorIssue]
        number = float(value)  # pyright: ignore[reportArgumentType]
        scale = 1000 if number < 1e11 else 1 if number < 1e14 else 0.001
        return int(number * scale)
    return None


def dollars(value: object) -> int | None:
    """Nano-dollars of a stated cost; None where it is not said or below 0."""
    if type(value) not in (int, float, str):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    if not amount.is_finite() or amount < 0 or amount > 1_000_000:
        return None
    return round(amount * NANO)


def decode(line: bytes | bytearray | memoryview, decoder: Callable[[bytes], T], kind: type[T]) -> T | None:
    """One JSON line as `kind`; None if it is no such object even after repair.

    The quick decoder refuses three things that real logs hold: bytes that are no UTF-8 inside a wanted string, lone
    surrogates, and nesting a thousand deep. Those lines go a slow way round.
    """
    try:
        return decoder(line)  # pyright: ignore[reportArgumentType]
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        if len(line) > _LONGEST_REPAIR:
            return None
    return _repaired(bytes(line), kind)


_LONE = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""Escaped backslashes (to step over), surrogate pairs, and halves of pairs, which no database takes."""


def _no_surrogate(found: re.Match[str]) -> str:
    return found.group() if found.group(1) or found.group() == "\\\\" else "\\ufffd"


def _whole(digits: str) -> int:
    """Absurdly long numbers are counts of nothing; Python refuses to read more than 4,300 digits."""
    return int(digits[:40])


def _repaired(line: bytes, kind: type[T]) -> T | None:
    text = _LONE.sub(_no_surrogate, line.decode("utf-8", "replace").strip("\ufeff\r\n\0 \t"))
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(_DEEPEST)  # 5,000 nested arrays were seen; the thread's stack is sized for it
        return msgspec.convert(loads(text, parse_int=_whole, strict=False), kind, strict=False)
    except (JSONDecodeError, msgspec.MsgspecError, RecursionError, ValueError):
        return None
    finally:
        sys.setrecursionlimit(limit)
