"""A figure: what it is, how much, one line about it, and how sure it is."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app import formats
from app.ui.keys import Told
from app.ui.theme import Role
from app.ui.widgets.base import Painted, width_of, write
from app.ui.widgets.certainty import meaning_of, paint_dot, word_of
from app.ui.widgets.figure_menu import Offer, show_menu, takes_key


class FigureValue(NamedTuple):
    """All that a figure shows. Texts come ready from `app.formats`."""

    label: str
    value: str
    line: str = ""
    certainty: str | None = None
    reason: str = ""
    """What an estimate rests on."""
    exact: str = ""
    """What Copy puts on the clipboard: full precision with its unit. Without it the figure takes no focus."""


class Figure(Painted):
    """Caption, value, line and dot below one another, left aligned."""

    origin_asked = Signal()
    """`O`, or Show origin in the context menu. Offered once `offer_origin` is set."""

    def __init__(self, value: FigureValue | None = None, role: Role = "figure", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role: Role = role
        self.offer_origin = False
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._value = FigureValue("", "")
        self.set_figure(value or FigureValue("", ""))

    def set_figure(self, value: FigureValue) -> None:
        if not self._take(value):
            return
        rate = formats.at_rate() if value.exact.endswith(" USD") else ""
        meaning = meaning_of(value.certainty, value.reason) if value.certainty else ""
        said = [value.value, value.line, meaning, rate]
        self.say(value.label, ". ".join(one for one in said if one))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if value.exact else Qt.FocusPolicy.NoFocus)
        self.setToolTip(". ".join(one for one in (meaning, rate) if one))

    def sizeHint(self) -> QSize:
        theme, value = self.theme, self._value
        rows = self._rows()
        widths = [width_of(text, theme.font(role)) for text, role, _, _ in rows]
        if value.certainty:
            widths.append(theme.px(14) + width_of(word_of(value.certainty), theme.font("caption")))
        return QSize(max(widths), sum(height for *_, height in rows) + self._certainty_height())

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), self.theme.px(72)), self.sizeHint().height())

    def _certainty_height(self) -> int:
        return self.theme.px(3) + self.theme.line_height("caption") if self._value.certainty else 0

    def _rows(self) -> list[tuple[str, Role, str, int]]:
        """Text, role, ink and height of each line of text."""
        theme, value = self.theme, self._value
        rows: list[tuple[str, Role, str, int]] = []
        if value.label:
            rows.append((value.label, "caption", "text3", theme.line_height("caption")))
        rows.append((value.value, self._role, "text", theme.line_height(self._role)))
        if value.line:
            rows.append((value.line, "caption", "text2", theme.line_height("caption")))
        return rows

    def draw(self, painter: QPainter) -> None:
        theme, top = self.theme, 0
        for text, role, ink, height in self._rows():
            write(painter, QRectF(0, top, self.width(), height), text, theme.font(role), theme.ink(ink))
            top += height
        if self._value.certainty:
            top += theme.px(3)
            height, color = theme.line_height("caption"), theme.color("text3")
            paint_dot(painter, QRectF(0, top, theme.px(10), height), self._value.certainty, color, theme)
            left = theme.px(14)
            word = word_of(self._value.certainty)
            write(painter, QRectF(left, top, self.width() - left, height), word, theme.font("caption"), color)

    @property
    def offer(self) -> Offer:
        return Offer(self.origin_asked.emit if self.offer_origin else None, self._value.exact)

    def keys_place(self) -> str:
        return self.tr("On a figure")

    def keys_told(self) -> tuple[Told, ...]:
        told = [Told("Ctrl+C", self.tr("Copy the chosen value"))] if self._value.exact else []
        return (*told, Told("O", self.tr("Origin of the chosen figure"))) if self.offer_origin else tuple(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not takes_key(self.offer, event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        show_menu(self.offer, self, event.globalPos())
