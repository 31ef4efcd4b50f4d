"""A name and what belongs to it, in gray behind it: `atlas-api feat/invoice-totals`. The gray part gives way first."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Role, Theme
from app.ui.widgets.base import Painted, baseline, width_of, write
from app.ui.widgets.chip import chip_size, paint_chip


class Parts(NamedTuple):
    """`chips` stand behind the gray part as far as there is room for them."""

    bold: str
    gray: str = ""
    chips: tuple[str, ...] = ()


def paint_parts(
    painter: QPainter, rect: QRectF, parts: Parts, theme: Theme, role: Role = "table", weight: int = 500
) -> None:
    """Elided at the right."""
    gap = theme.space.xs if role == "table" else theme.space.s
    base = baseline(theme.font(role, weight), rect.top(), rect.height())
    left = rect.left()
    left += write(painter, rect, parts.bold, theme.font(role, weight), theme.color("text"))
    chips = [(text, chip_size(text, theme)) for text in parts.chips]
    if parts.gray and rect.right() - left - gap > theme.px(16):
        needed = width_of(parts.gray, theme.font("table"))
        kept = sum(size.width() + theme.space.s for _, size in chips)
        room = rect.right() - left - gap
        room = max(room - kept, min(needed, room)) if needed > room - kept else room
        area = QRectF(left + gap, rect.top(), room, rect.height())
        left += gap + write(painter, area, parts.gray, theme.font("table"), theme.color("text3"), base=base)
    for text, size in chips:
        left += theme.space.s
        if left + size.width() > rect.right() + 0.5:
            return
        top = round(rect.top() + (rect.height() - size.height()) / 2)
        paint_chip(painter, QRectF(round(left), top, size.width(), size.height()), text, "plain", theme)
        left += size.width()


class TwoPart(Painted):
    """The two parts as a widget; the whole text is its tooltip and description."""

    def __init__(
        self, bold: str = "", gray: str = "", role: Role = "body", weight: int = 600, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._role: Role = role
        self._weight = weight
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._value = Parts("")
        self.set_parts(bold, gray)

    def set_parts(self, bold: str, gray: str = "", chips: tuple[str, ...] = ()) -> None:
        if self._take(Parts(bold, gray, chips)):
            self.say(bold, " ".join((gray, *chips)).strip())
            self.setToolTip(f"{bold} {gray}".strip())

    def sizeHint(self) -> QSize:
        theme, parts = self.theme, self._value
        width = width_of(parts.bold, theme.font(self._role, self._weight))
        width += width_of(parts.gray, theme.font("table")) + theme.space.s if parts.gray else 0
        width += sum(chip_size(text, theme).width() + theme.space.s for text in parts.chips)
        return QSize(width + 1, theme.line_height(self._role))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(48), self.theme.line_height(self._role))

    def draw(self, painter: QPainter) -> None:
        paint_parts(painter, QRectF(self.rect()), self._value, self.theme, self._role, self._weight)
