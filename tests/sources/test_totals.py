"""Agents that keep running totals, read while they run: what was added is a call at its own time, and counts once."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import settings
from app.model.usage import Tokens
from app.sources import SOURCES, hermes

from .home import FIXTURES, Home

AT = 1_785_578_400_000


@pytest.fixture
def trusting(home: Home) -> Home:
    """A home whose owner has confirmed every agent."""
    confirmed = tuple(source.id for source in SOURCES if not source.verified)
    settings.save(home.machine, settings.Settings(confirmed=confirmed))
    return home


def made(script: Path, database: Path) -> Path:
    database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(script.read_text())
    return database


def change(home: Home, database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    home.touch(database)
    home.read()


def test_hermes_while_it_runs(trusting: Home) -> None:
    """One call is measured and fills the context; three at once are a total."""
    database = made(FIXTURES / "hermes/sample/home/.hermes/state.db.sql", trusting.root / ".hermes/state.db")
    change(trusting, database)
    before = len(trusting.calls())
    more = "UPDATE session_model_usage SET api_call_count = api_call_count + {}, input_tokens = input_tokens + {}"
    where = "last_seen = last_seen + {}, estimated_cost_usd = estimated_cost_usd + 0.01 WHERE task = ''"
    total = "UPDATE sessions SET api_call_count = api_call_count + {}, input_tokens = input_tokens + {}"
    for calls, tokens, later in ((1, 700, 60), (3, 900, 60)):
        change(
            trusting,
            database,
            f"{more.format(calls, tokens)}, {where.format(later)}",
            total.format(calls, tokens),
            "INSERT INTO messages (session_id, role, timestamp) VALUES ('h1', 'assistant', 1)",
        )
    new = trusting.calls()[before:]
    assert [(one.tokens, one.at - AT, one.evidence, one.reported) for one in new] == [
        (Tokens(700), 360_500, "A", 10_000_000),
        (Tokens(900), 420_500, "C", 10_000_000),
    ]
    assert trusting.context("h1").tokens == 700


def test_hermes_with_more_sessions_than_are_read_at_once(trusting: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some at a time give what all at once do, and what changes afterwards is seen."""
    monkeypatch.setattr(hermes, "_MOST", 2)
    script = FIXTURES / "hermes/chain/home/AppData/Local/hermes/state.db.sql"
    database = made(script, trusting.root / ".hermes/state.db")
    change(trusting, database)
    assert trusting.total("hermes").calls == 7  # as `fixtures/hermes/chain` says
    spoke = "INSERT INTO messages (session_id, role, timestamp) VALUES ('a', 'assistant', 1)"
    change(trusting, database, "UPDATE sessions SET input_tokens = input_tokens + 1 WHERE id = 'a'", spoke)
    assert trusting.total("hermes").calls == 8


def test_hermes_takes_nothing_back(trusting: Home) -> None:
    """A gateway that begins to count anew writes a total lower than what its routes have: nothing is left of it to book."""
    database = made(FIXTURES / "hermes/days/home/hermes/profiles/work/state.db.sql", trusting.root / ".hermes/state.db")
    change(trusting, database)
    counted = trusting.total("hermes")
    spoke = "INSERT INTO messages (session_id, role, timestamp) VALUES ('d2', 'assistant', 1)"
    for tokens in (300, 1_000):
        change(trusting, database, f"UPDATE sessions SET input_tokens = {tokens} WHERE id = 'd2'", spoke)
        assert trusting.total("hermes") == counted


def test_a_route_of_hermes_that_is_told_later(trusting: Home) -> None:
    """An update that begins to keep routes fills them from the sessions: what was booked is not booked again."""
    script = FIXTURES / "hermes/chain/home/AppData/Local/hermes/state.db.sql"
    database = made(script, trusting.root / ".hermes/state.db")
    change(trusting, database)
    counted = trusting.total("hermes")
    change(
        trusting,
        database,
        "CREATE TABLE session_model_usage AS SELECT id AS session_id, model, '' AS task, input_tokens, output_tokens,"
        " cache_read_tokens, cache_write_tokens, reasoning_tokens, started_at AS last_seen FROM sessions",
        "UPDATE session_model_usage SET input_tokens = input_tokens + 5 WHERE session_id = 'b'",
    )
    assert trusting.total("hermes") == counted._replace(calls=counted.calls + 1, input=counted.input + 5)


