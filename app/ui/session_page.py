"""The page that a scroll area shows: as high as its content at this width, and not a pixel more."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Page(QWidget):
    """Paragraphs want much height where they are narrow; a page is never that narrow, so its least height is nothing
    and the scroll area asks for the height at the width it has.
    """

    def __init__(self, ground: str) -> None:
        super().__init__()
        self.setProperty("ground", ground)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), 0)


class Scrolled(QScrollArea):
    """Scrolls up and down only, and takes no focus: what is on the page does."""

    def __init__(self, page: Page, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """← and → are whoever's the page is: here is nothing to scroll sideways, and Qt would swallow them."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)
