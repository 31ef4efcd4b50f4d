"""A home directory of a test, and what the program makes of it by the real path: found, read, stored, summed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from builders import Record, lines

from app import runtime
from app.machine import Machine
from app.model.instant import instant_of
from app.model.usage import Tokens
from app.report.overview import Question, build
from app.store import queries
from app.store.queries import CallRow, Context, Filter, SessionFacts, SourceHealth

UTC = ZoneInfo("UTC")
FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
AGENTS = {"claude": "claude_code", "codex": "codex"}


class Counts(NamedTuple):
    """What a report adds up."""

    calls: int = 0
    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0


class Home:
    """Files are written with modification times that rise from write to write, unless a test says when."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.root = machine.home
        self.connection = runtime.reader(machine)
        self._tick = 1_780_000_000

    def close(self) -> None:
        self.connection.close()

    def environment(self, **variables: str) -> None:
        self.machine = replace(self.machine, environment={**self.machine.environment, **variables})

    # --- writing

    def write(self, path: str | Path, *records: Record | str | bytes, modified: str | None = None) -> Path:
        """A file below the home, made or replaced in place."""
        return self._put(path, records, "wb", modified)

    def append(self, path: str | Path, *records: Record | str | bytes) -> Path:
        return self._put(path, records, "ab", None)

    def _put(self, path: str | Path, records: Iterable[Record | str | bytes], mode: str, modified: str | None) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(file, mode) as out:
            for one in records:
                out.write(one if isinstance(one, bytes) else lines(one))
        self.touch(file, modified)
        return file

    def touch(self, file: Path, modified: str | None = None) -> None:
        self._tick += 10
        instant = instant_of(modified) if modified else None
        seconds = self._tick if instant is None else instant / 1000
        os.utime(file, (seconds, seconds))

    def claude(self, *records: Record | str | bytes, session: str = "S1", modified: str | None = None) -> Path:
        return self.write(f".claude/projects/-home-me-app/{session}.jsonl", *records, modified=modified)

    def subagent(self, *records: Record | str | bytes, agent: str = "x1", session: str = "S1") -> Path:
        return self.write(f".claude/projects/-home-me-app/{session}/subagents/agent-{agent}.jsonl", *records)

    def codex(self, *records: Record | str | bytes, thread: str = "T1", folder: str = "sessions/2026/06/01") -> Path:
        return self.write(f".codex/{folder}/rollout-2026-06-01T10-00-00-{thread}.jsonl", *records)

    # --- reading

    def read(self) -> Home:
        """One pass over all that is new. What went wrong fails the test."""
        caught = runtime.read_new(self.machine, self.connection)
        assert caught is None or not caught.problems
        assert caught is None or not caught.refused
        return self

    def total(self, agent: str | None = None) -> Counts:
        which = Filter(agents=(agent,) if agent else ())
        sums = queries.total(self.connection, which)
        return counts(sums.calls, sums.tokens)

    @property
    def output(self) -> int:
        return self.total().output

    @property
    def folded(self) -> int:
        return queries.total(self.connection, Filter()).folded

    def table(self) -> dict[str, Counts]:
        """`agent model day` → counts, from reports by day, asked for each model by itself."""
        found: dict[str, Counts] = {}
        for agent in AGENTS.values():
            for model in build(self.connection, Question(UTC, "model", agents=(agent,))).rows:
                for (key, day), sums in _days(self.connection, agent, model.key).items():
                    found[f"{agent} {key} {day}"] = sums
        return found

    def days(self) -> dict[str | None, int]:
        """Day → calls."""
        return {row.key: row.sums.calls for row in build(self.connection, Question(UTC, "day")).rows}

    def sessions(self) -> dict[str, SessionFacts]:
        return {one.native: one for one in queries.sessions(self.connection).values()}

    def by_session(self) -> dict[str, int]:
        """Session → calls."""
        report = build(self.connection, Question(UTC, "session"))
        return {row.session.native: row.sums.calls for row in report.rows if row.session is not None}

    def calls(self) -> list[CallRow]:
        """All counted calls in order of time."""
        sessions = queries.sessions(self.connection)  # by our id: two agents may give one and the same
        found = [one for ident in sessions for one in queries.calls_of(self.connection, ident)]
        return sorted(found, key=lambda one: (one.at, one.path, one.position))

    def call(self) -> CallRow:
        (only,) = self.calls()
        return only

    def context(self, session: str) -> Context:
        return queries.context_of(self.connection, self._ident(session))

    def _ident(self, session: str) -> int:
        ((ident,),) = self.connection.execute("SELECT id FROM session WHERE native = ?", (session,)).fetchall()
        return ident

    def window(self, session: str) -> int | None:
        """The context window as the live meter shows it."""
        from app.sources import BY_ID

        facts, context = self.sessions()[session], self.context(session)
        return BY_ID[facts.source].window(facts.model, context.window, context.highest, self.machine)

    def health(self, agent: str) -> SourceHealth:
        return queries.health(self.connection, agent)

    def quotas(self) -> list[tuple[Any, ...]]:
        return self.connection.execute("SELECT name, minutes, used FROM quota ORDER BY at, minutes").fetchall()

    def compactions(self) -> list[tuple[int | None, int | None]]:
        rows = self.connection.execute("SELECT before, after FROM occurrence WHERE kind = 'compaction' ORDER BY at")
        return rows.fetchall()


def _days(connection: Any, agent: str, model: str | None) -> dict[tuple[str, str], Counts]:
    """A model nobody named can't be asked for by name: it is what is left of the agent's days."""
    if model is not None:
        rows = build(connection, Question(UTC, "day", agents=(agent,), models=(model,))).rows
        return {(model, str(row.key)): counts(row.sums.calls, row.sums.tokens) for row in rows}
    left = {str(row.key): row.sums for row in build(connection, Question(UTC, "day", agents=(agent,))).rows}
    found = {day: counts(sums.calls, sums.tokens) for day, sums in left.items()}
    for row in build(connection, Question(UTC, "model", agents=(agent,))).rows:
        if row.key is not None:
            for (_, day), sums in _days(connection, agent, row.key).items():
                found[day] = Counts(*(a - b for a, b in zip(found[day], sums, strict=True)))
    return {("None", day): sums for day, sums in found.items() if any(sums)}


def counts(calls: int, tokens: Tokens) -> Counts:
    return Counts(calls, tokens.input, tokens.cache_read, tokens.cache_write_5m, tokens.cache_write_1h, tokens.output)


def copied_home(case: Path, home: Path) -> list[Path]:
    """The case's logs in the test's home, newest last in order of path; their paths in that order."""
    shutil.copytree(case, home, dirs_exist_ok=True)
    files = sorted(file for file in home.rglob("*") if file.is_file())
    for index, file in enumerate(files):
        os.utime(file, (1_780_000_000 + index, 1_780_000_000 + index))
    return files
