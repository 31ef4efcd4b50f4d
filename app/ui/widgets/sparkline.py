"""A line as small as a word: the course of a session's context."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Theme
from app.ui.widgets.base import Painted


def thinned(values: Sequence[int], columns: int) -> Sequence[int]:
    """At most two values for each column, its least and its most in their order, so that no peak is lost."""
    if columns < 1 or len(values) <= 2 * columns:
        return values
    kept: list[int] = []
    for column in range(columns):
        part = values[len(values) * column // columns : len(values) * (column + 1) // columns]
        low, high = min(part), max(part)
        kept += [low, high] if part.index(low) <= part.index(high) else [high, low]
    return kept


def paint_sparkline(
    painter: QPainter, rect: QRectF, values: Sequence[int], color: QColor, theme: Theme, top: int | None = None
) -> None:
    """The values from left to right, from zero to `top` (or the largest)."""
    if not values:
        return
    inner = rect.adjusted(2, 2, -2, -2)
    most = max(top or 0, max(values), 1)
    shown = thinned(values, int(inner.width()))
    step = inner.width() / max(1, len(shown) - 1)
    points = [
        QPointF(inner.left() + place * step, inner.bottom() - value / most * inner.height())
        for place, value in enumerate(shown)
    ]
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if len(points) == 1:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawEllipse(points[0], 1.6 * theme.scale, 1.6 * theme.scale)
    else:
        painter.setPen(QPen(color, 1.2 * theme.scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawPolyline(QPolygonF(points))
    painter.restore()


class Sparkline(Painted):
    """Scaled to its largest value, or to `top`."""

    def __init__(self, width: int = 56, height: int = 16, ink: str = "text2", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size, self._ink = (width, height), ink
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._value = ((), None)

    def set_values(self, values: Sequence[int], top: int | None, name: str, description: str) -> None:
        self._take((tuple(values), top))
        self.say(name, description)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(self._size[0]), self.theme.px(self._size[1]))

    def draw(self, painter: QPainter) -> None:
        values, top = self._value
        paint_sparkline(painter, QRectF(self.rect()), values, self.theme.ink(self._ink), self.theme, top)
