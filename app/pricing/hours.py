# pyright: strict
"""Hours of the day that cost a multiple: DeepSeek's peak hours today, its night discount in 2025."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from app.model.instant import instant_of
from app.pricing.book import Book, Schedule


def hours_of(book: Book, key: str) -> tuple[Schedule, ...]:
    """The rules that hold for the model `channel/model`; nearly always none."""
    channel, _, model = key.partition("/")
    return tuple(
        one for one in book.schedules if one.channel == channel and (one.models is None or model in one.models)
    )


def hour_factor(hours: tuple[Schedule, ...], instant: int) -> tuple[int, int]:
    """The multiple that the time of day asks, as numerator and denominator."""
    moment = datetime.fromtimestamp(instant / 1000, UTC)
    for rule in hours:
        since, until = instant_of(rule.since), instant_of(rule.until) if rule.until else None
        if since is not None and since <= instant and (until is None or instant < until) and _applies(rule, moment):
            return rule.factor
    return (1, 1)


def _applies(rule: Schedule, moment: datetime) -> bool:
    minute = moment.hour * 60 + moment.minute
    if not any(start <= minute < end if start <= end else minute >= start or minute < end for start, end in rule.hours):
        return False
    if rule.weekdays_only and moment.weekday() >= 5:
        return False
    return (moment + timedelta(hours=rule.holiday_offset_hours)).date().isoformat() not in rule.holidays
