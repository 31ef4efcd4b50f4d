"""Today's spend as it grew, over the middle half of one's own days of this kind."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.formats import ENGLISH
from app.report.usual import Today
from app.ui.widgets import spoken
from app.ui.widgets.base import Painted, line, width_of, write

FIRST, LAST = 8, 20
"""The hours shown at least."""


class _Plot(NamedTuple):
    """Where the curve lies in the widget, and what its edges mean."""

    area: QRectF
    begin: int
    end: int
    """Hours."""
    most: int

    def x(self, quarters: float) -> float:
        return self.area.left() + (quarters / 4 - self.begin) / (self.end - self.begin) * self.area.width()

    def y(self, nano: float) -> float:
        return self.area.bottom() - nano / self.most * self.area.height()


def hours(today: Today) -> tuple[int, int]:
    """From the first active hour to the last, and 8 to 20 at least."""
    begin, end = FIRST, LAST
    curves: list[Sequence[int]] = [today.spent]
    if today.usual is not None:
        curves.append(today.usual.middle)
    for curve in curves:
        grown = [place for place, value in enumerate(curve) if value > (curve[place - 1] if place else 0)]
        if grown:
            begin, end = min(begin, grown[0] // 4), max(end, grown[-1] // 4 + 1)
    if today.spent:
        end = max(end, min(24, -(-len(today.spent) // 4)))
    return begin, end


class DayCurve(Painted):
    """Asks no clock: what `Today` holds ends now."""

    def __init__(self, height: int = 84, locale: str = ENGLISH, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._locale = locale
        self._said = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_today(self, today: Today) -> None:
        if self._take(today):
            self._describe()

    def tell_spent(self, said: str) -> None:
        """Today's sum as it is spoken, with how sure it is; without it, what the curve came to."""
        self._said = said
        self._describe()

    def _describe(self) -> None:
        today: Today | None = self._value
        if today is None:
            return
        spent = self._said or spoken.money(today.spent[-1] if today.spent else 0, self._locale)
        said = self.tr("{money} so far.").format(money=spent)
        if today.usual is not None and today.usual_by_now is not None:
            said += " " + self.tr("Usually {now} by the end of this quarter of an hour, {full} on a full day.").format(
                now=spoken.money(today.usual_by_now, self._locale), full=spoken.money(today.usual.full, self._locale)
            )
        self.say(self.tr("Spend today"), said)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(240), self.theme.px(self._height))

    def _plot(self, today: Today) -> _Plot:
        theme = self.theme
        right = width_of(self.tr("usual"), theme.font("caption")) + theme.px(8)
        axis, top = theme.px(16), theme.px(6)
        area = QRectF(2, top, self.width() - 2 - right, self.height() - axis - top)
        most = max(today.spent[-1] if today.spent else 0, today.usual.high[-1] if today.usual else 0, 1)
        return _Plot(area, *hours(today), most)

    def draw(self, painter: QPainter) -> None:
        today: Today | None = self._value
        if today is None:
            return
        plot = self._plot(today)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_usual(painter, today, plot)
        color = self.theme.color("lineStrong")
        line(painter, plot.area.left(), plot.area.bottom(), plot.area.width(), 1, color)
        self._draw_hours(painter, plot)
        self._draw_today(painter, today, plot)

    def _draw_usual(self, painter: QPainter, today: Today, plot: _Plot) -> None:
        usual = today.usual
        if usual is None:
            return
        theme = self.theme
        first, last = plot.begin * 4, plot.end * 4
        upper = self._points(usual.high, plot, first, last)
        lower = self._points(usual.low, plot, first, last)
        band = QPainterPath()
        band.addPolygon(QPolygonF([*upper, *reversed(lower)]))
        painter.fillPath(band, theme.color("track", 0.55))
        painter.setPen(QPen(theme.color("control"), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(self._points(usual.middle, plot, first, last)))
        left, height = plot.area.right() + theme.px(4), theme.line_height("caption")
        top = min(max(plot.y(usual.middle[last - 1]) - height / 2, 0.0), plot.area.bottom() - height)
        place = QRectF(left, top, self.width() - left, height)
        write(painter, place, self.tr("usual"), theme.font("caption"), theme.color("text2"))

    def _points(self, curve: Sequence[int], plot: _Plot, first: int, last: int) -> list[QPointF]:
        """The curve at the end of each quarter of an hour; the beginning is where the quarter before ended."""
        start = curve[first - 1] if 0 < first <= len(curve) else 0
        points = [QPointF(plot.x(first), plot.y(start))]
        points += [QPointF(plot.x(at + 1), plot.y(curve[at])) for at in range(first, min(last, len(curve)))]
        return points

    def _draw_hours(self, painter: QPainter, plot: _Plot) -> None:
        theme = self.theme
        font = theme.font("caption")
        font.setPixelSize(theme.px(10))
        height, half = theme.px(14), theme.px(16)
        span = plot.end - plot.begin
        step = next((one for one in (1, 2, 3, 4, 6, 12) if plot.area.width() / span * one >= theme.px(40)), 12)
        step = max(step, 3)
        center = Qt.AlignmentFlag.AlignHCenter
        for hour in range(-(-plot.begin // step) * step, plot.end + 1, step):
            x = plot.x(hour * 4)
            if x - half >= -theme.px(8) and x < plot.area.right() - theme.px(4) and x > theme.px(8):
                place = QRectF(x - half, self.height() - height, 2 * half, height)
                write(painter, place, str(hour), font, theme.color("text3"), center)

    def _draw_today(self, painter: QPainter, today: Today, plot: _Plot) -> None:
        if not today.spent:
            return
        theme = self.theme
        points = self._points(today.spent, plot, plot.begin * 4, len(today.spent))
        painter.setPen(QPen(theme.color("accent"), 2 * theme.scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF(points))
        end = points[-1]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawEllipse(end, 3 * theme.scale, 3 * theme.scale)
        self._label_today(painter, today, plot, end)

    def _label_today(self, painter: QPainter, today: Today, plot: _Plot, end: QPointF) -> None:
        """Right of the dot, off the usual line and off the word at its end."""
        theme = self.theme
        font, text = theme.font("caption", 600), self.tr("today")
        width, height, off = width_of(text, font), theme.line_height("caption"), theme.px(7)
        left, top = end.x() + off, end.y() - height / 2
        usual = today.usual
        if usual is not None:
            span = (plot.end - plot.begin) * 4 / plot.area.width()
            first = min(len(today.spent), plot.end * 4) - 1
            last = min(plot.end * 4 - 1, int(first + (off + width) * span) + 1)
            near = [plot.y(value) for value in usual.middle[first : last + 1]]
            beyond = left + width > plot.area.right()  # then the word at the end of the usual line is a neighbour, too
            room = height * 0.6 if beyond else theme.px(3)
            if top + height * 0.8 > min(near) - room and top + height * 0.2 < max(near) + room:
                above = end.y() <= near[0] + 1
                top = min(near) - room - height * 0.8 if above else max(near) + room - height * 0.2
        if left + width > self.width():
            left = end.x() - off - width
            top = end.y() - height - theme.px(2)
        top = min(max(top, 0.0), plot.area.bottom() - height)
        write(painter, QRectF(left, top, width + 1, height), text, font, theme.color("accentText"))