def test_crush_while_it_runs(trusting: Home) -> None:
    """What a session's cost grew by, by the model that answered since; a title that was changed costs nothing."""
    database = made(FIXTURES / "crush/sample/home/app/.crush/crush.db.sql", trusting.root / "app/.crush/crush.db")
    entry = {"path": str(trusting.root / "app"), "data_dir": str(database.parent)}
    trusting.write(".local/share/crush/projects.json", json.dumps({"id-1": entry}))
    change(trusting, database)
    (first,) = trusting.calls()
    message = "INSERT INTO messages (id, session_id, role, model, provider, created_at, updated_at) VALUES"
    change(
        trusting,
        database,
        "UPDATE sessions SET cost = 0.5, prompt_tokens = 30, completion_tokens = 2, updated_at = 1785582060 WHERE id = 'c1'",
        f"{message} ('m9', 'c1', 'assistant', 'gpt-5.4', 'openai', 1785582055, 1785582059)",
    )
    change(trusting, database, "UPDATE sessions SET title = 'x', updated_at = 1785582099")
    _, second = trusting.calls()
    assert (first.model, first.reported) == ("claude-sonnet-5", 420_000_000)
    assert (second.model, second.reported, second.at) == ("gpt-5.4", 80_000_000, 1_785_582_060_000)
    assert trusting.sessions()["c1"].project == entry["path"]
    assert trusting.context("c1").tokens == 32


def test_vibe_while_it_runs(trusting: Home) -> None:
    """A turn is a call; a dearer model makes nothing dearer that was counted; resumed, it begins at zero."""
    path = ".vibe/logs/session/session_20260801_100000_aaaaaaaa/meta.json"

    def save(sent: int, output: int, cost: float, last: tuple[int, int], minute: int) -> None:
        counts = {"session_prompt_tokens": sent, "session_completion_tokens": output, "session_cost": cost}
        turn = {"last_turn_prompt_tokens": last[0], "last_turn_completion_tokens": last[1]}
        end = f"2026-08-01T10:{minute:02}:00+00:00"
        trusting.write(path, json.dumps({"session_id": "s", "end_time": end, "stats": {**counts, **turn}}))
        trusting.read()

    save(1_000, 50, 0.010, (600, 30), 1)
    save(1_700, 90, 0.017, (700, 40), 2)
    save(1_700, 90, 0.170, (700, 40), 3)
    save(300, 20, 0.003, (300, 20), 4)
    save(900, 60, 0.009, (600, 40), 5)
    assert [(one.tokens.input, one.tokens.output, one.evidence) for one in trusting.calls()] == [
        (1_000, 50, "C"),
        (700, 40, "B"),
        (300, 20, "B"),
        (600, 40, "B"),
    ]
    assert [one.reported for one in trusting.calls()] == [10_000_000, 7_000_000, 3_000_000, 6_000_000]


def test_a_compaction_of_vibe_whose_session_is_gone(trusting: Home) -> None:
    """Whether its parent's totals were booked nobody knows: after a while what is its own for sure is."""
    folder = ".vibe/logs/session/session_20260801_102000_bbbbbbbb"
    stats = {"session_prompt_tokens": 58_000, "session_completion_tokens": 2_600, "session_cost": 0.13}
    turn = {"last_turn_prompt_tokens": 5_000, "last_turn_completion_tokens": 70}
    trusting.write(f"{folder}/messages.jsonl", {"role": "user", "injected": True})
    trusting.write(
        f"{folder}/meta.json", json.dumps({"session_id": "b", "parent_session_id": "a", "stats": {**stats, **turn}})
    )
    trusting.read()
    assert trusting.calls() == []
    for _ in range(100):
        trusting.read()
    assert trusting.call().tokens == Tokens(5_000, output=70)
    assert trusting.health("mistral_vibe").skipped == {"compaction whose session is gone: its last turn only": 1}
