"""A day that can be typed, stepped with ↑ and ↓, or picked from a calendar."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPointF, QSize, Qt, Slot
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QDateEdit, QSizePolicy, QWidget

from app.ui.appearance import appearance
from app.ui.keys import Told
from app.ui.widgets.base import width_of


class DateField(QDateEdit):
    """`Nov 22, 2026` and a small arrow. Tells a day once it is whole, not at each key. Escape leaves it as it was."""

    def __init__(self, locale: str = "en_US", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setLocale(QLocale(locale))
        self.setDisplayFormat("MMM d, yyyy")
        self.setCalendarPopup(True)
        self.setKeyboardTracking(False)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        appearance().changed.connect(self.restyle)
        self.restyle()

    @Slot()
    def restyle(self) -> None:
        theme = appearance().theme
        self.setStyleSheet(f"QDateEdit::drop-down {{ border: 0; width: {theme.px(20)}px; }}")
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        theme = appearance().theme
        return QSize(width_of("Sep 30, 2026", theme.font("table")) + theme.px(9 + 9 + 20 + 10), theme.control)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keys_place(self) -> str:
        return self.tr("In a field for a day")

    def keys_told(self) -> tuple[Told, ...]:
        return Told("Up Down", self.tr("A later or earlier day")), Told("Esc", self.tr("Leave the field as it was"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.lineEdit().setText(self.textFromDateTime(self.dateTime()))  # as it was told last
            self.window().setFocus(Qt.FocusReason.OtherFocusReason)  # the window's own keys are digits, too
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        theme, painter = appearance().theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("text2"), 1.4 * theme.scale))
        wide = theme.px(8)
        left, middle = self.width() - theme.px(9) - wide, self.height() / 2
        points = [QPointF(left, middle - wide / 4), QPointF(left + wide / 2, middle + wide / 4)]
        painter.drawPolyline(QPolygonF([*points, QPointF(left + wide, middle - wide / 4)]))
        painter.end()
