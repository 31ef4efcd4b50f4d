"""Another currency while windows stand open: figures, axes and heads follow at the next word of Live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from app.machine import Machine
from app.report.session_list import amount_in
from app.ui import preferences as module
from app.ui.appearance import Appearance, appearance, use_shipped_font
from app.ui.overview_window import OverviewWindow
from app.ui.preferences import Preferences, preferences
from app.ui.sessions_window import SessionsWindow
from app.ui.tray_view import DEFAULT, figure_of, view
from app.ui.widgets.cells import CELL, Number
from tests.ui.standing import Standing, demo_machine, standing


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return demo_machine(tmp_path_factory.mktemp("demo"))


@pytest.fixture
def stand(demo: Machine, qapp: QApplication, resources: Path) -> Iterator[Standing]:
    look = Appearance(resources, "light")
    look.use_font(use_shipped_font(resources))
    with standing(demo) as one:
        yield one


@pytest.fixture
def chosen(stand: Standing, demo: Machine) -> Iterator[Preferences]:
    module._all.pop(demo.data, None)
    made = preferences(demo)
    yield made
    made.change(currency=None)
    module._all.pop(demo.data, None)
    (demo.data / "settings.json").unlink()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def axis(window: OverviewWindow) -> tuple[str, ...]:
    assert window.spend.chart is not None
    return tuple(window.spend.chart._plot.item._words)


def test_an_open_overview_follows(stand: Standing, chosen: Preferences) -> None:
    window = stand.windows.open("overview")
    assert isinstance(window, OverviewWindow)
    stand.settle(lambda: window.spend.chart is not None)
    stand.ring()  # what Live says again from here on is no news by itself
    stand.settle()
    dollars = window._spend.accessibleDescription()
    assert "$" in dollars and "at 0.92" not in window.dates.text()
    chosen.change(currency=("EUR", "0.92", "2026-11-01"))
    QApplication.processEvents()
    assert axis(window)[-1].startswith("€"), "an axis is painted anew at once"
    stand.ring()
    stand.settle(lambda: "€" in window._spend.accessibleDescription())
    assert window.dates.text().endswith("local time · at 0.92, Nov 1")
    assert "at 0.92, Nov 1" in window._spend.toolTip()
    paid = re.search(r"\d+\.\d+", dollars), re.search(r"\d+\.\d+", window._spend.accessibleDescription())
    assert paid[0] and paid[1]
    assert abs(float(paid[0][0]) * 0.92 - float(paid[1][0])) <= 0.01, "the same sum, each rounded to cents once"
    assert axis(window)[-1].startswith("€") and not any("$" in word for word in axis(window))
    assert "€" in str(window.spend.read_out.accessibleName())


def test_an_open_list_of_sessions_follows(stand: Standing, chosen: Preferences) -> None:
    window = stand.windows.open("sessions")
    assert isinstance(window, SessionsWindow)
    stand.settle()
    chosen.change(currency=("JPY", "142", "2025-11-01"))
    stand.ring()
    stand.settle(lambda: bool(window.title.accessibleDescription()))
    assert window.title.accessibleDescription() == "at 142, Nov 1, 2025"
    cells = [
        window.model.index(row, column).data(CELL)
        for row in range(1, 8)
        for column in range(window.model.columnCount())
    ]
    money = [cell.text for cell in cells if isinstance(cell, Number) and ("¥" in cell.text or "$" in cell.text)]
    assert money and all(re.fullmatch(r"(≥ )?¥[\d,]+", text) for text in money), money


def test_an_amount_is_searched_as_it_is_shown(stand: Standing, chosen: Preferences) -> None:
    """1.84 euros at 0.92 are 2 dollars; without the rate 1.84 dollars."""
    assert amount_in("≥1.84") == (">", 1_840_000_000)
    chosen.change(currency=("EUR", "0.92", "2026-11-01"))
    assert amount_in("≥€1.84") == amount_in("1.84") == (">", 2_000_000_000)


def test_the_tray_follows(stand: Standing, chosen: Preferences) -> None:
    now = stand.windows.context.meters()
    assert now is not None
    chosen.change(currency=("EUR", "0.5", "2026-11-01"))
    shown = view(now, DEFAULT)
    assert shown.tooltip[0].endswith("· at 0.5, Nov 1") and "€" in shown.tooltip[0]
    assert figure_of(now._replace(today=29_990_000_000, unpriced=0)) == "14"
    assert appearance().theme.ground == "light"
