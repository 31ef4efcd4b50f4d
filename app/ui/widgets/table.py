"""A table that looks and behaves the same everywhere: hairlines between rows, whole rows chosen, Enter opens one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QMetaMethod,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from app.ui.appearance import appearance
from app.ui.keys import Told
from app.ui.widgets.base import line, width_of, write
from app.ui.widgets.cells import CELL, SIDE, Cell, Cells, Edge, Group, Tick, cell_width, edge_room, exact_of, words_of
from app.ui.widgets.figure_menu import Offer, show_menu, takes_key

Index = QModelIndex | QPersistentModelIndex
Copies = Literal["row", "value", ""]


class Column(NamedTuple):
    """`width` in pixels at 100 %; 0 is as wide as what stands in its first rows; −1 takes the room that is left."""

    title: str
    width: int = 0
    right: bool = False
    key: str = ""
    """What the column is sorted by; empty can't be sorted."""
    said: str = ""
    """What a screen reader calls it where it has no title to be seen."""


class Rows(QAbstractTableModel):
    """A model for what fits in memory: rows of cells."""

    ticked = Signal(int, bool)
    """A `Tick` of that row was switched."""

    def __init__(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]] = ()) -> None:
        super().__init__()
        self.columns = tuple(columns)
        self._rows: list[Sequence[Cell]] = list(rows)

    def set_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Others; where as many, only those that changed are painted anew and the chosen one stays."""
        if len(rows) != len(self._rows):
            self.beginResetModel()
            self._rows = list(rows)
            self.endResetModel()
            return
        for place, (before, after) in enumerate(zip(self._rows, rows, strict=True)):
            if before != after:
                self._rows[place] = after
                self.dataChanged.emit(self.index(place, 0), self.index(place, len(self.columns) - 1))

    def row(self, place: int) -> Sequence[Cell]:
        return self._rows[place]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        cell = self._rows[index.row()][index.column()]
        if role == CELL:
            return cell
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return words_of(cell) or None
        if role == Qt.ItemDataRole.CheckStateRole and isinstance(cell, Tick):
            return Qt.CheckState.Checked if cell.on else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        cell = self._rows[index.row()][index.column()] if index.isValid() else None
        if role != Qt.ItemDataRole.CheckStateRole or not isinstance(cell, Tick) or not cell.enabled:
            return False
        self.ticked.emit(index.row(), Qt.CheckState(value) is Qt.CheckState.Checked)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        cell = self._rows[index.row()][0] if index.isValid() else None
        if isinstance(cell, Group):
            return Qt.ItemFlag.ItemIsEnabled
        kept = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and isinstance(self._rows[index.row()][index.column()], Tick):
            kept |= Qt.ItemFlag.ItemIsUserCheckable
        return kept

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.AccessibleTextRole:
            return self.columns[section].said or self.columns[section].title
        return None


class Table(QTableView):
    """↑ ↓ Home End choose a row, Enter or a double click opens it, Space switches its box, Ctrl+C copies it, Tab leaves.

    Where a row has a figure to offer, O shows its origin, and Ctrl+C may copy just its value.
    """

    opened = Signal(int)
    """The row that was opened."""
    chosen = Signal(int)
    """The row that is chosen now; −1 none."""
    sort_asked = Signal(str)
    """The key of the head that was clicked."""

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        dense: bool = False,
        head: bool = True,
        edge: Edge = "cell",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._dense = dense
        self._fits = self._spreads = False
        self._offer: Callable[[int], Offer] = lambda _row: Offer()
        self._copies: Copies = "row"
        self.setAccessibleName(name)
        self.cells = Cells(self)
        self.cells.edge = edge
        self.setItemDelegate(self.cells)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.head = Header(self._columns, edge, self)
        self.setHorizontalHeader(self.head)
        self.head.setVisible(head)
        self.head.asked.connect(self.sort_asked)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.row()))
        appearance().changed.connect(self._look_changed)
        self.restyle()

    def setModel(self, model: Any) -> None:
        super().setModel(model)
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self.chosen.emit(now.row()))
        model.modelReset.connect(self.measure)
        self.measure()

    def offer(self, of: Callable[[int], Offer], copies: Copies = "row") -> None:
        """What the figure of that row offers. Ctrl+C copies the whole row, or just its value, or is left to whoever the
        table is a part of.
        """
        self._offer, self._copies = of, copies

    def offer_of(self, row: int) -> Offer:
        return self._offer(row) if row >= 0 else Offer()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        at = self.viewport().mapToGlobal(self.visualRect(index).bottomLeft()) if by_key else event.globalPos()
        row = None if self._copies != "row" or not index.isValid() else lambda: self._copy_row(index.row())
        show_menu(self.offer_of(index.row()), self, at, row)

    def fit_rows(self) -> None:
        """No scroll bar of its own: as high as its rows, for tables that lie on a scrolled page."""
        self._fits = True
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.measure()

    def spread(self) -> None:
        """Room that the names in the free column do not need goes to all columns alike: short names would stand at one edge
        and their figures at the other.
        """
        self._spreads = True
        self.measure()

    @Slot()
    def _look_changed(self) -> None:
        self.restyle()  # see Painted

    def restyle(self) -> None:
        theme = appearance().theme
        height = theme.row_dense if self._dense else theme.row
        self.verticalHeader().setMinimumSectionSize(height)
        self.verticalHeader().setDefaultSectionSize(height)
        self.head.setFixedHeight(theme.px(28))
        self.measure()

    def measure(self) -> None:
        """Gives the columns their widths."""
        model = self.model()
        if model is None:
            return
        theme = appearance().theme
        widths = [self._width(place, column) for place, column in enumerate(self._columns)]
        free = [place for place, column in enumerate(self._columns) if column.width < 0]
        shown = [place for place in range(len(widths)) if not self.isColumnHidden(place)]
        room = self.viewport().width() - sum(widths[place] for place in shown if place not in free)
        if self._spreads:
            names = sum(self._width(place, self._columns[place]._replace(width=0)) for place in free)
            share = max(0, room - names) // len(shown)
            widths = [width + share for width in widths]
            room -= share * (len(shown) - len(free))
        for place, width in enumerate(widths):
            if place in free:
                width = max(theme.px(72), room // max(1, len(free)))
            self.setColumnWidth(place, width)
        if self._fits:
            head = self.head.height() if not self.head.isHidden() else 0
            self.setFixedHeight(head + self.verticalHeader().length())

    def _width(self, place: int, column: Column) -> int:
        theme, model = appearance().theme, self.model()
        side = 2 * theme.px(SIDE)
        outer = edge_room(self.cells.edge, theme) - theme.px(SIDE)
        side += outer * ((place == 0) + (place == len(self._columns) - 1))
        if column.width > 0:
            return theme.px(column.width)
        if column.width < 0:
            return 0
        title = width_of(column.title, theme.font("caption", 500)) + (theme.px(12) if column.key else 0)
        rows = range(min(model.rowCount(), 60))
        cells = [cell_width(model.index(row, place).data(CELL), theme) for row in rows]
        return max([title, *cells]) + side + 1

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.measure()

    def choose(self, row: int) -> None:
        """Makes that row the chosen one."""
        self.setCurrentIndex(self.model().index(row, 0))

    def copy(self) -> None:
        self._copy_row(self.currentIndex().row())

    def _copy_row(self, row: int) -> None:
        """To the clipboard, with tabs between its cells as spreadsheets read them."""
        model = self.model()
        if row >= 0:
            cells = [exact_of(model.index(row, column).data(CELL)) for column in range(model.columnCount())]
            QGuiApplication.clipboard().setText("\t".join(cell for cell in cells if cell))

    def keys_place(self) -> str:
        return self.tr("In a list of figures") if self._copies == "value" else self.tr("In a list")

    def keys_told(self) -> tuple[Told, ...]:
        told = [Told("Up Down", self.tr("Choose a row")), Told("Home End", self.tr("First, last"))]
        if self.isSignalConnected(QMetaMethod.fromSignal(self.opened)):
            told.append(Told("Return", self.tr("Open the chosen row")))
        if self.offer_of(self.currentIndex().row()).origin is not None:
            told.append(Told("O", self.tr("Origin of the chosen figure")))
        if self._copies == "value":
            return (*told, Told("Ctrl+C", self.tr("Copy the chosen value")))
        return (*told, Told("Ctrl+C", self.tr("Copy the chosen row"))) if self._copies == "row" else tuple(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, current = Qt.Key(event.key()), self.currentIndex()
        offer = self.offer_of(current.row())
        if takes_key(offer if self._copies == "value" else offer._replace(exact=""), event):
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(current.row())
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.model() is not None:
            last = self.model().rowCount() - 1
            self._choose_near(0 if key == Qt.Key.Key_Home else last, 1 if key == Qt.Key.Key_Home else -1)
        elif key == Qt.Key.Key_Space and current.isValid():
            self._switch(current.row())
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy() if self._copies == "row" else event.ignore()
        else:
            super().keyPressEvent(event)

    def _choose_near(self, row: int, step: int) -> None:
        """That row, or the next that can be chosen."""
        model = self.model()
        while 0 <= row < model.rowCount():
            if model.flags(model.index(row, 0)) & Qt.ItemFlag.ItemIsSelectable:
                self.choose(row)
                return
            row += step

    def _switch(self, row: int) -> None:
        model = self.model()
        for column in range(model.columnCount()):
            index = model.index(row, column)
            state = index.data(Qt.ItemDataRole.CheckStateRole)
            if state is not None:
                on = Qt.CheckState(state) is Qt.CheckState.Checked
                wanted = Qt.CheckState.Unchecked if on else Qt.CheckState.Checked
                model.setData(index, wanted, Qt.ItemDataRole.CheckStateRole)
                return

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        index = self.indexAt(event.position().toPoint())
        if isinstance(index.data(CELL), Tick):
            self._switch(index.row())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        before, self.cells.hovered = self.cells.hovered, row
        if before == row:
            return
        for one in (before, row):
            if one >= 0:
                top, height = self.rowViewportPosition(one), self.rowHeight(one)
                self.viewport().update(0, top, self.viewport().width(), height)


class Header(QHeaderView):
    """Column heads in captions, right-aligned over figures; the sorted one has a small triangle."""

    asked = Signal(str)

    def __init__(self, columns: Sequence[Column], edge: Edge, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._edge: Edge = edge
        self._columns = tuple(columns)
        self._sorted: tuple[str, bool] = ("", True)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setMinimumSectionSize(8)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.sectionClicked.connect(self._clicked)

    def set_sorted(self, key: str, ascending: bool) -> None:
        """Shows by what the rows are sorted."""
        if (key, ascending) != self._sorted:
            self._sorted = (key, ascending)
            self.viewport().update()

    def _clicked(self, section: int) -> None:
        if self._columns[section].key:
            self.asked.emit(self._columns[section].key)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803
        theme, column = appearance().theme, self._columns[logicalIndex]
        area = QRectF(rect)
        painter.save()
        painter.fillRect(area, theme.color("surface"))
        line(painter, area.left(), area.bottom() - 1, area.width(), 1, theme.color("line"))
        side = theme.px(SIDE)
        outer = edge_room(self._edge, theme)
        left = outer if logicalIndex == 0 else side
        right = outer if logicalIndex == self.count() - 1 else side
        inner = area.adjusted(left, 0, -right, -1)
        align = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        chosen = column.key != "" and column.key == self._sorted[0]
        ink = "text" if chosen else "text3"
        width = write(painter, inner, column.title, theme.font("caption", 500), theme.ink(ink), align)
        if chosen:
            half = 3 * theme.scale
            x = inner.right() - width - theme.px(8) if column.right else inner.left() + width + theme.px(8)
            y = inner.center().y() + (half if self._sorted[1] else -half) / 2
            tip = -half if self._sorted[1] else half
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("text2"))
            painter.drawPolygon(QPolygonF([QPointF(x - half, y), QPointF(x + half, y), QPointF(x, y + tip)]))
        painter.restore()
