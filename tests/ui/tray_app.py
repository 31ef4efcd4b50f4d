"""The tray app with a Core whose meters come from a file: `python -m tests.ui.tray_app CUENTA_HOME STATE.json [flag…]`.

Flags: demo, login, color, figure, no-fallback. A thread waits on the state file (a FIFO-free stand-in for the ingest
thread: it polls the file's stamp, which only a test may do) and calls notify. Pauses and the end are appended to
CUENTA_HOME/calls.txt, one word a line.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.meters import Meters, Running
from app.settings import Settings


def meters_of(state: dict[str, Any], written: int) -> Meters:
    """Meters of a JSON object written at that instant; what it leaves out is an idle day without calls.

    A session's `ago` says how long before that it last wrote; after ten minutes it is running no more.
    """
    now = time.time_ns() // 1_000_000
    running = tuple(
        Running(
            source="claude_code",
            session=one["name"],
            name=one["name"],
            project=None,
            branch=None,
            model=None,
            effort=None,
            last_at=written - one.get("ago", 0),
            cost=one.get("cost", 0),
            unpriced=0,
            context=one.get("context"),
            window=one.get("window", 200_000),
        )
        for one in state.get("running", ())
        if now - written + one.get("ago", 0) <= 600_000
    )
    reading = state.get("reading")
    return Meters(
        at=now,
        today=state.get("today", 0),
        calls=state.get("calls", 0),
        unpriced=state.get("unpriced", 0),
        label="measured",
        hourly=state.get("hourly"),
        running=running,
        reading=tuple(reading) if reading else None,
        problems=tuple(state.get("problems", ())),
        paused=state.get("paused", False),
    )


class FileCore:
    """A Core of one file."""

    def __init__(self, state: Path, calls: Path) -> None:
        self._state, self._calls = state, calls
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._paused: bool | None = None
        self._notify: Callable[[], None] = lambda: None

    def start(self, notify: Callable[[], None]) -> None:
        self._notify = notify
        self._thread = threading.Thread(target=self._watch, name="core")
        self._thread.start()
        self._note("start")

    def stop(self) -> None:
        self._end.set()
        if self._thread is not None:
            self._thread.join(5)
        self._note("stop")

    def meters(self) -> Meters:
        state = json.loads(self._state.read_text())
        if state.get("raise"):
            raise RuntimeError(state["raise"])
        found = meters_of(state, self._state.stat().st_mtime_ns // 1_000_000)
        return found if self._paused is None else found._replace(paused=self._paused)

    def behind(self) -> bool:
        return False

    def pause(self, until: int | None) -> None:
        self._paused = True
        self._note("pause" if until is None else f"pause-until {until}")

    def resume(self) -> None:
        self._paused = False
        self._note("resume")

    def choose(self, now: Settings) -> None:
        self._note(f"choose {','.join(now.sources_off)}")

    def warn(self, problem: str | None) -> None: ...

    def _watch(self) -> None:
        seen = 0
        while not self._end.wait(0.01):
            stamp = self._state.stat().st_mtime_ns
            if stamp != seen:
                seen = stamp
                self._notify()

    def _note(self, word: str) -> None:
        with self._calls.open("a") as file:
            file.write(word + "\n")


def main(arguments: list[str]) -> int:
    home, state, *flags = arguments
    machine = replace(Machine.here(), data=Path(home))
    calls = Path(home).with_suffix(".calls")
    core = FileCore(Path(state), calls)

    from app.ui.application import run_tray
    from app.ui.tray_view import Options

    def noted(word: str) -> Callable[[], None]:
        def note() -> None:
            with calls.open("a") as file:
                file.write(word + "\n")

        return note

    status = run_tray(
        core,
        machine,
        demo="demo" in flags,
        at_login="login" in flags,
        fallback=None if "no-fallback" in flags else noted("fallback"),
        woken=noted("woken"),
        options=Options(figure="figure" in flags),
        color="mono" not in flags,
        ground="dark",
    )
    alive = [one.name for one in threading.enumerate() if one is not threading.main_thread()]
    network = [name for name in sys.modules if name.startswith("PySide6.QtNetwork")]
    with calls.open("a") as file:
        file.write(f"end {status} threads={alive} network={network}\n")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
