"""The timeline of a session's window: takes a course whose sums a background thread has already made."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPixmap

from app.ui.widgets.course import Column, Measured
from app.ui.widgets.timeline import LAYERS, Frame, Timeline


class _Sketch(NamedTuple):
    """A picture that is being drawn."""

    key: object
    picture: QPixmap
    layers: int
    """So many are done."""


class Chart(Timeline):
    """As `Timeline`, but ten thousand calls are summed where nobody waits: doing it here takes 20 ms. A course that has
    grown is drawn layer by layer, each in a turn of its own of the event loop; until all are done the picture of before
    stays, as drawing them at once takes a frame.
    """

    def __init__(self) -> None:
        super().__init__()
        self._sketch: _Sketch | None = None
        self._turns = QTimer(self, singleShot=True, interval=0)
        self._turns.timeout.connect(self._go_on)

    def set_measured(self, measured: Measured) -> None:
        """`set_course(measured.course)` without its sums. Reaches into the parent until that takes them itself."""
        course = measured.course
        grown = bool(self._value.calls) and course.calls[:1] == self._value.calls[:1]
        self._value = course
        if not grown:
            self._chosen, self._view = None, None
        self._measured = measured
        self._kept = self._framed = None
        self._describe()
        self.updateGeometry()
        if grown and self._pictured is not None and self.isVisible():
            self._sketch = _Sketch(self._picture_key(), self._blank(), 0)
            self._turns.start()
        else:
            self._sketch = None
            self.update()

    @property
    def settled(self) -> bool:
        """What was set last is drawn, or will be with the next look."""
        return self._sketch is None

    @Slot()
    def _go_on(self) -> None:
        sketch, key = self._sketch, self._picture_key()
        if sketch is None:
            return
        if sketch.key != key:  # another size or zoom in the meantime
            self._sketch = None
        else:
            self._draw_layer(sketch.picture, sketch.layers, self._frame(), self._columns()[0])
            self._sketch = sketch._replace(layers=sketch.layers + 1)
            if sketch.layers + 1 < LAYERS:
                self._turns.start()
                return
            self._sketch, self._pictured = None, (key, sketch.picture)
        self.update()

    def _picture(self, frame: Frame, columns: list[Column]) -> QPixmap:
        before = self._pictured[1] if self._pictured is not None else None
        same_size = before is not None and before.deviceIndependentSize().toSize() == self.size()
        if before is not None and same_size and self._sketch is not None and self._sketch.key == self._picture_key():
            return before
        return super()._picture(frame, columns)
