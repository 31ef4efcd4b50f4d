"""How full something is: a bar with a tick where it will be compacted. Amber near the limit, and only while it runs."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPainterPath
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.formats import ENGLISH
from app.model.meters import is_near
from app.ui.theme import Theme
from app.ui.widgets import spoken
from app.ui.widgets.base import Painted, line


class Gauge(NamedTuple):
    """Shares of the whole, 0 to 1."""

    fill: float | None
    """None is unknown: an empty bar."""
    tick: float | None = None
    near: bool = False
    """Near its limit."""
    past: bool = False
    """A peak of the past: gray, and never amber."""


def paint_gauge(painter: QPainter, rect: QRectF, gauge: Gauge, theme: Theme) -> None:
    """The bar in that rectangle."""
    path = QPainterPath()
    path.addRoundedRect(rect, theme.radius.bar, theme.radius.bar)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(path, theme.color("track"))
    if gauge.fill:
        ink = "text3" if gauge.past else "warn" if gauge.near else "accent"
        width = max(2.0, rect.width() * min(1.0, gauge.fill))
        filled = QPainterPath()
        filled.addRoundedRect(QRectF(rect.left(), rect.top(), width, rect.height()), theme.radius.bar, theme.radius.bar)
        painter.fillPath(path.intersected(filled), theme.ink(ink))
    painter.restore()
    if gauge.tick is not None:
        left = rect.left() + min(rect.width() * gauge.tick, rect.width() - 1)
        line(painter, left, rect.top(), 1, rect.height(), theme.color("text"))


class GaugeBar(Painted):
    """`width` None takes the room there is."""

    def __init__(self, width: int | None = 132, height: int = 6, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._size = (width, height)
        fixed, free = QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding
        self.setSizePolicy(free if width is None else fixed, fixed)
        self._value = Gauge(None)

    def set_gauge(self, gauge: Gauge, name: str, description: str) -> None:
        """Anything, with the words for a screen reader."""
        self._take(gauge)
        self.say(name, description)

    def set_context(
        self,
        session: str,
        context: int | None,
        window: int | None,
        compacts_at: int | None = None,
        near: bool | None = None,
        locale: str = ENGLISH,
    ) -> None:
        """A running session's context. `near` None is as `is_near` finds it."""
        name = self.tr("Context of {session}").format(session=session)
        if context is None or not window:
            self.set_gauge(Gauge(None), name, self.tr("Unknown."))
            return
        fill = context / window
        if near is None:
            near = is_near(context, window, compacts_at)
        said = self.tr("{used} of {window} tokens, {share}.").format(
            used=spoken.tokens(context, locale),
            window=spoken.tokens(window, locale),
            share=spoken.percent(fill, locale),
        )
        if compacts_at is not None:
            said += " " + self.tr("Compacts at about {tokens}.").format(tokens=spoken.tokens(compacts_at, locale))
        self.set_gauge(Gauge(fill, compacts_at / window if compacts_at else None, near), name, said)

    def sizeHint(self) -> QSize:
        width, height = self._size
        return QSize(self.theme.px(width or 132), self.theme.px(height))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if self._size[0] else QSize(self.theme.px(48), self.theme.px(self._size[1]))

    def draw(self, painter: QPainter) -> None:
        height = self.theme.px(self._size[1])
        paint_gauge(painter, QRectF(0, (self.height() - height) // 2, self.width(), height), self._value, self.theme)
