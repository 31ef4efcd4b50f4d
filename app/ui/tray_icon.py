"""Paints the tray icon: a letter C that is a gauge, or today's figure over a bar.

The arc opens to the right and fills clockwise from its lower end. Every state has a shape of its own, so color is never
the only key. Each size is laid out on whole pixels by hand rather than scaled: at 16 px half a pixel is a blur. The
sizes from 44 px are what a panel of twice the resolution asks for (44 is 22 at 2x) and are laid out as such.
"""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QIcon, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QTransform

from app.ui.theme import Theme
from app.ui.tray_view import State, TrayView

SIZES = (16, 22, 24, 32, 44, 48, 64)
"""Physical pixels. A host takes the nearest it can use; Qt scales the others down."""


class Layout(NamedTuple):
    """Where things lie at one size, in pixels; all lengths whole."""

    stroke: int
    near: int
    """The stroke of a session near its limit: heavier from 24 px."""
    margin: int
    dot: int
    """Radius of the live dot."""
    bar: tuple[int, int, int]
    """The exclamation mark: width, height of the stem, gap between stem and point. The point is square."""
    cross: float
    """Half the side of the cross."""
    pause: tuple[int, int, int]
    """The pause bars: width, height, gap."""
    digits: int
    """Height of a digit of the figure."""
    meter: int
    """Height of the bar under the figure."""


LAYOUTS = {
    16: Layout(2, 2, 1, 2, (2, 4, 2), 2.3, (2, 4, 2), 8, 2),
    22: Layout(3, 3, 1, 3, (2, 6, 2), 2.9, (2, 6, 2), 10, 3),
    24: Layout(3, 4, 1, 3, (2, 6, 2), 3.1, (3, 8, 4), 11, 3),
    32: Layout(4, 5, 1, 4, (4, 8, 2), 4.6, (3, 10, 4), 15, 4),
}


