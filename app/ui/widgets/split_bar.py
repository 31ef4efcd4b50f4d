"""One bar split into its parts, which add up to it. Bars that stand above one another can be compared by eye."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui.keys import Told
from app.ui.theme import Theme
from app.ui.widgets.base import Painted
from app.ui.widgets.figure_menu import Offer, show_menu, takes_key


class Part(NamedTuple):
    """One segment. `words` is its whole content in words: `Cache read, 274M tokens, 94.1%`."""

    value: int
    ink: str
    words: str = ""
    hatched: bool = False
    """Unexplained: outlined and hatched, never filled."""
    exact: str = ""
    """What Ctrl+C puts on the clipboard."""


def segments(parts: Sequence[Part], width: float, whole: int | None = None) -> list[tuple[float, float]]:
    """Left edge and width of each part; gaps of one pixel come off the parts in proportion. A part of nothing has
    no width, one of very little has a pixel.
    """
    shown = [part for part in parts if part.value > 0]
    total = max(whole or 0, sum(part.value for part in shown))
    room = width - max(0, len(shown) - 1)
    left, places = 0.0, []
    for part in parts:
        if part.value <= 0 or room <= 0:
            places.append((left, 0.0))
            continue
        length = max(1.0, room * part.value / total)
        places.append((left, min(length, max(0.0, width - left))))
        left += length + 1
    return places


def paint_split(
    painter: QPainter, rect: QRectF, parts: Sequence[Part], theme: Theme, whole: int | None = None, chosen: int = -1
) -> None:
    """The parts from the left; what they leave of `whole` is sunken ground."""
    outline = QPainterPath()
    outline.addRoundedRect(rect, theme.radius.bar, theme.radius.bar)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipPath(outline)
    if whole or not any(part.value > 0 for part in parts):
        painter.fillRect(rect, theme.color("sunken" if whole else "track"))
    ratio = painter.device().devicePixelRatioF()
    for place, (part, (left, length)) in enumerate(zip(parts, segments(parts, rect.width(), whole), strict=True)):
        if not length:
            continue
        start, end = round(left * ratio) / ratio, round((left + length) * ratio) / ratio
        area = QRectF(rect.left() + start, rect.top(), max(end - start, 1 / ratio), rect.height())
        if part.hatched:
            _hatch(painter, area, part.ink, theme)
        else:
            painter.fillRect(area, theme.ink(part.ink))
        if place == chosen:
            painter.setPen(QPen(theme.color("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -1, -1))
    painter.restore()


def _hatch(painter: QPainter, area: QRectF, ink: str, theme: Theme) -> None:
    painter.save()
    painter.setClipRect(area, Qt.ClipOperation.IntersectClip)
    painter.setPen(QPen(theme.ink(ink), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))
    slant, x = area.height() * 0.6, area.left() - area.height()
    while x < area.right():
        painter.drawLine(QPointF(x, area.bottom()), QPointF(x + slant, area.top()))
        x += 4
    painter.restore()


class SplitBar(Painted):
    """← and → go from part to part where `focusable`; the pointer tells a part's words."""

    pointed = Signal(int)
    """The part under the pointer or chosen by keys; −1 is none."""
    origin_asked = Signal(int)
    """`O` on a part, or Show origin in its menu. Offered once `offer_origin` is set."""

    def __init__(self, height: int = 14, focusable: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._height = height
        self._chosen = -1
        self.offer_origin = False
        self._value = ((), None)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        if focusable:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_parts(self, name: str, parts: Sequence[Part], whole: int | None = None) -> None:
        """`name` says what is split; `whole` is what the bar's full length means, if more than the parts."""
        if self._take((tuple(parts), whole)):
            self._chosen = -1
        self.say(name, "; ".join(part.words for part in parts if part.words and part.value > 0))

    def set_chosen(self, place: int) -> None:
        """Outlines that part; −1 none. Tells nobody."""
        if place != self._chosen:
            self._chosen = place
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(160), self.theme.px(self._height))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(48), self.theme.px(self._height))

    def draw(self, painter: QPainter) -> None:
        parts, whole = self._value
        paint_split(painter, QRectF(self.rect()), parts, self.theme, whole, self._chosen)

    def part_at(self, x: float) -> int:
        """The part at that place; −1 where there is none."""
        parts, whole = self._value
        for place, (left, length) in enumerate(segments(parts, self.width(), whole)):
            if length and left <= x < left + length + 1:
                return place
        return -1

    def _choose(self, place: int) -> None:
        if place != self._chosen:
            self.set_chosen(place)
            self.pointed.emit(place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            self._choose(self.part_at(event.position().x()))

    def offer_of(self, place: int) -> Offer:
        parts: tuple[Part, ...] = self._value[0]
        if not 0 <= place < len(parts):
            return Offer()
        return Offer((lambda: self.origin_asked.emit(place)) if self.offer_origin else None, parts[place].exact)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        by_key = event.reason() is QContextMenuEvent.Reason.Keyboard
        show_menu(self.offer_of(self._chosen if by_key else self.part_at(event.pos().x())), self, event.globalPos())

    def keys_place(self) -> str:
        return self.tr("In a bar with parts")

    def keys_told(self) -> tuple[Told, ...]:
        if self.focusPolicy() is Qt.FocusPolicy.NoFocus:
            return ()
        told = [Told("Left Right", self.tr("Part by part")), Told("Ctrl+C", self.tr("Copy the chosen value"))]
        return (*told, Told("O", self.tr("Origin of the chosen figure"))) if self.offer_origin else tuple(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if takes_key(self.offer_of(self._chosen), event):
            return
        shown = [place for place, part in enumerate(self._value[0]) if part.value > 0]
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if not shown or step is None:
            super().keyPressEvent(event)
            return
        at = shown.index(self._chosen) + step if self._chosen in shown else 0
        self._choose(shown[min(max(at, 0), len(shown) - 1)])

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self.part_at(event.pos().x())
            QToolTip.showText(event.globalPos(), self._value[0][place].words if place >= 0 else "", self)
            return True
        return super().event(event)
