"""Today beside one's own usual day: the median and the middle half of one's days of this kind, never anybody else's."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.model.instant import QUARTER
from app.report.zone import day_of, start_of
from app.store import queries
from app.store.queries import Filter

LOOK_BACK = 56
"""Days looked at: eight of each weekday."""
ENOUGH = 5
"""Active days below which there is no usual."""
_IN_A_DAY = 96


class Usual(NamedTuple):
    """Spend by quarter of an hour since midnight, cumulative, in nano-dollars: 96 values each."""

    low: tuple[int, ...]
    middle: tuple[int, ...]
    high: tuple[int, ...]
    days: int
    """Active days it rests on."""
    weekday: bool

    @property
    def full(self) -> int:
        """The usual whole day."""
        return self.middle[-1]


class Today(NamedTuple):
    """The curve of today up to now, and the usual one where there are enough days to speak of."""

    day: date
    spent: tuple[int, ...]
    """Cumulative nano-dollars at the end of each quarter of an hour since midnight, the running one last."""
    usual: Usual | None

    @property
    def usual_by_now(self) -> int | None:
        """By the end of the running quarter of an hour."""
        if self.usual is None or not self.spent:
            return None
        return self.usual.middle[min(len(self.spent), _IN_A_DAY) - 1]


def read(connection: sqlite3.Connection, now: int, zone: ZoneInfo) -> Today:
    day = day_of(now, zone)
    weekday = day.weekday() < 5
    begin = start_of(day, zone)
    spent = dict(queries.spent_by_quarter(connection, Filter(since=begin, until=now // QUARTER + 1)))
    running = min(_IN_A_DAY, now // QUARTER - begin + 1)
    return Today(day, _curve(spent, day, zone)[:running], before(connection, day, zone, weekday))


def before(connection: sqlite3.Connection, day: date, zone: ZoneInfo, weekday: bool) -> Usual | None:
    """The usual weekday, or day of a weekend, of the eight weeks that end before that day: whole days alone."""
    days = [day - timedelta(back) for back in range(1, LOOK_BACK + 1)]
    alike = [one for one in days if (one.weekday() < 5) == weekday]
    which = Filter(since=start_of(alike[-1], zone), until=start_of(day, zone))
    spent = dict(queries.spent_by_quarter(connection, which))
    curves = [_curve(spent, one, zone) for one in alike]
    return _usual([curve for curve in curves if curve[-1]], weekday)


def _curve(spent: dict[int, int], day: date, zone: ZoneInfo) -> tuple[int, ...]:
    """96 values on every day: the day that clocks go forward ends early, the one they go back adds up in its last."""
    begin, end = start_of(day, zone), start_of(day + timedelta(days=1), zone)
    steps = [0] * _IN_A_DAY
    for quarter in range(begin, end):
        steps[min(quarter - begin, _IN_A_DAY - 1)] += spent.get(quarter, 0)
    return tuple(accumulate(steps))


def _usual(active: Sequence[tuple[int, ...]], weekday: bool) -> Usual | None:
    if len(active) < ENOUGH:
        return None
    columns = [sorted(column) for column in zip(*active, strict=True)]
    return Usual(
        low=tuple(_quantile(column, 1) for column in columns),
        middle=tuple(int(median(column)) for column in columns),
        high=tuple(_quantile(column, 3) for column in columns),
        days=len(active),
        weekday=weekday,
    )


def _quantile(ordered: Sequence[int], quarter: int) -> int:
    """The first or third quartile of sorted values, between neighbours in proportion (as spreadsheets do)."""
    place, rest = divmod((len(ordered) - 1) * quarter, 4)
    if not rest:
        return ordered[place]
    return ordered[place] + (ordered[place + 1] - ordered[place]) * rest // 4
