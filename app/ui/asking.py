"""One thread that answers the questions of this moment in turn: the meters, and what the popover shows.

Of a question that waits only the newest is answered; whoever asks is told on the GUI thread. Between two questions the
thread sleeps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal, Slot

Answer = TypeVar("Answer")


class Asking(QObject):
    """Make one on the GUI thread. `stop` it, end whatever it may wait for, then `join`."""

    _answered = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wake = threading.Condition()
        self._waiting: dict[str, _Question] = {}
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def ask(
        self,
        about: str,
        work: Callable[[], Answer],
        then: Callable[[Answer], None],
        always: Callable[[float], None] = lambda _: None,
    ) -> None:
        """Does the work on the thread, then calls `always` with how many ms it took, and `then` with its result.

        Takes the place of a question about the same that still waits. What the work raises is raised on the GUI thread.
        """
        with self._wake:
            if self._stopping:
                return
            self._waiting[about] = _Question(work, then, always)
            self._wake.notify()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="moment")
            self._thread.start()

    def stop(self) -> None:
        """Nothing is delivered after this."""
        with self._wake:
            self._stopping = True
            self._waiting.clear()
            self._wake.notify()

    def join(self, patience: float = 10.0) -> None:
        if self._thread is not None:
            self._thread.join(patience)

    def _run(self) -> None:
        while (question := self._next()) is not None:
            question.answer()
            try:
                self._answered.emit(question)
            except RuntimeError:  # Qt has gone meanwhile
                return

    def _next(self) -> _Question | None:
        with self._wake:
            self._wake.wait_for(lambda: self._stopping or bool(self._waiting))
            return None if self._stopping else self._waiting.pop(next(iter(self._waiting)))

    @Slot(object)
    def _deliver(self, question: _Question) -> None:
        if self._stopping:
            return
        question.always(question.took)
        if question.error is not None:
            raise question.error
        question.then(question.result)


class _Question:
    def __init__(self, work: Callable[[], Any], then: Callable[[Any], None], always: Callable[[float], None]) -> None:
        self._work, self.then, self.always = work, then, always
        self.result: Any = None
        self.error: Exception | None = None
        self.took = 0.0
        """ms"""

    def answer(self) -> None:
        begun = time.perf_counter()
        try:
            self.result = self._work()
        except Exception as error:  # the thread must live on
            self.error = error
        self.took = (time.perf_counter() - begun) * 1000
