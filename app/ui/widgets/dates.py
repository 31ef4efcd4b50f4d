"""Days and hours as axes and read-outs write them. English without help, other locales by Babel."""

from __future__ import annotations

from datetime import date, datetime

from app.formats import ENGLISH, short_day

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LONG_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def weekday(day: date, locale: str = ENGLISH) -> str:
    """`Thu`."""
    if locale == ENGLISH:
        return _DAYS[day.weekday()]
    from babel.dates import format_date

    return format_date(day, "ccc", locale=locale)


def day_name(day: date, locale: str = ENGLISH) -> str:
    """`Thu Nov 12`."""
    if locale == ENGLISH:
        return f"{_DAYS[day.weekday()]} {short_day(day)}"
    return _babel("MMMEd", day, locale)


def long_day(day: date, locale: str = ENGLISH) -> str:
    """`Thursday November 12`, as it is said."""
    if locale == ENGLISH:
        return f"{_LONG_DAYS[day.weekday()]} {_LONG_MONTHS[day.month - 1]} {day.day}"
    return _babel("MMMMEEEEd", day, locale)


def month(day: date, locale: str = ENGLISH) -> str:
    """`November`."""
    if locale == ENGLISH:
        return _LONG_MONTHS[day.month - 1]
    return _babel("LLLL", day, locale)


def hour(moment: datetime, locale: str = ENGLISH) -> str:
    """`15:00`, or as the locale writes an hour."""
    if locale == ENGLISH:
        return f"{moment.hour:02}:00"
    from babel.dates import format_time

    return format_time(moment.time(), "short", locale=locale)


def _babel(skeleton: str, day: date, locale: str) -> str:
    from babel.dates import format_skeleton

    return format_skeleton(skeleton, datetime(day.year, day.month, day.day), locale=locale)
