"""Figures in a row, separated by hairlines and not boxed; where there is no room for all, the rest begins a new row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.widgets.base import Painted, line


class FlowRow(Painted):
    """Lays its widgets out by itself: give it the widgets, not a layout."""

    def __init__(self, widgets: Sequence[QWidget] = (), gap: int = 18, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._widgets: list[QWidget] = []
        self._gap = gap
        self._rows: list[list[QWidget]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.set_widgets(widgets)

    def set_widgets(self, widgets: Sequence[QWidget]) -> None:
        """Shows these, in this order; others go."""
        for one in self._widgets:
            if one not in widgets:
                one.setParent(None)
        self._widgets = list(widgets)
        for before, one in zip([None, *widgets], widgets, strict=False):
            one.setParent(self)
            one.show()
            if before is not None:
                QWidget.setTabOrder(before, one)
        self._arrange()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, False)

    def sizeHint(self) -> QSize:
        gap = self.theme.px(self._gap)
        widths = [one.sizeHint().width() for one in self._widgets]
        return QSize(sum(widths) + (2 * gap + 1) * max(0, len(widths) - 1), self._place(10**6, False))

    def minimumSizeHint(self) -> QSize:
        widest = max((one.minimumSizeHint().width() for one in self._widgets), default=0)
        return QSize(widest, self._place(self.width(), False))

    def restyle(self) -> None:
        super().restyle()
        self._arrange()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        self._arrange()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.LayoutRequest:  # a figure has become wider or narrower
            self._arrange()
        return super().event(event)

    def _arrange(self) -> None:
        height = self._place(self.width(), True)
        if height != self.minimumHeight():
            self.setMinimumHeight(height)
        self.updateGeometry()
        self.update()

    def _place(self, width: int, really: bool) -> int:
        """Lays out for that width and returns the height it takes."""
        gap, between = self.theme.px(self._gap), self.theme.space.m
        rows: list[list[tuple[QWidget, QRect]]] = [[]]
        left = top = height = 0
        for one in self._widgets:
            hint = one.sizeHint()
            if rows[-1] and left + hint.width() > width:
                left, top, height = 0, top + height + between, 0
                rows.append([])
            rows[-1].append((one, QRect(left, top, min(hint.width(), max(width, 1)), hint.height())))
            left += hint.width() + 2 * gap + 1
            height = max(height, hint.height())
        if really:
            for row in rows:
                for one, place in row:
                    one.setGeometry(place)
            self._rows = [[one for one, _ in row] for row in rows]
        return top + height

    def draw(self, painter: QPainter) -> None:
        gap, color = self.theme.px(self._gap), self.theme.color("line")
        for row in self._rows:
            height = max((one.height() for one in row), default=0)
            for before, _ in pairwise(row):
                line(painter, before.geometry().right() + 1 + gap, before.y(), 1, height, color)
