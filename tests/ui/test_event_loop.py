"""The GUI thread while twenty long sessions write: the real program, its ingest thread and three windows over a
real store."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from app.demo import write_logs
from app.machine import Machine
from app.report.zone import local_zone
from tests.patience import PATIENCE
from tests.ui.desk import ROOT

SESSIONS, LINES, SECONDS = 20, 60, 6.0
"""Each session writes three lines a second,"""
BEFORE = 2_000
"""and has so many calls behind it."""
FRAME = 16.0


class Seen(NamedTuple):
    """ms."""

    opening: list[float]
    stretches: list[float]
    late: list[float]
    tasks: list[float]
    calls: int


class Agents:
    """Twenty agents at work, each in a log of its own."""

    def __init__(self, home: Path) -> None:
        self._folder = home / ".claude/projects/-home-dev-busy"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._picks = random.Random(3)
        self.written = 0

    @staticmethod
    def name(session: int) -> str:
        return f"5e55104e-0000-4000-8000-{session:012d}"

    def answer(self, session: int) -> None:
        line = self._line(session, "x" * self._picks.randrange(200, 4_000))
        with (self._folder / f"{self.name(session)}.jsonl").open("a", encoding="utf-8") as log:
            log.write(line)

    def _line(self, session: int, text: str, ago: int = 0) -> str:
        """One call, so many seconds ago."""
        self.written += 1
        usage = {
            "input_tokens": self._picks.randrange(10),
            "cache_read_input_tokens": self._picks.randrange(20_000, 150_000),
            "cache_creation_input_tokens": self._picks.randrange(5_000),
            "output_tokens": self._picks.randrange(20, 2_000),
        }
        message = {"id": f"busy_{self.written}", "model": "claude-opus-4-5", "usage": usage, "stop_reason": "tool_use"}
        now = (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
        line = {"type": "assistant", "cwd": f"/home/dev/busy-{session}", "timestamp": now, "uuid": f"u{self.written}"}
        whole = {
            **line,
            "requestId": f"req_{self.written}",
            "message": {**message, "content": [{"type": "text", "text": text}]},
        }
        return json.dumps(whole) + "\n"

    def remember(self, calls: int) -> None:
        """A long history of each, of the last hours."""
        for session in range(SESSIONS):
            lines = (self._line(session, text="", ago=(calls - number) * 2) for number in range(calls))
            (self._folder / f"{self.name(session)}.jsonl").write_text("".join(lines), encoding="utf-8")

    def work(self, seconds: float) -> None:
        begun = time.monotonic()
        for number in range(int(seconds * LINES)):
            time.sleep(max(0.0, begun + number / LINES - time.monotonic()))
            self.answer(number % SESSIONS)


def watch(folder: Path, env: dict[str, str], seconds: float = SECONDS) -> Seen:
    """What the watchdog saw while all of them wrote, over five weeks of the demo's history."""
    home, data = folder / "home", folder / "data"
    home.mkdir()
    data.mkdir()
    (data / "notes.json").write_text(json.dumps({"welcomed": True}))
    machine = Machine(home, {"TZ": "UTC"}, data=data)
    write_logs(home, machine.clock(), local_zone(machine))
    agents = Agents(home)
    agents.remember(BEFORE)
    env = {**env, "HOME": str(home), "CUENTA_HOME": str(data), "TZ": "UTC"}
    command = [sys.executable, "-m", "tests.ui.watchdog", "claude_code", agents.name(0)]
    with subprocess.Popen(
        command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        agents.work(seconds)
        process.stdin.close()
        told: dict[str, Any] = json.loads(process.stdout.readline())
        assert process.wait(PATIENCE) == 0
    return Seen(**told)


def _env() -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("CUENTA_", "CLAUDE_", "XDG_"))}
    return {**env, "QT_QPA_PLATFORM": "offscreen"}


def test_twenty_sessions_write_while_the_windows_stand_open(tmp_path: Path) -> None:
    """All of it arrives, and no task of the GUI thread is longer than a frame. Tasks, not turns of the loop: on a slower
    machine, or one with other work, several fall due in one turn, and a build server had 17 to 24 ms there. Where it is
    missed it is tried again, twice.
    """
    seen: list[Seen] = []
    for attempt in range(3):
        (folder := tmp_path / str(attempt)).mkdir()
        seen.append(watch(folder, _env()))
        assert len(seen[-1].stretches) > 4 * SECONDS  # it was awake, and not once
        if max(seen[-1].tasks) <= FRAME:
            break
    assert max(seen[-1].tasks) <= FRAME, [sorted(run.tasks)[-5:] for run in seen]
    with closing(sqlite3.connect(Machine(folder, data=folder / "data").database)) as store:
        (kept,) = store.execute(
            "SELECT count(*) FROM call JOIN session ON session.id = call.session_id WHERE session.native LIKE '5e55104e-%'"
        ).fetchone()
    late = LINES  # of the last second: it was ended at once
    assert SESSIONS * BEFORE + SECONDS * LINES - late <= kept <= SESSIONS * BEFORE + SECONDS * LINES


@pytest.mark.long
def test_no_turn_is_longer_than_a_frame(tmp_path: Path) -> None:
    """A figure of a quiet machine, which the benchmarks show, too. Where it is missed it is tried again, twice."""
    seen: list[Seen] = []
    for attempt in ("first", "second", "third"):
        (tmp_path / attempt).mkdir()
        seen.append(watch(tmp_path / attempt, _env()))
        if max(seen[-1].stretches) <= FRAME:
            break
    over = [[round(one, 1) for one in sorted(run.stretches)[-5:]] for run in seen]
    assert max(seen[-1].stretches) <= FRAME, f"the longest stretches, ms: {over}"
