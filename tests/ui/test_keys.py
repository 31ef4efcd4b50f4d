"""Keys that every window has: F1 lists the keys, Ctrl+K goes somewhere by name, Ctrl+C copies in full precision."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app import formats
from app.machine import Machine
from app.report import going
from app.runtime import reader
from app.store import queries
from app.store.queries import Filter
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.doctor_window import DoctorWindow
from app.ui.go_window import GoWindow
from app.ui.keys import Keyed, Told, bind, spelled, told_by
from app.ui.keys_window import KeysWindow
from app.ui.overview_window import OverviewWindow
from app.ui.session_window import SessionWindow
from app.ui.sessions_window import SessionsWindow
from app.ui.widgets.cells import CELL, SIDE, Group, cell_width
from app.ui.widgets.split_bar import SplitBar
from app.ui.widgets.table import Table
from app.ui.windows import WINDOWS
from tests.ui.hands import combined, focused, in_front, press, tab_to, until_active, write
from tests.ui.standing import Longer, Standing, demo_machine, faults, size_to, standing


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


def opened(stand: Standing, key: str) -> QWidget:
    """The window of that key, with all it asks for and something chosen in it."""
    if key == "session":
        running = stand.windows.context.meters()
        assert running is not None and running.running
        window: QWidget = stand.windows.open_session(running.running[0].source, running.running[0].session)
        assert isinstance(window, SessionWindow)
        stand.settle(lambda: window.settled)
    else:
        found = stand.windows.open(key)
        assert found is not None
        window = found
        stand.settle(lambda: not isinstance(window, OverviewWindow) or window.spend.chart is not None)
    if isinstance(window, DoctorWindow):
        stand.settle(lambda: bool(window.every))
        window.more.click()  # a list with more rows than the two agents of the demo
    until_active(window)
    return window


def keyed(window: QWidget) -> list[QWidget]:
    every = (window, *window.findChildren(QWidget))
    return [one for one in every if isinstance(one, Keyed) and one.isVisibleTo(window)]


ALL = [entry.key for entry in WINDOWS] + ["session"]


@pytest.mark.parametrize("key", ALL)
def test_every_key_that_is_told_is_taken(key: str, stand: Standing) -> None:
    window = opened(stand, key)
    tried = 0
    for one in keyed(window):
        assert isinstance(one, Keyed)
        for told in one.keys_told():
            for keys in told.keys.split(" "):
                first = combined(keys)
                if isinstance(one, GoWindow):
                    QTest.keyClick(one.field, first.key(), first.keyboardModifiers())
                    continue
                if isinstance(one, Table):
                    if one.model().rowCount() < 3:
                        continue
                    one.choose(one.model().rowCount() // 2)
                event = QKeyEvent(QEvent.Type.KeyPress, first.key(), first.keyboardModifiers())
                one.keyPressEvent(event)
                assert event.isAccepted(), f"{type(one).__name__} does not take {keys}"
                tried += 1
    assert tried or key in ("first_run", "settings", "go")
    stand.settle()


def test_f1_lists_the_keys_of_the_window_one_is_in(stand: Standing) -> None:
    window = opened(stand, "overview")
    press("F1")
    listed = stand.windows.window("keys")
    assert isinstance(listed, KeysWindow)
    rows = [
        [str(listed.rows.index(row, column).data() or "") for column in (0, 1)] for row in range(listed.rows.rowCount())
    ]
    assert rows[0][0] == "Overview" and ["3", "30 days"] in rows and ["F6", "Next card"] in rows
    assert ["← →", "Move the read-out"] in rows and ["Enter O", "Show the sessions of the chosen bar"] in rows
    common = rows[[row[0] for row in rows].index("In every window") :]
    assert (
        ["Ctrl+K", "Go to"] in common and ["Ctrl+2", "Sessions"] in common and ["Ctrl+W", "Close this window"] in common
    )
    places = {one.place for one in told_by(window) if one.place}
    assert {"In the chart", "On a figure"} <= places
    assert len(rows) == len(told_by(window)) + 3 + len(places)  # a heading for each and two more, and Tab
    until_active(listed)
    press("Esc")
    assert stand.windows.window("keys") is None


@pytest.mark.parametrize("key", ALL)
def test_no_key_is_listed_with_two_meanings_in_one_place(key: str, stand: Standing) -> None:
    window = opened(stand, key)
    meant: dict[tuple[str, str], str] = {}
    for one in told_by(window):
        for keys in one.keys.split(" "):
            assert meant.setdefault((one.place, keys), one.words) == one.words, (one.place, keys)


def test_another_window_has_other_keys(stand: Standing) -> None:
    opened(stand, "overview")
    press("F1")
    listed = stand.windows.window("keys")
    assert isinstance(listed, KeysWindow)
    opened(stand, "sessions")
    press("F1")
    until_active(listed)
    words = [str(listed.rows.index(row, 1).data()) for row in range(listed.rows.rowCount())]
    assert "Sort by the next column" in words and "30 days" not in words


def test_no_key_means_two_things_in_one_window(stand: Standing) -> None:
    for key in ALL:
        window = opened(stand, key)
        keys = [
            one.keys for one in told_by(window) if "+" in one.keys and "Shift" not in one.keys and "C" not in one.keys
        ]
        assert sorted(keys) == sorted(set(keys)), key


def test_keys_are_written_as_they_are_printed(qapp: QApplication) -> None:
    said = {"Left Right": "← →", "Return": "Enter", "Ctrl+E": "Ctrl+E", "+ -": "+ -", "Ctrl+,": "Ctrl+,", "[": "["}
    assert {keys: spelled(keys) for keys in said} == said


def test_a_shortcut_tells_what_it_does(qapp: QApplication) -> None:
    window, done = QWidget(), list[int]()
    bind(window, "Ctrl+J", "Join", lambda: done.append(1))
    window.show()
    until_active(window)
    press("Ctrl+J")
    assert done == [1] and told_by(window) == [Told("Ctrl+J", "Join")]
    window.close()


# Going somewhere


def listed(window: GoWindow) -> list[str]:
    return [str(window.rows.index(row, 1).data()) for row in range(window.rows.rowCount())]


def went(stand: Standing, *letters: str) -> GoWindow:
    opened(stand, "overview")
    press("Ctrl+K")
    window = stand.windows.window("go")
    assert isinstance(window, GoWindow)
    stand.settle()
    until_active(window)
    for one in letters:
        write(one)
        stand.settle()
    return window


def test_a_session_is_told_from_others_by_when_and_what_it_cost(stand: Standing) -> None:
    window = went(stand, "atlas")
    rows = [row for row in range(window.rows.rowCount()) if window.rows.index(row, 0).data()]
    with closing(reader(stand.machine)) as connection:
        sessions = queries.list_sessions(connection, Filter())
    fits = [one for one in sessions if (one.project or "").endswith("atlas-api")][: len(rows)]
    assert len(rows) == len(fits) > 5
    for row, one in zip(rows, fits, strict=True):
        assert window.rows.index(row, 2).data() == formats.amount(one.cost, one.unpriced)
        assert f"{datetime.fromtimestamp(one.ended_at / 1000, UTC):%H:%M}" in window.rows.index(row, 3).data()
    assert not any(window.table.isColumnHidden(column) for column in range(4))
    assert not [cut for column in (2, 3) for cut in cut_words(window.table, column)]


def test_without_a_text_it_lists_windows_and_the_newest_sessions(stand: Standing) -> None:
    window = went(stand)
    assert listed(window)[:3] == ["Overview", "Sessions", "Settings"] and len(listed(window)) == 17
    press("Down", "Return")
    assert in_front(SessionsWindow) and stand.windows.window("go") is None


def test_a_project_opens_its_sessions(stand: Standing) -> None:
    window = went(stand, "atl")
    assert listed(window)[0] == "atlas-api project"
    press("Return")
    sessions = stand.windows.window("sessions")
    assert isinstance(sessions, SessionsWindow) and sessions.field.text() == "project:atlas-api"


def test_a_session_opens(stand: Standing) -> None:
    went(stand, "codex ", "atlas")
    press("Return")
    window = in_front(SessionWindow)
    stand.settle(lambda: window.settled)
    assert window.view is not None and (window.view.name, window.view.source) == ("atlas-api", "codex")


def test_letters_only_narrow_what_was_read_once(stand: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    window = went(stand, "a")
    monkeypatch.setattr("app.store.queries.list_sessions", lambda *_: pytest.fail("read again"))
    write("tlas zzz")
    stand.settle()
    assert listed(window) == [] and window.told.isVisible() and not window.table.isVisible()
    for _ in range(4):
        press("Backspace")
    stand.settle()
    assert listed(window) and not window.told.isVisible()
    press("Esc")
    assert stand.windows.window("go") is None


def test_places_are_found_by_every_word(demo: Machine, stand: Standing) -> None:
    window = went(stand)
    stock = window._stock
    assert stock is not None
    found = going.places(stock.sessions, "ATLAS main", 1000)
    assert found.projects == () and {one.project for one in found.sessions} == {found.sessions[0].project}
    every = going.places(stock.sessions, "atlas-api", 1000)
    assert every.projects[0] == ("atlas-api", sum(one.project == found.sessions[0].project for one in stock.sessions))
    assert going.places(stock.sessions, stock.sessions[5].native, 1000).sessions == (stock.sessions[5],)
    assert going.places(stock.sessions, "", 3) == ((), tuple(stock.sessions[:3]))


# Copies


def copied() -> str:
    return QGuiApplication.clipboard().text()


def test_a_bar_a_part_a_row_and_a_figure_are_copied_to_the_last_digit(stand: Standing) -> None:
    window = opened(stand, "overview")
    assert isinstance(window, OverviewWindow) and window._top is not None and window._below is not None
    chart = window.spend.chart
    assert chart is not None
    bars = window._top.bars
    while focused() is not chart:
        press("F6")
    press("Left", "Left", "Ctrl+C")
    assert copied() == formats.exact(bars.totals[chart.choice]) and copied().endswith("00 USD")
    press("T")
    press("Ctrl+C")
    cells = copied().split("\t")
    assert cells[0] == chart.bin_name(chart.choice) and cells[-1] == formats.exact(bars.totals[chart.choice])
    press("T")
    bar = tab_to("Dollars")
    assert isinstance(bar, SplitBar)
    press("Right", "Ctrl+C")
    dollars = {kind.key: kind.cost for kind in window._below.kinds}
    assert copied() == formats.exact(dollars["cache_read"])
    tab_to("Spend, 30 days", back=True)
    press("Ctrl+C")
    assert copied() == formats.exact(window._top.total.cost)


def test_a_session_s_row_is_copied_with_its_exact_cost(stand: Standing) -> None:
    window = opened(stand, "sessions")
    assert isinstance(window, SessionsWindow)
    press("Down", "Ctrl+C")
    row = window.table.currentIndex().row()
    one = window.model.session(row)
    assert one is not None and formats.exact(one.cost) in copied().split("\t")
    assert not isinstance(window.model.index(row, 0).data(CELL), Group)


def test_o_on_a_figure_shows_the_sessions_it_is_made_of(stand: Standing) -> None:
    opened(stand, "overview")
    tab_to("Spend, 30 days")
    press("O")
    sessions = stand.windows.window("sessions")
    assert isinstance(sessions, SessionsWindow) and sessions.field.text() == "since:2026-10-26"
    stand.settle()
    until_active(sessions)
    press("Down", "Backspace")
    in_front(OverviewWindow)


# Their looks


def cut_words(table: Table, column: int) -> list[str]:
    """What in that column ends with …, for its cell is too narrow."""
    model, theme = table.model(), appearance().theme
    cells = [model.index(row, column) for row in range(model.rowCount())]
    room = table.columnWidth(column) - 2 * theme.px(SIDE)
    return [str(one.data()) for one in cells if cell_width(one.data(CELL), theme) > room]


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("key", ["go", "keys"])
def test_nothing_is_cut_or_overlaps(key: str, scale: float, stand: Standing) -> None:
    appearance().set_text_scale(scale)
    opened(stand, "overview")
    window = opened(stand, key)
    assert faults(window) == []
    size_to(window, *appearance().theme.window(key)[2:])
    assert faults(window) == []
    if isinstance(window, KeysWindow):
        assert cut_words(window.table, 1) == []
    if isinstance(window, GoWindow):
        assert not set(cut_words(window.table, 1)) & {"Overview", "Sessions", "Settings"}
        write("zzz")
        stand.settle()
        assert window.told.isVisible() and faults(window) == []


@pytest.mark.parametrize("key", ["go", "keys"])
def test_longer_words_fit(key: str, demo: Machine) -> None:
    longer = Longer()
    QCoreApplication.installTranslator(longer)
    try:
        with standing(demo) as stand:
            opened(stand, "overview")
            window = opened(stand, key)
            size_to(window, *appearance().theme.window(key)[2:])
            assert faults(window) == []
    finally:
        QCoreApplication.removeTranslator(longer)
