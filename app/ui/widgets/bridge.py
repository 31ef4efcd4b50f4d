"""From one sum to another, step by step: a bar for each step on one common axis. Direction is told by shape and words.

What adds is filled, what takes off is hollow, what nobody can explain is hatched, the whole is in the accent's color.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import formats
from app.ui.widgets.base import Painted, box, line, width_of, write
from app.ui.widgets.ticks import money_ticks, money_values

Kind = Literal["step", "rest", "whole"]
WIDTH = 250
_EDGE, _HEIGHT, _BAR = 14, 34, 16


class Axis(NamedTuple):
    """The values with a tick, ascending, in nano-dollars; 0 is among them."""

    values: tuple[int, ...]
    words: tuple[str, ...]

    def place(self, value: int, width: int, edge: int) -> float:
        first, last = self.values[0], self.values[-1]
        return edge + (value - first) / max(1, last - first) * (width - 2 * edge)


def axis_of(values: Sequence[int], locale: str = formats.ENGLISH) -> Axis:
    """Round ticks around all of the values and 0."""
    low, high = min((0, *values)), max((0, *values))
    above = money_values(max(high, -low), 4)
    step = above[1]
    up = above[: -(-high // step) + 1] if high else above[: 1 if low else 2]
    down = above[1 : -(low // step) + 1] if low else []
    words = money_ticks(above, locale)
    named = dict(zip(above, words, strict=True))
    last = money_ticks(up, locale)[-1] if len(up) > 1 else "0"
    told = [*(formats.MINUS + named[one].replace(formats.symbol(), "") for one in reversed(down))]
    told += [*(named[one].replace(formats.symbol(), "") for one in up[:-1]), last]
    return Axis((*(-one for one in reversed(down)), *up), tuple(told))


class Ticks(Painted):
    """The axis' words, over the strips."""

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._take(axis)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(WIDTH), self.theme.line_height("caption"))

    def draw(self, painter: QPainter) -> None:
        theme, axis = self.theme, self._value
        font = theme.font("caption")
        for value, words in zip(axis.values, axis.words, strict=True):
            wide = width_of(words, font)
            middle = axis.place(value, self.width(), theme.px(_EDGE))
            left = min(max(0.0, middle - wide / 2), self.width() - wide)
            write(painter, QRectF(left, 0, wide + 1, self.height()), words, font, theme.color("text3"))


class Strip(Painted):
    """One step. Its words are beside it; alone it says where it leads from and to."""

    def __init__(
        self, axis: Axis, begin: int, end: int, kind: Kind = "step", name: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._take((axis, begin, end, kind))
        self.say(name, f"{formats.signed(begin)} → {formats.signed(end)}")

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(WIDTH), self.theme.px(_HEIGHT))

    def draw(self, painter: QPainter) -> None:
        axis, begin, end, kind = self._value
        theme = self.theme
        edge = theme.px(_EDGE)
        zero = axis.place(0, self.width(), edge)
        line(painter, zero, 0, 1, self.height(), theme.color("lineStrong"))
        if begin == end:
            return
        left, right = sorted((axis.place(begin, self.width(), edge), axis.place(end, self.width(), edge)))
        high = theme.px(_BAR)
        area = QRectF(left, (self.height() - high) // 2, max(right - left, 2.0), high)
        radius = theme.radius.bar
        if kind == "whole":
            box(painter, area, radius, theme.color("accent"))
        elif kind == "rest":
            self._hatch(painter, area)
        elif end > begin:
            box(painter, area, radius, theme.color("text2"))
        else:
            box(painter, area, radius, theme.color("surface"), theme.color("text2"))

    def _hatch(self, painter: QPainter, area: QRectF) -> None:
        theme = self.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.setPen(QPen(theme.color("control"), 0.9 * theme.scale))
        step, x = theme.px(6), area.left() - area.height()
        while x < area.right():
            painter.drawLine(QPointF(x, area.bottom()), QPointF(x + area.height() * 0.6, area.top()))
            x += step
        painter.restore()
        box(painter, area, theme.radius.bar, None, theme.color("control"))


def aligned_right() -> Qt.AlignmentFlag:
    """As figures stand in a column."""
    return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