def layout(size: int) -> Layout:
    """The layout of that size; doubled from half the size where there is one, else scaled from the next smaller."""
    if size in LAYOUTS:
        return LAYOUTS[size]
    if size % 2 == 0 and size // 2 in LAYOUTS:
        base, factor = LAYOUTS[size // 2], 2.0
    else:
        below = max((one for one in LAYOUTS if one <= size), default=min(LAYOUTS))
        base, factor = LAYOUTS[below], size / below
    whole = [_at_least_one(value * factor) for value in (base.stroke, base.near, base.margin, base.dot)]
    bar = tuple(_at_least_one(value * factor) for value in base.bar)
    pause = tuple(_at_least_one(value * factor) for value in base.pause)
    rest = [_at_least_one(value * factor) for value in (base.digits, base.meter)]
    return Layout(*whole, bar, base.cross * factor, pause, *rest)  # type: ignore[arg-type]


def _at_least_one(length: float) -> int:
    return max(1, round(length))


def tray_icon(view: TrayView, theme: Theme, color: bool = False, sizes: tuple[int, ...] = SIZES) -> QIcon:
    """The icon of that view in all sizes; `color` takes the color set instead of the panel's ink."""
    icon = QIcon()
    icon.setIsMask(not color)  # on macOS a template image, which takes the menu bar's own ink
    for size in sizes:
        icon.addPixmap(tray_pixmap(view, size, theme, color))
    return icon


def tray_pixmap(view: TrayView, size: int, theme: Theme, color: bool = False, ratio: float = 1.0) -> QPixmap:
    """The icon of that view at one size in logical pixels, drawn at the device pixel ratio."""
    physical = round(size * ratio)
    pixmap = QPixmap(physical, physical)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint(painter, view, physical, theme, color)
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def paint(painter: QPainter, view: TrayView, size: int, theme: Theme, color: bool = False) -> None:
    """Draws the icon into a square of that many pixels at the origin."""
    ink = theme.color("text")
    hue = theme.color(theme.tray["hue"][view.state.value]) if color else ink
    if view.figure is not None:
        _figure(painter, view, size, layout(size), theme, hue)
        return
    _arc(painter, view, size, layout(size), theme, hue)
    _glyph(painter, view.state, size, layout(size), hue)


def _arc(painter: QPainter, view: TrayView, size: int, lay: Layout, theme: Theme, hue: QColor) -> None:
    start, end = theme.tray["arc"]["start_deg"], theme.tray["arc"]["end_deg"]
    stroke = lay.near if view.state is State.NEAR else lay.stroke
    inset = lay.margin + stroke / 2
    square = QRectF(inset, inset, size - 2 * inset, size - 2 * inset)
    opacity = theme.tray["idle_opacity" if view.state is State.IDLE else "track_opacity"]
    split = start + (end - start) * (view.fill or 0)
    # The track ends where the fill begins: laid under it, it would show through the fill's soft edge.
    for first, last, ink in ((split, end, theme.color("text", opacity)), (start, split, hue)):
        if last > first:
            painter.setPen(QPen(ink, stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            painter.drawArc(square, round(-first * 16), round(-(last - first) * 16))  # Qt counts counterclockwise


def _glyph(painter: QPainter, state: State, size: int, lay: Layout, hue: QColor) -> None:
    middle = size / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(hue))
    if state is State.LIVE:
        painter.drawEllipse(QPointF(middle, middle), lay.dot, lay.dot)
    elif state is State.NEAR:
        width, stem, gap = lay.bar
        left, top = int(middle - width / 2), int(middle - (stem + gap + width) / 2)
        painter.fillRect(left, top, width, stem, hue)
        painter.fillRect(left, top + stem + gap, width, width, hue)
    elif state is State.PROBLEM:
        _cross(painter, middle, lay.cross, size)
    elif state is State.PAUSED:
        width, height, gap = lay.pause
        top = int(middle - height / 2)
        painter.fillRect(int(middle - gap / 2) - width, top, width, height, hue)
        painter.fillRect(int(middle + gap / 2), top, width, height, hue)


def _cross(painter: QPainter, middle: float, reach: float, size: int) -> None:
    """Two bars at 45 degrees, as polygons: a pen's caps fall between pixels."""
    half = max(0.85, size * 0.05)
    arm = reach * 2**0.5
    for angle in (45, -45):
        turn = QTransform().translate(middle, middle).rotate(angle)
        painter.drawPolygon(turn.map(QPolygonF(QRectF(-arm, -half, 2 * arm, 2 * half))))


def _figure(painter: QPainter, view: TrayView, size: int, lay: Layout, theme: Theme, hue: QColor) -> None:
    near = view.state is State.NEAR
    meter = lay.meter + max(1, size // 16) if near else lay.meter
    top = size - lay.margin - meter
    width = size - 2 * lay.margin
    filled = max(2, round(width * view.fill)) if view.fill else 0
    painter.fillRect(lay.margin + filled, top, width - filled, meter, theme.color("text", theme.tray["track_opacity"]))
    painter.fillRect(lay.margin, top, filled, meter, hue)
    _digits(painter, view.figure or "", size, lay, theme)


def _digits(painter: QPainter, text: str, size: int, lay: Layout, theme: Theme) -> None:
    """Bold digits as outlines, exactly that high and standing on whole pixels, squeezed where too wide."""
    font = QFont()
    font.setBold(True)
    font.setPixelSize(100)
    font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    reference, outline = QPainterPath(), QPainterPath()
    reference.addText(0, 0, font, "1")
    outline.addText(0, 0, font, text)
    ink = outline.boundingRect()
    scale = lay.digits / max(1.0, reference.boundingRect().height())
    squeeze = min(1.0, (size - 2 * lay.margin) / max(1.0, ink.width() * scale))
    bottom = (size - lay.margin - lay.meter + lay.digits) // 2
    left = max(lay.margin, round((size - ink.width() * scale * squeeze) / 2))
    place = QTransform().translate(left, bottom).scale(scale * squeeze, scale).translate(-ink.left(), 0)
    painter.fillPath(place.map(outline), theme.color("text"))
