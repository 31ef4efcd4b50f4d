"""Days, weeks and months in the user's zone: hours that are missing or double, a zone that changes, and the vendor's day."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import answer, usage
from tests.cli.conftest import Cuenta

OUTPUT = 10 * 1_000
"""One token of output of claude-sonnet-5, in nano-dollars."""


def hourly(cuenta: Cuenta, first: str, hours: int) -> None:
    """A call at the half of each hour, from the instant on."""
    start = datetime.fromisoformat(first).replace(tzinfo=UTC, minute=30)
    stamps = [(start + timedelta(hours=hour)).strftime("%Y-%m-%dT%H:%M:%SZ") for hour in range(hours)]
    cuenta.claude("S1", *(answer(f"m{at}", f"r{at}", usage(0, 1), at=at) for at in stamps))


WEEKS = [
    # zone, first instant of the log, week and its hours, month and its hours
    ("Europe/Madrid", "2026-02-20T00:00", "2026-W13", 167, "2026-03", 743),
    ("Europe/Madrid", "2026-09-20T00:00", "2026-W43", 169, "2026-10", 745),
    ("America/New_York", "2026-02-20T00:00", "2026-W10", 167, "2026-03", 743),
    ("America/New_York", "2026-10-20T00:00", "2026-W44", 169, "2026-11", 721),
    ("Asia/Tokyo", "2026-02-20T00:00", "2026-W13", 168, "2026-03", 744),
]


@pytest.mark.parametrize(("zone", "first", "week", "hours", "month", "month_hours"), WEEKS)
def test_weeks_and_months_in_which_the_clocks_change(
    cuenta: Cuenta, zone: str, first: str, week: str, hours: int, month: str, month_hours: int
) -> None:
    """A call each hour: the week of the change has one less, or one more, and none is lost or counted twice."""
    hourly(cuenta, first, 24 * 66)
    weeks = cuenta.rows("--by", "week", "--timezone", zone)
    months = cuenta.rows("--by", "month", "--timezone", zone)
    assert (weeks[week]["calls"], weeks[week]["cost_nanousd"]) == (hours, hours * OUTPUT)
    assert (months[month]["calls"], months[month]["cost_nanousd"]) == (month_hours, month_hours * OUTPUT)
    for rows in (weeks, months):
        assert sum(row["calls"] for row in rows.values()) == 24 * 66


def test_another_zone_sorts_the_same_calls_anew_and_reads_nothing(cuenta: Cuenta) -> None:
    hourly(cuenta, "2026-06-01T00:00", 48)
    cuenta("sync")

    def state() -> object:
        with closing(sqlite3.connect(cuenta.data / "cuenta.sqlite3")) as connection:
            return connection.execute("SELECT * FROM call").fetchall(), connection.execute(
                "SELECT * FROM file"
            ).fetchall()

    before = state()
    (log,) = cuenta.home.rglob("*.jsonl")
    log.unlink()
    days = {
        "UTC": {"2026-06-01": 24, "2026-06-02": 24},
        "Asia/Kathmandu": {"2026-06-01": 18, "2026-06-02": 24, "2026-06-03": 6},  # 5:45 ahead, calls at :30
        "America/New_York": {"2026-05-31": 4, "2026-06-01": 24, "2026-06-02": 20},
    }
    for zone, expected in days.items():
        rows = cuenta.rows("--no-sync", "--timezone", zone)
        assert {key: row["calls"] for key, row in rows.items()} == expected, zone
    assert state() == before


# --- the vendor's day


def test_the_vendors_day_is_told_where_it_differs(cuenta: Cuenta) -> None:
    """Two calls on June 2 in Madrid, one of them still on June 1 in UTC; one on June 5 in both."""
    for at in ("2026-06-01T22:30:00Z", "2026-06-02T10:00:00Z", "2026-06-05T12:00:00Z"):
        cuenta.claude(at, answer(f"m{at}", f"r{at}", usage(0, 1), at=at, session=at))
    rows = cuenta.rows("--timezone", "Europe/Madrid", "--utc")
    told = {key: (row["calls"], row.get("utc_calls"), row.get("utc_cost_nanousd")) for key, row in rows.items()}
    assert told == {
        "2026-06-01": (0, 1, OUTPUT),  # nothing here, but on the vendor's bill
        "2026-06-02": (2, 1, OUTPUT),
        "2026-06-05": (1, None, None),
    }
    assert "utc_calls" not in str(cuenta.rows("--timezone", "Europe/Madrid"))
    assert "utc_calls" not in str(cuenta.rows("--timezone", "UTC", "--utc"))


def test_both_kinds_of_days_hold_the_same_calls(cuenta: Cuenta) -> None:
    hourly(cuenta, "2026-05-30T00:00", 24 * 9)
    for by in ("day", "week", "month"):
        rows = cuenta.rows("--timezone", "Pacific/Chatham", "--by", by, "--utc").values()
        assert sum(row.get("utc_calls", row["calls"]) for row in rows) == sum(row["calls"] for row in rows) == 24 * 9


def test_a_bounded_vendors_day_is_whole(cuenta: Cuenta) -> None:
    """Asked for one local day: beside it the whole UTC day of that date, not what of it lies in the local one."""
    hourly(cuenta, "2026-06-01T00:00", 72)
    asked = ("--since", "2026-06-02", "--until", "2026-06-02", "--timezone", "Asia/Tokyo", "--utc")
    cuenta.claude("S2", answer("x", "rx", usage(0, 5), at="2026-06-02T20:00:00Z", session="S2"))  # June 3 in Tokyo
    rows = cuenta.rows(*asked)
    assert (rows["2026-06-02"]["calls"], rows["2026-06-02"]["utc_calls"]) == (24, 25)
    assert rows["2026-06-02"]["utc_cost_nanousd"] == 29 * OUTPUT


def test_a_trace_tells_the_vendors_day_where_it_differs(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Madrid")
    for name, at in (("late", "2026-06-01T22:30:00Z"), ("noon", "2026-06-01T12:00:00Z")):
        cuenta.claude(name, answer(name, f"r{name}", usage(0, 1), at=at, session=name))
    assert "Day 2026-06-01 to the vendor, whose days are UTC" in " ".join(
        cuenta("session", "late", "--trace", "1").out.split()
    )
    assert "to the vendor" not in cuenta("session", "noon", "--trace", "1").out


def test_it_is_shown_to_people(cuenta: Cuenta) -> None:
    cuenta.claude("S1", answer(counts=usage(0, 1_000), at="2026-06-01T22:30:00Z"))
    shown = cuenta("report", "--timezone", "Europe/Madrid", "--utc").out
    assert "UTC day" in shown and "what the vendor's own day sums to" in shown


def test_only_periods_have_a_vendors_day(cuenta: Cuenta) -> None:
    done = cuenta("report", "--by", "model", "--utc")
    assert (done.status, done.out) == (2, "")
    assert "--utc goes with --by day, week, month" in done.err
