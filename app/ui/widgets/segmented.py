"""One of a few, all in sight. Radio buttons in another dress: arrow keys move the choice, Tab comes and goes once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QSizePolicy, QWidget

from app.ui.appearance import appearance
from app.ui.widgets.base import Painted, box, width_of, write


class Segmented(Painted):
    """Options are pairs of a key and a title."""

    chosen = Signal(str)
    """The key the user chose. Not sent for `set_chosen`."""

    def __init__(
        self, name: str, options: Sequence[tuple[str, str]], chosen: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        self._all = QHBoxLayout(self)
        self._all.setContentsMargins(3, 3, 3, 3)
        self._all.setSpacing(0)
        self._segments: dict[str, _Segment] = {}
        for key, title in options:
            self._segments[key] = segment = _Segment(title, name, self)
            self._all.addWidget(segment)
            segment.clicked.connect(lambda _=False, key=key: self._clicked(key))
        self._choice = ""
        self.set_chosen(chosen or (options[0][0] if options else ""))

    @property
    def choice(self) -> str:
        return self._choice

    def set_chosen(self, key: str) -> None:
        """Shows that choice."""
        if key in self._segments and key != self._choice:
            self._choice = key
            self._segments[key].setChecked(True)
            for other, segment in self._segments.items():  # Tab goes to the chosen one alone
                policy = Qt.FocusPolicy.StrongFocus if other == key else Qt.FocusPolicy.ClickFocus
                segment.setFocusPolicy(policy)

    def segment(self, key: str) -> QWidget:
        """The radio button of that option."""
        return self._segments[key]

    def _clicked(self, key: str) -> None:
        if key != self._choice:
            self.set_chosen(key)
            self.chosen.emit(key)

    def move_by(self, step: int) -> None:
        """Chooses that many further on; stops at the ends."""
        keys = list(self._segments)
        place = min(max(keys.index(self._choice) + step, 0), len(keys) - 1)
        self._segments[keys[place]].setFocus(Qt.FocusReason.OtherFocusReason)
        self._clicked(keys[place])

    def draw(self, painter: QPainter) -> None:
        theme = self.theme
        box(painter, QRectF(self.rect()), theme.radius.button, theme.color("sunken"), theme.color("line"))


class _Segment(QRadioButton):
    def __init__(self, title: str, group: str, parent: Segmented) -> None:
        super().__init__(title, parent)
        self._group = parent
        self.setAccessibleName(title)
        self.setAccessibleDescription(group)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        width = width_of(self.text(), theme.font("table", 500)) + 2 * theme.px(12)
        return QSize(max(theme.target, width), theme.target)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, _position: QPoint) -> bool:
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Home: -99,
            Qt.Key.Key_End: 99,
        }
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._group.move_by(step)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        area = QRectF(self.rect())
        ink, weight = "text2", None
        if self.isChecked():
            box(painter, area, theme.radius.control, theme.color("surface"), theme.color("lineStrong"))
            ink, weight = "text", 500
        elif self.underMouse():
            box(painter, area, theme.radius.control, theme.color("hover"))
        center = Qt.AlignmentFlag.AlignHCenter
        write(painter, area, self.text(), theme.font("table", weight), theme.ink(ink), center)
        painter.end()
