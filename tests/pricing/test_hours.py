"""Hours of the day that cost a multiple: each edge of a rule, with rules made up for it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.model.instant import instant_of
from app.pricing.book import Schedule
from app.pricing.catalog import Catalog
from app.pricing.hours import hour_factor, hours_of

PEAK = Schedule(
    channel="deepseek",
    since="2026-08-01T00:00:00Z",
    until="2026-09-01T00:00:00Z",
    hours=((60, 240), (1_380, 30)),  # 01:00 to 04:00, and 23:00 to 00:30
    weekdays_only=False,
    holidays=(),
    holiday_offset_hours=8,
    models=None,
    factor=(2, 1),
    source="made up",
)


def rule(**said: Any) -> Schedule:
    return msgspec.structs.replace(PEAK, **said)


def factor(at: str, *rules: Schedule) -> tuple[int, int]:
    return hour_factor(rules, instant_of(at) or 0)


@pytest.mark.parametrize(
    ("time", "dear"),
    [
        *(("00:59:59", False), ("01:00:00", True), ("03:59:59", True), ("04:00:00", False)),
        *(("22:59:59", False), ("23:00:00", True), ("23:59:59", True), ("00:00:00", True)),
        *(("00:29:59", True), ("00:30:00", False), ("12:00:00", False)),
    ],
)
def test_a_span_begins_with_its_first_minute_and_ends_before_its_last(time: str, dear: bool) -> None:
    """Also one that runs over midnight."""
    assert factor(f"2026-08-05T{time}Z", PEAK) == ((2, 1) if dear else (1, 1))


def test_a_span_of_no_length_never_holds() -> None:
    for time in ("00:59", "01:00", "01:01"):
        assert factor(f"2026-08-05T{time}:00Z", rule(hours=((60, 60),))) == (1, 1)


@pytest.mark.parametrize(
    ("at", "dear"),
    [
        ("2026-07-31T23:30:00Z", False),
        ("2026-08-01T00:00:00Z", True),
        ("2026-08-31T23:59:59Z", True),
        ("2026-09-01T00:00:00Z", False),
        ("2026-09-02T02:00:00Z", False),
    ],
)
def test_a_rule_holds_from_its_start_until_before_its_end(at: str, dear: bool) -> None:
    assert factor(at, PEAK) == ((2, 1) if dear else (1, 1))


def test_a_rule_without_an_end_goes_on() -> None:
    assert factor("2036-08-05T02:00:00Z", rule(until=None)) == (2, 1)


@pytest.mark.parametrize(
    ("day", "dear"),
    [
        *(("2026-08-05", True), ("2026-08-06", True), ("2026-08-07", True)),  # Wednesday to Friday
        *(("2026-08-08", False), ("2026-08-09", False), ("2026-08-10", True)),
    ],
)
def test_weekends_rest_where_the_rule_says_so(day: str, dear: bool) -> None:
    assert factor(f"{day}T02:00:00Z", rule(weekdays_only=True)) == ((2, 1) if dear else (1, 1))
    assert factor(f"{day}T02:00:00Z", PEAK) == (2, 1)


@pytest.mark.parametrize(
    ("at", "dear"),
    [
        # eight hours east of UTC, August 5 lasts from 16:00 of the 4th until 16:00 of the 5th
        ("2026-08-04T15:59:59Z", True),
        ("2026-08-04T16:00:00Z", False),
        ("2026-08-05T15:59:59Z", False),
        ("2026-08-05T16:00:00Z", True),
    ],
)
def test_a_holiday_is_a_local_day(at: str, dear: bool) -> None:
    always = rule(hours=((0, 1_440),), holidays=("2026-08-05",))
    assert factor(at, always) == ((2, 1) if dear else (1, 1))


def test_the_first_rule_that_holds_is_the_one() -> None:
    night = rule(factor=(1, 2))
    assert factor("2026-08-05T02:00:00Z", night, PEAK) == (1, 2)
    assert factor("2026-08-05T02:00:00Z", rule(hours=((600, 660),), factor=(1, 2)), PEAK) == (2, 1)
    assert factor("2026-08-05T02:00:00Z") == (1, 1)


def test_a_rule_is_of_its_channel_and_its_models(shipped: Catalog) -> None:
    some = rule(models=("a", "b"))
    book = msgspec.structs.replace(shipped.book, schedules=(PEAK, some))
    assert hours_of(book, "deepseek/a") == (PEAK, some)
    assert hours_of(book, "deepseek/c") == (PEAK,)
    assert hours_of(book, "fireworks/a") == ()
