"""The course of a session as values: calls one after another, and how many of them share a column of pixels.

No Qt here. What is summed once (prefix sums by kind) makes any zoom of ten thousand calls cheap.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from itertools import accumulate
from math import ceil
from typing import Literal, NamedTuple

KINDS = ("cache_read", "cache_write", "fresh", "output", "reasoning")
"""Stacking order from the base, and the order of `Call.costs`."""
NARROWEST = 2.0
"""Pixels a call must have to be drawn alone."""
TIME_SLOT = 4.0
"""Pixels of a column when calls lie by time."""

RemarkKind = Literal["compaction", "pause", "switch"]


class Call(NamedTuple):
    """One call of the session, in order of time."""

    at: int
    """ms since 1970 UTC."""
    context: int | None
    """Tokens in context; None is unknown."""
    costs: tuple[int, int, int, int, int]
    """Nano-dollars by kind, in the order of KINDS."""
    turn: int = 0
    """The turn it belongs to, from 1; 0 where turns are not known."""
    unpriced: bool = False


class Remark(NamedTuple):
    """Something that happened at that call: words stand in the chart where there is room."""

    kind: RemarkKind
    call: int
    """Index of the first call after it."""
    title: str
    line: str = ""


class End(NamedTuple):
    """How it stands after all that happened, which may be later than the last call."""

    context: int | None
    """Tokens; None is unknown."""
    estimated: bool = False
    running: bool = False


class Course(NamedTuple):
    calls: tuple[Call, ...]
    window: int | None = None
    """The real context window in tokens."""
    compacts_at: int | None = None
    remarks: tuple[Remark, ...] = ()
    zone: tzinfo = UTC
    """For the times on the axis."""
    end: End | None = None
    """None is as the last call."""


class Column(NamedTuple):
    """What shares a column of pixels."""

    left: float
    """From the left edge of the plot, in pixels."""
    width: float
    first: int
    last: int
    """Calls, both included."""
    costs: tuple[int, ...]
    context: int | None
    """The peak, so that none is lost."""


class Measured:
    """A course with its sums, ready to be laid out at any zoom."""

    def __init__(self, course: Course) -> None:
        self.course = course
        calls = course.calls
        self._sums = [[0, *accumulate(call.costs[kind] for call in calls)] for kind in range(len(KINDS))]
        self._contexts = [-1 if call.context is None else call.context for call in calls]
        self.highest = max(self._contexts, default=0)
        self.groups = _groups(calls)
        """Calls that are chosen together: (first, last) of each turn, or each call alone."""
        self.by_turn = any(call.turn for call in calls)
        self._group_of = [place for place, (first, last) in enumerate(self.groups) for _ in range(first, last + 1)]

    def costs(self, first: int, last: int) -> tuple[int, ...]:
        """By kind, of the calls from first to last."""
        return tuple(sums[last + 1] - sums[first] for sums in self._sums)

    def peak(self, first: int, last: int) -> int | None:
        found = max(self._contexts[first : last + 1], default=-1)
        return None if found < 0 else found

    def group_of(self, call: int) -> int:
        return self._group_of[call]

    def group_at(self, call: float) -> int:
        """The group of the call at that place of the axis; the first or the last where there is none."""
        return self._group_of[min(max(int(call), 0), len(self._group_of) - 1)] if self._group_of else 0

    @property
    def span(self) -> tuple[int, int]:
        """First and last instant."""
        calls = self.course.calls
        return (calls[0].at, max(calls[-1].at, calls[0].at + 1)) if calls else (0, 1)

    def by_call(self, begin: float, end: float, width: float) -> tuple[list[Column], int]:
        """The calls from `begin` to `end` on that many pixels, and how many share a column."""
        count = len(self.course.calls)
        pixels = width / max(1e-9, end - begin)
        share = 1 if pixels >= NARROWEST else ceil(NARROWEST / pixels)
        columns: list[Column] = []
        first = max(0, int(begin) // share * share)
        while first < min(count, end):
            last = min(count, first + share) - 1
            left = (first - begin) * pixels
            shown = (last + 1 - first) * pixels
            columns.append(Column(left, shown, first, last, self.costs(first, last), self.peak(first, last)))
            first = last + 1
        return columns, share

    def by_time(self, begin: float, end: float, width: float) -> tuple[list[Column], int]:
        """The same by the clock; the columns are slots of four pixels, and the most that share one is told."""
        calls = self.course.calls
        pixels = width / max(1e-9, end - begin)
        slot = TIME_SLOT / pixels
        start = self.span[0]
        columns: list[Column] = []
        most, place = 1, _first_at(calls, begin - slot)
        while place < len(calls) and calls[place].at <= end:
            number = int((calls[place].at - start) / slot)
            last = place
            while last + 1 < len(calls) and int((calls[last + 1].at - start) / slot) == number:
                last += 1
            left = (start + number * slot - begin) * pixels
            columns.append(Column(left, TIME_SLOT, place, last, self.costs(place, last), self.peak(place, last)))
            most = max(most, last + 1 - place)
            place = last + 1
        return columns, most


def _groups(calls: Sequence[Call]) -> list[tuple[int, int]]:
    groups: list[tuple[int, int]] = []
    for place, call in enumerate(calls):
        if place and call.turn and call.turn == calls[place - 1].turn:
            groups[-1] = (groups[-1][0], place)
        else:
            groups.append((place, place))
    return groups


def _first_at(calls: Sequence[Call], instant: float) -> int:
    """The first call at that instant or after it."""
    low, high = 0, len(calls)
    while low < high:
        middle = (low + high) // 2
        if calls[middle].at < instant:
            low = middle + 1
        else:
            high = middle
    return low
