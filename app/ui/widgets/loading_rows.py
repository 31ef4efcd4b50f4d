"""Gray bars in place of rows while something is read, from 300 ms on. No shimmer: only progress moves."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.widgets.base import Painted, box
from app.ui.widgets.label import Label

AFTER = 300
"""Milliseconds of patience before anything is shown."""
_WIDTHS = (0.46, 0.58, 0.36, 0.52)
"""Shares of the room that the bars take: uneven, as words are."""


class LoadingRows(Painted):
    """`begin` when the waiting begins, `end` when it is over."""

    def __init__(self, rows: int = 4, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = rows
        self._shown = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(AFTER)
        self._patience.timeout.connect(self._show_bars)
        self._words = Label(role="table", ink="text2", wrap=True)
        self._words.hide()
        self._all = QVBoxLayout(self)
        self._all.addStretch(1)
        self._all.addWidget(self._words)
        self._value = ("", None)
        self.restyle()
        self.say(self.tr("Reading"), "")

    def begin(self) -> None:
        """Nothing is seen of it before 300 ms are over."""
        if not self._shown and not self._patience.isActive():
            self._patience.start()

    def end(self) -> None:
        self._patience.stop()
        self._shown = False
        self._words.hide()
        self.update()

    def set_progress(self, words: str, done: int = 0, of: int = 0) -> None:
        """`Reading Wed Nov 18, 214 of 562 files. Today is complete.` above a bar."""
        if self._take((words, done / of if of else None)):
            self._words.set_text(words)
            self._words.setVisible(self._shown and bool(words))
            self.say(self.tr("Reading"), words)

    def restyle(self) -> None:
        super().restyle()
        self._all.setContentsMargins(0, 0, 0, self.theme.space.m)

    @property
    def visible_bars(self) -> bool:
        return self._shown

    def _show_bars(self) -> None:
        self._shown = True
        self._words.setVisible(bool(self._words.text()))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self.theme.px(240), self.theme.px(26) * self._rows + self.theme.px(48))

    def draw(self, painter: QPainter) -> None:
        if not self._shown:
            return
        theme, step = self.theme, self.theme.px(26)
        color, height = theme.color("track", 0.7), theme.px(10)
        right = theme.px(44)
        _, share = self._value
        room = (self._words.y() if self._words.isVisible() else self.height()) - theme.space.s
        for row in range(min(self._rows, max(1, room // step))):
            top = row * step + (step - height) // 2
            width = round((self.width() - right) * _WIDTHS[row % len(_WIDTHS)])
            for left, length in ((0, width), (self.width() - right, right)):
                box(painter, QRectF(left, top, length, height), theme.radius.bar, color)
        if share is not None:
            bar = QRectF(0, self.height() - theme.px(4), self.width(), theme.px(4))
            box(painter, bar, theme.radius.bar, theme.color("track"))
            box(
                painter,
                QRectF(0, bar.top(), bar.width() * share, bar.height()),
                theme.radius.bar,
                theme.color("accent"),
            )
