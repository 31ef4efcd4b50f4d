"""Text in a role and an ink. Plain always: names come from other people's folders."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QWidget

from app.ui.appearance import appearance
from app.ui.theme import Role
from app.ui.widgets.base import BREAK, write


class Label(QLabel):
    """One line, or a paragraph with `wrap`, or a line that gives way to its neighbours with `elide`.

    `fixed` is the system's fixed font: for paths, commands and what stands in a log.
    """

    def __init__(
        self,
        text: str = "",
        role: Role = "body",
        ink: str = "text",
        *,
        weight: int | None = None,
        wrap: bool = False,
        elide: bool = False,
        fixed: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._role: Role = role
        self._ink = ink
        self.setProperty("ink", ink)
        self._weight = weight
        self._elide = elide
        self._fixed = fixed
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        elif not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self._look_changed)
        self.restyle()

    def set_text(self, text: str) -> None:
        if text != self.text():
            self.setText(text)
            if self._elide:
                self.setToolTip(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy) and self.hasSelectedText():
            self._copy()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if not self.hasSelectedText():
            super().contextMenuEvent(event)
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Copy"), self._copy)
        menu.popup(event.globalPos())

    def _copy(self) -> None:
        """What is selected, as it was given: a path with marks in it would open nothing."""
        QGuiApplication.clipboard().setText(self.selectedText().replace(BREAK, ""))

    def set_ink(self, ink: str) -> None:
        """An interface color's name that the style sheet has a rule for."""
        if ink != self._ink:
            self._ink = ink
            self.setProperty("ink", ink)
            self.style().unpolish(self)
            self.style().polish(self)
            self.update()

    @Slot()
    def _look_changed(self) -> None:
        self.restyle()  # see Painted

    def restyle(self) -> None:
        theme = appearance().theme
        self.setFont(theme.fixed() if self._fixed else theme.font(self._role, self._weight))
        self.setMinimumHeight(theme.line_height(self._role))
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self.wordWrap():
            return hint
        return QSize(hint.width(), max(hint.height(), appearance().theme.line_height(self._role)))

    def minimumSizeHint(self) -> QSize:
        if self._elide:
            return QSize(appearance().theme.px(24), self.sizeHint().height())
        return super().minimumSizeHint() if self.wordWrap() else self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._elide:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        write(
            painter, QRectF(self.rect()), self.text(), self.font(), appearance().theme.ink(self._ink), self.alignment()
        )
        painter.end()
