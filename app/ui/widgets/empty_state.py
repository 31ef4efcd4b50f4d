"""Nothing to show, said in one bold sentence, one plain with the last known fact, and one button. No drawing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QSpacerItem, QVBoxLayout, QWidget

from app.ui.widgets.base import Painted
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label


class EmptyState(Painted):
    """Centered in the room there is."""

    action = Signal()

    def __init__(self, sentence: str = "", plain: str = "", button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._sentence = Label(role="body", weight=600, wrap=True)
        self._plain = Label(role="table", ink="text2", wrap=True)
        self._button = Button("")
        self._button.clicked.connect(lambda: self.action.emit())
        center = Qt.AlignmentFlag.AlignHCenter
        for one in (self._sentence, self._plain):
            one.setAlignment(center)
        self._all = QVBoxLayout(self)
        self._all.addStretch(1)
        self._all.addWidget(self._sentence)
        self._all.addWidget(self._plain)
        self._gap = QSpacerItem(0, 0)
        self._all.addSpacerItem(self._gap)
        self._all.addWidget(self._button, 0, center)
        self._all.addStretch(1)
        self.set_words(sentence, plain, button)
        self.restyle()

    def set_words(self, sentence: str, plain: str = "", button: str = "") -> None:
        self._sentence.set_text(sentence)
        self._plain.set_text(plain)
        self._plain.setVisible(bool(plain))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self._button.updateGeometry()
        self.restyle()
        self.say(sentence, plain)

    def restyle(self) -> None:
        super().restyle()
        space = self.theme.space
        self._all.setContentsMargins(space.xl, space.l, space.xl, space.l)
        self._all.setSpacing(space.xs)
        self._gap.changeSize(0, 0 if self._button.isHidden() else space.xs)
        self._all.invalidate()
