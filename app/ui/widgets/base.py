"""What all painted widgets share: the theme of now, painting anew only on a change, and words for a screen reader."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.appearance import appearance
from app.ui.theme import Theme


class Painted(QWidget):
    """Draws one value. A subclass sets it with `_take` and draws it in `draw`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self._look_changed)
        self._value: Any = None

    @property
    def theme(self) -> Theme:
        return appearance().theme

    @Slot()
    def _look_changed(self) -> None:
        # Connected in place of `restyle`, and `restyle` is no slot: where a declared slot is overridden, PySide does not end
        # the connection with the widget and calls it after the widget is gone.
        self.restyle()

    def restyle(self) -> None:
        """The theme is another one."""
        self.updateGeometry()
        self.update()

    def say(self, name: str, description: str) -> None:
        """Name and whole content for a screen reader."""
        if name != self.accessibleName():
            self.setAccessibleName(name)
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)

    def paintEvent(self, _event: object) -> None:
        painter = QPainter(self)
        self.draw(painter)
        painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draws the value into the widget's own rectangle."""

    def _take(self, value: Any) -> bool:
        """Keeps the value; False, and nothing is painted, where it is the one that is shown."""
        if value == self._value:
            return False
        self._value = value
        self.updateGeometry()
        self.update()
        return True


def line(painter: QPainter, left: float, top: float, width: float, height: float, color: QColor) -> None:
    """A hairline or a bar without soft edges, on whole device pixels and never thinner than one."""
    ratio = painter.device().devicePixelRatioF()
    x, y = round(left * ratio) / ratio, round(top * ratio) / ratio
    right, bottom = round((left + width) * ratio) / ratio, round((top + height) * ratio) / ratio
    painter.fillRect(QRectF(x, y, max(right - x, 1 / ratio), max(bottom - y, 1 / ratio)), color)


def box(painter: QPainter, rect: QRectF, radius: float, fill: QColor | None, border: QColor | None = None) -> None:
    """A rounded box; its border of one pixel lies inside the rectangle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen if border is None else border)
    painter.setBrush(Qt.BrushStyle.NoBrush if fill is None else fill)
    inner = rect if border is None else rect.adjusted(0.5, 0.5, -0.5, -0.5)
    inset = 0 if border is None else 0.5
    painter.drawRoundedRect(inner, max(0.0, radius - inset), max(0.0, radius - inset))
    painter.restore()


def baseline(font: QFont, top: float, height: float) -> float:
    """Where letters of that font stand so that they are centered in a line of that height."""
    metrics = QFontMetricsF(font)
    return round(top + (height - metrics.ascent() - metrics.descent()) / 2 + metrics.ascent())


def write(
    painter: QPainter,
    rect: QRectF,
    text: str,
    font: QFont,
    color: QColor,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    base: float | None = None,
) -> float:
    """One line of text, centered vertically in the rectangle and cut with … where it is too long. Returns its width.

    `base` is the base line of a neighbour of another size to stand on.
    """
    metrics = QFontMetricsF(font)
    width = metrics.horizontalAdvance(text)
    if width > rect.width() + 0.5:
        text = metrics.elidedText(text, elide, rect.width())
        width = metrics.horizontalAdvance(text)
    left = rect.left()
    if align & Qt.AlignmentFlag.AlignRight:
        left = rect.right() - width
    elif align & Qt.AlignmentFlag.AlignHCenter:
        left = rect.left() + (rect.width() - width) / 2
    painter.setFont(font)
    painter.setPen(color)
    painter.drawText(QPointF(left, baseline(font, rect.top(), rect.height()) if base is None else base), text)
    return width


BREAK = "\u200b"
"""Where a long word may break, unseen; not to be copied."""
_LONG = re.compile(r"\S{25,}")
_PARTS = re.compile(r"([/\\_-])")


def wrappable(text: str) -> str:
    """A path may break behind each of its parts, so that a long one neither is cut nor widens what it stands in."""
    return _LONG.sub(lambda word: _PARTS.sub("\\1" + BREAK, word[0]), text)


def width_of(text: str, font: QFont) -> int:
    """Whole pixels that the text takes."""
    return -int(-QFontMetricsF(font).horizontalAdvance(text) // 1)
