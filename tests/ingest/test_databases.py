"""Other people's databases by the real path: found, noticed through their log, read by and by, and counted once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import runtime, settings
from app.shapes.finding import files_of, owner_of
from app.sources import BY_ID
from tests.ingest.test_worker import Watched
from tests.ingest.world import World

SOURCE = BY_ID["opencode"]
BEGAN = 1_795_500_000_000
"""ms since 1970 UTC, some hours before the tests' now."""


class Agent:
    """Writes its database while we read it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.connection = sqlite3.connect(path)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA wal_autocheckpoint = 0")
        self.connection.execute(
            "CREATE TABLE message (id TEXT PRIMARY KEY, session_id, time_created, time_updated, data)"
        )
        self.connection.commit()

    def says(self, ident: str, output: int, *, done: bool = True, session: str = "ses_a") -> None:
        at = BEGAN + len(ident) * 1_000 + sum(map(ord, ident))
        time = {"created": at, "completed": at + 900} if done else {"created": 4_000_000_000_000}
        data: dict[str, Any] = {
            "role": "assistant",
            "time": time,
            "modelID": "claude-sonnet-5",
            "providerID": "anthropic",
            "tokens": {"input": 10, "output": output, "reasoning": 0, "cache": {"read": 0, "write": 0}},
        }
        with self.connection:
            row = (ident, session, at, at, json.dumps(data))
            self.connection.execute("INSERT OR REPLACE INTO message VALUES (?, ?, ?, ?, ?)", row)


@pytest.fixture
def agent(world: World) -> Iterator[Agent]:
    settings.save(world.machine, settings.Settings(confirmed=(SOURCE.id,)))
    made = Agent(world.machine.home / ".local" / "share" / "opencode" / "opencode.db")
    with closing(made.connection):
        yield made


def outputs(world: World) -> list[int]:
    return [output for (output,) in world.ask("SELECT output FROM call WHERE kept = 1 ORDER BY output")]


def test_what_is_in_the_log_alone_is_read(world: World, agent: Agent) -> None:
    agent.says("a", 1)
    world.sync()
    agent.says("b", 2)
    assert world.pending() == [str(agent.path)]
    world.sync()
    assert outputs(world) == [1, 2]
    assert world.totals()["folded"] == 0


def test_what_is_written_to_an_end_counts_once(world: World, agent: Agent) -> None:
    agent.says("a", 1, done=False)
    world.sync()
    assert outputs(world) == []
    agent.says("a", 30)
    world.sync()
    agent.says("b", 2)
    world.sync()
    assert outputs(world) == [2, 30]
    assert world.totals()["folded"] == 0 and world.skipped() == {}


def test_two_that_read_at_once(world: World, agent: Agent) -> None:
    """Both began where reading stood; the second's batch is refused, and what it holds is in already."""
    agent.says("a", 1)
    with runtime.writer(world.machine) as writer:
        batches = list(SOURCE.read(agent.path, None))
        assert not writer.commit(batches, 1).refused
        assert writer.commit(batches, 2).refused
    assert outputs(world) == [1]


def test_a_folder_beside_much_else_is_not_walked(world: World, agent: Agent) -> None:
    deep = agent.path.parent / "snapshot" / "x" / "opencode.db"
    deep.parent.mkdir(parents=True)
    deep.write_bytes(b"")
    assert [one.path for one in files_of(SOURCE, world.machine)] == [str(agent.path)]
    assert owner_of(f"{agent.path}-wal") == str(agent.path)


def test_a_running_program_sees_it_at_once(world: World, agent: Agent) -> None:
    """By the notice of its log: the database itself does not change before its owner says so."""
    agent.says("a", 1)
    with runtime.writer(world.machine):
        pass  # so that the test can ask the database at once
    watched = Watched(world)
    watched.worker.start()
    try:
        watched.calls(1)
        agent.says("b", 2)
        watched.calls(2)
    finally:
        watched.worker.stop()
    assert outputs(world) == [1, 2]
