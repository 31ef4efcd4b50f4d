"""The keys of the window that one is in: F1."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.appearance import appearance
from app.ui.keys import Told, bind, spelled, told_by
from app.ui.widgets.cells import CELL, SIDE, Cell, Group, Words, cell_width
from app.ui.widgets.heading import Heading
from app.ui.widgets.surface import Card
from app.ui.widgets.table import Column, Rows, Table
from app.ui.windows import Context


class _Keys(Table):
    """What has no room is scrolled to, never cut."""

    def __init__(self, name: str, columns: Sequence[Column], dense: bool, head: bool) -> None:
        super().__init__(name, columns, dense=dense, head=head)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setHorizontalScrollMode(Table.ScrollMode.ScrollPerPixel)

    def measure(self) -> None:
        super().measure()
        model, theme = self.model(), appearance().theme
        if model is not None:
            cells = [cell_width(model.index(row, 1).data(CELL), theme) for row in range(model.rowCount())]
            self.setColumnWidth(1, max(self.columnWidth(1), max(cells, default=0) + 2 * theme.px(SIDE) + 1))


class KeysWindow(QWidget):
    """A list that scrolls with ↑ and ↓; Esc closes it."""

    def __init__(self, _context: Context) -> None:
        super().__init__()
        self.setWindowFlag(Qt.WindowType.Dialog)
        self.setProperty("ground", "window")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(self.tr("Keys"))
        self.setAccessibleName(self.tr("Keys"))
        self.heading = Heading(self.tr("Keys"), role="window")
        columns = (Column(self.tr("Keys"), 0), Column(self.tr("What they do"), -1))
        self.rows = Rows(columns)
        self.table = _Keys(self.tr("Keys"), columns, dense=True, head=False)
        self.table.setModel(self.rows)
        self.card = Card(padded=False)
        self.card.body.addWidget(self.table)
        self._all = QVBoxLayout(self)
        self._all.addWidget(self.heading)
        self._all.addWidget(self.card, 1)
        bind(self, "Esc", self.tr("Close the list of keys"), self.close)
        appearance().changed.connect(self._restyle)
        self._restyle()
        self.tell_of(self)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def tell_of(self, window: QWidget) -> None:
        """Lists the keys of that window: its own, those of each place in it, and what every window has."""
        told = [*told_by(window), Told("Tab Shift+Tab", self.tr("Next control, the one before"), True)]
        groups: dict[str, list[Told]] = {window.windowTitle(): []}
        for one in told:
            if not one.everywhere:
                groups.setdefault(one.place or window.windowTitle(), []).append(one)
        groups[self.tr("In every window")] = [one for one in told if one.everywhere]
        rows: list[Sequence[Cell]] = []
        for title, kept in groups.items():
            if kept:
                rows.append([Group(title), None])
                rows += [[Words(spelled(one.keys), weight=500), Words(one.words)] for one in kept]
        self.rows.set_rows(rows)
        self.table.measure()

    @Slot()
    def _restyle(self) -> None:
        space = appearance().theme.space
        self._all.setContentsMargins(space.l, space.l, space.l, space.l)
        self._all.setSpacing(space.m)
