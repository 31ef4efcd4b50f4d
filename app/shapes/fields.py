"""Tolerant readers of single fields: a log may hold anything anywhere, and one odd field never costs the line."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from json import JSONDecodeError, loads
from types import UnionType
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

from app.model.instant import instant_of
from app.model.money import NANO
from app.model.usage import CREDIT

CORRUPT = 10_000_000
"""More tokens than any one request can have: a record above this is damaged."""
CORRUPT_SUM = 1_000 * CORRUPT
"""The same of a record of many requests."""
_FIRST, _LAST = 946_684_800_000, 4_102_444_800_000
_DEEPEST = 12_000
_LONGEST_REPAIR = 32 << 20
T = TypeVar("T")
_MOST = 10**15
"""No count of anything is larger; a 64-bit column holds a thousand sums of it."""
Count = Annotated[int, msgspec.Meta(ge=0, le=_MOST)]
"""A token count in a struct; its default is 0."""


def count(value: object) -> int:
    """A token count as logged, up to a number that is surely corrupt; 0 where it is missing, negative or no number."""
    if type(value) is int:
        return min(value, _MOST) if value > 0 else 0
    if type(value) is float and value > 0:
        return int(min(value, _MOST))
    return 0


def word(value: object) -> str | None:
    """A non-empty text; None for anything else."""
    return value if type(value) is str and value else None


_LABEL = re.compile(r"[\w.-]{1,40}")


_OFFSET = re.compile(r"[+-]\d\d:?\d\d$")


def label(value: object) -> str | None:
    """The short name of a kind, as `auto` or `rate_limit.v2`; None for anything else: it could be what somebody wrote."""
    return value if type(value) is str and _LABEL.fullmatch(value) else None


def mapping(value: object) -> dict[str, object]:
    """The object as a dictionary; an empty one for anything else."""
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def listed(value: object) -> list[object]:
    """The list; an empty one for anything else."""
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]


def instant(value: object) -> int | None:
    """Milliseconds since 1970 UTC of a logged time: ISO 8601, or a number of seconds, milliseconds or microseconds.

    None outside 2000 to 2100: no agent wrote it then, and a day beyond the calendar's ends would break every report.
    """
    at = None
    if type(value) is str:
        at = instant_of(value)
    elif type(value) in (int, float) and 0 < value < 1e18:  # pyright: ignore[reportOperatorIssue]
        number = float(value)  # pyright: ignore[reportArgumentType]
        scale = 1000 if number < 1e11 else 1 if number < 1e14 else 0.001
        at = int(number * scale)
    return at if at is not None and _FIRST < at < _LAST else None


def local_instant(value: object) -> int | None:
    """The same of a time that names no zone, where the agent wrote the one of the clock on the wall."""
    at = instant(value)
    if at is None or type(value) is not str or value.endswith("Z") or _OFFSET.search(value):
        return at
    try:
        seconds = time.mktime((*time.gmtime(at // 1000)[:8], -1))
    except (OverflowError, ValueError):
        return at
    return int(seconds) * 1000 + at % 1000


def dollars(value: object) -> int | None:
    """Nano-dollars of a stated cost; None where it is not said or below 0."""
    amount = _amount(value)
    return None if amount is None or amount > 1_000_000 else round(amount * NANO)


def credit(value: object, parts: int = 1) -> int | None:
    """Millionths of a vendor's unit, of which the value counts parts, so many to the unit; None where it is not said or
    below 0.
    """
    amount = _amount(value)
    return None if amount is None or amount > _MOST else round(amount * CREDIT / parts)


def _amount(value: object) -> Decimal | None:
    if type(value) not in (int, float, str):
        return None
    try:
        amount = Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return amount if amount.is_finite() and amount >= 0 else None


def decode(line: bytes | bytearray | memoryview, decoder: Callable[[bytes], T], kind: type[T]) -> T | None:
    """One JSON line as a struct of `kind`; None if it is no JSON object even after repair.

    The quick decoder refuses what real logs hold now and then: a field of another type than ever before, bytes that are
    no UTF-8 inside a wanted string, lone surrogates, nesting a thousand deep. Those lines go a slow way round, on which
    a field that does not fit has its default and the others keep their values.
    """
    try:
        return decoder(line)  # pyright: ignore[reportArgumentType]
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        if len(line) > _LONGEST_REPAIR:
            return None
    return _repaired(bytes(line), kind)


def record_of(raw: bytes | bytearray | memoryview) -> dict[str, Any] | None:
    """One JSON object with all it holds; None if it is none even after repair (see `decode`)."""
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError):
        found = _loaded(bytes(raw)) if len(raw) <= _LONGEST_REPAIR else None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]


def reader_of(kind: type[T]) -> Callable[[bytes], T | None]:
    """What makes a struct of a JSON object, or None of anything else (see `decode`)."""
    decoder = msgspec.json.Decoder(kind).decode
    return lambda raw: decode(raw, decoder, kind)


def elements(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """The elements of a list that was left undecoded, each for itself: one odd one never costs the others."""
    try:
        return msgspec.json.decode(raw, type=list[msgspec.Raw]) if raw else []
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        found = _loaded(bytes(raw))
    return [msgspec.Raw(msgspec.json.encode(one)) for one in found] if isinstance(found, list) else []  # pyright: ignore[reportUnknownVariableType]


def fitted(value: object, kind: type[T]) -> T | None:
    """The mapping as a struct, field by field; None if it is no mapping."""
    if not isinstance(value, dict):
        return None
    facts = mapping(value)  # pyright: ignore[reportUnknownArgumentType]
    fields = msgspec.structs.fields(kind)  # pyright: ignore[reportArgumentType]
    found = {one.name: _fit(facts[one.encode_name], one.type) for one in fields if one.encode_name in facts}
    return kind(**{name: each for name, each in found.items() if each is not None})


def _fit(value: object, wanted: Any) -> object:
    """The value as the wanted type; None where it does not fit."""
    if wanted is Count:
        return count(value)
    try:
        if wanted is msgspec.Raw:
            return msgspec.Raw(msgspec.json.encode(value))
        for one in get_args(wanted) if get_origin(wanted) is UnionType else (wanted,):
            if get_origin(one) is list and isinstance(value, list):
                each = get_args(one)[0]
                fits = [_fit(item, each) for item in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
                return [item for item in fits if item is not None]
            if isinstance(one, type) and issubclass(one, msgspec.Struct) and isinstance(value, dict):
                return fitted(value, one)  # pyright: ignore[reportUnknownArgumentType]
        return msgspec.convert(value, wanted)
    except (msgspec.MsgspecError, RecursionError, UnicodeError, TypeError):
        return None


_LONE = re.compile(r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}(\\u[dD][c-fC-F][0-9a-fA-F]{2})?|\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""Escaped backslashes (to step over), surrogate pairs, and halves of pairs, which no database takes."""


def _no_surrogate(found: re.Match[str]) -> str:
    return found.group() if found.group(1) or found.group() == "\\\\" else "\\ufffd"


def _whole(digits: str) -> int:
    """Absurdly long numbers are counts of nothing; Python refuses to read more than 4,300 digits."""
    return int(digits[:40])


def _repaired(line: bytes, kind: type[T]) -> T | None:
    try:
        with _deep():
            return fitted(_loaded(line), kind)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _loaded(line: bytes) -> object:
    """What the standard library reads, which takes more; None where that is no JSON either."""
    text = _LONE.sub(_no_surrogate, line.decode("utf-8", "replace").strip("\ufeff\r\n\0 \t"))
    try:
        with _deep():
            return loads(text, parse_int=_whole, strict=False)
    except (JSONDecodeError, RecursionError, ValueError):
        return None


@contextmanager
def _deep() -> Generator[None]:
    limit = sys.getrecursionlimit()
    try:
        sys.setrecursionlimit(_DEEPEST)  # 5,000 nested arrays were seen; the thread's stack is sized for it
        yield
    finally:
        sys.setrecursionlimit(limit)
