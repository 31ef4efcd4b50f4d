"""One JSON document in a file that is rewritten as a whole, in place or by a new file that takes its name.

Whenever it looks different all of it is read again: the calls' keys make that harmless, a call that is no longer in it was
made and paid for all the same, and a document half-written by now is tried again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from app.model.path import named
from app.model.usage import Batch, Cursor
from app.shapes.gathering import Gathered, booked_in
from app.shapes.stamp import Stamp, begin, next_generation, stamp_of

LARGEST = 256 << 20
"""A larger document is not read: it would have to be in memory whole, and nothing an agent writes comes near."""
_SETTLED = 30_000_000_000
"""Nanoseconds after which a document that is none has not been caught in the middle of being written: it is damaged."""

T = TypeVar("T")
Decode = Callable[[bytes], T | None]
"""The document's bytes as a value; None where they are no such document (`fields.record_of`, `fields.reader_of`)."""
Parse = Callable[[T, Gathered], None]
"""Tells the gathering all that the document says."""


def read_document(
    source: str, version: int, path: Path, stored: Cursor | None, decoded: Decode[T], parse: Parse[T]
) -> Iterator[Batch]:
    """One batch of all that the document says; an empty one where it is half-written. Raises OSError if it can't be read,
    or is no such document and nobody is writing it.
    """
    name = named(os.fspath(path))
    stamp = stamp_of(path)
    cursor = _again(stored, stamp, version)
    gathered = Gathered(Path(name), cursor)
    gathered.written = stamp.modified // 1_000_000
    document = decoded(_content(path, stamp)) if stamp.size else None
    if document is None and stamp.size:
        if time.time_ns() - stamp.modified > _SETTLED:
            raise OSError("it holds no JSON document")
        yield Batch(source, name, stored, (stored or cursor)._replace(modified=0))
        return
    if document is not None:
        parse(document, gathered)
    yield gathered.batch(source, name, stored, _read_to(stamp, cursor, gathered))


def _content(path: Path, stamp: Stamp) -> bytes:
    if stamp.size > LARGEST:
        raise OSError(f"it is larger than {LARGEST >> 20} MB")
    with open(path, "rb") as file:
        return file.read(LARGEST)


def _again(stored: Cursor | None, stamp: Stamp, version: int) -> Cursor:
    """Each reading is a generation of its own, whose counts of records replace those of the one before."""
    cursor = begin(stored, stamp, version, booked_in)
    return cursor._replace(generation=next_generation(cursor.generation)) if cursor is stored else cursor


def _read_to(stamp: Stamp, cursor: Cursor, gathered: Gathered) -> Cursor:
    return cursor._replace(
        offset=stamp.size,
        device=stamp.device,
        inode=stamp.inode,
        size=stamp.size,
        modified=0 if gathered.again else stamp.surely_modified,
        memory=gathered.memory,
    )
