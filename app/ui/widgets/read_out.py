"""The line beside a chart's heading that tells what is chosen in it: no box ever floats over the data."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Theme
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
    hint: str = ""
    """Behind the remark, where all the rest has room."""


def swatch(painter: QPainter, left: float, middle: float, ink: str, theme: Theme) -> None:
    """The square of a series' color, 9 x 9."""
    side = theme.px(9)
    place = QRectF(round(left), round(middle - side / 2), side, side)
    box(painter, place, theme.radius.bar, theme.ink(ink), theme.color("text") if theme.contrast else None)


class _Piece(NamedTuple):
    ink: str
    """Of the swatch; none where empty."""
    text: str
    color: str
    weight: int
    width: int
    """With the gap behind."""


class ReadOut(Painted):
    """Whole parts only: those that have no room are left out from the end, and … says so. The remark stays."""

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
        return QSize(sum(one.width for one in self._pieces()), self.theme.line_height("body"))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(48), self.theme.line_height("body"))

    def _pieces(self, room: float | None = None) -> list[_Piece]:
        """What is written: everything, or what fits into that room."""
        theme, value = self.theme, self._value
        words = ((value.title, "text", 600), (value.note, "text2", 400), (value.total, "text", 600))
        head = [self._piece("", *one) for one in words if one[0]]
        items = [self._piece(one.ink, f"{one.title} {one.value}".strip(), "text", 400) for one in value.items]
        more, remark = self._piece("", "…", "text3", 400), value.remark
        hinted = f"{remark} · {value.hint}" if remark and value.hint else remark
        tail, whole_tail = ([self._piece("", one, "text3", 400)] if one else [] for one in (remark, hinted))
        parts = head + items
        ways = [parts + whole_tail, parts + tail]
        ways += [[*head, *items[:count], more, *tail] for count in range(len(items) - 1, -1, -1)]
        ways += [[*parts[:count], more] for count in range(len(parts), -1, -1)]
        fits = (way for way in ways if room is None or sum(one.width for one in way) - theme.space.s <= room)
        return next(fits, [more])

    def _piece(self, ink: str, text: str, color: str, weight: int) -> _Piece:
        font, swatch_room = self.theme.font("table", weight), self.theme.px(15) if ink else 0
        return _Piece(ink, text, color, weight, swatch_room + width_of(text, font) + self.theme.space.s)

    def draw(self, painter: QPainter) -> None:
        theme, left = self.theme, 0.0
        for one in self._pieces(self.width()):
            start = left
            if one.ink:
                swatch(painter, left, self.height() / 2, one.ink, theme)
                start += theme.px(15)
            area = QRectF(start, 0, self.width() - start, self.height())
            write(painter, area, one.text, theme.font("table", one.weight), theme.ink(one.color))
            left += one.width
