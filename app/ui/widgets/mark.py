"""An agent's mark: two letters in a rounded box of its color. No logos."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.sources import BY_ID, title_of
from app.ui.theme import Theme
from app.ui.widgets.base import Painted, box, width_of, write


def letters_of(agent: str, theme: Theme) -> str:
    """The agent's two letters."""
    source = BY_ID.get(agent)
    return source.mark if source else theme.marks.get(agent, theme.marks["other"])


def color_of(agent: str) -> str:
    """The name of the agent's color in the tokens."""
    source = BY_ID.get(agent)
    return source.color if source else agent


def mark_font(theme: Theme) -> QFont:
    font = theme.font("caption", 600)
    font.setPixelSize(theme.px(10))
    return font


def mark_size(agent: str, theme: Theme) -> QSize:
    letters = width_of(letters_of(agent, theme), mark_font(theme))
    return QSize(max(theme.px(22), letters + theme.px(6)), theme.px(17))


def paint_mark(painter: QPainter, rect: QRectF, agent: str, theme: Theme) -> None:
    """The mark, centered in the rectangle."""
    size = mark_size(agent, theme)
    left = round(rect.left() + (rect.width() - size.width()) / 2)
    top = round(rect.top() + (rect.height() - size.height()) / 2)
    place = QRectF(left, top, size.width(), size.height())
    border, fill = theme.mark(color_of(agent))
    box(painter, place, theme.radius.control, fill, border)
    align = Qt.AlignmentFlag.AlignHCenter
    write(painter, place, letters_of(agent, theme), mark_font(theme), theme.color("text"), align)


class Mark(Painted):
    """The mark as a widget."""

    def __init__(self, agent: str = "other", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_agent(agent)

    def set_agent(self, agent: str) -> None:
        """A source's id."""
        if self._take(agent):
            self.say(self.tr("Agent"), title_of(agent))
            self.setToolTip(title_of(agent))

    def sizeHint(self) -> QSize:
        return mark_size(self._value, self.theme)

    def draw(self, painter: QPainter) -> None:
        paint_mark(painter, QRectF(self.rect()), self._value, self.theme)
