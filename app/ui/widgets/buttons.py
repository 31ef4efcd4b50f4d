"""Buttons in the three weights there are. At most one primary button in a window."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app.ui.appearance import appearance
from app.ui.widgets.base import box, width_of, write

Weight = Literal["plain", "primary", "flat", "link", "danger"]

_ARROWS = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down)


class Button(QPushButton):
    """`key` is a key's name in a small box behind the title."""

    def __init__(self, title: str, weight: Weight = "plain", key: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self._key = key
        self.setProperty("kind", weight)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        appearance().changed.connect(self._look_changed)

    @Slot()
    def _look_changed(self) -> None:
        self.restyle()  # see Painted

    def restyle(self) -> None:
        self.updateGeometry()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows are its window's: Qt would move to the button beside it, which is for Tab."""
        if event.key() in _ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        weight = 500 if self.property("kind") == "primary" else None
        sides = self._sides()
        border = 0 if self.property("kind") == "link" else 1
        width = width_of(self.text().replace("&", ""), theme.font("table", weight)) + 2 * (sides + border)
        return QSize(max(theme.target, theme.px(26), width + self._key_room()), theme.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _sides(self) -> int:
        return appearance().theme.px({"flat": 6, "link": 0}.get(self.property("kind"), 11))

    def _key_room(self) -> int:
        theme = appearance().theme
        return width_of(self._key, theme.font("caption")) + theme.px(18) if self._key else 0

    def paintEvent(self, event: object) -> None:
        if not self._key:
            super().paintEvent(event)  # type: ignore[arg-type]
            return
        theme = appearance().theme
        painter = QPainter(self)
        if self.underMouse():
            box(painter, QRectF(self.rect()), theme.radius.button, theme.color("hover"))
        room = self._key_room()
        sides = self._sides()
        text = QRectF(sides, 0, self.width() - sides - room, self.height())
        ink = "accentText" if self.property("kind") == "flat" else "text"
        write(painter, text, self.text().replace("&", ""), theme.font("table"), theme.ink(ink))
        height = theme.px(17)
        place = QRectF(self.width() - room + theme.px(2), (self.height() - height) // 2, room - theme.px(8), height)
        box(painter, place, theme.radius.control, theme.color("surface"), theme.color("lineStrong"))
        center = Qt.AlignmentFlag.AlignHCenter
        write(painter, place, self._key, theme.font("caption"), theme.color("text2"), center)
        painter.end()
