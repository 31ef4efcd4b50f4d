"""JSON lines that say everything about a call in one of them: the simple case of `lines`.

A source of this shape is a subclass of `Records` with the needles of the lines it wants and an `entry` that reads one.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.model.usage import UNKNOWN_KIND, Cursor
from app.shapes.fields import instant, label, record_of, word
from app.shapes.gathering import Gathered
from app.shapes.lines import Earlier, Line

_AT = "_at"


class Records(Gathered):
    """Parser of one stretch of one log of JSON lines."""

    needles: re.Pattern[bytes]
    clock = "timestamp"
    """The field of a line that says when."""
    kinds: frozenset[str] = frozenset()
    """What `type` may say in a line that a needle is in: another kind raises the drift alarm. Empty is that nobody knows."""

    def __init__(self, path: Path, cursor: Cursor) -> None:
        super().__init__(path, cursor)
        self._now: int | None = None
        self._earlier: Earlier = lambda: iter(())

    def entry(self, record: dict[str, Any], offset: int) -> None:
        """One line that a needle was found in. `offset` is its first byte."""
        raise NotImplementedError

    def first(self, record: dict[str, Any]) -> bool:
        """A line from the start of what is new, whatever it holds; True while the next is wanted too."""
        return False

    def when(self, value: object) -> int:
        """The instant as written; where it says none, that of the nearest earlier line that does, else the file's."""
        at = instant(value)
        if at is None:
            at = self._now if self._now is not None else self._time_before()
        self._now = at
        return at

    # --- as `lines` wants it

    def head(self, line: Line) -> bool:
        record = record_of(line)
        return True if record is None else self.first(record)

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None:
        record = record_of(line)
        if record is None:
            self.skip("not JSON")
            return
        self._earlier = earlier
        self._now = instant(record.get(self.clock))
        if self.kinds and word(record.get("type")) not in self.kinds:
            self.skip(UNKNOWN_KIND + (label(record.get("type")) or "no name"))
        else:
            self.entry(record, offset)
        if self._now is not None:
            self.kept[_AT] = self._now

    def passing(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self.kept[_AT] = self._time_before()

    def _time_before(self) -> int:
        for line in self._earlier():
            record = record_of(line)
            at = instant(record.get(self.clock)) if record is not None else None
            if at is not None:
                return at
        return self.kept.get(_AT, self.file_time)
