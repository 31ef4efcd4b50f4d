"""From a line in a log to the arc in the tray: the real program, real panels, a real database. Nothing is played."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.ui.desk import ROOT, Desk, missing, wait

pytestmark = pytest.mark.skipif(missing() is not None, reason=missing() or "")
needs_trayer = pytest.mark.skipif(missing("trayer", "openbox") is not None, reason=missing("trayer", "openbox") or "")
needs_xfce = pytest.mark.skipif(missing("xfce4-panel") is not None, reason=missing("xfce4-panel") or "")
HUES = ("live", "near")


class Agent:
    """Plays an agent that writes its log on the desk, now."""

    def __init__(self, desk: Desk) -> None:
        self.log = desk.home / ".claude/projects/-home-dev-atlas-api/5e55104e-0000-4000-8000-000000000001.jsonl"
        self.log.parent.mkdir(parents=True)
        self.answers = 0

    def answer(self, cache_read: int, output: int = 1_000) -> None:
        """One answer of claude-opus-4-5 ($0.50 a million read, $25 a million written out): a window of 200,000."""
        self.answers += 1
        usage = {"input_tokens": 0, "cache_read_input_tokens": cache_read, "output_tokens": output}
        message = {"id": f"msg_{self.answers}", "model": "claude-opus-4-5", "usage": usage, "stop_reason": "end_turn"}
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z"
        line = {"type": "assistant", "cwd": "/home/dev/atlas-api", "requestId": f"req_{self.answers}", "timestamp": now}
        with self.log.open("a", encoding="utf-8") as log:
            log.write(json.dumps({**line, "uuid": f"u{self.answers}", "message": message}) + "\n")


class Program:
    """The program as a user starts it."""

    def __init__(self, desk: Desk, color: bool = True) -> None:
        self.desk = desk
        self.data = desk.folder / "data"
        self.data.mkdir()
        # Without notifications: on an old-style tray they are windows, too, and would be taken for another.
        (self.data / "settings.json").write_text(json.dumps({"tray_color": color, "notices": False}))
        (self.data / "notes.json").write_text(json.dumps({"welcomed": True}))
        # GNOME's panel is known to be dark, so the color set is the one by which a screenshot is searched.
        desk.env |= {"CUENTA_HOME": str(self.data), "TZ": "UTC", "XDG_CURRENT_DESKTOP": "GNOME"}

    def start(self) -> subprocess.Popen[str]:
        return self.desk.python("-m", "app")

    def ask(self, *words: str) -> str:
        command = [sys.executable, "-m", "app", *words]
        return subprocess.run(
            command, env=self.desk.env, cwd=ROOT, check=True, capture_output=True, text=True, timeout=30
        ).stdout


@pytest.fixture
def agent(desk: Desk) -> Agent:
    return Agent(desk)


@pytest.fixture
def program(desk: Desk) -> Program:
    return Program(desk)


def arc(desk: Desk) -> int:
    """How many pixels of the screen have the arc's color."""
    return len(desk.pixels(*HUES))


def _first_figure(desk: Desk, agent: Agent, program: Program, panel: Callable[[], object]) -> subprocess.Popen[str]:
    """A panel, a log with 20,000 tokens in context, and the program showing them."""
    panel()
    agent.answer(cache_read=20_000)  # 20,000 × $0.5/M + 1,000 × $25/M = $0.035
    return program.start()


@needs_xfce
def test_status_notifier_panel_follows_the_log(desk: Desk, agent: Agent, program: Program) -> None:
    """Icon, appended line, arc and tooltip, menu, clean end: over D-Bus, on XFCE's panel."""
    process = _first_figure(desk, agent, program, desk.xfce_panel)
    wait(lambda: desk.item(), "the item on the bus")
    wait(lambda: re.match(r"\$0\.04 today", desk.tooltip()), "today's figure in the tooltip")
    assert "atlas-api: context 10%" in desk.tooltip()
    wait(lambda: arc(desk) > 5, "the arc's pixels on the panel")
    before = arc(desk)

    agent.answer(cache_read=150_000, output=7_000)  # $0.075 + $0.175
    wait(lambda: "context 75%" in desk.tooltip(), "the tooltip after the append")
    assert desk.tooltip().startswith("$0.28 today"), desk.tooltip()  # 0.035 + 0.25 = 0.285, half-even
    wait(lambda: arc(desk) > before + 10, "a longer arc on the panel")

    box = desk.icon(*HUES)
    assert box is not None
    windows = desk.windows()
    desk.click(box, 3)
    wait(lambda: desk.windows() - windows, "the menu as a window on the screen")
    desk.run("xdotool", "key", "Escape")

    stored = json.loads(program.ask("report", "--json"))
    assert stored["total"]["cost_nanousd"] == 285_000_000
    process.terminate()
    assert process.wait(PATIENCE) == 0


