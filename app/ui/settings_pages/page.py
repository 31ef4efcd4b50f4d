"""The frame of a page: its title with what stands beside it, a box for what went wrong, and its rows."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.diagnostics import KnownError
from app.ui.appearance import appearance
from app.ui.preferences import preferences
from app.ui.settings_pages.parts import Pair
from app.ui.widgets.label import Label
from app.ui.widgets.notice import Notice, NoticeValue
from app.ui.windows import Context


class Page(QWidget):
    """One page of Settings. `body` takes its rows."""

    def __init__(self, context: Context, title: str, remark: str = "", beside: QWidget | None = None) -> None:
        super().__init__()
        self.context = context
        self.preferences = preferences(context.machine)
        self.setProperty("ground", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        heading = Label(title, "window", wrap=True)
        self.remark = Label(remark, "table", "text2", wrap=True)
        if not remark:
            self.remark.hide()
        self.trouble = Notice("bad", parent=self)
        self.trouble.hide()
        self._all = QVBoxLayout(self)
        self._all.addWidget(heading if beside is None else Pair(heading, beside, least=110))
        self._all.addWidget(self.remark)
        self._all.addSpacing(appearance().theme.px(8))
        self._all.addWidget(self.trouble)
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        self._all.addLayout(self.body)
        self._all.addStretch(1)
        appearance().changed.connect(self._restyle)
        self._restyle()

    def change(self, **fields: Any) -> None:
        """Stores and applies settings at once, or says why it can't."""
        try:
            self.preferences.change(**fields)
        except KnownError as error:
            self.refuse(error)
        else:
            self.trouble.set_notice(NoticeValue("bad"))

    def refuse(self, error: KnownError) -> None:
        """Says what went wrong; the page shows again what holds."""
        self.trouble.set_notice(NoticeValue("bad", error.title, error.hint))
        self.show_settings()

    def show_settings(self) -> None:
        """Shows what is chosen now."""

    def minimumSizeHint(self) -> QSize:
        """The height follows from the width."""
        return QSize(super().minimumSizeHint().width(), 0)

    @Slot()
    def _restyle(self) -> None:
        px = appearance().theme.px
        side = min(px(26), 32)  # room is scarcer than air where text is large
        self._all.setContentsMargins(side, px(18), side, px(20))
        self._all.setSpacing(px(3))
