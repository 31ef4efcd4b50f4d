"""The tray app: how soon it shows, how soon it knows, and what it costs while nothing happens."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import psutil

from tests.benchmarks.measure import MB, Corpus, Row, memory_of, percentile, seconds
from tests.ui.desk import Desk, wait

_SESSIONS = 20
_APPENDS = 200


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    with Desk(Path(mkdtemp(dir=folder))) as desk:
        desk.env |= {"CUENTA_HOME": str(desk.folder / "data"), "TZ": "UTC"}
        desk.xfce_panel()
        wait(lambda: desk.owned("org.kde.StatusNotifierWatcher"), "the panel")
        yield desk


def started(desk: Desk) -> tuple[subprocess.Popen[str], float]:
    """The program, and seconds from exec to its icon's name on the bus."""
    begun = time.perf_counter()
    process = desk.python("-m", "app")
    wait(desk.item, "the icon", 20, step=0.005)
    return process, time.perf_counter() - begun


def start(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """Warm file cache: the first start is not counted."""
    times: list[float] = []
    with desk_of(folder) as desk:
        for _ in range(6):
            process, took = started(desk)
            times.append(took)
            process.terminate()
            process.wait(10)
            wait(lambda: not desk.item(), "the icon to go")
    return [Row("start to tray icon", seconds(percentile(times[1:], 0.5)), "1.2 s", "0.5 s")]


class _Writer:
    """An agent that answers in one of many sessions."""

    def __init__(self, home: Path) -> None:
        self.folder = home / ".claude/projects/-home-dev-app"
        self.folder.mkdir(parents=True)
        self.count = 0

    def answer(self, session: int, output: int = 40) -> None:
        self.count += 1
        usage = {"input_tokens": 1, "cache_read_input_tokens": 20_000, "output_tokens": output}
        message = {"id": f"m{self.count}", "model": "claude-opus-4-5", "usage": usage, "stop_reason": "end_turn"}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
        line = {"type": "assistant", "cwd": "/home/dev/app", "requestId": f"r{self.count}", "timestamp": now}
        path = self.folder / f"5e55104e-0000-4000-8000-{session:012d}.jsonl"
        with path.open("a") as log:
            log.write(json.dumps({**line, "message": message, "pad": "x" * 1_500}) + "\n")


def latency(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """From an appended line to the tray's value, in the real process, while twenty sessions write."""
    with desk_of(folder) as desk:
        writer = _Writer(desk.home)
        for session in range(_SESSIONS):
            writer.answer(session)
        told = desk.folder / "told"
        process = desk.python("-m", "tests.benchmarks.told_app", str(told))
        wait(lambda: told.exists() and told.read_text().splitlines(), "the first value", 20)
        wait(desk.item, "the icon", 20)
        time.sleep(1.0)
        waits = _measured(writer, told)
        process.terminate()
        process.wait(10)
    text = f"p95 {seconds(percentile(waits, 0.95))}, median {seconds(percentile(waits, 0.5))}"
    return [Row(f"appended line → tray value changed, {_SESSIONS} sessions writing", text, "300 ms", "100 ms")]


def _measured(writer: _Writer, told: Path) -> list[float]:
    """Each append carries its number as calls of the day; the app notes when it first knows that many."""
    picks = random.Random(7)
    begun: dict[int, float] = {}
    first = writer.count
    for _ in range(_APPENDS):
        writer.answer(picks.randrange(_SESSIONS))
        begun[writer.count] = time.time()
        time.sleep(picks.uniform(0.01, 0.09))
    wait(lambda: _known(told)[-1][1] >= writer.count, "the last value", 10)
    known = _known(told)
    return [
        next(at for at, calls in known if calls >= number) - moment
        for number, moment in begun.items()
        if number > first
    ]


def _known(told: Path) -> list[tuple[float, int]]:
    lines = [line.split() for line in told.read_text().splitlines() if line.count(" ") == 1]
    return [(float(at), int(calls)) for at, calls in lines]


def idle(_corpus: Corpus, folder: Path, _ccusage: str | None, watch: float) -> list[Row]:
    """Nothing happens; no window was ever opened. Memory after the longest wait of half the time or five minutes."""
    with desk_of(folder) as desk:
        writer = _Writer(desk.home)
        for session in range(_SESSIONS):
            writer.answer(session)
        process, _ = started(desk)
        time.sleep(min(300.0, watch / 2))
        before, since = cpu_of(process.pid), time.perf_counter()
        time.sleep(watch)
        used, passed = cpu_of(process.pid) - before, time.perf_counter() - since
        memory = memory_of(process.pid)
        process.terminate()
        process.wait(10)
    minutes = f"{watch / 60:.0f} min" if watch >= 60 else f"{watch:.0f} s"
    return [
        Row(f"idle tray app over {minutes}: CPU", f"{100 * used / passed:.3f} % of a core", "0.2 %", "~0"),
        Row("idle tray app: memory (PSS)", f"{memory / MB:.0f} MB", "150 MB", "110 MB"),
    ]


def cpu_of(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system + times.children_user + times.children_system


if __name__ == "__main__":
    sys.exit("run python -m tests.benchmarks")
