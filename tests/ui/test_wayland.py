"""The same way from the icon to the bar of a call on Wayland: sway, waybar, a pointer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.patience import PATIENCE
from tests.ui.desk import Box, missing, wait
from tests.ui.sway import PROGRAMS, Sway
from tests.ui.test_click_through import ACCENT, OUTPUT, runs
from tests.ui.test_end_to_end import Agent, Program

pytestmark = pytest.mark.skipif(missing(*PROGRAMS) is not None, reason=missing(*PROGRAMS) or "")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Sway]:
    with Sway(tmp_path) as one:
        yield one


def bars(desk: Sway) -> int:
    """The most bars of written tokens that one line of the screen crosses."""
    return max((len(begins) for _, begins in runs(desk.shot(), OUTPUT)), default=0)


def gauge(desk: Sway) -> Box | None:
    """A point of the lowest gauge on the screen."""
    filled = [(begins[0], y) for y, begins in runs(desk.shot(), ACCENT) if begins]
    return (*filled[-1], *filled[-1]) if filled else None


def test_from_the_icon_to_a_new_call(desk: Sway) -> None:
    """Here the popover is a window, since a program can't place anything."""
    agent, program = Agent(desk), Program(desk)
    desk.waybar()
    for _ in range(2):
        agent.answer(cache_read=20_000, output=10_000)
    process = program.start()
    desk.click(desk.wait_icon("live"))
    wait(lambda: "Cuenta" in desk.windows(), "the popover")
    desk.click(wait(lambda: gauge(desk), "the session's gauge"))
    wait(lambda: desk.windows("atlas-api, "), "the session's window")
    wait(lambda: bars(desk) == 2, "a bar for each of both calls")
    for calls in (3, 4):
        agent.answer(cache_read=20_000, output=10_000)
        wait(lambda calls=calls: bars(desk) == calls, f"the bar of call {calls}")
    process.terminate()
    assert process.wait(PATIENCE) == 0
