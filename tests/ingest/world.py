"""A small world to read: logs written line by line, a machine to read them on, and what the store makes of them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from app import runtime
from app.ingest.catch_up import CatchUp, Progress, survey
from app.machine import Machine
from app.model.usage import Changed
from app.shapes.source import Source
from app.sources import SOURCES

ROOT = Path(__file__).resolve().parents[2]
GENERATOR = ROOT / "tests" / "corpus" / "gen_corpus.py"
DAY = "2026-11-24"


def answer(
    ident: str,
    *,
    output: int = 100,
    prompt: int = 7,
    read: int = 1_000,
    written: int = 50,
    at: str = f"{DAY}T10:00:00.000Z",
    session: str = "session-1",
    request: str | None = "",
    model: str = "claude-sonnet-4-5-20250929",
    cwd: str = "/home/dev/app",
    **more: Any,
) -> str:
    """One line of a Claude Code transcript with usage; `request` is made from the id where it is empty."""
    usage = {
        "input_tokens": prompt,
        "cache_read_input_tokens": read,
        "cache_creation_input_tokens": written,
        "output_tokens": output,
    }
    message = {"id": f"msg_{ident}", "model": model, "role": "assistant", "usage": usage, "stop_reason": "end_turn"}
    line: dict[str, Any] = {
        "type": "assistant",
        "sessionId": session,
        "uuid": f"line-{ident}-{output}-{session}",
        "timestamp": at,
        "cwd": cwd,
        "gitBranch": "main",
        "version": "2.1.150",
        "isSidechain": False,
        "message": message,
    }
    if request is not None:
        line["requestId"] = request or f"req_{ident}"
    return json.dumps(line | more)


def said(text: str, at: str = f"{DAY}T09:59:00.000Z", session: str = "session-1") -> str:
    """A line without usage."""
    message = {"role": "user", "content": text}
    return json.dumps(
        {"type": "user", "sessionId": session, "timestamp": at, "cwd": "/home/dev/app", "message": message}
    )


def rollout(thread: str, *, forked_from: str | None = None, at: str = f"{DAY}T10:00:00.000Z") -> str:
    """The first line of a Codex rollout."""
    payload: dict[str, Any] = {
        "id": thread,
        "timestamp": at,
        "cwd": "/home/dev/app",
        "originator": "codex-tui",
        "cli_version": "0.142.4",
        "source": "cli",
        "model_provider": "openai",
    }
    if forked_from:
        payload["forked_from_id"] = forked_from
    return json.dumps({"timestamp": at, "type": "session_meta", "payload": payload})


def turn(ident: str, *, model: str = "gpt-5.5", at: str = f"{DAY}T10:00:00.000Z") -> str:
    return json.dumps({"timestamp": at, "type": "turn_context", "payload": {"turn_id": ident, "model": model}})


def counted(total: Sequence[int], last: Sequence[int], *, at: str = f"{DAY}T10:00:01.000Z") -> str:
    """A Codex `token_count`: (input with cached, cached, output, reasoning) in all, and of the last request."""
    names = ("input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens")
    both = [dict(zip(names, one, strict=True)) | {"total_tokens": one[0] + one[2]} for one in (total, last)]
    info = {"total_token_usage": both[0], "last_token_usage": both[1], "model_context_window": 258_400}
    return json.dumps({"timestamp": at, "type": "event_msg", "payload": {"type": "token_count", "info": info}})


def write(path: Path, lines: Iterable[str], *, end: str = "\n") -> Path:
    """The whole file anew; `end` stands behind the last line."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + end).encode())
    return path


def append(path: Path, text: str | bytes) -> None:
    with open(path, "ab") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def later(path: Path, seconds: float) -> Path:
    """Sets the file's time so many seconds after the fixed now of the tests."""
    moment = 1_795_534_920 + seconds
    os.utime(path, (moment, moment))
    return path


