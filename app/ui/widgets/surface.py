"""Grounds and lines: the card that everything lies on, and the hairline that divides it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from app.ui.widgets.base import Painted, box, line
from app.ui.widgets.heading import Heading


class Card(Painted):
    """Surface with a hairline and round corners. `header` takes what stands right of the heading, `body` the rest."""

    def __init__(self, title: str = "", remark: str = "", padded: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._padded = padded
        self.heading = Heading(title, remark)
        self.header = QHBoxLayout()
        self.header.addWidget(self.heading)
        # A spacer without a stretch of its own: a read-out with one takes all the room.
        self.header.addSpacerItem(QSpacerItem(0, 0, QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum))
        self.body = QVBoxLayout()
        self._all = QVBoxLayout(self)
        self._all.addLayout(self.header)
        self._all.addLayout(self.body, 1)
        if not title:
            self.heading.hide()
        self.setAccessibleName(title)
        self._measure()

    def set_title(self, title: str, remark: str = "") -> None:
        self.heading.set_title(title, remark)
        self.heading.setVisible(bool(title))
        self.setAccessibleName(title)
        self._measure()

    def restyle(self) -> None:
        super().restyle()
        self._measure()

    def _measure(self) -> None:
        """`padded` False lets a table reach the card's edges; the heading keeps its place."""
        space = self.theme.space
        sides = space.l if self._padded else 1
        headed = not self.heading.isHidden()
        top = space.m if headed or self._padded else space.xs
        bottom = space.m if self._padded else space.xs  # so that a table's corners stay within the card's round ones
        self._all.setContentsMargins(sides, top, sides, bottom)
        self._all.setSpacing(space.s if headed else 0)
        inset = 0 if self._padded else space.l - 1
        self.header.setContentsMargins(inset, 0, inset, 0)
        self.header.setSpacing(space.m)
        self.body.setSpacing(space.s)

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        box(painter, QRectF(self.rect()), theme.radius.card, theme.color("surface"), theme.color("line"))


class Hairline(Painted):
    """A line of one pixel, across or down."""

    def __init__(self, vertical: bool = False, ink: str = "line", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._vertical, self._ink = vertical, ink
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(fixed if vertical else free, free if vertical else fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        return QSize(1, 1)

    def draw(self, painter: QPainter) -> None:
        line(painter, 0, 0, self.width(), self.height(), self.theme.ink(self._ink))
