"""The window of a session: its values, its looks at any size, its keys, and that it grows while the session runs."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QPoint, QRect, Qt, QTranslator, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from app import formats
from app.machine import Machine
from app.model.meters import Meters
from app.model.path import named
from app.pricing.catalog import load_catalog
from app.report import breakdown, meters, timeline
from app.report import session_words as words
from app.report.trace_page import Voice, page_of
from app.runtime import read_new, reader
from app.ui.appearance import Appearance, use_shipped_font
from app.ui.session_chart import Chart
from app.ui.session_trace_view import trace_view
from app.ui.session_view import View, read_out, view
from app.ui.session_window import SessionWindow
from app.ui.widgets.course import Measured
from app.ui.widgets.figure import Figure
from app.ui.widgets.label import Label
from app.ui.widgets.table import Table
from app.ui.windows import Windows
from tests.builders import Record, Thread, answer, compacted, lines, meta, prompt, turn, usage

BEGIN = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
CLAUDE, CODEX = "claude_code", "codex"


def at(minutes: float) -> str:
    return (BEGIN + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def one(number: int, minutes: float, read: int, write: int, **more: object) -> Record:
    counts = usage(6, 400, read=read, write=write, hour=write)
    return answer(f"m{number}", f"r{number}", counts, at=at(minutes), uuid=f"u{number}", **more)  # type: ignore[arg-type]


def ordinary() -> list[Record]:
    """Four calls, a pause that outlived the cache, a compaction, another model; two of a sub-agent in between."""
    return [
        prompt(at(-1)),
        one(1, 0, 0, 30_000, effort="high"),
        one(2, 1, 30_000, 4_000, effort="high"),
        one(3, 85, 0, 36_000, effort="high"),
        compacted(at(86), before=36_500, after=9_000),
        one(4, 90, 2_000, 9_000, effort="high"),
        one(5, 95, 11_000, 500, model="claude-opus-5", effort="high"),
    ]


def helper() -> list[Record]:
    more = {"side": True, "agentId": "a1", "model": "claude-haiku-4-5-20251001"}
    return [
        answer("h1", "q1", usage(4, 90, write=8_000, five=8_000), at=at(2), uuid="h1", **more),
        answer("h2", "q2", usage(4, 90, read=8_000), at=at(3), uuid="h2", **more),
    ]


class World:
    """A machine with logs, and the windows above its store."""

    def __init__(self, machine: Machine, qtbot: QtBot) -> None:
        self.machine, self.qtbot = machine, qtbot
        self.folder = machine.home / ".claude/projects/-home-me-app"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.notice = _Notice()
        self.windows = Windows(machine, self.notice.changed, lambda: None)

    def write(self, *records: Record, session: str = "S1", to: str = "") -> Path:
        path = self.folder / (to or f"{session}.jsonl")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(lines(*records))
        self.read()
        return path

    def read(self) -> None:
        with closing(reader(self.machine)) as connection:
            read_new(self.machine, connection)

    def tell(self) -> None:
        """What Live does after a change."""
        with closing(reader(self.machine)) as connection:
            now: Meters = meters.read(connection, self.machine)
        self.notice.changed.emit(now)

    def view(self, session: str = "S1", source: str = CLAUDE) -> View:
        with closing(reader(self.machine)) as connection:
            found = timeline.build(connection, self.machine, source, session)
        assert found is not None
        return view(found, self.machine)

    def open(self, session: str = "S1", source: str = CLAUDE, width: int = 1200, height: int = 820) -> SessionWindow:
        window = self.windows.open_session(source, session)
        assert isinstance(window, SessionWindow)
        window.resize(width, height)
        self.settle(window)
        return window

    def settle(self, window: SessionWindow) -> None:
        self.qtbot.waitUntil(lambda: not self.windows.background.busy and (window.settled or window.view is None))
        for _ in range(5):
            QApplication.processEvents()

    def trace(self, window: SessionWindow) -> None:
        self.qtbot.waitUntil(lambda: not self.windows.background.busy and not window.trace.isHidden())
        QApplication.processEvents()


class _Notice(QObject):
    changed = Signal(object)


@pytest.fixture
def look(qtbot: QtBot, resources: Path) -> Iterator[Appearance]:
    made = Appearance(resources)
    made.use_font(use_shipped_font(resources))
    made.choose("light")
    yield made
    made.set_text_scale(1.0)


@pytest.fixture
def world(machine: Machine, qtbot: QtBot, look: Appearance) -> Iterator[World]:
    made = World(machine, qtbot)
    yield made
    made.windows.shut_down()
    QApplication.processEvents()


@pytest.fixture
def usual(world: World) -> World:
    world.write(*ordinary())
    world.write(*helper(), to="S1/subagents/agent-a1.jsonl")
    return world


# Values


def test_every_list_adds_up_to_the_session(usual: World) -> None:
    shown = usual.view()
    total = shown.found.found.total.cost
    assert total > 0
    assert shown.by_subagent is not None
    for group in (shown.by_model, shown.by_subagent, shown.by_kind):
        assert sum(row.cost for row in group.rows) == total
    assert sum(sum(call.costs) for call in shown.course.calls) == total
    assert shown.sound
    assert dict(shown.rows)["Check"].endswith("difference $0.0000")


def test_the_context_is_said_of_the_time_it_is_of(world: World) -> None:
    """After a compaction it is what the compaction left; `now` is while the session runs."""
    world.write(*ordinary(), compacted(at(96), before=150_000, after=9_000))
    shown = world.view()
    chart = Chart()
    chart.set_measured(shown.measured)
    assert shown.state == "running" and "≈ 9.0k now" in chart._edge_words()[-1][0]
    world.machine = replace(world.machine, clock=lambda: 1_800_000_000_000)
    chart.set_measured(world.view().measured)
    assert "≈ 9.0k at the end" in chart._edge_words()[-1][0]


def test_facts(usual: World) -> None:
    shown = usual.view()
    facts = dict(shown.facts)
    assert facts["Agent"] == "Claude Code 2.1.220"
    assert facts["Model"] == "Opus 5, effort high"
    assert facts["Started"] == "Tue Nov 24, 14:00"
    assert facts["Length"] == "1 h 35 min"
    assert facts["Calls"] == "7"
    assert facts["Sub-agents"] == "1"
    assert facts["Evidence"].startswith("level A")
    assert (shown.name, shown.branch, shown.state) == ("app", "main", "running")
    assert shown.title == "app, Tue Nov 24 14:00"


def test_a_subagent_leaves_the_conversations_context_as_it_was(usual: World) -> None:
    calls = usual.view().course.calls
    assert [call.context for call in calls][1:4] == [calls[1].context] * 3
    assert calls[4].context != calls[1].context


def test_what_happened_stands_at_its_call(usual: World) -> None:
    told = {one.kind: one for one in usual.view().course.remarks}
    assert (told["pause"].call, told["pause"].title) == (4, "Pause 1 h 24 min")
    assert told["pause"].line == "cache expired after 1 h"
    assert told["compaction"].call == 5
    assert told["compaction"].title.startswith("Compaction 36.5k → 9.0k")
    assert (told["switch"].call, told["switch"].title) == (6, "Opus 5")


def test_the_read_out_has_number_time_cost_and_parts(usual: World) -> None:
    shown = usual.view()
    told = read_out(shown, 4)
    assert told.title == "Call 5"
    assert told.note == "15:25, 1 h 22 min after call 4"
    assert "Cache write" in {item.title for item in told.items}
    assert "Pause 1 h 24 min" in told.remark
    assert read_out(shown, 2).remark == "Sub-agent 1"


def test_the_read_out_says_what_was_written_again_and_not_why(usual: World) -> None:
    usual.write(one(60, 96, 11_500, 20_000), one(61, 97, 11_500, 19_900), one(62, 98, 31_400, 12_000))
    usual.write(one(63, 98.5, 0, 43_000, model="claude-opus-5"), one(64, 99, 0, 9_000))
    shown = usual.view()
    told = {place: read_out(shown, place).remark for place in range(12)}
    assert "34.0k tokens written again" in told[4]  # 30,000 read and 4,000 written before, nothing read now
    assert told[8] == "19.9k tokens written again"  # of 31,500 only 11,500 read
    assert "43.0k tokens written again" in told[10]
    others = {place for place, remark in told.items() if "again" in remark}
    assert others == {4, 8, 10}, (
        "neither the one after the compaction nor a sub-agent's, and 9,000 are not what was gone"
    )


def test_an_ended_session_opens_on_its_dearest_call(world: World) -> None:
    world.write(prompt(at(0)), one(1, 1, 0, 3_000), one(2, 2, 3_000, 60_000), one(3, 3, 63_000, 500))
    assert world.open().choice == 1


def test_an_ended_session_without_a_price_opens_on_its_last_call(world: World) -> None:
    world.write(prompt(at(0)), *[one(number, number, 0, 100, model="house-coder-1") for number in (1, 2)])
    assert world.open().choice == 1


def test_where_the_numbers_come_from(usual: World) -> None:
    rows = dict(usual.view().rows)
    assert rows["Log files"].startswith("2 files, ")
    assert rows["Records"] == "7 records with usage: 7 calls, 0 repeats folded, 0 skipped"
    assert "claude-sonnet-5, 4 calls, exact as logged" in rows["Prices"]
    assert "price book of " in rows["Prices"]
    assert rows["Cache writes"] == "8.0k tokens for 5 min, 79.5k tokens for 1 h, from the log"


def test_skipped_records_are_told(world: World) -> None:
    world.write(*ordinary(), answer("x", "y", usage(1, 20_000_000), at=at(96)))
    found = world.view().found.skipped
    assert sum(count for _, count in found) == 1
    assert "1 skipped (1 " in dict(world.view().rows)["Records"]


def test_neighbors_by_their_beginning(world: World) -> None:
    for name, start in (("A", 0), ("B", 10), ("C", 20)):
        world.write(prompt(at(start), session=name), one(ord(name), start, 0, 900, session=name), session=name)
    with closing(reader(world.machine)) as connection:
        assert timeline.neighbors(connection, CLAUDE, "B") == ((CLAUDE, "A"), (CLAUDE, "C"))
        assert timeline.neighbors(connection, CLAUDE, "A") == (None, (CLAUDE, "B"))
        assert timeline.neighbors(connection, CLAUDE, "none") == (None, None)


def test_prepared_sums_are_those_the_chart_makes_itself(usual: World) -> None:
    shown = usual.view()
    prepared, plain = Chart(), Chart()
    prepared.set_measured(Measured(shown.course))
    plain.set_course(shown.course)
    for chart in (prepared, plain):
        chart.resize(900, 400)
    assert prepared.read_out(0, 6) == plain.read_out(0, 6)
    assert prepared.view == plain.view
    assert prepared.calls_per_bar == plain.calls_per_bar
    assert prepared.accessibleName() == plain.accessibleName()


@pytest.mark.parametrize(
    ("nano", "six", "exact"),
    [
        (867_125_000, "$0.867125", "0.867125000 USD"),
        (0, "$0.000000", "0.000000000 USD"),
        (-1_500, "−$0.000002", "-0.000001500 USD"),
    ],
)
def test_exact_words(nano: int, six: str, exact: str) -> None:
    assert words.six(nano) == six
    assert formats.exact(nano) == exact


def test_a_price_for_a_million() -> None:
    assert words.per_million(811_525_000, 129_844) == "6.25"
    assert words.per_million(100_000, 20) == "5.00"
    assert words.per_million(175_000, 1_000) == "0.175"


def test_a_trace_adds_up_by_eye(usual: World) -> None:
    shown = usual.view()
    with closing(reader(usual.machine)) as connection:
        traced = trace_view(connection, shown, 4, usual.machine, load_catalog(usual.machine))
    found = traced.page
    assert sum(round(float(row.amount[1:]) * 1e6) for row in found.lines) == round(float(found.total[1][1:]) * 1e6)
    assert (found.title, found.of) == ("Call 5", "of 7")
    assert dict(found.record)["File"].startswith("~/.claude/projects/")
    assert found.cause.startswith("The pause of 1 h 24 min outlived the cache")
    assert [row.kept for row in found.copies] == [True]
    assert "\n> " in traced.text
    assert max(len(line) for line in traced.text.splitlines() if "/" not in line) <= 72
    assert found.gone == ""
    assert [row.price for row in found.lines] == ["0.20", "2.50", "4.00", "2.00", "10.00", "10.00"]
    price = dict(found.price)
    assert price["Name"] == "claude-sonnet-5, exact as logged"
    assert price["Valid"].endswith("standard, no tier, no factor")
    assert "; book of " in price["Source"]


def test_a_neighbors_home_is_not_ones_own(usual: World) -> None:
    shown = usual.view()
    with closing(reader(usual.machine)) as connection:
        traced = breakdown.trace(connection, shown.found.found, "1")
        strange = f"{usual.machine.home}2/x.jsonl"
        traced = traced._replace(call=traced.call._replace(path=strange))
    voice = Voice(str, str, str)
    page = page_of(traced, shown.found, usual.machine, load_catalog(usual.machine), voice)
    assert dict(page.record)["File"] == strange


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take no such file names")
def test_a_log_whose_name_is_no_text_is_there(world: World) -> None:
    name = os.fsdecode(b"caf\xe9")
    world.write(*ordinary(), to=f"{name}.jsonl")
    assert [one.exists for one in world.view(named(name)).found.sources] == [True]


# Window


def test_it_shows_the_session(usual: World) -> None:
    window = usual.open()
    assert window.windowTitle() == "app, Tue Nov 24 14:00"
    assert window.name.text() == "app"
    assert window.chip.isVisible()
    assert window.cost.accessibleDescription().startswith("$")
    assert window.choice == 6, "the newest call is read out while it runs"
    assert window.costs.models.table.model().rowCount() == 3
    assert window.costs.subagents.isVisible()
    assert not window.unknown.isVisible()
    assert not window.notice.isVisible()


def test_keys_move_the_read_out(usual: World) -> None:
    window = usual.open()
    QTest.keyClick(window, Qt.Key.Key_Home)
    assert window.choice == 0
    QTest.keyClick(window, Qt.Key.Key_Right)
    QTest.keyClick(window, Qt.Key.Key_Right)
    assert window.choice == 2
    QTest.keyClick(window, Qt.Key.Key_Left)
    assert window.choice == 1
    QTest.keyClick(window, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert window.choice == 6
    QTest.keyClick(window, Qt.Key.Key_End)
    assert window.choice == 6
    assert "Call 7" in window.out.accessibleName()
    QTest.keyClick(window, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    cost = usual.view().found.points[6].cost
    assert cost is not None
    assert QGuiApplication.clipboard().text() == formats.exact(cost)


def test_origin_by_keys(usual: World) -> None:
    window = usual.open()
    window._choose(4)
    window.chart.setFocus()
    QTest.keyClick(window.chart, Qt.Key.Key_O)
    usual.trace(window)
    assert "Call 5" in window.trace.accessibleName()
    QTest.keyClick(window.trace, Qt.Key.Key_Right)
    usual.qtbot.waitUntil(lambda: "Call 6" in window.trace.accessibleName())
    assert window.choice == 5
    QTest.keyClick(window.trace, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == window.trace.text
    assert not window.chart.visibleRegion().isEmpty(), "the chart is still in sight"
    QTest.keyClick(window.trace, Qt.Key.Key_Escape)
    assert window.trace.isHidden()
    assert window.focusWidget() is window.chart


def test_the_trace_lies_over_a_small_window_and_beside_a_large_one(usual: World) -> None:
    window = usual.open()
    window.show_trace(0)
    usual.trace(window)
    assert window.area.geometry().right() < window.trace.geometry().left()
    window.resize(960, 640)
    QApplication.processEvents()
    assert window.area.width() == 960
    assert window.trace.geometry().right() == 959


def test_enter_and_the_menu_open_the_origin_too(usual: World) -> None:
    window = usual.open()
    QTest.keyClick(window.chart, Qt.Key.Key_Return)
    usual.trace(window)
    window.close_trace()
    actions = [action.text().partition("\t")[0] for action in window.chart_menu().actions() if action.text()]
    assert actions == ["Show origin", "Copy value", "Show all", "As a table"]


def test_the_table_twin(usual: World) -> None:
    window = usual.open()
    window._choose(4)
    QTest.keyClick(window.chart, Qt.Key.Key_T)
    assert window.tabled
    assert not window.chart.isVisible()
    assert window.calls.model().rowCount() == 7
    assert window.calls.currentIndex().row() == 4
    QTest.keyClick(window.calls, Qt.Key.Key_Up)
    assert window.choice == 3
    shown = [str(window.calls.model().index(3, column).data()) for column in range(6)]
    assert shown[0] == "4"
    assert shown[2] == "Sub-agent 1"
    QTest.keyClick(window.calls, Qt.Key.Key_T)
    assert not window.tabled
    assert window.chart.isVisible()


def test_zoom_and_all(usual: World) -> None:
    usual.write(*[one(number, 95 + number / 10, 11_000, 200) for number in range(10, 60)])
    window = usual.open()
    whole = window.chart.view
    QTest.keyClick(window.chart, Qt.Key.Key_Plus)
    assert window.chart.view != whole
    QTest.keyClick(window.chart, Qt.Key.Key_0)
    assert window.chart.view == whole
    window.by.segment("time").click()
    assert window.chart.view[0] > 1e12


def test_older_and_newer(world: World) -> None:
    for name, start in (("A", 0), ("B", 10)):
        world.write(prompt(at(start), session=name), one(ord(name), start, 0, 900, session=name), session=name)
    window = world.open("A")
    assert not window.older.isEnabled()
    assert window.newer.isEnabled()
    QTest.keyClick(window, Qt.Key.Key_BracketRight)
    world.qtbot.waitUntil(lambda: window.windowTitle().endswith("14:10"))
    world.settle(window)
    assert window.older.isEnabled()
    assert not window.newer.isEnabled()


def test_a_window_that_went_to_another_session_is_that_ones(world: World) -> None:
    """Whichever session is opened next, the window that comes forward shows it; and no session has two windows."""
    for name, start in (("A", 0), ("B", 10)):
        world.write(prompt(at(start), session=name), one(ord(name), start, 0, 900, session=name), session=name)
    turned = world.open("B")
    QTest.keyClick(turned, Qt.Key.Key_BracketLeft)
    world.settle(turned)
    assert world.open("A") is turned and turned.windowTitle().endswith("14:00")
    second = world.open("B")
    assert second is not turned and second.windowTitle().endswith("14:10")
    world.qtbot.waitUntil(second.older.isEnabled)
    QTest.keyClick(second, Qt.Key.Key_BracketLeft)
    world.settle(second)
    assert second.windowTitle().endswith("14:10"), "the other window shows it already"
    turned.close()
    assert world.open("A") is not turned and world.open("B") is second


def test_it_grows_while_the_session_runs(usual: World) -> None:
    usual.write(*[one(number, 95 + number / 10, 11_000, 200) for number in range(10, 40)])
    window = usual.open()
    shown = usual.view()
    before, cost = len(shown.course.calls), window.cost.accessibleDescription()
    window.chart.zoom(2)
    view_before = window.chart.view
    QTest.keyClick(window.chart, Qt.Key.Key_Home)
    usual.write(one(90, 100, 20_000, 3_000))
    usual.tell()
    usual.qtbot.waitUntil(lambda: window.view is not None and len(window.view.course.calls) == before + 1)
    usual.settle(window)
    assert window.cost.accessibleDescription() != cost
    assert window.choice == 0, "what the user chose stays"
    assert window.chart.view != (0.0, float(before + 1)), "the zoom stays"
    assert view_before[1] - view_before[0] == pytest.approx(window.chart.view[1] - window.chart.view[0])


def test_a_grown_course_is_drawn_bit_by_bit_and_looks_as_if_at_once(usual: World) -> None:
    window = usual.open()
    old = window.chart.grab().toImage()
    usual.write(one(90, 100, 20_000, 3_000))
    grown = usual.view().measured
    window.chart.set_measured(grown)
    assert not window.chart.settled
    usual.qtbot.waitUntil(lambda: window.chart.settled)
    bit_by_bit = window.chart.grab().toImage()
    assert bit_by_bit != old
    size = window.chart.size()
    for width in (size.width() - 1, size.width()):  # another size is drawn at once
        window.chart.resize(width, size.height())
        at_once = window.chart.grab().toImage()
    assert at_once == bit_by_bit


def test_the_newest_call_is_read_out_until_the_user_chooses(world: World) -> None:
    world.write(prompt(at(90)), one(1, 95, 0, 30_000), one(2, 96, 30_000, 500))
    window = world.open()
    assert window.choice == 1
    world.write(one(3, 97, 30_500, 500))
    world.tell()
    world.qtbot.waitUntil(lambda: window.choice == 2)


def test_a_change_elsewhere_asks_nothing(usual: World) -> None:
    window = usual.open()
    usual.tell()
    usual.settle(window)
    usual.write(prompt(at(90), session="S2"), one(70, 91, 0, 500, session="S2"), session="S2")
    asked: list[str] = []
    window._throttle._action = lambda: asked.append("asked")
    usual.tell()
    assert asked == []


def test_an_old_session_is_asked_about_when_all_logs_are_read(world: World) -> None:
    world.write(prompt(at(0)), one(1, 1, 0, 30_000))
    window = world.open()
    world.tell()
    world.settle(window)
    world.write(one(2, 2, 30_000, 500))
    with closing(reader(world.machine)) as connection:
        now = meters.read(connection, world.machine)
    world.notice.changed.emit(now._replace(reading=(1, 2)))
    world.qtbot.waitUntil(lambda: window.view is not None and len(window.view.course.calls) == 2)


def test_a_growing_table_keeps_its_row(usual: World) -> None:
    window = usual.open()
    window.show_table(True)
    window.calls.choose(2)
    usual.write(one(90, 100, 20_000, 3_000))
    usual.tell()
    usual.qtbot.waitUntil(lambda: window.calls.model().rowCount() == 8)
    assert window.calls.currentIndex().row() == 2


# States


def test_a_log_that_is_gone(world: World) -> None:
    path = world.write(*ordinary())
    later = replace(world.machine, clock=lambda: world.machine.clock() + 3_600_000)
    path.unlink()
    world.windows.shut_down()
    world.windows = Windows(later, world.notice.changed, lambda: None)
    window = world.open()
    assert window.chip.accessibleDescription() == "log gone"
    assert window.origins.notice.isVisible()
    assert "gone since" in dict(window.view.rows)["Log files"]  # type: ignore[union-attr]
    window.show_trace(0)
    world.trace(window)
    assert "The log is gone" in " ".join(
        label.text() for label in window.trace.findChildren(Label) if label.isVisible()
    )


def test_calls_without_a_price(world: World) -> None:
    world.write(*ordinary(), *[one(number, 96 + number, 0, 100, model="house-coder-1") for number in (20, 21)])
    window = world.open()
    assert window.cost.accessibleDescription().startswith("≥ $")
    assert window.notice.isVisible()
    assert "2 calls by house-coder-1 have no price" in window.notice.accessibleName()
    window.notice.action.emit("calls")
    assert window.tabled
    assert window.choice == 6
    shown = world.view()
    assert shown.sound
    assert "2 calls without a price" in dict(shown.rows)["Prices"]
    assert read_out(shown, 5).total == "no price"


def test_nothing_has_a_price(world: World) -> None:
    world.write(prompt(at(0)), one(1, 1, 0, 100, model="house-coder-1"))
    window = world.open()
    assert window.cost.accessibleDescription().startswith("no price")
    assert dict(window.view.rows)["Check"].startswith("nothing to add up")  # type: ignore[union-attr]


def test_a_stated_cost_counts_and_still_adds_up(world: World) -> None:
    world.write(prompt(at(0)), one(1, 1, 0, 100, model="house-coder-1", costUSD=0.25), one(2, 2, 100, 50))
    shown = world.view()
    assert shown.found.found.total.cost > 250_000_000
    assert sum(row.cost for row in shown.by_kind.rows) == shown.found.found.total.cost
    assert sum(shown.course.calls[0].costs) == 250_000_000
    assert read_out(shown, 0).items[-1].title == "As the log states"
    assert shown.sound


def test_one_single_call(world: World) -> None:
    world.write(prompt(at(0)), one(1, 1, 0, 30_000))
    window = world.open()
    assert window.choice == 0
    assert not window.costs.subagents.isVisible()
    assert not window.grab().isNull()


def test_context_that_no_log_says(usual: World) -> None:
    shown = usual.view()
    calls = tuple(point._replace(context=None) for point in shown.found.points)
    unknown = view(shown.found._replace(points=calls, window=None, compacts_at=None, compactions=()), usual.machine)
    assert not unknown.context_known
    window = usual.open()
    window._answered(unknown)
    usual.settle(window)
    assert window.unknown.isVisible()
    assert not window.grab().isNull()


def test_a_session_that_nobody_knows(world: World) -> None:
    world.write(*ordinary())
    window = world.open("S9")
    world.qtbot.waitUntil(window.empty.isVisible)
    assert "Nothing is known" in window.empty.accessibleName()


def test_the_other_agent(world: World) -> None:
    folder = world.machine.home / ".codex/sessions/2026/11/24"
    folder.mkdir(parents=True)
    thread = Thread()
    records = [meta("T1", at(0)), turn("u1", at(0.1))]
    records += [thread.call(at(minute), 9_000 * minute, 300, cached=8_000 * minute) for minute in range(1, 9)]
    (folder / "rollout-2026-11-24T14-00-00-T1.jsonl").write_bytes(lines(*records))
    world.read()
    shown = world.view("T1", CODEX)
    assert len(shown.course.calls) == 8
    assert shown.by_subagent is None
    assert shown.sound
    window = world.open("T1", CODEX)
    assert window.facts.accessibleDescription().startswith("Agent: Codex 0.145.0")


# Export


def test_export(usual: World, tmp_path: Path) -> None:
    window = usual.open()
    document, sheet = tmp_path / "out.json", tmp_path / "out.csv"
    window.export_to(document)
    usual.qtbot.waitUntil(lambda: not usual.windows.background.busy and document.exists())
    window.export_to(sheet)
    usual.qtbot.waitUntil(lambda: not usual.windows.background.busy and sheet.exists())
    told = json.loads(document.read_text(encoding="utf-8"))
    assert told["schema"] == "cuenta.session/1"
    assert told["total"]["cost_nanousd"] == usual.view().found.found.total.cost
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8"))))
    assert len(rows) == 7
    assert sum(int(row["cost_nanousd"]) for row in rows) == told["total"]["cost_nanousd"]
    assert rows[0]["tokens_cache_write_1h"] == "30000"


def test_export_that_fails_is_said(usual: World, tmp_path: Path) -> None:
    window = usual.open()
    window.export_to(tmp_path / "nowhere" / "out.json")
    usual.qtbot.waitUntil(window.notice.isVisible)
    assert "out.json can't be written" in window.notice.accessibleName()


# Looks


def long_names() -> list[Record]:
    """The longest words that there may be."""
    where = "/home/me/a-project-with-a-name-that-no-window-has-room-for-at-all"
    branch = "feature/that-was-named-by-somebody-with-much-time"
    return [prompt(at(-1), cwd=where, gitBranch=branch), *ordinary()[1:]]


def visible(window: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    return [child for kind in kinds for child in window.findChildren(kind) if child.isVisible()]


def place_in(window: QWidget, child: QWidget) -> QRect:
    return QRect(child.mapTo(window, QPoint(0, 0)), child.size())


def assert_nothing_is_cut(window: SessionWindow) -> None:
    for button in visible(window, QPushButton, QRadioButton):
        if button.property("kind") is not None or isinstance(button, QRadioButton):
            assert button.width() >= button.sizeHint().width(), button.accessibleName() or button
    for label in visible(window, Label):
        assert isinstance(label, Label)
        if label.wordWrap():
            assert label.height() >= label.heightForWidth(label.width()) - 1, label.text()
        elif label not in (window.name, window.branch):
            assert label.width() >= label.sizeHint().width(), label.text()
    for figure in visible(window, Figure):
        assert figure.height() >= figure.sizeHint().height()
        assert figure.width() >= figure.sizeHint().width()
    assert window.facts.height() >= window.facts.heightForWidth(window.facts.width())
    for table in visible(window, Table):
        assert isinstance(table, Table)
        head = table.head.height() if table.head.isVisible() else 0
        assert table is window.calls or table.height() >= head + table.verticalHeader().length(), table.accessibleName()


def assert_nothing_overlaps(window: SessionWindow) -> None:
    parts: list[QWidget] = [window.mark, window.name, window.branch, window.chip, window.older, window.newer]
    parts += [window.export, window.cost, window.facts, window.notice, window.card, window.costs, window.origins]
    for group in (
        parts,
        [window.card.heading, window.out, window.by, *window.parts, window.unknown, window.chart, window.calls],
        [window.costs.models, window.costs.subagents, window.costs.kinds],
        [*window.origins.rows, window.origins.files],
    ):
        shown = [(part, place_in(window, part)) for part in group if part.isVisible()]
        for place, (part, area) in enumerate(shown):
            assert area.width() > 0 and area.left() >= 0 and area.right() < window.width(), part
            for other, area2 in shown[place + 1 :]:
                assert not area.intersects(area2), (part, other)


@pytest.mark.parametrize("percent", [100, 150, 200])
@pytest.mark.parametrize(("width", "height"), [(960, 640), (1200, 820)])
def test_nothing_is_cut_or_overlaps(usual: World, look: Appearance, width: int, height: int, percent: int) -> None:
    look.set_text_scale(percent / 100)
    window = usual.open(width=width, height=height)
    window.setMinimumSize(960, 640)
    window.resize(width, height)
    QApplication.processEvents()
    assert_nothing_is_cut(window)
    assert_nothing_overlaps(window)
    needed = window.area.widget().heightForWidth(window.area.viewport().width())
    assert window.area.widget().height() == max(needed, window.area.viewport().height())


@pytest.mark.parametrize("percent", [100, 200])
def test_the_text_may_grow_while_the_window_is_open(usual: World, look: Appearance, percent: int) -> None:
    window = usual.open(width=960, height=640)
    look.set_text_scale(percent / 100)
    look.choose("dark")
    window.resize(960, 640)
    for _ in range(5):
        QApplication.processEvents()
    assert_nothing_is_cut(window)
    assert_nothing_overlaps(window)


def test_long_names_give_way(world: World, look: Appearance) -> None:
    world.write(*long_names())
    for scale in (1.0, 2.0):
        look.set_text_scale(scale)
        window = world.open(width=960, height=640)
        window.resize(960, 640)
        QApplication.processEvents()
        assert_nothing_is_cut(window)
        assert_nothing_overlaps(window)
        assert window.name.toolTip().startswith("a-project-with")
        window.close()


@pytest.mark.parametrize("percent", [100, 200])
def test_the_trace_is_not_cut(usual: World, look: Appearance, percent: int) -> None:
    look.set_text_scale(percent / 100)
    window = usual.open(width=960, height=640)
    window.show_trace(4)
    usual.trace(window)
    for label in visible(window.trace, Label):
        assert isinstance(label, Label)
        needed = label.heightForWidth(label.width()) - 1 if label.wordWrap() else 0
        assert label.height() >= needed, label.text()
        assert label.wordWrap() or label.width() >= label.sizeHint().width(), label.text()
        assert place_in(window.trace, label).right() < window.trace.width()


class _Longer(QTranslator):
    """Every text 40 % longer."""

    def translate(self, context: str, text: str, disambiguation: str | None = None, n: int = -1) -> str:
        return text + "·" * round(len(text) * 0.4) if text else text


@pytest.mark.parametrize("percent", [100, 200])
def test_longer_words_break_nothing(usual: World, look: Appearance, percent: int) -> None:
    look.set_text_scale(percent / 100)
    longer = _Longer()
    QApplication.installTranslator(longer)
    try:
        window = usual.open(width=960, height=640)
        window.resize(960, 640)
        QApplication.processEvents()
        assert window.export.text() == "Export…···"
        assert_nothing_is_cut(window)
        assert_nothing_overlaps(window)
    finally:
        QApplication.removeTranslator(longer)


def test_everything_that_takes_the_keyboard_has_a_name(usual: World) -> None:
    window = usual.open()
    window.show_trace(0)
    usual.trace(window)
    for child in window.findChildren(QWidget):
        if (
            child.isVisible()
            and child.focusPolicy() != Qt.FocusPolicy.NoFocus
            and not child.objectName().startswith("qt_")
        ):
            named = child.accessibleName() or getattr(child, "text", lambda: "")()
            assert named, child
    for control in (window.older, window.newer, window.export, window.trace.close_button, window.trace.older):
        assert control.width() >= 24
        assert control.height() >= 24


def test_f6_goes_from_card_to_card(usual: World) -> None:
    window = usual.open()
    window.activateWindow()
    seen: list[QWidget | None] = []
    for _ in range(4):
        QTest.keyClick(window, Qt.Key.Key_F6)
        seen.append(window.focusWidget())
    assert seen[:3] == [window.chart, window.costs.models.table, window.origins.files]


# Ten thousand calls


@pytest.fixture
def many(world: World) -> World:
    context, records = 20_000, [prompt(at(-3000))]
    for number in range(10_000):
        minutes = -2_900 + number * 0.29
        context += 900
        if context > 160_000:
            records.append(compacted(at(minutes), before=context, after=30_000))
            context = 30_000
        records.append(one(number, minutes, context - 900, 900))
    world.write(*records)
    return world


def test_ten_thousand_calls(many: World) -> None:
    """Drawn as bars of several calls each, never as ten thousand; scrolled, walked, zoomed and refreshed like any."""
    window = many.open()
    shown = window.view
    assert shown is not None
    assert len(shown.course.calls) == 10_000
    assert window.chart.calls_per_bar * window.chart.width() > 10_000
    bar = window.area.verticalScrollBar()
    assert bar.maximum() > 100
    window.chart.zoom(1.25)
    QTest.keyClick(window.chart, Qt.Key.Key_Left)
    window._show_timeline(shown)
    window._show_costs(shown)
    bar.setValue(100)
    QApplication.processEvents()
    assert bar.value() == 100
    window.show_table(True)
    assert window.calls.model().rowCount() == 10_000
    before = window.calls.currentIndex().row()
    QTest.keyClick(window.calls, Qt.Key.Key_PageDown)
    assert window.calls.currentIndex().row() > before
