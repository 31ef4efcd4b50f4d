"""The timeline as a table: one row a call, made only where it is looked at, so ten thousand cost nothing."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from app import formats
from app.ui.appearance import appearance
from app.ui.session_view import View, clock, kind_name, model_name, who
from app.ui.widgets.cells import CELL, Cell, Number, Words, words_of
from app.ui.widgets.course import KINDS
from app.ui.widgets.table import Column, Table

Index = QModelIndex | QPersistentModelIndex


class Calls(QAbstractTableModel):
    """Reads the view that is shown."""

    def __init__(self, columns: list[Column]) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._shown: View | None = None

    def set_view(self, shown: View) -> None:
        before = self._shown
        count, now = self.rowCount(), len(shown.found.points)
        same = before is not None and before.found.found.facts.ident == shown.found.found.facts.ident and now >= count
        if not same or now == count:
            self.beginResetModel()
            self._shown = shown
            self.endResetModel()
        else:
            self.beginInsertRows(QModelIndex(), count, now - 1)
            self._shown = shown
            self.endInsertRows()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if self._shown is None or parent.isValid() else len(self._shown.found.points)

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
        point, call = shown.found.points[row], shown.course.calls[row]
        if column == 0:
            return Number(f"{point.number:,}", ink="text2")
        if column == 1:
            return Words(clock(point.at, shown.zone, shown.found.found.facts.ended_at, seconds=True))
        if column == 2:
            return Words(who(point.subagent, shown.subagents), "text2")
        if column == 3:
            return Words(model_name(point.model, shown.source), "text2")
        if column == 4:
            return Number(formats.NONE if point.context is None else formats.tokens(point.context))
        if column == 5:
            return Number(formats.NO_PRICE if point.cost is None else formats.money(point.cost), weight=600)
        cost = call.costs[column - 6]
        return Number(formats.money(cost) if cost else formats.NONE, ink="text2")


class CallTable(Table):
    """The table twin of the timeline."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        def tr(text: str) -> str:
            return QCoreApplication.translate("CallTable", text)

        columns = [
            Column(tr("Call"), 64, True),
            Column(tr("Time"), 132),
            Column(tr("Made by"), 148),
            Column(tr("Model"), -1),
            Column(tr("Context"), 76, True),
            Column(tr("Cost"), 80, True),
            *(Column(kind_name(kind), 88, True) for kind in KINDS),
        ]
        super().__init__(name, columns, dense=True, flush=True, parent=parent)
        self.calls = Calls(columns)
        self.setModel(self.calls)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_O, Qt.Key.Key_T) or event.matches(QKeySequence.StandardKey.Copy):
            event.ignore()  # the window's, not letters to look for
        else:
            super().keyPressEvent(event)

    def restyle(self) -> None:
        super().restyle()
        self.setFixedHeight(appearance().theme.px(336))
