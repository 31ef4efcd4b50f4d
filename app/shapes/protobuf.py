"""Protocol buffers without their schema: what a message holds, by the numbers of its fields. Nothing is copied."""

from __future__ import annotations

from collections.abc import Iterator

Value = int | memoryview
"""A number, or the bytes of a text, of packed numbers or of a message within."""
_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_LONGEST = 10
"""Bytes of the longest number."""


def fields(message: bytes | memoryview) -> Iterator[tuple[int, Value]]:
    """(number, value) of each field in order; floats are passed over. Raises ValueError where it is no message."""
    view, place = memoryview(message), 0
    while place < len(view):
        tag, place = _number(view, place)
        number, kind = tag >> 3, tag & 7
        if not number:
            raise ValueError("a field has no number")
        if kind == _VARINT:
            value, place = _number(view, place)
            yield number, value
        elif kind in (_EIGHT, _FOUR):
            place += 8 if kind == _EIGHT else 4
        elif kind == _BYTES:
            length, place = _number(view, place)
            yield number, view[place : place + length]
            place += length
        else:
            raise ValueError(f"a field has the kind {kind}")
    if place > len(view):
        raise ValueError("it ends in the middle of a field")


def found(message: bytes | memoryview, *path: int) -> Value | None:
    """The first value at the path of field numbers; None where there is none. Raises ValueError where it is no message."""
    value: Value | None = memoryview(message)
    for number in path:
        if not isinstance(value, memoryview):
            return None
        value = next((each for at, each in fields(value) if at == number), None)
    return value


def number_in(message: bytes | memoryview, *path: int) -> int:
    """The number at the path; 0 where there is none, as in the format itself."""
    value = found(message, *path)
    return value if isinstance(value, int) else 0


def text_in(message: bytes | memoryview, *path: int) -> str | None:
    """The text at the path; None where there is none, or an empty one."""
    value = found(message, *path)
    return bytes(value).decode("utf-8", "replace") or None if isinstance(value, memoryview) else None


def packed(value: Value | None) -> Iterator[int]:
    """Packed numbers one by one; a single number stands for itself. Raises ValueError."""
    if isinstance(value, int):
        yield value
    elif value is not None:
        place = 0
        while place < len(value):
            number, place = _number(value, place)
            yield number


def _number(view: memoryview, place: int) -> tuple[int, int]:
    """A number of seven bits to the byte, and where the next field begins."""
    value = 0
    for at, byte in enumerate(view[place : place + _LONGEST]):
        value |= (byte & 0x7F) << (7 * at)
        if byte < 0x80:
            return value, place + at + 1
    raise ValueError("a number has no end")
