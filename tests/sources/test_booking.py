"""Agents that keep a session's total: what it grows by is booked once, when it grew, whatever else is written meanwhile."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app import settings
from app.sources import SOURCES

from .home import Home

DROID = ".factory/sessions/-w/d1.settings.json"
GOOSE = ".local/share/goose/sessions/sessions.db"


@pytest.fixture
def trusting(home: Home) -> Home:
    confirmed = tuple(source.id for source in SOURCES if not source.verified)
    settings.save(home.machine, settings.Settings(confirmed=confirmed))
    home.machine = replace(home.machine, system="linux")
    return home


def told(home: Home) -> list[tuple[str, int, int]]:
    """(UTC day, prompt, output) of each call that counts."""
    found = [(datetime.fromtimestamp(one.at // 1000, UTC), one.tokens) for one in home.calls()]
    return sorted((f"{at:%m-%d}", tokens.prompt, tokens.output) for at, tokens in found)


def droid(sent: int, output: int) -> str:
    said = {"model": "m", "providerLockTimestamp": "2026-08-01T10:00:00Z"}
    return json.dumps({**said, "tokenUsage": {"inputTokens": sent, "outputTokens": output}})


def test_droid_grows_at_the_time_when_it_grew(trusting: Home) -> None:
    """What it was before we looked stands at its beginning; a total that fell began anew."""
    trusting.write(DROID, droid(100, 10), modified="2026-08-02T10:00:00Z")
    trusting.read()
    trusting.write(DROID, droid(150, 25), modified="2026-08-03T10:00:00Z")
    trusting.read()
    trusting.write(DROID, droid(7, 2), modified="2026-08-04T10:00:00Z")
    assert told(trusting.read()) == [("08-01", 100, 10), ("08-03", 50, 15), ("08-04", 7, 2)]


def goose(home: Home, *statements: str) -> Home:
    file = home.root / GOOSE
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(";".join(statements))
    home.touch(file)
    return home.read()


TABLE = (
    "CREATE TABLE sessions (id TEXT PRIMARY KEY, created_at TEXT, updated_at TEXT, accumulated_input_tokens INTEGER,"
    " accumulated_output_tokens INTEGER, accumulated_cost REAL)"
)
LEDGER = (
    "CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY, session_id TEXT, created_timestamp INTEGER, input_tokens INTEGER,"
    " output_tokens INTEGER, cost REAL)"
)


def session(sent: int, output: int, cost: float, day: int) -> str:
    return saved_at(f"2026-08-{day:02} 10:00:00", sent, output, cost)


def saved_at(moment: str, sent: int, output: int, cost: float) -> str:
    return f"REPLACE INTO sessions VALUES ('s', '2026-08-01 10:00:00', '{moment}', {sent}, {output}, {cost})"


def test_goose_grows_at_its_last_change(trusting: Home) -> None:
    goose(trusting, TABLE, session(100, 10, 0.01, 2))
    goose(trusting, session(150, 25, 0.03, 4))
    assert told(trusting) == [("08-02", 100, 10), ("08-04", 50, 15)]
    assert sum(one.reported or 0 for one in trusting.calls()) == 30_000_000


def test_goose_with_a_ledger_counts_no_request_twice(trusting: Home) -> None:
    """Of a session from before the ledger; the row may be written before the total."""
    goose(trusting, TABLE, session(100, 10, 0.01, 2))
    row = "INSERT INTO usage_ledger VALUES (1, 's', 1785751200, 50, 15, 0.02)"  # August 3, 10:00
    goose(trusting, LEDGER, session(150, 25, 0.03, 3), row)
    assert told(trusting) == [("08-02", 100, 10), ("08-03", 50, 15)]
    goose(trusting, row.replace("(1,", "(2,").replace("1785751200", "1785837600"))  # the row first …
    goose(trusting, session(200, 40, 0.05, 4))  # … and then the total
    assert told(trusting) == [("08-02", 100, 10), ("08-03", 50, 15), ("08-04", 50, 15)]
    assert sum(one.reported or 0 for one in trusting.calls()) == 50_000_000


def test_goose_waits_for_the_ledger_before_it_books_a_total(trusting: Home) -> None:
    """The total may be written before the row, too."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}"
    goose(trusting, TABLE, LEDGER, saved_at(now, 50, 15, 0.02))
    assert told(trusting) == []
    goose(trusting, "INSERT INTO usage_ledger VALUES (1, 's', 1785751200, 50, 15, 0.02)")
    assert told(trusting) == [("08-03", 50, 15)]
