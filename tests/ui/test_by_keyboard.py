"""Each window from opening to its purpose with keys alone: no test here touches a widget except to look at it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from app import autostart
from app.machine import Machine
from app.settings import Settings
from app.store.queries import ListedSession
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.first_run import FirstRunWindow
from app.ui.overview_window import OverviewWindow
from app.ui.popover import Popover
from app.ui.popover_rows import SessionRow
from app.ui.session_window import SessionWindow
from app.ui.sessions_window import SessionsWindow
from app.ui.settings_pages import PAGES
from app.ui.settings_window import SettingsWindow
from app.ui.tray_view import DEFAULT, Action
from tests.ui.hands import focused, give_back, in_front, press, tab_to, until_active, write
from tests.ui.pages import Frame, frame, with_logs
from tests.ui.standing import NOW, Standing, demo_machine, standing
from tests.ui.test_popover import facts, running


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication, resources: Path) -> Appearance:
    look = Appearance(resources, "light")
    look.use_font(use_shipped_font(resources))
    return look


@pytest.fixture
def stand(demo: Machine) -> Iterator[Standing]:
    with standing(demo) as one:
        yield one


def overview(stand: Standing) -> OverviewWindow:
    window = stand.windows.open("overview")
    assert isinstance(window, OverviewWindow)
    stand.settle(lambda: window.spend.chart is not None)
    until_active(window)
    return window


def listed(window: SessionsWindow) -> list[ListedSession]:
    return [one for one in window.model.items if isinstance(one, ListedSession)]


def dialog_closes(title: str, window: QWidget) -> None:
    """The dialog to save a file opens, and Esc leads back."""
    dialog = in_front(QFileDialog)
    assert dialog.windowTitle() == title
    press("Esc")
    assert not dialog.isVisible()
    give_back(window)


def test_overview_from_the_period_to_the_sessions_of_a_day(stand: Standing) -> None:
    window = overview(stand)
    chart = window.spend.chart
    assert chart is not None
    press("2")
    stand.settle()
    assert window.period.choice == "7 days" and window._top is not None and len(window._top.bars.bins) == 7
    tab_to("7 days")
    press("Right")
    stand.settle()
    assert window.period.choice == "30 days" and len(window._top.bars.bins) == 30
    tab_to("Agent")
    press("Right")
    stand.settle()
    assert window.spend.stack.choice == "model"
    tab_to("Spend by day, 30 days")
    assert focused() is chart
    press("Home", "Right", "Shift+Right", "Left")
    assert chart.choice == 7 and chart.bin_name(7) in window.spend.read_out.accessibleName()
    spent = window._top.bars.totals[7]
    press("Return")
    sessions = in_front(SessionsWindow)
    stand.settle()
    assert sum(one.cost for one in listed(sessions)) == spent > 0
    press("Ctrl+1")
    in_front(OverviewWindow)
    press("T")
    assert window.spend.twin is not None and focused() is window.spend.twin
    press("Ctrl+E")
    dialog_closes("Export", window)
    press("Ctrl+W")
    assert stand.windows.window("overview") is None


def test_overview_own_days_are_typed(stand: Standing) -> None:
    window = overview(stand)
    press("5")
    stand.settle()
    assert focused() is window.since
    press("Down")
    stand.settle()
    assert (str(window.span.since), str(window.span.until)) == ("2026-09-26", "2026-11-24")
    tab_to("Last day")
    press("Down")
    stand.settle()
    assert (str(window.span.since), str(window.span.until)) == ("2026-09-26", "2026-10-24")


def test_sessions_are_searched_grouped_sorted_and_opened(stand: Standing) -> None:
    stand.windows.open("sessions")
    window = in_front(SessionsWindow)
    stand.settle()
    press("Ctrl+F")
    write("project:parser cost:>0.5 ")
    stand.settle()
    give_back(window)
    assert window.field.search.terms and {one.project for one in listed(window)} == {listed(window)[0].project}
    tab_to("By day")
    press("Right")
    stand.settle()
    assert window.group.choice == "project"
    press("Right")
    stand.settle()
    assert window.group.choice == "none"
    tab_to("Sessions")
    press("S", "S", "S")
    stand.settle()
    costs = [one.cost for one in listed(window)]
    assert costs == sorted(costs, reverse=True)
    press("Shift+S")
    stand.settle()
    assert [one.cost for one in listed(window)] == sorted(costs)
    press("End", "Up", "Down")
    chosen = window.model.session(window.table.currentIndex().row())
    assert chosen is not None and chosen.cost == max(costs)
    press("Return")
    session = in_front(SessionWindow)
    stand.settle(lambda: session.settled)
    assert session.view is not None and session.view.found.found.total.cost == chosen.cost
    press("Backspace")
    in_front(SessionsWindow)
    press("Esc")
    stand.settle()
    assert window.field.is_empty


def test_a_session_from_the_read_out_to_the_origin_of_a_call(stand: Standing) -> None:
    meters = stand.windows.context.meters()
    assert meters is not None
    stand.windows.open_session(meters.running[0].source, meters.running[0].session)
    window = in_front(SessionWindow)
    stand.settle(lambda: window.settled)
    view = window.view
    assert view is not None
    press("Home")
    assert window.choice == 0
    press("Right", "Right")
    assert window.choice == 2 and "Call 3" in window.out.accessibleName()
    press("O")
    stand.settle(lambda: window.trace.isVisible())
    assert window.trace.accessibleName().startswith("Call 3 of")
    press("Right")
    stand.settle(lambda: window.trace.accessibleName().startswith("Call 4 of"))
    press("Esc")
    assert not window.trace.isVisible()
    press("T")
    assert window.tabled and focused() is window.calls
    press("End", "Ctrl+C")
    assert QGuiApplication.clipboard().text().endswith(" USD")
    press("T")
    assert not window.tabled
    tab_to("By call", back=True)
    press("Right")
    assert window.by.choice == "time"
    tab_to("Cost by model")
    press("Home", "Ctrl+C")
    assert QGuiApplication.clipboard().text().endswith(" USD")
    press("Ctrl+E")
    dialog_closes("Export", window)
    press("[")
    stand.settle(lambda: window.settled and window.view is not view)
    older = window.view
    press("]")
    stand.settle(lambda: window.settled and window.view is not older)
    assert window.view is not None and older is not None
    assert window.view.found.found.facts.ident == view.found.found.facts.ident != older.found.found.facts.ident


@pytest.fixture
def shown(machine: Machine, qtbot: QtBot) -> Iterator[Frame]:
    with frame(with_logs(machine)) as one:
        yield one


def kept(machine: Machine) -> dict[str, Any]:
    return json.loads((machine.data / "settings.json").read_text())


def test_settings_every_page_and_every_control(shown: Frame) -> None:
    shown.settings()
    window = in_front(SettingsWindow)
    titles = [window.page.accessibleName()]
    for _ in PAGES[1:]:
        press("Down")
        shown.settle()
        until_active(window)
        titles.append(window.page.accessibleName())
    assert titles == ["General", "Sources", "Plans", "Nothing leaves this computer", "Prices", "About"]
    press("Home")
    shown.settle()
    tab_to("Start at login")
    press("Space")
    assert autostart.is_on(shown.machine)
    for at, steps in (("Icon", ["Right"]), ("Monochrome", ["Right"]), ("System", ["Right", "Right"])):
        tab_to(at)
        press(*steps)
    tab_to("Text size")
    press("Down", "Down", "Down")
    for name in ("Tell me when", "Tell me of new models"):
        tab_to(name)
        press("Space")
    assert kept(shown.machine) == {
        **json.loads(msgspec.json.encode(Settings())),
        "tray_figure": True,
        "tray_color": True,
        "notices": False,
        "price_notices": False,
        "appearance": "dark",
        "text_percent": 150,
    }
    assert (appearance().theme.ground, appearance().text_scale) == ("dark", 1.5)
    press("F6")
    assert focused() is window.list
    press("Down")
    shown.settle()
    tab_to("Read Codex")
    press("Space")
    assert kept(shown.machine)["sources_off"] == ["codex"]
    tab_to("Add a folder…", back=True)
    press("Space")
    in_front(QFileDialog)
    press("Esc")
    give_back(window)
    press("F6", "Down", "Down")
    shown.settle()
    tab_to("Copy the command")
    QGuiApplication.clipboard().clear()
    press("Space")
    assert QGuiApplication.clipboard().text()


def test_first_run_from_its_boxes_to_the_start(shown: Frame) -> None:
    shown.first_run()
    window = in_front(FirstRunWindow)
    tab_to("Read Codex")
    press("Space")
    assert kept(shown.machine)["sources_off"] == ["codex"]
    tab_to("Start at login")
    assert window.login.isChecked()
    tab_to("Open Overview")
    press("Return")
    shown.settle()
    assert shown.overviews == 1 and autostart.is_on(shown.machine)
    assert json.loads((shown.machine.data / "notes.json").read_text())["welcomed"] is True


def test_popover_to_a_running_session_and_to_a_pause(qtbot: QtBot) -> None:
    one = Popover(lambda: NOW, DEFAULT._replace(sessions=True), normal=True)
    opened: list[tuple[str, str]] = []
    one.open_session.connect(lambda source, session: opened.append((source, session)))
    one.set_facts(facts(running("one"), running("two")))
    one.open_at(None)
    until_active(one)
    tab_to("Pause")
    tab_to("two feat/invoice-totals", back=True)
    assert isinstance(focused(), SessionRow)
    press("Return")
    assert [session for _, session in opened] == ["two"] and not one.isVisible()
    acted: list[str] = []
    one.acted.connect(acted.append)
    one.open_at(None)
    until_active(one)
    tab_to("Pause")
    press("Space")
    QTest.qWait(20)
    press("Down", "Return")
    assert acted == [Action.PAUSE_HOUR.value]
    one.close()
    one.deleteLater()
