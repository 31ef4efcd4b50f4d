"""What placeholder counts leave out, in windows: the sum with ≈ and both parts, and a switch that leaves the logged ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from app import formats, runtime
from app.machine import Machine
from app.report import overview_page
from app.report.period import Span
from app.report.zone import day_of, local_zone
from app.runtime import reader
from app.settings import Settings, save
from app.ui.preferences import preferences
from app.ui.settings_pages.general import GeneralPage
from tests.store.test_repairs import OUTPUT_NANO, VISIBLE, said
from tests.ui.pages import Frame
from tests.ui.test_session_window import World, look

_ = look
REPAIRED = (VISIBLE - 2) * OUTPUT_NANO


@pytest.fixture
def world(machine: Machine, qtbot: QtBot, look: object) -> Iterator[World]:
    """One placeholder and one finished answer, both passes over."""
    made = World(machine, qtbot)
    records = [json.loads(said("a")), json.loads(said("b", output=300, stop="end_turn"))]
    made.write(*[one | {"sessionId": "S1"} for one in records])
    runtime.measure_new(machine)
    yield made
    made.windows.shut_down()


def test_a_sessions_sum_has_its_sign_and_both_parts(world: World) -> None:
    shown = world.view()
    total = shown.found.found.total
    assert total.repaired_cost == REPAIRED
    assert shown.cost.value == f"≈ {formats.money(total.cost + REPAIRED)}"
    assert (
        shown.cost.line == f"{formats.money(total.cost)} logged, {formats.money(REPAIRED)} or more left out by the log"
    )
    assert shown.cost.certainty == "estimated"
    assert shown.by_kind.total == f"adds up to {formats.money(total.cost)}"


def test_a_trace_says_what_is_missing_beside_its_total(world: World, qtbot: QtBot) -> None:
    window = world.open()
    assert window.view is not None
    place = next(place for place, call in enumerate(window.view.found.found.calls) if call.repaired_output)
    window.show_trace(place)
    world.trace(window)
    assert f"{VISIBLE - 2} tokens of output or more" in window.trace.accessibleDescription()
    window.show_trace(1 - place)
    qtbot.waitUntil(lambda: "tokens of output or more" not in window.trace.accessibleDescription())


def test_the_overviews_sums(world: World) -> None:
    machine = world.machine
    today = day_of(machine.clock(), local_zone(machine))
    span = Span(today - timedelta(days=6), today, local_zone(machine))
    with closing(reader(machine)) as connection:
        top = overview_page.top(connection, span, "agent", machine)
        assert (top.total.repaired_output, top.total.repaired_cost) == (VISIBLE - 2, REPAIRED)
        assert top.total.repaired.cost == top.total.cost + REPAIRED
        assert top.month.repaired_cost == REPAIRED
        assert sum(top.bars.totals) == top.total.cost
        save(machine, Settings(repaired=False))
        assert overview_page.top(connection, span, "agent", machine).total.repaired_cost == 0


def test_the_switch_holds_at_once(world: World, qtbot: QtBot) -> None:
    chosen = preferences(world.machine)
    window = world.open()
    assert window.view is not None and window.view.cost.value.startswith("≈")
    chosen.change(repaired=False)
    qtbot.waitUntil(lambda: window.view is not None and not window.view.cost.value.startswith("≈"))
    assert window.view.cost.line == ""
    chosen.change(repaired=True)
    qtbot.waitUntil(lambda: window.view is not None and window.view.cost.value.startswith("≈"))


def test_the_switch_stands_in_general(world: World, qtbot: QtBot) -> None:
    frame = Frame(world.machine)
    page = next(one for one in frame.settings("general").findChildren(GeneralPage))
    assert page.repaired.isChecked()
    page.repaired.click()
    assert not frame.preferences.now.repaired
    frame.windows.shut_down()
