"""What is left of a cache's life: a ring that empties. The seconds are shown, never announced."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.widgets.base import Painted

_DEGREES = 2
"""Steps of the ring: a finer one could not be seen."""


class CacheRing(Painted):
    """Asks no clock: whoever has one calls `set_left`, once a second at most."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._said: tuple[str, int] | None = None

    def set_left(self, left: int | None, lifetime: int | None) -> None:
        """Milliseconds left of so many; None where no lifetime is promised, 0 where it has expired."""
        share = None if left is None or not lifetime else min(1.0, max(0.0, left / lifetime))
        self._take(None if share is None else round(share * 360 / _DEGREES) * _DEGREES)
        self._say(left)

    def _say(self, left: int | None) -> None:
        """In new words only when the state or the minute is another: a screen reader would tell each second."""
        state = ("unknown", 0) if left is None else ("warm", left // 60_000) if left > 0 else ("expired", 0)
        if state == self._said:
            return
        self._said = state
        if left is None:
            said = self.tr("Lifetime not promised.")
        elif left <= 0:
            said = self.tr("Expired.")
        else:
            minutes, seconds = divmod(left // 1000, 60)
            said = self.tr("Warm for {time}. Updates are not announced.").format(time=_time(minutes, seconds, self))
        self.say(self.tr("Cache"), said)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(12), self.theme.px(12))

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius, pen = 4.5 * theme.scale, 2 * theme.scale
        middle_x, middle_y = self.width() / 2, self.height() / 2
        square = QRectF(middle_x - radius, middle_y - radius, 2 * radius, 2 * radius)
        painter.setPen(QPen(theme.color("track"), pen))
        painter.drawEllipse(square)
        if self._value:
            flat = Qt.PenCapStyle.FlatCap
            painter.setPen(QPen(theme.color("accent"), pen, Qt.PenStyle.SolidLine, flat))
            painter.drawArc(square, 90 * 16, -self._value * 16)


def _time(minutes: int, seconds: int, owner: QWidget) -> str:
    """`3 minutes 12 seconds`."""
    parts: list[str] = []
    if minutes:
        parts.append(owner.tr("1 minute") if minutes == 1 else owner.tr("{n} minutes").format(n=minutes))
    if seconds or not minutes:
        parts.append(owner.tr("1 second") if seconds == 1 else owner.tr("{n} seconds").format(n=seconds))
    return " ".join(parts)
