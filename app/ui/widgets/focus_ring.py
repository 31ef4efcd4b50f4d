"""The outline of what has the keyboard: two pixels, two pixels off, drawn over everything in the window.

One ring for each application, moved to wherever the focus goes. A click with the pointer shows none: whoever clicked
knows where.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, Slot
from PySide6.QtGui import QGuiApplication, QPainter, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from app.ui.appearance import appearance

_OFF, _WIDTH = 2, 2


class FocusRing(QObject):
    """Follows `QApplication.focusChanged`. Keep it as long as the application."""

    def __init__(self, application: QApplication) -> None:
        super().__init__(application)
        self._frame: _Frame | None = None
        self._watched: list[QObject] = []
        self._target: QWidget | None = None
        application.focusChanged.connect(self._moved)
        appearance().changed.connect(self._place)

    @property
    def target(self) -> QWidget | None:
        """What has the ring."""
        return self._target

    @property
    def outline(self) -> QRect:
        """Where the ring lies in its parent; empty where there is none."""
        return self._frame.geometry() if self._frame is not None and self._frame.isVisible() else QRect()

    @Slot("QWidget*", "QWidget*")
    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        self._leave()
        # Text fields show their focus whoever gave it: typing goes there.
        typing = isinstance(new, QLineEdit | QPlainTextEdit | QTextEdit)
        by_pointer = QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton
        if new is None or new.isWindow() or (by_pointer and not typing) or new.property("ring") is False:
            return
        self._target = new
        home = _home(new)
        self._frame = _Frame(home)
        one: QWidget | None = new
        while one is not None and one is not home:
            one.installEventFilter(self)
            self._watched.append(one)
            one = one.parentWidget()
        self._place()

    def _leave(self) -> None:
        for one in self._watched:
            try:
                one.removeEventFilter(self)
            except RuntimeError:  # already gone with its window
                continue
        self._watched.clear()
        self._target = None
        if self._frame is not None:
            try:
                self._frame.hide()
                self._frame.deleteLater()
            except RuntimeError:
                pass
            self._frame = None

    @Slot()
    def _place(self) -> None:
        if self._frame is None or self._target is None:
            return
        try:
            target, home = self._target, self._frame.parentWidget()
            if home is None:
                return
            corner = target.mapTo(home, QPoint(0, 0))
            out = _OFF + _WIDTH
            self._frame.setGeometry(QRect(corner, target.size()).adjusted(-out, -out, out, out))
            self._frame.setVisible(target.isVisible())
            self._frame.raise_()
        except RuntimeError:
            self._leave()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide)
        if event.type() in kinds:
            self._place()
        return False


def _home(widget: QWidget) -> QWidget:
    """The scrolled page that the widget lies on, so that the ring scrolls and is cut with it; else its window."""
    one = widget
    while (parent := one.parentWidget()) is not None and not one.isWindow():
        area = parent.parentWidget()
        if isinstance(area, QAbstractScrollArea) and area.viewport() is parent:
            return one if one is not widget else parent
        one = parent
    return one


class _Frame(QWidget):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)

    def paintEvent(self, _event: object) -> None:
        theme, painter = appearance().theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.color("focus"), _WIDTH))
        half = _WIDTH / 2
        radius = theme.radius.button + _OFF
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius)
        painter.end()
