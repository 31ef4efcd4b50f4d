"""A stretch of days, and what was spent in it by hour, day or week, in stacks."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.model.instant import QUARTER
from app.report.zone import day_of, days_by_quarter, start_of
from app.sources import SOURCES
from app.store import queries
from app.store.queries import Filter, Sums

MOST_SERIES = 8
OTHER = "other"
UNKNOWN = "unknown"
_WEEKS_FROM = 93
"""Days from which the bars are weeks."""


class Span(NamedTuple):
    """A stretch of whole local days, both included."""

    since: date
    until: date
    zone: ZoneInfo

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def filter(self) -> Filter:
        return Filter(since=start_of(self.since, self.zone), until=start_of(self.until + timedelta(days=1), self.zone))


class Bars(NamedTuple):
    """Spend in bins (hours of a day, days, or weeks), split into series; money in nano-dollars."""

    unit: str
    """`hour`, `day` or `week`."""
    bins: tuple[datetime, ...]
    """Local beginning of each bin."""
    series: tuple[str, ...]
    """Keys in stacking order, from the base; `other` last."""
    values: tuple[tuple[int, ...], ...]
    """values[series][bin]."""
    unpriced: tuple[int, ...]
    """Calls without a price in each bin; with any the bar is a lower bound."""
    calls: tuple[int, ...]
    unpriced_of: tuple[tuple[int, ...], ...] = ()
    """unpriced_of[series][bin], as `values`; empty where every call has a price."""

    more_of: tuple[tuple[int, ...], ...] = ()
    """more_of[series][bin]: nano-dollars that it may be more, for want of a cache split; empty where all is exact."""

    def at_least(self, place: int, series: int | None = None) -> bool:
        """Is a bar, or one part of it, a lower bound for want of a cache split?"""
        parts = self.more_of if series is None else self.more_of[series : series + 1]
        return any(more[place] for more in parts)

    def unpriced_in(self, series: int, place: int) -> int:
        """Calls without a price in that part of a bar."""
        return self.unpriced_of[series][place] if self.unpriced_of else 0

    @property
    def totals(self) -> tuple[int, ...]:
        return tuple(sum(column) for column in zip(*self.values, strict=True)) if self.values else (0,) * len(self.bins)


STACKS: dict[str, Callable[[sqlite3.Connection, Filter], list[tuple[int, str | None, Sums]]]] = {
    "agent": queries.by_quarter_and_agent,
    "model": queries.by_quarter_and_model,
    "project": queries.by_quarter_and_project,
}
"""What the bars can be stacked by."""


def bars(connection: sqlite3.Connection, span: Span, stack: str) -> Bars:
    unit = "hour" if span.days == 1 else "day" if span.days < _WEEKS_FROM else "week"
    bins = _bins(span, unit)
    index = {begin: place for place, begin in enumerate(bins)}
    place_of = _placer(span.zone, unit)
    cells: dict[str, list[int]] = {}
    without: dict[str, list[int]] = {}
    more: dict[str, list[int]] = {}
    unpriced, calls = [0] * len(bins), [0] * len(bins)
    for quarter, key, sums in STACKS[stack](connection, span.filter()):
        place = index.get(place_of(quarter))
        if place is None:
            continue
        cells.setdefault(key or UNKNOWN, [0] * len(bins))[place] += sums.cost
        without.setdefault(key or UNKNOWN, [0] * len(bins))[place] += sums.unpriced
        more.setdefault(key or UNKNOWN, [0] * len(bins))[place] += max(0, sums.high - sums.cost)
        unpriced[place] += sums.unpriced
        calls[place] += sums.calls
    series, rest = _stacked(cells, stack)
    values, missing, open_ = (_columns(one, series, rest) for one in (cells, without, more))
    return Bars(
        *(unit, tuple(bins), series, values, tuple(unpriced), tuple(calls)),
        unpriced_of=missing if any(unpriced) else (),
        more_of=open_ if any(map(any, open_)) else (),
    )


def _bins(span: Span, unit: str) -> list[datetime]:
    if unit == "hour":
        begin, end = start_of(span.since, span.zone), start_of(span.since + timedelta(days=1), span.zone)
        hours = {_hour(quarter, span.zone): None for quarter in range(begin, end)}
        return list(hours)
    first = span.since if unit == "day" else span.since - timedelta(days=span.since.weekday())
    step = timedelta(days=1 if unit == "day" else 7)
    bins: list[datetime] = []
    day = first
    while day <= span.until:
        bins.append(datetime(day.year, day.month, day.day))
        day += step
    return bins


def _placer(zone: ZoneInfo, unit: str) -> Callable[[int], datetime]:
    if unit == "hour":
        return lambda quarter: _hour(quarter, zone)
    day_of_quarter = days_by_quarter(zone)

    def place(quarter: int) -> datetime:
        day = day_of_quarter(quarter)
        if unit == "week":
            day -= timedelta(days=day.weekday())
        return datetime(day.year, day.month, day.day)

    return place


def _hour(quarter: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(quarter * QUARTER / 1000, zone).replace(minute=0, tzinfo=None)


def _stacked(cells: dict[str, list[int]], stack: str) -> tuple[tuple[str, ...], list[str]]:
    """The series, and what the last of them joins where that is `other`.

    Agents in their fixed order, so that days stay comparable; others by size. The smallest become one `other`.
    """
    fixed = {source.id: place for place, source in enumerate(SOURCES)}
    largest = sorted(cells, key=lambda key: (-sum(cells[key]), key))
    shown, rest = largest[:MOST_SERIES], largest[MOST_SERIES:]
    if stack == "agent":
        shown.sort(key=lambda key: fixed.get(key, len(fixed)))
    return (*shown, OTHER) if rest else tuple(shown), rest


def _columns(cells: dict[str, list[int]], series: Sequence[str], rest: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """[series][bin]"""
    joined = [tuple(sum(column) for column in zip(*(cells[key] for key in rest), strict=True))] if rest else []
    return (*(tuple(cells[key]) for key in series[: len(series) - len(joined)]), *joined)


def span_of(name: str, now: int, zone: ZoneInfo) -> Span:
    """`today`, `7 days`, `30 days` or `month`: whole days that end with today."""
    today = day_of(now, zone)
    since = {
        "today": today,
        "7 days": today - timedelta(days=6),
        "30 days": today - timedelta(days=29),
        "month": today.replace(day=1),
    }[name]
    return Span(since, today, zone)
