"""A label and its value, or a setting and its control, in one row."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.base import Painted, wrappable
from app.ui.widgets.label import Label
from app.ui.widgets.surface import Hairline


class PropertyRow(Painted):
    """`Prices   price book 2026-11-14`. The value can be selected and copied."""

    def __init__(
        self, label: str, value: str = "", label_width: int = 110, fixed: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label_width = label_width
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._label = Label(label, "table", "text2")
        self._shown = Label(value, "table", wrap=True, fixed=fixed)
        flags = Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        self._shown.setTextInteractionFlags(flags)
        self._shown.setAccessibleName(label)
        for one in (self._label, self._shown):
            one.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self._all = QHBoxLayout(self)
        self._all.setSpacing(0)
        self._all.addWidget(self._label, 0, Qt.AlignmentFlag.AlignTop)
        self._all.addWidget(self._shown, 1)
        self.set_value(value)
        self.restyle()

    def set_value(self, value: str) -> None:
        self._shown.set_text(wrappable(value))
        self.say(self._label.text(), value)

    def restyle(self) -> None:
        super().restyle()
        theme = self.theme
        self._all.setContentsMargins(0, theme.px(3), 0, theme.px(3))
        self._label.setFixedWidth(max(theme.px(self._label_width), self._label.sizeHint().width() + theme.space.m))


class SettingRow(Painted):
    """A setting: its name, one gray line about it, its control at the right, and a hairline above."""

    def __init__(self, title: str, line: str, control: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._title = Label(title, "body", weight=500, wrap=True)
        self._line = Label(line, "table", "text2", wrap=True)
        if not line:
            self._line.hide()
        if not control.accessibleName():
            control.setAccessibleName(title)
        if isinstance(control, QComboBox) and not control.view().accessibleName():
            control.view().setAccessibleName(title)
        if not control.accessibleDescription():
            control.setAccessibleDescription(f"{title}. {line}" if isinstance(control, QComboBox) else line)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch(1)
        words.addWidget(self._title)
        words.addWidget(self._line)
        words.addStretch(1)
        self._row = QHBoxLayout()
        self._row.addLayout(words, 1)
        self._row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(Hairline())
        whole.addLayout(self._row)
        self.restyle()

    def set_line(self, line: str) -> None:
        """Another explanation."""
        self._line.set_text(line)
        self._line.setVisible(bool(line))

    def restyle(self) -> None:
        super().restyle()
        space = self.theme.space
        self._row.setContentsMargins(0, self.theme.px(10), 0, self.theme.px(10))
        self._row.setSpacing(space.l)
