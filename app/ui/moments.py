"""Moments, days and stretches of days as windows write them."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from app.formats import ENGLISH
from app.ui.widgets import dates

_NAMED_DAYS = 7
"""Days away within which a day is named by its weekday."""


def moment(instant: int, now: int, zone: tzinfo, locale: str = ENGLISH) -> str:
    """Past or to come: `15:42` today, `Thu 17:48` less than seven days away, `Nov 12`, `Nov 12, 2025`."""
    then, today = (datetime.fromtimestamp(one / 1000, zone).date() for one in (instant, now))
    away = abs((today - then).days)
    if not away:
        return clock(instant, zone, locale)
    if away < _NAMED_DAYS:
        return f"{dates.weekday(then, locale)} {clock(instant, zone, locale)}"
    return day(then, today, locale)


def timed(instant: int, now: int, zone: tzinfo, locale: str = ENGLISH, seconds: bool = False) -> str:
    """As `moment`, never without its time: `15:42`, `Thu 17:48`, `Nov 12, 17:48`, `Nov 12, 2025, 17:48`."""
    then, today = (datetime.fromtimestamp(one / 1000, zone).date() for one in (instant, now))
    time = clock(instant, zone, locale, seconds)
    away = abs((today - then).days)
    if not away:
        return time
    return f"{dates.weekday(then, locale)} {time}" if away < _NAMED_DAYS else f"{day(then, today, locale)}, {time}"


def clock(instant: int, zone: tzinfo, locale: str = ENGLISH, seconds: bool = False) -> str:
    """`15:42`, `15:42:07`, or as the locale writes it."""
    then = datetime.fromtimestamp(instant / 1000, zone)
    if locale == ENGLISH:
        return f"{then:%H:%M:%S}" if seconds else f"{then:%H:%M}"
    from babel.dates import format_time

    return format_time(then.time(), "medium" if seconds else "short", locale=locale)


def day(one: date, today: date, locale: str = ENGLISH) -> str:
    """`Nov 12`, with the year where it is another one: `Nov 12, 2025`."""
    short = dates.short_day(one, locale)
    return short if one.year == today.year else f"{short}, {one.year}"


def named_day(one: date, today: date, locale: str = ENGLISH) -> str:
    """`Thu Nov 12`; of another year `Nov 12, 2025`."""
    return dates.day_name(one, locale) if one.year == today.year else day(one, today, locale)


def days(since: date, until: date, today: date, locale: str = ENGLISH) -> str:
    """`Thu Nov 12`, `Oct 22 – Nov 20`, `Dec 22, 2025 – Jan 20, 2026`."""
    if since == until:
        return named_day(since, today, locale)
    if since.year == until.year == today.year:
        return f"{dates.short_day(since, locale)} – {dates.short_day(until, locale)}"
    return f"{dates.short_day(since, locale)}, {since.year} – {dates.short_day(until, locale)}, {until.year}"
