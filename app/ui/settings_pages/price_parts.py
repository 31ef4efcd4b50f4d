"""What the Prices page is made of, beside the parts that every page uses."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.appearance import appearance
from app.ui.widgets.base import Painted, box
from app.ui.widgets.cells import Cell
from app.ui.widgets.heading import Heading
from app.ui.widgets.label import Label
from app.ui.widgets.surface import Card, Hairline
from app.ui.widgets.table import Column, Rows, Table
from app.ui.wrap import Wrap

SHARES = (190, 265, 160, 120)
"""How the room is shared between the four facts where they stand side by side."""


def cleared(layout: QLayout) -> None:
    """Takes out every widget."""
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()


class Controls(QWidget):
    """Buttons in a row, in several where there is no room for one."""

    def __init__(self, *widgets: QWidget) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        row = Wrap(self, gap=7, between=6)
        row.setContentsMargins(0, 0, 0, 0)
        for one in widgets:
            row.addWidget(one)


class Section(QWidget):
    """A part of the page with air above it, under a heading of its own where it has a title."""

    def __init__(self, title: str = "", remark: str = "", air: int = 16) -> None:
        super().__init__()
        self._air = air
        self.all = QVBoxLayout(self)
        self.heading = Heading(title, remark)
        head = QHBoxLayout()
        head.addWidget(self.heading)
        head.addStretch(1)
        self.all.addLayout(head)
        self.heading.setVisible(bool(title))
        appearance().changed.connect(self._restyle)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        px = appearance().theme.px
        self.all.setContentsMargins(0, px(self._air), 0, 0)
        self.all.setSpacing(px(3))


class Fact(QWidget):
    """A caption, a figure and one line about it, below one another."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.value, self.line = Label(" ", "figure"), Label(" ", "caption", "text2", wrap=True)
        self._caption = caption
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for one in (Label(caption, "caption", "text3"), self.value, self.line):
            column.addWidget(one)
        column.addStretch(1)

    def tell(self, value: str, line: str, ink: str = "text2") -> None:
        self.value.set_text(value)
        self.line.set_text(line)
        self.line.set_ink(ink)
        self.setAccessibleName(self._caption)
        self.setAccessibleDescription(f"{value}. {line}")


class Facts(QWidget):
    """Four facts side by side with rules between them; two or one in a row where there is less room."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        super().__init__()
        self._facts = tuple(facts)
        self._rules = [Hairline(vertical=True, parent=self) for _ in facts]
        self._columns = 0
        self._grid = QGridLayout(self)
        self._arrange()
        appearance().changed.connect(self._arrange)

    @Slot()
    def _arrange(self) -> None:
        theme = appearance().theme
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(theme.px(9))
        self._grid.setVerticalSpacing(theme.px(8))
        width = self.width()
        columns = 4 if width >= theme.px(560) else 2 if width >= theme.px(320) else 1
        if columns == self._columns:
            return
        self._columns = columns
        for place, (fact, rule) in enumerate(zip(self._facts, self._rules, strict=True)):
            row, column = divmod(place, columns)
            self._grid.removeWidget(fact)
            self._grid.removeWidget(rule)
            self._grid.addWidget(fact, row, 2 * column)
            rule.setVisible(column > 0)
            if column:
                self._grid.addWidget(rule, row, 2 * column - 1)
        for place in range(4):
            self._grid.setColumnStretch(2 * place, SHARES[place] if columns == 4 else int(place < columns))
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


class Sheet(Table):
    """A table as high as its rows; columns of `dropping` go, the first one first, where there is no room for all."""

    _dropping: tuple[int, ...] = ()

    def __init__(self, name: str, columns: Sequence[Column], dropping: tuple[int, ...] = ()) -> None:
        super().__init__(name, columns, edge="none")
        self.rows = Rows(columns)
        self.setModel(self.rows)
        self._dropping = dropping
        self.fit_rows()

    def show_rows(self, rows: Sequence[Sequence[Cell]]) -> None:
        self.rows.set_rows(rows)
        self.measure()

    def measure(self) -> None:
        if self.model() is not None:
            self._drop()
        super().measure()

    def _drop(self) -> None:
        px = appearance().theme.px
        least = [
            max(self._width(place, column), px(90) if column.width < 0 else 0)
            for place, column in enumerate(self._columns)
        ]
        gone: list[int] = []
        while sum(least) - sum(least[one] for one in gone) > self.viewport().width() and len(gone) < len(
            self._dropping
        ):
            gone.append(self._dropping[len(gone)])
        for place in self._dropping:
            self.setColumnHidden(place, place in gone)


class Waiting(Card):
    """A card that waits for the user's word; Esc is Cancel."""

    left = Signal()
    """Not now."""
    failed = Signal(object)
    """What went wrong, an exception."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class Warned(Painted):
    """A box on the ground of a warning. `body` takes what stands below its title."""

    def __init__(self) -> None:
        super().__init__()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.title = Label(" ", "heading", "warnText", wrap=True)
        self.body = QVBoxLayout()
        self._all = QVBoxLayout(self)
        self._all.addWidget(self.title)
        self._all.addLayout(self.body)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        px = self.theme.px
        self._all.setContentsMargins(px(14), px(9), px(14), px(9))
        self._all.setSpacing(px(2))
        self.body.setSpacing(px(4))

    def draw(self, painter: QPainter) -> None:
        border = self.theme.color("text") if self.theme.contrast else None
        box(painter, QRectF(self.rect()), self.theme.radius.button, self.theme.color("warnFill"), border)
