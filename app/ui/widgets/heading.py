"""A card's heading and its gray remark on the same base line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.theme import Role
from app.ui.widgets.base import Painted, baseline, width_of, write


class Heading(Painted):
    """The heading is whole; its remark is cut with … where there is no room for it."""

    def __init__(
        self, title: str = "", remark: str = "", role: Role = "heading", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._role: Role = role
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._value = ("", "")
        self.set_title(title, remark)

    def set_title(self, title: str, remark: str = "") -> None:
        self._take((title, remark))
        self.say(title, remark)

    def _remark_left(self) -> int:
        return width_of(self._value[0], self.theme.font(self._role)) + self.theme.space.s

    def sizeHint(self) -> QSize:
        title, remark = self._value
        height = self.theme.line_height(self._role)
        if not remark:
            return QSize(width_of(title, self.theme.font(self._role)), height)
        return QSize(self._remark_left() + width_of(remark, self.theme.font("table")), height)

    def minimumSizeHint(self) -> QSize:
        title, _ = self._value
        return QSize(width_of(title, self.theme.font(self._role)), self.theme.line_height(self._role))

    def draw(self, painter: QPainter) -> None:
        title, remark = self._value
        theme, area = self.theme, QRectF(self.rect())
        write(painter, area, title, theme.font(self._role), theme.color("text"))
        left = self._remark_left()
        if remark and self.width() - left > theme.px(24):
            rest = QRectF(left, 0, self.width() - left, self.height())
            base = baseline(theme.font(self._role), 0, self.height())
            write(painter, rest, remark, theme.font("table"), theme.color("text3"), base=base)
