"""Facts in a row, each a gray label over its value; what has no room begins another row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from PySide6.QtCore import QEvent, QRectF, QSize
from PySide6.QtGui import QHelpEvent, QPainter
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.ui.widgets.base import Painted, width_of, write

_GAP = 28


class _Spot(NamedTuple):
    label: str
    value: str
    left: int
    top: int
    width: int


class Facts(Painted):
    """One stop for a screen reader: all facts are its description."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._value: tuple[tuple[str, str], ...] = ()

    def set_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        if self._take(facts):
            self.say(self._name, ". ".join(f"{label}: {value}" for label, value in facts))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max((one.top for one in self._spots(width)), default=0) + self._row()

    def fits(self, width: int) -> bool:
        """All in one row."""
        return self.heightForWidth(width) == self._row()

    def sizeHint(self) -> QSize:
        spots = list(self._spots(10**6))
        return QSize(spots[-1].left + spots[-1].width if spots else 0, self._row())

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.px(160), self._row())

    def _row(self) -> int:
        return self.theme.line_height("caption") + self.theme.line_height("table") + self.theme.px(1)

    def _spots(self, width: int) -> Iterator[_Spot]:
        theme, left, top = self.theme, 0, 0
        for label, value in self._value:
            wide = max(width_of(label, theme.font("caption")), width_of(value, theme.font("table", 500))) + 1
            wide = min(wide, width)
            if left and left + wide > width:
                left, top = 0, top + self._row() + theme.space.m
            yield _Spot(label, value, left, top, wide)
            left += wide + theme.px(_GAP)

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        caption, table = theme.line_height("caption"), theme.line_height("table")
        spots = list(self._spots(self.width()))
        foot = self.height() - (max((one.top for one in spots), default=0) + self._row())
        for one in spots:
            area = QRectF(one.left, one.top + foot, one.width, caption)
            write(painter, area, one.label, theme.font("caption"), theme.color("text3"))
            area = QRectF(one.left, one.top + foot + caption + theme.px(1), one.width, table)
            write(painter, area, one.value, theme.font("table", 500), theme.color("text"))

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            told = ""
            for one in self._spots(self.width()):
                area = QRectF(one.left, one.top, one.width, self._row())
                if area.contains(event.pos()) and width_of(one.value, self.theme.font("table", 500)) >= one.width:
                    told = one.value
            QToolTip.showText(event.globalPos(), told, self)
            return True
        return super().event(event)
