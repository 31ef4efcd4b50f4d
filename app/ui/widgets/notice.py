"""A box that says what is wrong or worth knowing, in the card it concerns, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.base import Painted, box, wrappable
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label

Tone = Literal["info", "warn", "bad"]


class NoticeValue(NamedTuple):
    """`actions` are pairs of a key and a title; a notice without title or text is hidden."""

    tone: Tone = "info"
    title: str = ""
    text: str = ""
    actions: tuple[tuple[str, str], ...] = ()


class Notice(Painted):
    """The first line says what; no codes there. The actions are links, in a `bad` box buttons."""

    action = Signal(str)
    """The key of the action that was chosen."""

    def __init__(
        self,
        tone: Tone = "info",
        title: str = "",
        text: str = "",
        actions: Sequence[tuple[str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._title = Label(role="heading", wrap=True)
        self._text = Label(role="table", wrap=True)
        self._actions = QHBoxLayout()
        self._actions.addStretch(1)
        self._all = QVBoxLayout(self)
        self._all.addWidget(self._title)
        self._all.addWidget(self._text)
        self._all.addLayout(self._actions)
        self.set_notice(NoticeValue(tone, title, text, tuple(actions)))

    def set_notice(self, value: NoticeValue) -> None:
        """The same again changes nothing: a button that has the keyboard keeps it."""
        changed = self._take(value)
        self.setVisible(bool(value.title or value.text)) if self.parent() else None
        if not changed:
            return
        self._title.set_text(wrappable(value.title))
        self._title.setVisible(bool(value.title))
        self._text.set_text(wrappable(value.text))
        self._text.setVisible(bool(value.text))
        while (item := self._actions.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for key, title in value.actions:
            button = Button(title, "plain" if value.tone == "bad" else "link")
            button.clicked.connect(lambda _=False, key=key: self.action.emit(key))
            self._actions.addWidget(button)
        self._actions.addStretch(1)
        self.say(value.title, value.text)
        self.restyle()

    def restyle(self) -> None:
        super().restyle()
        theme, space, tone = self.theme, self.theme.space, self._value.tone
        self._title.set_ink("text" if tone == "info" else f"{tone}Text")
        below = theme.px(6) if self._value.actions and tone != "bad" else theme.px(10)
        self._all.setContentsMargins(theme.px(14), theme.px(10), theme.px(14), below)
        self._all.setSpacing(theme.px(2))
        buttons = tone == "bad"
        above = space.s if buttons and self._value.actions else 0  # an empty row still takes its margin
        self._actions.setContentsMargins(0, above, 0, 0)
        self._actions.setSpacing(space.s if buttons else space.m)

    def draw(self, painter: QPainter) -> None:
        theme, tone = self.theme, self._value.tone
        fill = theme.color("sunken" if tone == "info" else f"{tone}Fill")
        border = theme.color("text") if theme.contrast else None
        box(painter, QRectF(self.rect()), theme.radius.button, fill, border)
