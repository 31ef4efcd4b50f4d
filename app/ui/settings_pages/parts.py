"""What the pages of Settings and the first run are made of, beside the widgets that every window uses."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.ui.appearance import appearance
from app.ui.widgets.base import Painted, box, line, width_of, write
from app.ui.widgets.label import Label


class Pair(QWidget):
    """Two things side by side; one above the other where there is no room for both."""

    def __init__(self, left: QWidget, right: QWidget, least: int = 0, gap: int = 16, spread: bool = True) -> None:
        """`least` is the room in pixels at 100 % that the left one wants beside the right one; 0 is all of its own.
        `spread` puts the right one at the right edge, else it follows the left one."""
        super().__init__()
        self._left, self._right = left, right
        self._least, self._gap = least, gap
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._all = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._spread = spread
        self._all.addWidget(left, 1 if spread else 0)
        self._all.addWidget(right, 0 if spread else 1)
        self._arrange()
        appearance().changed.connect(self._arrange)

    @property
    def stacked(self) -> bool:
        return self._all.direction() is QBoxLayout.Direction.TopToBottom

    @property
    def _fits(self) -> bool:
        """There is room for both side by side."""
        theme = appearance().theme
        wanted = theme.px(self._least) if self._least else _wanted(self._left)
        return self.width() >= wanted + theme.px(self._gap) + _wanted(self._right)

    def _alike(self) -> list[Pair]:
        """All that stand as this one does: on a page all of its rows, so that controls have one edge."""
        row = self.parentWidget()
        page = row.parentWidget() if isinstance(row, Row) else None
        if page is None:
            return [self]
        rows = page.findChildren(Row, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [one.pair for one in rows if one.pair is not None and not one.isHidden()] or [self]

    @Slot()
    def _arrange(self) -> None:
        alike = self._alike()
        beside = all(one._fits for one in alike)
        for one in alike:
            one._stand(beside)

    def _stand(self, beside: bool) -> None:
        theme = appearance().theme
        self._all.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._all.setSpacing(theme.px(self._gap) if beside else theme.px(6))
        middle, left = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignLeft
        fixed = QSizePolicy.Policy.Fixed
        for one in (self._left, self._right):  # what can't grow would be centered in its room
            small = one.sizePolicy().horizontalPolicy() == fixed and not (beside and one is self._right)
            self._all.setAlignment(one, middle | left if small else middle if beside else Qt.AlignmentFlag(0))
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """As narrow as the wider of the two: else it could never be made so narrow that it stacks. Its height follows
        from its width."""
        return QSize(max(one.minimumSizeHint().width() for one in (self._left, self._right)), 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _wanted(widget: QWidget) -> int:
    """The width in which it says all in one line."""
    if isinstance(widget, Label):
        return width_of(widget.text(), widget.font()) + 1
    return widget.sizeHint().width()


def side_by_side(*widgets: QWidget, gap: int = 8) -> QWidget:
    """Controls in a row."""
    holder = QWidget()
    all_of_them = QHBoxLayout(holder)
    all_of_them.setContentsMargins(0, 0, 0, 0)
    all_of_them.setSpacing(appearance().theme.px(gap))
    for one in widgets:
        all_of_them.addWidget(one)
    holder.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return holder


class Row(Painted):
    """A setting or a fact: its name, one gray line about it, and its control or value; a hairline above."""

    def __init__(
        self,
        title: str,
        words: str = "",
        right: QWidget | None = None,
        mark: QWidget | None = None,
        air: int = 12,
    ) -> None:
        """`air` is what is free above and below, in pixels at 100 %."""
        super().__init__()
        self._air = air
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._title = Label(title, "body", weight=500, wrap=True)
        self._words = Label(words, "table", "text2", wrap=True)
        if not words:
            self._words.hide()  # never shown here: without a parent it would be a window
        said = QWidget()
        column = QVBoxLayout(said)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addStretch(1)
        column.addWidget(self._title)
        column.addWidget(self._words)
        column.addStretch(1)
        if right is not None:
            name_control(right, title, words)
        self._all = QHBoxLayout(self)
        if mark is not None:
            self._all.addWidget(mark, 0, Qt.AlignmentFlag.AlignVCenter)
        self.pair = Pair(said, right, least=200) if right is not None else None
        self._all.addWidget(said if self.pair is None else self.pair, 1)
        self.say(title, words)
        self.restyle()

    def set_words(self, words: str) -> None:
        self._words.set_text(words)
        self._words.setVisible(bool(words))
        self.say(self._title.text(), words)

    def restyle(self) -> None:
        super().restyle()
        theme = self.theme
        self._all.setContentsMargins(0, theme.px(self._air), 0, theme.px(self._air))
        self._all.setSpacing(theme.px(7))

    def draw(self, painter: QPainter) -> None:
        line(painter, 0, 0, self.width(), 1, self.theme.color("line"))


def name_control(control: QWidget, name: str, description: str) -> None:
    """For a screen reader, where the control has no words of its own for it."""
    if isinstance(control, QComboBox | QPushButton):  # a list is called what it shows, a button what it does
        description = f"{name}. {description}".strip()
    elif not control.accessibleName():
        control.setAccessibleName(name)
    if description and not control.accessibleDescription():
        control.setAccessibleDescription(description)


class Fixed(Label):
    """A path or a command in the fixed font; a path that is too long loses its middle, never its end."""

    def __init__(self, text: str = "", ink: str = "text2", elide: bool = True) -> None:
        super().__init__(text, "caption", ink, elide=elide)
        self._middle = elide
        if not elide:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.set_text(text)

    def restyle(self) -> None:
        super().restyle()
        self.setFont(appearance().theme.fixed())

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        return QSize(width_of(self.text(), theme.fixed()) + 1, theme.line_height("caption"))

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._middle:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        ink = appearance().theme.ink(self._ink)
        middle = Qt.TextElideMode.ElideMiddle
        write(painter, QRectF(self.rect()), self.text(), self.font(), ink, Qt.AlignmentFlag.AlignLeft, middle)
        painter.end()


Verdict = Literal["holds", "fails", "unknown"]


class Verdicts(Painted):
    """Whether a check holds: a tick, a cross, or a dash where nobody could try."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_verdict("unknown")

    def set_verdict(self, verdict: Verdict) -> None:
        if self._take(verdict):
            words = {
                "holds": self.tr("holds"),
                "fails": self.tr("does not hold"),
                "unknown": self.tr("not tried"),
            }
            self.say(self.tr("Check"), words[verdict])

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(12), self.theme.px(12))

    def draw(self, painter: QPainter) -> None:
        theme, step = self.theme, self.theme.scale
        ink = {"holds": "good", "fails": "bad", "unknown": "text3"}[self._value]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(theme.color(ink), 1.8 * step, Qt.PenStyle.SolidLine, cap, join))
        strokes = {
            "holds": [((1.5, 6.5), (4.5, 9.5), (10.5, 3.0))],
            "fails": [((2.5, 2.5), (9.5, 9.5)), ((9.5, 2.5), (2.5, 9.5))],
            "unknown": [((2.5, 6.0), (9.5, 6.0))],
        }[self._value]
        for points in strokes:
            painter.drawPolyline(QPolygonF([QPointF(x * step, y * step) for x, y in points]))


class Sunken(Painted):
    """A box of the sunken ground around one thing."""

    def __init__(self, inside: QWidget) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._all = QVBoxLayout(self)
        self._all.addWidget(inside)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        theme = self.theme
        self._all.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), theme.px(10))

    def draw(self, painter: QPainter) -> None:
        border = self.theme.color("text") if self.theme.contrast else None
        box(painter, QRectF(self.rect()), self.theme.radius.button, self.theme.color("sunken"), border)


def not_here() -> str:
    return QCoreApplication.translate("Settings", "not available on this system")
