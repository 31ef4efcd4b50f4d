"""The windows: how soon they stand, whether they ever keep the GUI thread for long, and what they leave in memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psutil

from tests.benchmarks.measure import MB, ROOT, Corpus, Row, environment, memory_of, percentile, seconds
from tests.ui.desk import Desk, wait

_CALLS = 100_000
_WATCHED = 20.0
"""Seconds."""


def without_tray(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """Warm file cache: the first start is not counted."""
    times: list[float] = []
    with _desk(folder) as desk:
        for _ in range(6):
            begun = time.perf_counter()
            process = desk.python("-m", "app")
            wait(lambda: _overview(desk), "the overview", 20, step=0.005)
            times.append(time.perf_counter() - begun)
            process.terminate()
            process.wait(10)
    return [Row("start without a tray → overview on the screen", seconds(percentile(times[1:], 0.5)), "1 s", "")]


def opening(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """In a new process each time, and once more in the same one."""
    from tests.ui.standing import demo_machine, filled_machine

    machine = filled_machine(folder / "filled", demo_machine(folder / "demo"), 1_200, 84, 120)
    env = {**environment(machine.home, machine.data, "2026-11-24T15:42:00Z"), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.benchmarks.opened_app"]
    told: list[Any] = []
    for _ in range(6):
        ran = subprocess.run(command, env=env, cwd=ROOT, check=True, capture_output=True, text=True, timeout=60)
        told.append(json.loads(ran.stdout))

    def middle(which: str, what: str) -> str:
        return seconds(percentile([one[which][what] / 1000 for one in told[1:]], 0.5))

    text = f"figures {middle('cold', 'figures')}, chart {middle('cold', 'chart')}"
    again = f"figures {middle('warm', 'figures')}, chart {middle('warm', 'chart')}"
    what = f"overview of {_CALLS:,} calls painted"
    return [Row(f"{what}, first window of the process", text, "300 ms", ""), Row(f"{what}, again", again, "300 ms", "")]


def stretches(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """Overview, list and a running session open; twenty sessions write three lines a second each."""
    from tests.ui.test_event_loop import watch

    place = Path(mkdtemp(dir=folder))
    seen = watch(place, {**os.environ, "QT_QPA_PLATFORM": "offscreen"}, _WATCHED)
    worst, late = max(seen.stretches), sorted(seen.late)
    return [
        Row("longest stretch of the GUI thread, 20 sessions writing: processor time", f"{worst:.1f} ms", "16 ms", ""),
        Row(
            "… what knocks at it then waits", f"p99 {percentile(late, 0.99):.1f} ms, longest {late[-1]:.1f} ms", "", ""
        ),
    ]


def memory(corpus: Corpus, folder: Path, _ccusage: str | None, idle: float) -> list[Row]:
    """After everything has been read and five minutes, or half the idle time; then with the overview opened and closed."""
    rest = min(300.0, idle / 2)
    with _desk(folder) as desk:
        desk.env |= {"HOME": str(corpus.home), "CUENTA_NOW": corpus.now}
        desk.xfce_panel()
        wait(lambda: desk.owned("org.kde.StatusNotifierWatcher"), "the panel")
        process = desk.python("-m", "app")
        wait(desk.item, "the icon", 20)
        _rest(process.pid, rest)
        before = memory_of(process.pid)
        desk.python("-m", "app").wait(20)  # a second start opens the overview of the first
        window = wait(lambda: _overview(desk), "the overview", 20)[0]
        time.sleep(3)
        desk.run("xdotool", "windowactivate", "--sync", window, "key", "ctrl+w")
        wait(lambda: not _overview(desk), "the overview to close")
        _rest(process.pid, rest)
        after = memory_of(process.pid)
        process.terminate()
        process.wait(10)
    size, pause = f"{corpus.bytes / MB:,.0f} MB read", f"{rest:.0f} s later"
    return [
        Row(f"memory (PSS), {size}, {pause}: no window was open", f"{before / MB:.0f} MB", "150 MB", "110 MB"),
        Row(f"memory (PSS), {size}, {pause}: overview opened and closed", f"{after / MB:.0f} MB", "200 MB", ""),
    ]


def _desk(folder: Path) -> Desk:
    desk = Desk(Path(mkdtemp(dir=folder)), "1280x900x24")
    data = desk.folder / "data"
    data.mkdir()
    (data / "notes.json").write_text(json.dumps({"welcomed": True}))
    desk.env |= {"CUENTA_HOME": str(data), "TZ": "UTC"}
    desk.window_manager()
    return desk


def _overview(desk: Desk) -> list[str]:
    return desk.run("xdotool", "search", "--onlyvisible", "--name", "^Overview").split()


def _rest(pid: int, pause: float) -> None:
    """Until it has nothing more to do, and then for that long."""
    busy: Callable[[], float] = lambda: sum(psutil.Process(pid).cpu_times()[:2])  # noqa: E731
    spent = -1.0
    while busy() - spent > 0.1:
        spent = busy()
        time.sleep(3)
    time.sleep(pause)
