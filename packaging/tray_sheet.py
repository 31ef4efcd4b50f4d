"""The tray icon in every state and size, on light and dark panels, as one picture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.model.meters import Meters
from app.ui.appearance import appearance
from app.ui.theme import Ground, Theme
from app.ui.tray_icon import tray_pixmap
from app.ui.tray_view import Options, TrayView, view
from app.ui.widgets.base import box, line, write

_SIZES = (16, 22, 24, 32)
_ROW, _HEAD, _SIDE = 80, 104, 32
_STATE, _FIRST, _PANEL, _TOOLTIP = 110, 360, 182, 1088
_WIDTH = 1400
_PANELS: tuple[tuple[str, Ground, bool], ...] = (
    ("Mono, light panel", "light", False),
    ("Mono, dark panel", "dark", False),
    ("Color, light panel", "light", True),
    ("Color, dark panel", "dark", True),
)
_GROUNDS: dict[Ground, str] = {"light": "#EBEBEB", "dark": "#1D2023"}


class _Line(NamedTuple):
    title: str
    words: str
    view: TrayView


def _filled(meters: Meters, share: float) -> Meters:
    """One session runs, so full."""
    one = meters.running[-1]
    window = one.window or 200_000
    return meters._replace(running=(one._replace(context=round(window * share), window=window, compacts_at=None),))


def _lines(meters: Meters) -> Iterator[_Line]:
    quiet = _filled(meters, 0.34)
    yield _Line("Idle", "No agent has written for 10 min", view(meters._replace(running=(), hourly=None)))
    yield _Line("Live", "Arc = context of the fullest running session", view(quiet))
    yield _Line("Live, fuller", "Same state, arc grows clockwise from the lower end", view(_filled(meters, 0.66)))
    yield _Line("Near context limit", "Arc ≥ 80% of the real window: heavier stroke, mark in the middle", view(meters))
    problem = "A log of Codex can't be read (~/.codex/sessions: permission denied)."
    yield _Line("Problem", "A source cannot be read", view(quiet._replace(problems=(problem,))))
    yield _Line("Paused", "You paused reading; nothing is counted until you resume", view(quiet._replace(paused=True)))
    yield _Line("Figure", "Today's spend in dollars, context as a bar (setting)", view(quiet, Options(figure=True)))


class TraySheet(QWidget):
    """Drawn at the device pixel ratio by the painter of the icon itself."""

    def __init__(self, meters: Meters, resources: Path) -> None:
        super().__init__()
        self._lines = tuple(_lines(meters))
        self._themes: dict[Ground, Theme] = {"light": Theme(resources, "light"), "dark": Theme(resources, "dark")}
        self.setFixedSize(self.sizeHint())

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, _HEAD + 14 + _ROW * len(self._lines) + 24)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        theme = appearance().theme
        painter.fillRect(self.rect(), theme.color("window"))
        write(painter, QRectF(_SIDE, 24, 600, 28), "Tray icon", theme.font("window"), theme.color("text"))
        words = "A letter C that is a gauge. It fills clockwise with the context of the fullest running session."
        write(painter, QRectF(_SIDE, 56, 1200, 18), words, theme.font("body"), theme.color("text2"))
        self._heads(painter, theme)
        for place, one in enumerate(self._lines):
            self._row(painter, theme, one, _HEAD + 14 + place * _ROW)
        painter.end()

    def _heads(self, painter: QPainter, theme: Theme) -> None:
        heads = [(_SIDE, "44 px"), (_STATE, "State"), (_TOOLTIP, "Tooltip")]
        heads += [(_FIRST + place * _PANEL, title) for place, (title, *_) in enumerate(_PANELS)]
        for left, words in heads:
            write(painter, QRectF(left, _HEAD - 6, 170, 15), words, theme.font("caption"), theme.color("text3"))

    def _row(self, painter: QPainter, theme: Theme, one: _Line, top: int) -> None:
        line(painter, _SIDE, top, self.width() - 2 * _SIDE, 1, theme.color("line"))
        middle = top + _ROW / 2
        box(painter, QRectF(_SIDE, middle - 28, 56, 56), theme.radius.card, theme.color("surface"), theme.color("line"))
        self._icon(painter, one.view, 44, _SIDE + 6, round(middle - 22), theme, True)
        write(painter, QRectF(_STATE, middle - 27, 240, 18), one.title, theme.font("body", 600), theme.color("text"))
        self._wrapped(painter, theme, one.words, QRectF(_STATE, middle - 8, 236, 34))
        for place, (_, ground, color) in enumerate(_PANELS):
            self._panel(painter, one.view, ground, color, _FIRST + place * _PANEL, round(middle))
        self._wrapped(
            painter,
            theme,
            "\n".join(one.view.tooltip),
            QRectF(_TOOLTIP, top + 13, _WIDTH - _SIDE - _TOOLTIP, _ROW - 14),
        )

    def _panel(self, painter: QPainter, of: TrayView, ground: Ground, color: bool, left: int, middle: int) -> None:
        edge = appearance().theme.color("line")
        box(
            painter,
            QRectF(left, middle - 24, 168, 48),
            appearance().theme.radius.button,
            QColor(_GROUNDS[ground]),
            edge,
        )
        at = left + 15
        for size in _SIZES:
            self._icon(painter, of, size, at, middle - size // 2, self._themes[ground], color)
            at += size + 15

    def _icon(self, painter: QPainter, of: TrayView, size: int, left: int, top: int, theme: Theme, color: bool) -> None:
        pixmap = tray_pixmap(of, size, theme, color, self.devicePixelRatioF())
        painter.drawPixmap(QRectF(left, top, size, size), pixmap, QRectF())

    def _wrapped(self, painter: QPainter, theme: Theme, words: str, area: QRectF) -> None:
        painter.setFont(theme.font("table"))
        painter.setPen(theme.color("text2"))
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
        painter.drawText(area, flags, words)