class World:
    """One home with its logs and the store that reads them."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.projects = machine.home / ".claude" / "projects"
        self.rollouts = machine.home / ".codex" / "sessions"

    def claude(self, name: str, folder: str = "-home-dev-app") -> Path:
        return self.projects / folder / name

    def codex(self, thread: str, day: str = "2026/11/24") -> Path:
        return self.rollouts / day / f"rollout-2026-11-24T10-00-00-{thread}.jsonl"

    def sync(
        self,
        sources: Sequence[Source] = SOURCES,
        *,
        report: Callable[[Progress], None] | None = None,
        notify: Callable[[Changed], None] | None = None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> CatchUp:
        """Reads what is new, as the program does, and hands back what became of it."""
        with runtime.writer(self.machine) as writer:
            catch_up = CatchUp(
                writer,
                self.machine.clock,
                report=report,
                notify=notify,
                cancelled=cancelled,
                today_from=runtime.today_from(self.machine),
            )
            catch_up.run(survey(sources, self.machine, writer.files))
            return catch_up

    def pending(self, sources: Sequence[Source] = SOURCES) -> list[str]:
        """Paths that would be read now."""
        with runtime.writer(self.machine) as writer:
            return [one.found.path for one in survey(sources, self.machine, writer.files)]

    def ask(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.machine.database)) as connection:
            return connection.execute(statement, values).fetchall()

    def totals(self) -> dict[str, int]:
        """All that a report adds up, `folded` included."""
        names = ("calls", "input", "cache_read", "write_5m", "write_1h", "output", "reasoning", "cost", "folded")
        row = self.ask(
            "SELECT count(*), sum(input), sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output),"
            " sum(reasoning), sum(cost), sum(folded) FROM call WHERE kept = 1"
        )[0]
        return dict(zip(names, (one or 0 for one in row), strict=True))

    def rows(self) -> list[tuple[Any, ...]]:
        """Every kept call with all that is shown of it, whichever file it was read from."""
        return self.ask(
            "SELECT call.source, message, key, session.native, model, counted_at, input, cache_read, cache_write_5m,"
            " cache_write_1h, output, reasoning, cost, reported, folded FROM call JOIN session ON session.id = session_id"
            " WHERE kept = 1 ORDER BY call.source, message, key"
        )

    def figures(self) -> list[tuple[Any, ...]]:
        """The same without the session: which of two equal copies is the original is told by their files' times alone."""
        return [(*row[:3], *row[4:]) for row in self.rows()]

    def by_model_and_day(self) -> dict[str, tuple[int, ...]]:
        """`model|day` (UTC) → calls, input, read, written 5 m, written 1 h, output, reasoning."""
        rows = self.ask(
            "SELECT model || '|' || date(counted_at / 1000, 'unixepoch'), count(*), sum(input), sum(cache_read),"
            " sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning) FROM call WHERE kept = 1 GROUP BY 1"
        )
        return {key: tuple(figures) for key, *figures in rows}

    def problems(self) -> dict[str, str]:
        return dict(self.ask("SELECT path, problem FROM file WHERE problem IS NOT NULL"))

    def skipped(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (text,) in self.ask("SELECT skipped FROM file"):
            for reason, count in json.loads(text).items():
                found[reason] = found.get(reason, 0) + count
        return found

    def environment(self) -> dict[str, str]:
        """For a process that shall see this world."""
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(self.machine.home),
            "USERPROFILE": str(self.machine.home),
            "CUENTA_HOME": str(self.machine.data),
            "CUENTA_NOW": "2026-11-24T15:42:00Z",
            "TZ": "UTC",
        }

    def start(self, *words: str, **named: Any) -> subprocess.Popen[bytes]:
        """`cuenta WORDS` in a process of its own."""
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | named
        return subprocess.Popen([sys.executable, "-m", "app", *words], cwd=ROOT, env=self.environment(), **pipes)

    def run(self, *words: str, timeout: float = 60) -> subprocess.CompletedProcess[bytes]:
        process = self.start(*words)
        out, err = process.communicate(timeout=timeout)
        return subprocess.CompletedProcess(words, process.returncode, out, err)


def generate(home: Path, agent: str, size: str, *, seed: int, sessions: int = 0, days: int = 20) -> None:
    """A home of made-up logs, with `expected-totals.json` in it."""
    words = ["--agent", agent, "--bytes", size, "--seed", str(seed), "--sessions", str(sessions), "--days", str(days)]
    noise = ["--noreqid", "0.1", "--force", "--out", str(home)]
    subprocess.run([sys.executable, str(GENERATOR), *words, *noise], check=True, stdout=subprocess.DEVNULL)


def expected(home: Path) -> dict[str, tuple[int, ...]]:
    """The generator's own word on `World.by_model_and_day`."""
    agents = json.loads((home / "expected-totals.json").read_text())["agents"]
    wanted: dict[str, tuple[int, ...]] = {}
    for key, one in agents.get("claude", {}).get("per_model_day", {}).items():
        written = (one["cache_creation_5m"], one["cache_creation_1h"])
        read = one["cache_read_input_tokens"]
        wanted[key] = (one["messages"], one["input_tokens"], read, *written, one["output_tokens"], 0)
    for key, one in agents.get("codex", {}).get("per_model_day", {}).items():
        cached = one["cached_input_tokens"]
        sent = (one["input_tokens"] - cached, cached, 0, 0)
        wanted[key] = (one["messages"], *sent, one["output_tokens"], one["reasoning_output_tokens"])
    for key, one in agents.get("gemini", {}).get("per_model_day", {}).items():
        sent = (one["input"] - one["cached"] + one["tool"], one["cached"], 0, 0)
        wanted[key] = (one["messages"], *sent, one["output"] + one["thoughts"], one["thoughts"])
    return wanted
