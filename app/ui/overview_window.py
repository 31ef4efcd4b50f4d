from __future__ import annotations

from PySide6.QtWidgets import QWidget

from app.ui.windows import Context


class OverviewWindow(QWidget):
    """Follows."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
