"""How long the GUI thread is busy at a stretch, in the real program with its windows open.

`python -m tests.ui.watchdog SOURCE SESSION` starts it with overview, list and that session open, says `ready` once all
three show what is stored, watches until its input ends, and then says as JSON what it saw.

A task is what one event sets going: a painting, a timer, an answer of the store's. A stretch is one turn of the event
loop: all the tasks that were due when it woke up, more of them the slower the machine. What counts is the processor time of
the GUI thread in either: on a machine that has other things to do, time passes that is not ours. As the user feels it is
told beside that, in `late`: how long a knock had to wait for the GUI thread.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QAbstractEventDispatcher, QEvent, QObject, QSocketNotifier, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from app import __main__ as program
from app.ui import application

KNOCK_EVERY = 0.004
"""Seconds."""
_PATIENCE = 120_000
"""ms until it ends by itself."""


class Timed(QApplication):
    """Takes the time of every event, with all that it sets going."""

    tasks: list[float] = []  # noqa: RUF012 (there is one application)
    _inside = False

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        if self._inside:
            return super().notify(receiver, event)
        self._inside, begun = True, time.thread_time()
        try:
            return super().notify(receiver, event)
        finally:
            self._inside = False
            self.tasks.append((time.thread_time() - begun) * 1000)


class Watchdog(QObject):
    """Make it on the GUI thread. Times are in ms."""

    _knocked = Signal(float)

    def __init__(self, knocking: bool = False) -> None:
        super().__init__()
        self.stretches: list[float] = []
        self.late: list[float] = []
        self._spent = time.thread_time()
        self._answered = threading.Event()
        self._ended = threading.Event()
        self._dispatcher = QAbstractEventDispatcher.instance()
        self._dispatcher.awake.connect(self._turn, Qt.ConnectionType.DirectConnection)
        if knocking:
            self._knocked.connect(self._open, Qt.ConnectionType.QueuedConnection)
            threading.Thread(target=self._knock, daemon=True).start()

    def forget(self) -> None:
        """What was until now does not count."""
        self.stretches, self.late = [], []
        self._spent = time.thread_time()

    def stop(self) -> None:
        self._ended.set()
        self._dispatcher.awake.disconnect(self._turn)

    @Slot()
    def _turn(self) -> None:
        spent = time.thread_time()
        self.stretches.append((spent - self._spent) * 1000)
        self._spent = spent

    def _knock(self) -> None:
        """On a thread of its own: at most one knock is on its way."""
        while not self._ended.wait(KNOCK_EVERY):
            self._answered.clear()
            self._knocked.emit(time.perf_counter())
            self._answered.wait()

    @Slot(float)
    def _open(self, at: float) -> None:
        self.late.append((time.perf_counter() - at) * 1000)
        self._answered.set()


class _Watched(application.TrayApp):
    session: tuple[str, str]

    def start(self, fallback: Callable[[], None] | None, silent: bool) -> None:
        super().start(fallback, silent)
        self._dog = Watchdog(knocking=True)
        self._wanted = [lambda: self._open("overview"), lambda: self._open("sessions")]
        self._wanted.append(lambda: self._open_session(*self.session))
        self._waiting = QTimer(self, interval=50)
        self._waiting.timeout.connect(self._go_on)
        self._waiting.start()
        QTimer.singleShot(_PATIENCE, self, self.quit)  # whoever waits for a word reads the end instead

    @Slot()
    def _go_on(self) -> None:
        """All logs read, then one window after the other, then all of them filled, then the watch."""
        meters = self._core.meters()
        if meters.reading is not None or not meters.calls:
            return
        if self._wanted:
            if self._windows is None or not self._windows.background.busy:
                self._wanted.pop(0)()
        elif self._filled():
            self._waiting.stop()
            QTimer.singleShot(0, self, self._begin)

    @Slot()
    def _begin(self) -> None:
        """In a turn of its own: the watch asks the store on this thread, which the program never does."""
        opening = self._dog.stretches
        self._end = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        self._end.activated.connect(lambda: self._tell(opening))
        self._dog.forget()
        Timed.tasks.clear()
        print("ready", flush=True)

    def _filled(self) -> bool:
        windows = self._the_windows()
        overview, sessions = windows.window("overview"), windows.window("sessions")
        one = windows.window("session:" + ":".join(self.session))
        if windows.background.busy or overview is None or sessions is None or one is None:
            return False
        return overview.spend.chart is not None and bool(sessions.model.items) and one.settled  # type: ignore[attr-defined]

    def _tell(self, opening: list[float]) -> None:
        self._dog.stop()
        seen = {"opening": opening, "stretches": self._dog.stretches, "late": self._dog.late, "tasks": Timed.tasks}
        seen["calls"] = self._core.meters().calls  # type: ignore[assignment]
        print(json.dumps(seen), flush=True)
        self.quit()


def main() -> int:
    _Watched.session = (sys.argv[1], sys.argv[2])
    application.TrayApp = _Watched  # type: ignore[misc]
    application.QApplication = Timed  # type: ignore[misc]
    return program.main([])


if __name__ == "__main__":
    assert QApplication.instance() is None
    sys.exit(main())
