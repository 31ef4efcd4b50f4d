"""The parts of the doctor's window: a fact of the machine, and the card of the chosen source. Values in, signals out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent, QTextOption
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QPlainTextEdit, QSizePolicy, QVBoxLayout, QWidget

from app.ui.appearance import appearance
from app.ui.doctor_view import Fact
from app.ui.settings_pages.parts import Verdicts
from app.ui.widgets.buttons import Button
from app.ui.widgets.label import Label
from app.ui.widgets.mark import Mark
from app.ui.widgets.property_row import PropertyRow
from app.ui.widgets.surface import Card
from app.ui.wrap import Wrap

BESIDE_FROM = 760
"""Width of the card, at 100 %, from which a sample stands beside the words."""
_SAMPLE_LINES = 16


class FactView(QWidget):
    """Caption, value with its verdict, and a line."""

    def __init__(self, fact: Fact) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(fact.label)
        self.setAccessibleDescription(f"{fact.value}. {fact.line}")
        value = QHBoxLayout()
        value.setContentsMargins(0, 0, 0, 0)
        value.setSpacing(appearance().theme.px(6))
        if fact.verdict is not None:
            mark = Verdicts()
            mark.set_verdict(fact.verdict)
            value.addWidget(mark)
        value.addWidget(Label(fact.value, "heading"))
        value.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(appearance().theme.px(1))
        column.addWidget(Label(fact.label, "caption", "text3"))
        column.addLayout(value)
        column.addWidget(Label(fact.line, "caption", "text2"))


class Sample(QWidget):
    """Text as it would be copied, with a line over it."""

    def __init__(self) -> None:
        super().__init__()
        self.caption = Label("", "caption", "text3", wrap=True)
        self.editor = QPlainTextEdit()
        self.editor.setProperty("ground", "sunken")
        self.editor.setReadOnly(True)
        self.editor.setTabChangesFocus(True)
        self.editor.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)  # a command that is to be written is seen whole
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.caption)
        column.addWidget(self.editor)
        column.addStretch(1)
        appearance().changed.connect(self._restyle)
        self._restyle()

    def show_text(self, caption: str, text: str) -> None:
        self.caption.set_text(caption)
        self.editor.setAccessibleName(caption)
        if text != self.editor.toPlainText():
            self.editor.setPlainText(text)
        self._restyle()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._restyle()

    @Slot()
    def _restyle(self) -> None:
        theme = appearance().theme
        self.editor.setFont(theme.fixed())
        lines = min(max(4, round(self.editor.document().size().height())), _SAMPLE_LINES)
        self.editor.setFixedHeight(lines * self.editor.fontMetrics().lineSpacing() + theme.px(22))


class SourceCard(Card):
    """All about one source: sentences, properties, what can be done, and a sample or a difference."""

    action = Signal(str)
    """The key of the button that was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self.mark, self.title = Mark(), Label("", "heading")
        self.header.insertWidget(0, self.mark)
        self.header.insertWidget(1, self.title)
        self._words, self._rows = QVBoxLayout(), QVBoxLayout()
        holder = QWidget()
        self._buttons = Wrap(holder, gap=8)
        self._buttons.setContentsMargins(0, 0, 0, 0)
        self._left = QWidget()
        column = QVBoxLayout(self._left)
        column.setContentsMargins(0, appearance().theme.px(6), 0, 0)
        for part in (self._words, self._rows):
            part.setContentsMargins(0, 0, 0, 0)
            part.setSpacing(appearance().theme.px(2))
            column.addLayout(part)
        column.addWidget(holder)
        column.addStretch(1)
        self.sample = Sample()
        self.sample.hide()
        self._both = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._both.addWidget(self._left, 1)
        self._both.addWidget(self.sample, 1)
        self.body.addLayout(self._both)
        self._shown: object = None

    def show_source(
        self,
        source: str,
        title: str,
        words: Sequence[tuple[str, str]],
        properties: Sequence[tuple[str, str]],
        actions: Sequence[tuple[str, str]],
    ) -> None:
        """The same again changes nothing: a button that has the keyboard keeps it."""
        value = (source, title, tuple(words), tuple(properties), tuple(actions))
        if value == self._shown:
            return
        self._shown = value
        self.mark.set_agent(source)
        self.title.set_text(title)
        self.setAccessibleName(title)
        _fill(self._words, [Label(text, "table", ink, wrap=True, parent=self._left) for text, ink in words])
        _fill(self._rows, [PropertyRow(name, text, 96, parent=self._left) for name, text in properties])
        _fill(self._buttons, [self._button(key, name) for key, name in actions])

    def show_sample(self, caption: str, text: str) -> None:
        """Nothing where there is no text."""
        self.sample.show_text(caption, text)
        self.sample.setVisible(bool(text))
        self._turn()

    def _button(self, key: str, name: str) -> Button:
        made = Button(name, "primary" if key == "apply" else "plain", parent=self._left)
        made.clicked.connect(lambda: self.action.emit(key))
        return made

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        theme = appearance().theme
        wide = self.width() >= theme.px(BESIDE_FROM)
        ways = QBoxLayout.Direction
        self._both.setDirection(ways.LeftToRight if wide else ways.TopToBottom)
        self._both.setSpacing(theme.space.l if wide else theme.space.m)


def _fill(layout: QVBoxLayout | Wrap, widgets: Sequence[QWidget]) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
    for one in widgets:
        layout.addWidget(one)
        one.show()
