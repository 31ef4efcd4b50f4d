"""What is typed or chosen, under its caption, as in a form."""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.ui.appearance import appearance
from app.ui.widgets.label import Label


class Field(QWidget):
    """A control under its caption, which is its name for a screen reader, too."""

    def __init__(self, caption: str, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if caption:
            control.setAccessibleName(caption)
        if isinstance(control, QComboBox):
            control.setAccessibleDescription(f"{caption}.")  # its name is, to Linux, what it shows
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(appearance().theme.px(4))
        column.addWidget(Label(caption, "caption", "text3"))
        column.addWidget(control, 0, Qt.AlignmentFlag.AlignLeft)


class Entry(QLineEdit):
    """One line for an amount or a rate, as wide as its longest usual content."""

    def __init__(self, width: int = 92, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wide = width
        self.setMaxLength(24)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self._measure)
        self._measure()

    @Slot()
    def _measure(self) -> None:
        self.setFixedSize(appearance().theme.px(self._wide), appearance().theme.control)
