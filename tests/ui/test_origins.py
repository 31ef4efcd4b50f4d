"""From any figure down to the log: each has a menu with its origin and its value, and the keys for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.machine import Machine
from app.report.session_list import GroupLine
from app.runtime import reader
from app.store import database, queries
from app.store.queries import Filter, ListedSession
from app.ui.appearance import Appearance, use_shipped_font
from app.ui.overview_window import OverviewWindow
from app.ui.session_window import SessionWindow
from app.ui.sessions_window import SessionsWindow
from app.ui.widgets.cells import CELL, words_of
from app.ui.widgets.figure import Figure
from app.ui.widgets.figure_menu import Offer, menu_of
from app.ui.widgets.split_bar import SplitBar
from app.ui.widgets.table import Table
from tests.ui.standing import Standing, demo_machine, filled_machine, size_to, standing

NANO = 1_000_000_000


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture(autouse=True)
def look(qapp: QApplication, resources: Path) -> Appearance:
    made = Appearance(resources, "light")
    made.use_font(use_shipped_font(resources))
    return made


@pytest.fixture
def stand(demo: Machine) -> Iterator[Standing]:
    with standing(demo) as one:
        yield one


def overview(stand: Standing) -> OverviewWindow:
    window = stand.windows.open("overview")
    assert isinstance(window, OverviewWindow)
    stand.settle(lambda: window.spend.chart is not None)
    return window


def sessions(stand: Standing) -> SessionsWindow:
    window = stand.windows.window("sessions")
    assert isinstance(window, SessionsWindow)
    stand.settle()
    return window


def dearest(stand: Standing) -> ListedSession:
    """Of those with a sub-agent."""
    return max((one for one in sessions_of(stand.machine) if one.subagents), key=lambda one: one.cost)


def session(stand: Standing, one: ListedSession) -> SessionWindow:
    window = stand.windows.open_session(one.source, one.native)
    assert isinstance(window, SessionWindow)
    stand.settle(lambda: window.settled)
    return window


def lines(offer: Offer, parent: QWidget) -> list[str]:
    return [action.text().partition("\t")[0] for action in menu_of(offer, parent).actions()]


def nanos(offer: Offer) -> int:
    """The offered value, read back."""
    number, unit = offer.exact.split()
    assert unit == "USD"
    return int(Fraction(number) * NANO)


BOTH = ["Show origin", "Copy value"]


def test_every_figure_of_the_overview_offers_both(stand: Standing) -> None:
    window = overview(stand)
    top, below, chart = window._top, window._below, window.spend.chart
    assert top is not None
    assert below is not None
    assert chart is not None
    figures = window.figures.findChildren(Figure)
    assert len(figures) == 3
    for figure in figures:
        assert lines(figure.offer, figure) == BOTH
    assert nanos(figures[0].offer) == top.total.cost
    assert nanos(chart.offer_of(chart.choice)) == top.bars.totals[chart.choice]
    assert lines(chart.offer_of(chart.choice), chart) == BOTH
    kinds = window.kinds.table
    assert sum(nanos(kinds.offer_of(row)) for row in range(kinds.model().rowCount())) == top.total.cost
    assert window.kinds.tokens.offer_of(0).exact.endswith(" tokens")
    assert sum(nanos(window.kinds.dollars.offer_of(place)) for place in range(5)) == top.total.cost
    for row, (one, _) in enumerate(below.newest):
        assert nanos(window.sessions.table.offer_of(row)) == one.cost
    window.spend.toggle_twin()
    twin = window.spend.twin
    assert twin is not None
    assert [nanos(twin.offer_of(row)) for row in range(twin.model().rowCount())] == list(top.bars.totals)


def test_every_row_of_the_list_offers_both(stand: Standing) -> None:
    stand.windows.open("sessions")
    window = sessions(stand)
    for row, item in enumerate(window.model.items[:40]):
        assert nanos(window.table.offer_of(row)) == item.cost
        assert lines(window.table.offer_of(row), window) == BOTH
    assert isinstance(window.model.items[0], GroupLine)
    origin = window.table.offer_of(0).origin
    assert origin is not None
    origin()
    assert window.table.currentIndex().row() == 1


def test_what_has_no_price_offers_no_value(stand: Standing) -> None:
    stand.windows.open("sessions", "price:none")
    window = sessions(stand)
    unpriced = [row for row, item in enumerate(window.model.items) if item.unpriced and not item.cost]
    assert unpriced
    for row in unpriced:
        assert lines(window.table.offer_of(row), window) == ["Show origin"]


def test_every_sum_of_a_session_leads_to_the_calls_it_adds_up(stand: Standing) -> None:
    one = dearest(stand)
    window = session(stand, one)
    assert nanos(window.cost.offer) == one.cost
    with closing(reader(stand.machine)) as connection:
        calls = queries.calls_of(connection, one.ident)
    for lists in (window.costs.models, window.costs.subagents):
        total = 0
        for row in range(lists.table.model().rowCount()):
            offer = lists.table.offer_of(row)
            assert lines(offer, window) == BOTH
            assert offer.origin is not None
            offer.origin()
            places = window.calls.calls.places
            assert sum(calls[place].cost or 0 for place in places) == nanos(offer)
            assert window.tabled
            assert window.choice in places
            assert window.some.isVisible()
            total += nanos(offer)
        assert total == one.cost
    kinds = window.costs.kinds.table
    assert sum(nanos(kinds.offer_of(row)) for row in range(kinds.model().rowCount())) == one.cost
    assert nanos(window.costs.kinds.bar.offer_of(0)) == nanos(kinds.offer_of(0))
    kinds.opened.emit(4)
    assert [place for place, call in enumerate(calls) if call.tokens.reasoning] == list(window.calls.calls.places)
    window.some.everything.click()
    assert len(window.calls.calls.places) == one.calls
    assert not window.some.isVisible()
    for row in range(window.origins.files.model().rowCount()):
        window.origins.files.opened.emit(row)
        paths = {calls[place].path for place in window.calls.calls.places}
        assert len(paths) == 1
        assert paths.pop().endswith(window.origins.files.offer_of(row).exact.removeprefix("~"))
    window.show_table(False)
    window.show_table(True)
    assert list(window.calls.calls.places) == list(range(one.calls))


def test_from_a_sum_to_the_log_by_keys_alone(stand: Standing) -> None:
    window = overview(stand)
    figure = window.figures.findChildren(Figure)[0]
    figure.setFocus()
    QTest.keyClick(figure, Qt.Key.Key_O)
    listed = sessions(stand)
    assert window._top is not None
    assert listed._found is not None
    assert listed._found.cost == window._top.total.cost
    QTest.keyClick(listed, Qt.Key.Key_Down)
    chosen = listed.model.session(listed.table.currentIndex().row())
    assert chosen is not None
    QTest.keyClick(listed.table, Qt.Key.Key_O)
    opened = stand.windows.window(f"session:{chosen.source}:{chosen.native}")
    assert isinstance(opened, SessionWindow)
    stand.settle(lambda: opened.settled)
    models = opened.costs.models.table
    models.setFocus()
    models.choose(0)
    QTest.keyClick(models, Qt.Key.Key_O)
    assert opened.calls.hasFocus() or opened.focusWidget() is opened.calls
    QTest.keyClick(opened.calls, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == opened.calls.offer_of(opened.calls.currentIndex().row()).exact
    QTest.keyClick(opened.calls, Qt.Key.Key_O)
    stand.settle(lambda: not opened.trace.isHidden())
    assert f"of {chosen.calls}" in opened.trace.accessibleName()
    assert chosen.native in opened.trace.text
    assert '"input_tokens"' in opened.trace._usage
    opened.trace.usage_button.click()
    assert opened.trace.usage.isVisible()
    button = opened.trace.copy_button
    assert opened.focusWidget() is button
    QTest.keyClick(button, Qt.Key.Key_Down)
    amounts = opened.trace.amounts
    assert opened.focusWidget() is amounts
    QTest.keyClick(amounts, Qt.Key.Key_Down)
    QTest.keyClick(amounts, Qt.Key.Key_Up)
    assert amounts.currentIndex().row() == 0
    QTest.keyClick(amounts, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == opened.trace.text
    before = opened.choice
    QTest.keyClick(amounts, Qt.Key.Key_Left)
    assert opened.choice == before - 1
    stand.settle()
    QTest.keyClick(amounts, Qt.Key.Key_Up)
    assert opened.trace.isHidden()
    assert opened.focusWidget() is opened.cost


def test_the_menus_open_by_mouse(stand: Standing, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the pointer is decides, not what is chosen."""
    asked: list[Offer] = []
    for module in ("table", "split_bar", "figure", "stacked_days"):
        monkeypatch.setattr(f"app.ui.widgets.{module}.show_menu", lambda offer, *_: asked.append(offer))
    window = session(stand, dearest(stand))
    table: Table = window.costs.models.table
    table.choose(0)
    spot = table.visualRect(table.model().index(1, 0)).center()
    right_click(table.viewport(), spot.x(), spot.y())
    assert asked[-1].exact == table.offer_of(1).exact
    bar: SplitBar = window.costs.kinds.bar
    right_click(bar, 2, bar.height() // 2)
    assert asked[-1].exact == bar.offer_of(0).exact
    right_click(window.cost, 3, 3)
    assert asked[-1].exact == window.cost.offer.exact
    over = overview(stand)
    chart = over.spend.chart
    assert chart is not None
    right_click(chart._plot.viewport(), chart._plot.width() // 2, 60, press=True)
    assert asked[-1].exact == chart.offer_of(chart.choice).exact
    assert 0 < chart.choice < 29


def right_click(widget: QWidget, x: int, y: int, press: bool = False) -> None:
    """The event that the system sends for a menu; the press before it only where it matters."""
    at = QPoint(x, y)
    if press:
        QTest.mouseClick(widget, Qt.MouseButton.RightButton, pos=at)
    QApplication.sendEvent(widget, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at)))


