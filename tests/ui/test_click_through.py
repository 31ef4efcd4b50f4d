"""From the icon to the bar of a call: the real program on real trays, driven by a real pointer and real keys.

What is seen to grow is the row of bars in the timeline: each call has one of its own there, so the number of them that
stand beside one another in the picture of the window is the number of calls, and nothing else in it looks like that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from PIL import Image

from tests.patience import PATIENCE
from tests.ui.desk import Box, Desk, missing, wait
from tests.ui.test_end_to_end import Agent, Program, needs_trayer, needs_xfce

pytestmark = pytest.mark.skipif(missing("openbox") is not None, reason=missing("openbox") or "")

OUTPUT = bytes((0x11, 0x52, 0x43))
"""Tokens written, in the light theme: nearly all of what each of these calls costs."""
ACCENT = bytes((0x0B, 0x64, 0x70))
"""Of the light theme: the gauges of the popover."""
LEAST = 12
"""Pixels across a bar; the swatch of a legend has fewer, and so has a letter."""
POPOVER = 396


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Large enough for a session's window beside the panel."""
    with Desk(tmp_path, "1280x900x24") as one:
        yield one


@pytest.fixture
def agent(desk: Desk) -> Agent:
    return Agent(desk)


@pytest.fixture
def program(desk: Desk) -> Program:
    return Program(desk)


def window(desk: Desk, pattern: str, wide: int = 0) -> str | None:
    """The visible window with that title and, where it is given, of that width."""
    for one in desk.run("xdotool", "search", "--onlyvisible", "--name", pattern).split():
        if not wide or desk.run("xdotool", "getwindowgeometry", "--shell", one).find(f"WIDTH={wide}\n") >= 0:
            return one
    return None


def picture(desk: Desk, window: str) -> Image.Image | None:
    """What is seen of the window; None while there is nothing to see."""
    path = desk.folder / "window.png"
    path.unlink(missing_ok=True)
    desk.run("import", "-window", window, str(path))
    if not path.exists():
        return None
    with Image.open(path) as seen:
        return seen.convert("RGB")


def runs(seen: Image.Image, color: bytes) -> list[tuple[int, list[int]]]:
    """Lines of the picture with what lies in them of that color: y, and where each bar of it begins."""
    raw, wide = seen.tobytes(), seen.width
    found: list[tuple[int, list[int]]] = []
    for y in range(seen.height):
        alike = [raw[at : at + 3] == color for at in range(3 * y * wide, 3 * (y + 1) * wide, 3)]
        if any(alike):
            begins, x = list[int](), 0
            for same, some in groupby(alike):
                length = len(list(some))
                if same and length >= LEAST:
                    begins.append(x)
                x += length
            found.append((y, begins))
    return found


def bars(desk: Desk, window: str) -> int:
    """The most bars of written tokens that one line of the window crosses."""
    seen = picture(desk, window)
    return max((len(begins) for _, begins in runs(seen, OUTPUT)), default=0) if seen is not None else 0


def gauge(desk: Desk, window: str) -> Box | None:
    """A point of the lowest gauge in the popover, on the screen: that of the last running session."""
    seen = picture(desk, window)
    filled = [(begins[0], y) for y, begins in runs(seen, ACCENT) if begins] if seen is not None else []
    shape = dict(re.findall(r"(\w+)=(-?\d+)", desk.run("xdotool", "getwindowgeometry", "--shell", window)))
    if not filled or "X" not in shape:
        return None
    across, down = int(shape["X"]) + filled[-1][0], int(shape["Y"]) + filled[-1][1]
    return across, down, across, down


def by_pointer(desk: Desk, popover: str) -> None:
    desk.click(wait(lambda: gauge(desk, popover), "the session's gauge"))


def by_keys(desk: Desk, popover: str) -> None:
    wait(lambda: gauge(desk, popover), "the session's gauge")
    desk.run("xdotool", "key", "Down", "key", "Return")


def _click_through(desk: Desk, agent: Agent, program: Program, choose: Callable[[Desk, str], None]) -> None:
    """Icon, popover, session, and a timeline that has as many bars as the log has calls."""
    for _ in range(2):
        agent.answer(cache_read=20_000, output=10_000)
    process = program.start()
    desk.click(desk.wait_icon("live"))
    choose(desk, wait(lambda: window(desk, "^Cuenta$", POPOVER), "the popover"))
    session = wait(lambda: window(desk, r"^atlas-api, \w"), "the session's window")
    assert window(desk, "^Cuenta$", POPOVER) is None
    wait(lambda: bars(desk, session) == 2, "a bar for each of both calls")

    for calls in (3, 4, 5):
        agent.answer(cache_read=20_000 + 5_000 * calls, output=10_000)
        wait(lambda calls=calls: bars(desk, session) == calls, f"the bar of call {calls}")
    process.terminate()
    assert process.wait(PATIENCE) == 0


@needs_xfce
def test_on_a_status_notifier_panel_by_keys(desk: Desk, agent: Agent, program: Program) -> None:
    desk.window_manager()
    desk.xfce_panel()
    _click_through(desk, agent, program, by_keys)


@needs_trayer
def test_on_an_xembed_tray_by_pointer(desk: Desk, agent: Agent, program: Program) -> None:
    desk.window_manager()
    desk.trayer()
    _click_through(desk, agent, program, by_pointer)


@needs_trayer
def test_without_a_tray_the_overview_opens_and_a_late_tray_gets_its_icon(
    desk: Desk, agent: Agent, program: Program
) -> None:
    """How soon it opens is measured by the benchmarks."""
    desk.window_manager()
    agent.answer(cache_read=20_000)
    process = program.start()
    wait(lambda: window(desk, "^Overview"), "the overview")
    assert "No system tray was found" in desk.log("python")
    assert desk.icon("live") is None
    desk.trayer()
    desk.wait_icon("live")
    process.terminate()
    assert process.wait(PATIENCE) == 0
