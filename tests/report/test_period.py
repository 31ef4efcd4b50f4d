"""The bars of a period over a store."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

from app import runtime
from app.machine import Machine
from app.model.usage import Tokens
from app.report.period import Span, bars
from app.store.database import open_reader
from tests.store.copies import batch, call


def test_a_bar_says_what_it_may_be_more(machine: Machine) -> None:
    """Sonnet 4.5: $3 a million, $0.30 from the cache. 100,000 tokens of which the log does not say how many were cached:
    3 ¢ to 30 ¢, so 27 ¢ more at most; 100,000 that were not: 30 ¢.
    """
    noon = 1_780_315_200_000  # 2026-06-01 12:00 UTC
    unsplit = call(at=noon, tokens=Tokens(100_000), evidence="B")
    exact = call(at=noon, tokens=Tokens(100_000), group=2)
    with runtime.writer(machine) as store:
        store.commit([batch("a", unsplit, exact)], 1)
    with closing(open_reader(machine.database)) as connection:
        shown = bars(connection, Span(date(2026, 6, 1), date(2026, 6, 2), ZoneInfo("UTC")), "agent")
    assert shown.totals == (330_000_000, 0)
    assert shown.more_of == ((270_000_000, 0),)
    assert [shown.at_least(place) for place in (0, 1)] == [True, False]
