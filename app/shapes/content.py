"""The second reading of a log: what was said, to be measured. It has a cursor and a version of its own, apart from usage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from app.model.content import Answer
from app.model.usage import Cursor
from app.shapes.lines import Listener, Opener, plain, read_stretches

STRETCH = 8 << 20
"""Bytes after which what was measured is handed over: it is a moment's work to store, and a stop loses little."""


class Told(NamedTuple):
    """What one stretch of a file says."""

    answers: tuple[Answer, ...]
    again: int | None
    """Offset from which the next stretch must see the lines once more, since an answer may go on; None for none."""


class Teller(Listener, Protocol):
    def told(self) -> Told: ...


Read = Callable[[Path, Cursor | None], Iterator[tuple[str, Told, Cursor]]]
"""(path as `named`, what was said, cursor behind it) of all that is new in a file. Raises OSError."""


class Content(NamedTuple):
    """How one agent's logs are read for what they say."""

    version: int
    """A higher one reads again whatever still exists."""
    read: Read


def read_content(
    version: int,
    path: Path,
    cursor: Cursor | None,
    make: Callable[[Path, Cursor], Teller],
    opener: Opener = plain,
) -> Iterator[tuple[str, Told, Cursor]]:
    return read_stretches(version, path, cursor, make, _told, STRETCH, opener, _again)


def _told(teller: Teller) -> Told:
    return teller.told()


def _again(told: Told) -> int | None:
    return told.again
