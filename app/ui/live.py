"""The bridge from the threads that read logs to the GUI thread, and the clock of the live figures.

Notify small, ask fresh: a notice says only "something changed" and the meters are read again, on a thread of their own.
What changes by itself (a new day, a session fallen idle, a rate that fades, a pause that ends) has a single-shot deadline.
Nothing is polled.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.model.meters import IDLE_AFTER, STALE_AFTER, Meters
from app.ui.asking import Asking

READ_EVERY = 50
"""The meters are read at most twenty times a second,"""
SHARE = 4
"""and take at most a quarter of a processor, however much there is to read."""
_RATE_STEP = 60_000
"""While an hourly rate is shown it is never older than this. It fades away within a quarter of an hour of the last
call, and these readings with it."""
_LONGEST = 600_000
"""No single shot is longer: the timer's clock stands still while the machine sleeps, so after waking a long one would
come late by as much as was slept."""
_LATE = 2_000
_RETRY = 60_000


class Live(QObject):
    """Emits `changed` with fresh meters, soon after `notify` and when a deadline passes."""

    changed = Signal(object)
    _noticed = Signal()

    def __init__(
        self,
        asking: Asking,
        read_meters: Callable[[], Meters],
        clock: Callable[[], int],
        zone: Callable[[], tzinfo | None],
        parent: QObject | None = None,
    ) -> None:
        """`read_meters` is called on the thread that asks. `zone` is that of the machine now: a laptop travels."""
        super().__init__(parent)
        self._asking = asking
        self._read_meters = read_meters
        self._clock = clock
        self._zone = zone
        self._in_zone: tzinfo | None = None
        self._reading = self._again = False
        self._listening = True
        self._pending = False
        self._throttle = Throttle(READ_EVERY, self._read, self)
        self._noticed.connect(self._throttle.call, Qt.ConnectionType.QueuedConnection)
        self._deadline = 0
        self._armed: tuple[int, float] = (0, 0.0)
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)  # a coarse one may be 30 s late at midnight
        self._timer.timeout.connect(self._timer_fired)

    def notify(self) -> None:
        """Something changed. Callable from any thread; many notices before a reading are one."""
        if self._listening and not self._pending:
            self._pending = True
            try:
                self._noticed.emit()
            except RuntimeError:  # a last notice from another thread, after Qt has gone
                self._listening = False

    def stop(self) -> None:
        """Listens no more. Nothing is read or emitted after this."""
        self._listening = False
        self._throttle.stop()
        self._timer.stop()

    def _read(self) -> None:
        if not self._listening:
            return
        if self._reading:
            self._again = True
            return
        self._reading = True
        self._pending = False  # before the reading: what changes during it is noticed anew
        self._in_zone = self._zone()
        self._arm(self._clock() + _RETRY)  # should the reading fail
        self._asking.ask("meters", self._read_meters, self._was_read, self._answered)

    def _answered(self, took: float) -> None:
        self._throttle.rest(round(took * (SHARE - 1)))
        self._reading = False
        if self._again:
            self._again = False
            self._throttle.call()

    def _was_read(self, meters: Meters) -> None:
        if self._listening:
            self._arm(next_deadline(meters, self._in_zone))
            self.changed.emit(meters)

    def _arm(self, deadline: int) -> None:
        self._deadline = deadline
        now = self._clock()
        self._armed = now, time.monotonic()
        # A deadline already past means that whoever reads has another clock: no reason to read without pause.
        self._timer.start(min(_LONGEST, deadline - now) if deadline > now else _LATE)

    @Slot()
    def _timer_fired(self) -> None:
        """Reads if the deadline has passed, the clock has jumped (sleep, a new time) or the day begins elsewhere now; else
        waits for the rest."""
        now, (then, mark) = self._clock(), self._armed
        jumped = now - then - (time.monotonic() - mark) * 1000
        if now < self._deadline and abs(jumped) < _LATE and self._zone() == self._in_zone:
            self._arm(self._deadline)
        else:
            self._throttle.call()


class Throttle(QObject):
    """Calls at once, then at most once in each interval; what comes in between is one call at its end."""

    def __init__(self, interval: int, action: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self._again = False
        self._interval = interval
        self._timer = QTimer(self, singleShot=True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._interval_over)

    @Slot()
    def call(self) -> None:
        if self._timer.isActive():
            self._again = True
            return
        self._timer.start(self._interval)
        self._action()

    def rest(self, least: int) -> None:
        """Not again before so many ms have passed."""
        if least > self._timer.remainingTime():
            self._timer.start(least)

    def stop(self) -> None:
        self._timer.stop()
        self._again = False

    @Slot()
    def _interval_over(self) -> None:
        if self._again:
            self._again = False
            self.call()


def next_deadline(meters: Meters, zone: tzinfo | None = None) -> int:
    """The first instant after this reading at which it would read differently though nothing was logged."""
    deadlines = [next_midnight(meters.at, zone)]
    deadlines += [one.last_at + IDLE_AFTER + 1 for one in meters.running]
    if meters.hourly is not None:
        deadlines.append(meters.at + _RATE_STEP)
    if meters.behind_since is not None:
        deadlines.append(meters.behind_since + STALE_AFTER)
    if meters.paused_until is not None:
        deadlines.append(meters.paused_until)
    return min(deadline for deadline in deadlines if deadline > meters.at)


def next_midnight(at: int, zone: tzinfo | None = None) -> int:
    """The first instant of the local day after `at`; in the machine's own zone where none is given."""
    local = datetime.fromtimestamp(at / 1000, zone)
    midnight = datetime(local.year, local.month, local.day, tzinfo=zone) + timedelta(days=1)
    return round(midnight.timestamp() * 1000)
