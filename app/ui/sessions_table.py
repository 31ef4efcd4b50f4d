"""The table of the list of sessions: fifty thousand rows, of which a screenful is painted again and again.

A screen of rows takes Python longer than a frame. What was painted is kept, as cells and as whole rows: a row that has
only moved, because another session wrote, is one picture put elsewhere. Where many rows have changed at once, some are
painted in the next turns of the event loop and meanwhile look as before.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from app.ui.appearance import appearance
from app.ui.sessions_model import BAR, CONTEXT, COST, DOT, LAST, MARK, NAME, PEAK, STATE, SessionsModel
from app.ui.widgets.base import width_of
from app.ui.widgets.cells import CELL, SIDE, Cell, Cells, Group, edge_room
from app.ui.widgets.table import Column, Table

Index = QModelIndex | QPersistentModelIndex
_ROW = 27
_WIDTHS = {MARK: 48, STATE: 112, CONTEXT: 100, PEAK: 140, BAR: 84, COST: 104, DOT: 40}
_NARROW_WIDTHS = {**_WIDTHS, MARK: 42, COST: 84, DOT: 34}
"""Of the columns, at 100 %."""
_CELLS_KEPT = 1_500
_ROWS_KEPT = 96
"""Two screens of them: each takes a tenth of a megabyte."""
_PATIENCE = 0.005
"""Seconds of painting in one turn of the event loop."""


class _CachedCells(Cells):
    """Paints each different cell once. A screen of rows takes Python longer than a frame; most of their cells were there
    before, in this row or another: states, marks, dots, names, and everything of a row that has only moved.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._kept: dict[tuple[object, ...], QPixmap] = {}

    def forget(self) -> None:
        self._kept.clear()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        cell, ratio = index.data(CELL), painter.device().devicePixelRatioF()
        if cell is None or isinstance(cell, Group) or ratio != int(ratio):
            super().paint(painter, option, index)
            return
        rect: QRect = option.rect  # type: ignore[attr-defined]
        selected = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        last = index.row() == index.model().rowCount() - 1
        key = (cell, rect.width(), rect.height(), ratio, selected, index.row() == self.hovered, last)
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) > _CELLS_KEPT:
                self._kept.clear()
            kept = self._kept[key] = QPixmap(rect.size() * ratio)
            kept.setDevicePixelRatio(ratio)
            kept.fill(appearance().theme.color("surface"))
            within = QPainter(kept)
            within.translate(-rect.topLeft())
            super().paint(within, option, index)
            within.end()
        painter.drawPixmap(rect.topLeft(), kept)


class _Shown(NamedTuple):
    """How a row was painted last."""

    cells: tuple[Cell, ...]
    rest: tuple[object, ...]
    picture: QPixmap


class SessionsTable(Table):
    """Columns as wide as the widest that can stand in them, not what happens to stand there now: nothing jumps."""

    dated = False
    """Days stand in the rows, and not over them."""
    narrow = False

    def __init__(self, name: str, columns: Sequence[Column]) -> None:
        super().__init__(name, columns, dense=True, edge="card")
        self.cells = _CachedCells(self)
        self.cells.edge = "card"
        self.setItemDelegate(self.cells)
        self.patient = False
        """Paints only as much now as is quick. For the screen; a picture that somebody asks for is painted whole."""
        self._rows: dict[tuple[object, ...], QPixmap] = {}
        self._shown: dict[int, _Shown] = {}
        self._fresh = 0
        """Rows that this painting had to paint."""
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._go_on)
        self.viewport().setAutoFillBackground(True)  # opaque: scrolling moves what is there and paints what is new

    def restyle(self) -> None:
        super().restyle()
        if isinstance(self.cells, _CachedCells):
            self.cells.forget()
            self._rows.clear()
            self._shown.clear()
        height = max(appearance().theme.target, appearance().theme.px(_ROW))
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)

    def paintEvent(self, event: QPaintEvent) -> None:
        model, ratio = self.model(), self.devicePixelRatioF()
        if not isinstance(model, SessionsModel) or ratio != int(ratio):
            super().paintEvent(event)
            return
        painter, shape = QPainter(self.viewport()), self._shape(ratio)
        first, last = self.rowAt(event.rect().top()), self.rowAt(event.rect().bottom())
        end = last if last >= 0 else model.rowCount() - 1  # −1 is below the last row
        until, self._fresh = time.perf_counter() + _PATIENCE, 0
        for row in range(first, end + 1) if first >= 0 else ():
            late = self.patient and self._fresh > 0 and time.perf_counter() > until  # each turn gets on by one at least
            picture = self._kept(row, model, shape, late)
            painter.drawPixmap(0, self.rowViewportPosition(row), picture)
        painter.end()

    @Slot()
    def _go_on(self) -> None:
        self.viewport().update()

    def _shape(self, ratio: float) -> tuple[object, ...]:
        """What all rows have in common."""
        widths = (self.columnWidth(column) for column in range(DOT + 1))
        return (ratio, self.viewport().width(), self.verticalHeader().defaultSectionSize(), *widths)

    def _kept(self, row: int, model: SessionsModel, shape: tuple[object, ...], late: bool) -> QPixmap:
        """The row's picture, painted now if need be; too late for that, how it looked before."""
        selected = self.selectionModel().isRowSelected(row, QModelIndex())
        cells, rest = model.cells(row), (shape, selected, row == self.cells.hovered, row == model.rowCount() - 1)
        shown = self._shown.get(row)
        if shown is not None and shown.cells is cells and shown.rest == rest:  # to hash a row of cells takes a while
            return shown.picture
        picture = self._rows.pop((cells, rest), None)
        if picture is None and late and shown is not None:
            self._later.start()
            return shown.picture
        if picture is None:
            self._fresh += 1
            picture = self._painted(row, selected)
        if len(self._rows) >= _ROWS_KEPT:
            del self._rows[next(iter(self._rows))]  # the one that was not wanted for the longest time
        if len(self._shown) >= _ROWS_KEPT:
            self._shown.clear()
        self._rows[cells, rest] = picture
        self._shown[row] = _Shown(cells, rest, picture)
        return picture

    def _painted(self, row: int, selected: bool) -> QPixmap:
        ratio, height = self.devicePixelRatioF(), self.rowHeight(row)
        picture = QPixmap(QSize(self.viewport().width(), height) * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(appearance().theme.color("surface"))
        painter, option = QPainter(picture), QStyleOptionViewItem()
        self.initViewItemOption(option)
        if selected:
            option.state |= QStyle.StateFlag.State_Selected  # type: ignore[attr-defined]
        for column in range(DOT + 1):
            if not self.isColumnHidden(column):
                left = self.columnViewportPosition(column)
                option.rect = QRect(left, 0, self.columnWidth(column), height)  # type: ignore[attr-defined]
                self.cells.paint(painter, option, self.model().index(row, column))
        painter.end()
        return picture

    def _width(self, place: int, column: Column) -> int:
        theme = appearance().theme
        if place == LAST:
            widest = width_of("Sep 30, 2025" if self.dated else "00:00", theme.font("table"))
            title = width_of(column.title, theme.font("caption", 500)) + theme.px(14)
            return max(widest, title) + theme.px(SIDE) + edge_room(self.cells.edge, theme) + 1
        if place == NAME:
            return 0
        return theme.px((_NARROW_WIDTHS if self.narrow else _WIDTHS)[place])
