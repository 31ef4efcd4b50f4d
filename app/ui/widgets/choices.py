"""Boxes to tick, lists to choose from: Qt's own controls, painted from the tokens so that they are sharp at any size."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.ui.appearance import appearance
from app.ui.theme import Theme
from app.ui.widgets.base import box, width_of, write


def paint_check(painter: QPainter, left: float, top: float, on: bool, enabled: bool, theme: Theme) -> None:
    """A box of 15 x 15 at 100 %."""
    side, step = theme.px(15), theme.scale
    fill = theme.color(("accent" if enabled else "control") if on else "surface")
    border = fill if on else theme.color("control" if enabled else "lineStrong")
    box(painter, QRectF(left, top, side, side), theme.radius.control, fill, border)
    if on:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(theme.color("onAccent"), 1.7 * step, Qt.PenStyle.SolidLine, cap, join))
        points = ((4.0, 7.6), (6.6, 10.2), (11.2, 5.0))
        painter.drawPolyline(QPolygonF([QPointF(left + x * step, top + y * step) for x, y in points]))
        painter.restore()


class CheckBox(QCheckBox):
    """A box with its words at the right."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        words = width_of(self.text(), theme.font("body")) + theme.space.s if self.text() else 0
        return QSize(max(theme.target, theme.px(15) + words + 1), theme.target)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:
        return self.rect().contains(position)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        side = theme.px(15)
        on = self.checkState() is Qt.CheckState.Checked
        paint_check(painter, 0, (self.height() - side) // 2, on, self.isEnabled(), theme)
        left = side + theme.space.s
        rest = QRectF(left, 0, self.width() - left, self.height())
        write(painter, rest, self.text(), theme.font("body"), theme.color("text" if self.isEnabled() else "text3"))
        painter.end()


class _Items(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        hint = super().sizeHint(option, index)
        return QSize(hint.width(), max(hint.height(), appearance().theme.target))


class Choice(QComboBox):
    """A button that opens a list: `Monday ▾`."""

    def __init__(self, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.view().setAccessibleName(name)
        self.setItemDelegate(_Items(self))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        widest = max((width_of(self.itemText(place), theme.font("table")) for place in range(self.count())), default=0)
        return QSize(widest + theme.px(11 * 2 + 14), theme.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        ground = theme.color("hover" if self.underMouse() and self.isEnabled() else "surface")
        box(painter, QRectF(self.rect()), theme.radius.button, ground, theme.color("lineStrong"))
        sides, arrow = theme.px(11), theme.px(8)
        text = QRectF(sides, 0, self.width() - 2 * sides - theme.px(14), self.height())
        ink = theme.color("text" if self.isEnabled() else "text3")
        write(painter, text, self.currentText(), theme.font("table"), ink)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("text2"), 1.4 * theme.scale))
        left, middle = self.width() - sides - arrow, self.height() / 2
        points = [QPointF(left, middle - arrow / 4), QPointF(left + arrow / 2, middle + arrow / 4)]
        painter.drawPolyline(QPolygonF([*points, QPointF(left + arrow, middle - arrow / 4)]))
        painter.end()