@needs_trayer
def test_xembed_tray_follows_the_log(desk: Desk, agent: Agent, program: Program) -> None:
    """The same on an old-style tray, where only the screen tells."""

    def panel() -> None:
        desk.window_manager()
        desk.trayer()

    process = _first_figure(desk, agent, program, panel)
    wait(lambda: arc(desk) > 5, "the arc's pixels in the tray")
    before = arc(desk)
    agent.answer(cache_read=150_000)
    wait(lambda: arc(desk) > before + 10, "a longer arc in the tray")
    agent.answer(cache_read=190_000)
    box = desk.wait_icon("near")

    # The tooltip is drawn by Qt itself here: hovering opens a window of its own.
    windows = desk.windows()
    desk.run("xdotool", "mousemove", str((box[0] + box[2]) // 2), str((box[1] + box[3]) // 2))
    wait(lambda: desk.windows() - windows, "the tooltip as a window")
    windows = desk.windows()
    desk.click(box, 3)
    wait(lambda: desk.windows() - windows, "the menu as a window on the screen")
    desk.run("xdotool", "key", "Escape")
    process.terminate()
    assert process.wait(PATIENCE) == 0


@needs_xfce
def test_history_comes_after_today_and_the_terminal_agrees(desk: Desk, agent: Agent, program: Program) -> None:
    """The tray and the command line show the same numbers, since they ask the same module."""
    old = agent.log.with_name("5e55104e-0000-4000-8000-000000000002.jsonl")
    usage = {"input_tokens": 0, "output_tokens": 40_000}
    message = {"id": "msg_old", "model": "claude-opus-4-5", "usage": usage, "stop_reason": "end_turn"}
    line = {"type": "assistant", "cwd": "/home/dev/old", "requestId": "r", "timestamp": "2026-01-05T10:00:00.000Z"}
    old.write_text(json.dumps({**line, "message": message}) + "\n")
    os.utime(old, (1_767_607_200, 1_767_607_200))
    process = _first_figure(desk, agent, program, desk.xfce_panel)
    wait(lambda: desk.item(), "the item on the bus")
    wait(lambda: desk.tooltip().startswith("$0.04 today"), "today alone in the tooltip")
    live = json.loads(program.ask("live", "--json"))
    assert live["today"]["cost_nanousd"] == 35_000_000
    assert [one["context_tokens"] for one in live["sessions"]] == [20_000]
    rows = json.loads(program.ask("report", "--json"))["rows"]
    assert [row["cost_nanousd"] for row in rows] == [1_000_000_000, 35_000_000]
    process.terminate()
    assert process.wait(PATIENCE) == 0


def test_without_a_tray_the_terminal_shows_the_meter(
    desk: Desk, agent: Agent, program: Program, tmp_path: Path
) -> None:
    """Started by hand where no tray is: one sentence, then the meter in the terminal, which follows the log."""
    agent.answer(cache_read=20_000)
    screen = tmp_path / "terminal.txt"
    # `script` lends a terminal; without one nothing is drawn.
    desk.spawn(["script", "-qefc", f"{sys.executable} -m app", str(screen)], cwd=ROOT)
    wait(
        lambda: screen.exists() and "No system tray was found" in screen.read_text(errors="replace"), "the sentence", 20
    )
    wait(
        lambda: "$0.04 today" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.read_text(errors="replace")), "the meter"
    )
    agent.answer(cache_read=150_000, output=7_000)
    wait(
        lambda: "$0.28 today" in re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.read_text(errors="replace")), "the change"
    )


def titles(desk: Desk) -> set[str]:
    """The first word of what the visible windows of this screen are called."""
    found = desk.run("xdotool", "search", "--onlyvisible", "--name", ".").split()
    names = (desk.run("xdotool", "getwindowname", one) for one in found)
    return {word for name in names for word in re.findall(r"^\w+", name)}


@needs_trayer
def test_windows_open_from_the_program(desk: Desk, agent: Agent, program: Program) -> None:
    """The first start by hand welcomes, once; the keys lead on; where there is no tray the overview opens by itself."""
    (program.data / "notes.json").unlink()
    desk.window_manager()
    desk.trayer()
    agent.answer(cache_read=20_000)
    process = program.start()
    wait(lambda: "Welcome" in titles(desk), "the first-run window")
    desk.run("xdotool", "key", "ctrl+1")
    wait(lambda: "Overview" in titles(desk), "the overview")
    desk.run("xdotool", "key", "ctrl+2")
    wait(lambda: "Sessions" in titles(desk), "the sessions")
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert json.loads((program.data / "notes.json").read_text())["welcomed"] is True
    second = program.start()
    wait(lambda: arc(desk) > 5, "the icon of the second start")
    assert "Welcome" not in titles(desk)
    second.terminate()
    assert second.wait(10) == 0
