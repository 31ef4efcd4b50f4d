"""How windows write moments, around days, weeks and years."""

from __future__ import annotations

from datetime import UTC, date

import pytest

from app.model.instant import instant_of
from app.ui.moments import days, named_day, timed

NOW = "2026-11-24T15:42:00Z"


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("2026-11-24T09:05:07Z", "09:05:07"),
        ("2026-11-19T17:48:00Z", "Thu 17:48:00"),
        ("2026-11-17T17:48:00Z", "Nov 17, 17:48:00"),
        ("2025-11-24T17:48:00Z", "Nov 24, 2025, 17:48:00"),
    ],
)
def test_never_without_its_time(then: str, words: str) -> None:
    instant, now = instant_of(then), instant_of(NOW)
    assert instant is not None
    assert now is not None
    assert timed(instant, now, UTC, seconds=True) == words
    assert timed(instant, now, UTC) == words.rpartition(":")[0]


def test_a_day_of_another_year_says_so() -> None:
    today = date(2026, 1, 3)
    assert named_day(date(2026, 1, 1), today) == "Thu Jan 1"
    assert named_day(date(2025, 12, 31), today) == "Dec 31, 2025"
    assert days(date(2025, 12, 31), date(2025, 12, 31), today) == "Dec 31, 2025"
