"""The timeline as a table: one row a call, made only where it is looked at, so ten thousand cost nothing."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app import formats
from app.ui.appearance import appearance
from app.ui.moments import timed
from app.ui.session_view import EVERY_CALL, Calls, View, amount_of, kind_name, model_name, places_of, who
from app.ui.widgets.cells import CELL, Cell, Number, Words, words_of
from app.ui.widgets.course import KINDS
from app.ui.widgets.figure_menu import Offer
from app.ui.widgets.table import Column, Table

Index = QModelIndex | QPersistentModelIndex


class CallRows(QAbstractTableModel):
    """Reads the view that is shown; `places` are the calls in it that have a row."""

    def __init__(self, columns: list[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._shown: View | None = None
        self.wanted = EVERY_CALL
        self.places: Sequence[int] = range(0)

    def set_view(self, shown: View, wanted: Calls = EVERY_CALL) -> None:
        before, places = self._shown, places_of(shown.found, wanted)
        count, now = len(self.places), len(places)
        same = before is not None and before.found.found.facts.ident == shown.found.found.facts.ident
        grown = same and wanted == self.wanted and now > count and places[:count] == self.places
        self.wanted = wanted
        if grown:
            self.beginInsertRows(QModelIndex(), count, now - 1)
            self._shown, self.places = shown, places
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._shown, self.places = shown, places
            self.endResetModel()

    def row_of(self, place: int) -> int:
        """The row of that call; −1 where it has none."""
        row = bisect_left(self.places, place)
        return row if row < len(self.places) and self.places[row] == place else -1

    def offer_of(self, row: int, show: Callable[[int], object]) -> Offer:
        if self._shown is None or not 0 <= row < len(self.places):
            return Offer()
        place = self.places[row]
        cost = self._shown.found.points[place].cost
        return Offer(lambda: show(place), "" if cost is None else formats.exact(cost))

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.places)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if self._shown is None or not index.isValid():
            return None
        if role == CELL:
            return self._cell(self._shown, index.row(), index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return words_of(self._cell(self._shown, index.row(), index.column()))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        return None

    def _cell(self, shown: View, row: int, column: int) -> Cell:
        place = self.places[row]
        point, call = shown.found.points[place], shown.course.calls[place]
        if column == 0:
            return Number(f"{point.number:,}", ink="text2")
        if column == 1:
            return Words(timed(point.at, shown.found.found.facts.ended_at, shown.zone, seconds=True))
        if column == 2:
            return Words(who(point.subagent, shown.subagents), "text2")
        if column == 3:
            return Words(model_name(point.model, shown.source), "text2")
        if column == 4:
            return Number(formats.NONE if point.context is None else formats.tokens(point.context))
        if column == 5:
            return Number(amount_of(shown.found.found.calls[place]), weight=600)
        cost = call.costs[column - 6]
        return Number(formats.money(cost) if cost else formats.NONE, ink="text2")


class CallTable(Table):
    """The table twin of the timeline: all its calls, or those that a sum adds up."""

    picked = Signal(int)
    """The call that is chosen now."""
    traced = Signal(int)
    """The call whose origin is asked for."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        def tr(text: str) -> str:
            return QCoreApplication.translate("CallTable", text)

        columns = [
            Column(tr("Call"), 52, True),
            Column(tr("Time")),
            Column(tr("Made by")),
            Column(tr("Model"), -1),
            Column(tr("Context"), 76, True),
            Column(tr("Cost"), 80, True),
            *(Column(kind_name(kind), 80, True) for kind in KINDS),
        ]
        super().__init__(name, columns, dense=True, edge="none", parent=parent)
        self.calls = CallRows(columns)
        self.setModel(self.calls)
        self.chosen.connect(self._picked)
        self.opened.connect(lambda row: self.traced.emit(self.calls.places[row]))
        self.offer(lambda row: self.calls.offer_of(row, self.traced.emit), copies="value")
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _picked(self, row: int) -> None:
        if row >= 0:
            self.picked.emit(self.calls.places[row])

    def show_calls(self, shown: View, wanted: Calls) -> None:
        """`chosen` stays where it is, as far as it is one of them."""
        row = self.currentIndex().row()
        place = self.calls.places[row] if row >= 0 else -1
        self.calls.set_view(shown, wanted)
        self._fit()
        self.choose_call(place)

    def choose_call(self, place: int) -> None:
        row = self.calls.row_of(place)
        if row >= 0 and row != self.currentIndex().row():
            self.choose(row)

    def keys_place(self) -> str:
        return QCoreApplication.translate("CallTable", "In the calls")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_T:
            event.ignore()  # the window's, not a letter to look for
        else:
            super().keyPressEvent(event)

    def restyle(self) -> None:
        super().restyle()
        if hasattr(self, "calls"):
            self._fit()

    def _fit(self) -> None:
        """As high as its rows, up to the chart's height; then it scrolls."""
        bar = self.horizontalScrollBar().sizeHint().height() if self.head.length() > self.viewport().width() else 0
        rows = self.head.height() + max(1, self.calls.rowCount()) * appearance().theme.row_dense + bar
        self.setFixedHeight(min(appearance().theme.px(336), rows))

    def measure(self) -> None:
        super().measure()
        if hasattr(self, "calls"):
            self._fit()
