"""The line beside a chart's heading that tells what is chosen in it: no box ever floats over the data."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Role, Theme
from app.ui.widgets.base import Painted, box, width_of, write


class Item(NamedTuple):
    """One part of what is chosen. Without an ink it has no swatch."""

    ink: str
    title: str
    value: str = ""


class ReadOutValue(NamedTuple):
    title: str = ""
    total: str = ""
    items: tuple[Item, ...] = ()
    remark: str = ""
    """Gray, at the end."""
    note: str = ""
    """Between title and total: when, and how many."""


def swatch(painter: QPainter, left: float, middle: float, ink: str, theme: Theme) -> None:
    """The square of a series' color, 9 x 9."""
    side = theme.px(9)
    place = QRectF(round(left), round(middle - side / 2), side, side)
    box(painter, place, theme.radius.bar, theme.ink(ink), theme.color("text") if theme.contrast else None)


class ReadOut(Painted):
    """Whole parts only: what has no room is left out from the end, and … says so."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._value = ReadOutValue()

    def set_read_out(self, value: ReadOutValue) -> None:
        if self._take(value):
            parts = ", ".join(f"{item.title} {item.value}".strip() for item in value.items)
            self.setToolTip(parts)
            self.say(" ".join(one for one in (value.title, value.note, value.total) if one), parts)

    def sizeHint(self) -> QSize:
        return QSize(sum(piece[2] for piece in self._pieces()), self.theme.line_height("body"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(48), self.theme.line_height("body"))

    def _pieces(self) -> list[tuple[str, list[tuple[str, str, int]], int]]:
        """Ink of the swatch, (text, ink, weight) of each run, width with the gap behind."""
        theme, value = self.theme, self._value
        pieces: list[tuple[str, list[tuple[str, str, int]], int]] = []
        for text, ink, weight in ((value.title, "text", 600), (value.note, "text2", 400), (value.total, "text", 600)):
            if text:
                pieces.append(("", [(text, ink, weight)], self._width(text, weight)))
        for item in value.items:
            text = f"{item.title} {item.value}".strip()
            room = theme.px(15) if item.ink else 0
            pieces.append((item.ink, [(text, "text", 400)], room + self._width(text, 400)))
        if value.remark:
            pieces.append(("", [(value.remark, "text3", 400)], self._width(value.remark, 400)))
        return pieces

    def _width(self, text: str, weight: int) -> int:
        role: Role = "table"
        return width_of(text, self.theme.font(role, weight)) + self.theme.space.s

    def draw(self, painter: QPainter) -> None:
        theme, left = self.theme, 0.0
        pieces = self._pieces()
        for place, (ink, runs, width) in enumerate(pieces):
            last = place == len(pieces) - 1
            room = self.width() - left
            if width - theme.space.s > room or (not last and width + theme.px(16) > room):
                write(painter, QRectF(left, 0, room, self.height()), "…", theme.font("table"), theme.color("text3"))
                return
            start = left
            if ink:
                swatch(painter, left, self.height() / 2, ink, theme)
                start += theme.px(15)
            for text, color, weight in runs:
                area = QRectF(start, 0, room, self.height())
                start += write(painter, area, text, theme.font("table", weight), theme.ink(color))
            left += width
