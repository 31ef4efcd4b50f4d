"""The area that a page of Settings or the first run scrolls in."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Scrolled(QScrollArea):
    """Scrolls a page up and down. Tab stops at it only while there is something to scroll, with the arrow keys."""

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.verticalScrollBar().rangeChanged.connect(self._room_changed)

    def setWidget(self, widget: QWidget) -> None:
        super().setWidget(widget)
        self.setAccessibleName(widget.accessibleName() or widget.windowTitle())  # it may have the keyboard itself

    @Slot(int, int)
    def _room_changed(self, _least: int, most: int) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if most > 0 else Qt.FocusPolicy.NoFocus)
