"""When a window reads again: soon after what it shows may have changed, and never while nobody sees it."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Slot
from PySide6.QtWidgets import QWidget

from app import formats
from app.model.meters import Meters
from app.ui.live import Throttle
from app.ui.windows import Context

_ANYWAY_AFTER = 30.0
"""Seconds after which a change is read though today's figures are the same: what was read may be of another day."""


class Refresher(QObject):
    """Calls `read` when the window is first shown, and for changes at most once in each interval (ms)."""

    def __init__(self, context: Context, window: QWidget, read: Callable[[], None], every: int) -> None:
        super().__init__(window)
        self._window, self._read = window, read
        self._stale = True
        self._signature: object = None
        self._read_at = 0.0
        self._throttle = Throttle(every, self._refresh, self)
        window.installEventFilter(self)
        context.changed.connect(self._changed)

    def read(self) -> None:
        """Reads now, whatever was read before."""
        self._stale = False
        self._read_at = time.monotonic()
        self._read()

    @Slot(object)
    def _changed(self, meters: Meters) -> None:
        """Live also speaks when only the hourly rate fades: that is no reason."""
        running = tuple((one.source, one.session, one.last_at) for one in meters.running)
        facts = meters.today, meters.calls, meters.unpriced, meters.reading, running, meters.problems
        signature = *facts, formats.at_rate()
        late = time.monotonic() - self._read_at > _ANYWAY_AFTER
        if signature != self._signature or late:
            self._signature = signature
            self._throttle.call()

    def _refresh(self) -> None:
        if self._window.isVisible() and not self._window.isMinimized():
            self.read()
        else:
            self._stale = True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        seen = event.type() in (QEvent.Type.Show, QEvent.Type.WindowStateChange)
        if seen and self._stale and self._window.isVisible() and not self._window.isMinimized():
            self.read()
        return False
