"""How sure a number is: a dot as full as the number is certain, with its word where there is room."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Theme
from app.ui.widgets.base import Painted, width_of, write

Level = Literal["measured", "reconciled", "estimated"]


def word_of(level: str) -> str:
    """The level in one word."""
    if level == "measured":
        return QCoreApplication.translate("Certainty", "measured")
    if level == "reconciled":
        return QCoreApplication.translate("Certainty", "reconciled")
    return QCoreApplication.translate("Certainty", "estimated")


def meaning_of(level: str, reason: str = "") -> str:
    """The level with what it means: `reconciled: a measured total split by a tokenizer`."""
    if reason:
        return f"{word_of(level)}: {reason}"
    if level == "measured":
        return QCoreApplication.translate("Certainty", "measured: from logged usage")
    if level == "reconciled":
        return QCoreApplication.translate("Certainty", "reconciled: a measured total split by a tokenizer")
    return QCoreApplication.translate("Certainty", "estimated: rests on an assumption")


def paint_dot(painter: QPainter, rect: QRectF, level: str, color: QColor, theme: Theme) -> None:
    """The dot, 10 x 10 at 100 %, centered in the rectangle."""
    step = theme.scale
    size = theme.px(10)
    left, top = round(rect.left() + (rect.width() - size) / 2), round(rect.top() + (rect.height() - size) / 2)
    center = QPointF(left + size / 2, top + size / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if level == "measured":
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(center, 4 * step, 4 * step)
    else:
        radius = 3.5 * step
        painter.setPen(QPen(color, (1.2 if level == "estimated" else 1) * step))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(center, radius, radius)
        if level == "reconciled":
            half = QPainterPath(center)
            half.arcTo(QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius), 90, 180)
            painter.fillPath(half, color)
    painter.restore()


class Certainty(Painted):
    """The dot, and its word unless `word` is False. Its tooltip says what the level means, or the reason given."""

    def __init__(
        self, level: Level = "measured", word: bool = True, reason: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._word = word
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_level(level, reason)

    def set_level(self, level: Level | str, reason: str = "") -> None:
        if self._take((level, reason)):
            self.say(self.tr("Certainty"), meaning_of(level, reason))
            self.setToolTip(meaning_of(level, reason))

    def sizeHint(self) -> QSize:
        theme = self.theme
        if not self._word:
            return QSize(theme.px(10), theme.px(10))
        word = width_of(word_of(self._value[0]), theme.font("caption"))
        return QSize(theme.px(14) + word, theme.line_height("caption"))

    def draw(self, painter: QPainter) -> None:
        theme, color = self.theme, self.theme.color("text3")
        paint_dot(painter, QRectF(0, 0, theme.px(10), self.height()), self._value[0], color, theme)
        if self._word:
            left = theme.px(14)
            rest = QRectF(left, 0, self.width() - left, self.height())
            write(painter, rest, word_of(self._value[0]), theme.font("caption"), color)
