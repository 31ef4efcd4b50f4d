"""A state in a word: `running`, `reading`, `format changed`."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Theme
from app.ui.widgets.base import Painted, box, width_of, write

Tone = Literal["plain", "good", "warn", "bad"]


def chip_size(text: str, theme: Theme) -> QSize:
    return QSize(width_of(text, theme.font("caption")) + 2 * theme.px(8), theme.px(18))


def paint_chip(painter: QPainter, rect: QRectF, text: str, tone: str, theme: Theme) -> None:
    """The chip, as large as the rectangle."""
    fill = theme.color("surface" if tone == "plain" else f"{tone}Fill")
    border = theme.color("line") if tone == "plain" or theme.contrast else None
    box(painter, rect, rect.height() / 2, fill, border)
    ink = theme.color("text2" if tone == "plain" else f"{tone}Text")
    inner = rect.adjusted(theme.px(8), 0, -theme.px(8) + 1, 0)
    write(painter, inner, text, theme.font("caption"), ink, Qt.AlignmentFlag.AlignHCenter)


class Chip(Painted):
    """The chip as a widget."""

    def __init__(self, text: str = "", tone: Tone = "plain", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._value = ("", "plain")
        self.set_chip(text, tone)

    def set_chip(self, text: str, tone: Tone = "plain") -> None:
        if self._take((text, tone)):
            self.say(self.tr("State"), text)

    def sizeHint(self) -> QSize:
        return chip_size(self._value[0], self.theme)

    def draw(self, painter: QPainter) -> None:
        text, tone = self._value
        paint_chip(painter, QRectF(self.rect()), text, tone, self.theme)