def test_without_any_price_nothing_is_free_and_nothing_is_sure(stand: Standing, tmp_path: Path) -> None:
    """Unknown is not zero: no $0.00 stands where no call has a price."""
    machine = filled_machine(tmp_path, stand.machine, 2, 3, 2)
    costs = ", ".join(f"cost_{kind} = 0" for kind in _COSTS)
    with closing(database.open_writer(machine.database)) as store:
        store.execute(f"UPDATE call SET cost = NULL, reported = NULL, price_id = NULL, {costs}")
        store.commit()
    with standing(machine) as one:
        window = overview(one)
        figures = window.figures.findChildren(Figure)
        assert [figure._value.value for figure in figures] == ["no price", "2", "no price"]
        assert [figure._value.certainty for figure in figures] == [None, "measured", None]
        kinds = window.kinds.table.model()
        for row in range(kinds.rowCount()):
            assert words_of(kinds.index(row, 3).data(CELL)) == "no price"
            assert window.kinds.table.offer_of(row).exact == ""
        rows = sessions_of(machine)
        opened = session(one, rows[0])
        assert opened.cost._value.certainty is None
        opened.show_trace(0)
        one.settle(lambda: not opened.trace.isHidden())
        assert "$0.00" not in opened.trace.text
        assert "●" not in opened.trace.text


_COSTS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning", "requests")


def sessions_of(machine: Machine) -> list[ListedSession]:
    with closing(reader(machine)) as connection:
        return queries.list_sessions(connection, Filter())


def test_a_long_name_leaves_the_button_and_the_facts_their_room(stand: Standing, tmp_path: Path) -> None:
    machine = filled_machine(tmp_path, stand.machine, 2, 3, 2)
    with closing(database.open_writer(machine.database)) as store:
        store.execute("UPDATE session SET project = ?, branch = ?", ("/p/" + "long-name-" * 12, "branch-" * 12))
        store.commit()
    with standing(machine) as one:
        one.windows.open("sessions")
        window = sessions(one)
        window.table.choose(1)
        for width in (1000, 880):
            size_to(window, width, 560)
            assert window.open.width() == window.open.sizeHint().width()
            assert window.facts.width() > width // 5
