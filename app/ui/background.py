"""Questions to the store that a window asks without waiting: a pool thread answers, the GUI thread is told.

Each question has a read-only connection of its own for as long as it takes, so a database that was replaced or is not
there yet needs no care. An answer is delivered only while its owner lives, and only if nothing newer was asked in its
place; what nobody waits for any more is interrupted. Each has a moment of its own, so that what it changes is painted
before the next one comes: three windows that follow twenty agents would else be one long task.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from app.diagnostics import KnownError, log
from app.machine import Machine
from app.store import database

Answer = TypeVar("Answer")
Work = Callable[[sqlite3.Connection], Answer]
Failed = Callable[[Exception], None]
BETWEEN = 8
"""Least time from one answer's delivery to the next, ms."""


def alive(one: QObject) -> bool:
    """Is there still a Qt object behind this one?"""
    try:
        one.objectName()
    except RuntimeError:
        return False
    return True


class Background(QObject):
    """Make one on the GUI thread; `stop` it before the program ends."""

    asked = Signal()
    """A question is on its way, and its answer will be of the store as it is now."""
    _answered = Signal(object)

    def __init__(self, machine: Machine, threads: int = 2, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._machine = machine
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="cuenta-ask")
        self._newest: dict[tuple[int, str], _Job] = {}
        self._stopped = False
        self._due: deque[_Job] = deque()
        self._between = QTimer(self, singleShot=True, interval=BETWEEN)
        self._between.setTimerType(Qt.TimerType.PreciseTimer)
        self._between.timeout.connect(self._deliver_next)
        self._answered.connect(self._arrived, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[sqlite3.Connection], Answer],
        then: Callable[[Answer], None],
        owner: QObject,
        failed: Failed | None = None,
        about: str = "",
    ) -> None:
        """Does the work on a pool thread, then calls `then` with its result on the GUI thread.

        The answer to an older question is dropped where the same owner has asked anew about the same; what it is about
        is the place the answer goes to (`then`), unless it is named. `failed` gets a KnownError for the world's faults,
        any other exception for ours; without it the error is logged.
        """
        if self._stopped:
            return
        key = id(owner), about or getattr(then, "__qualname__", "")
        older = self._newest.get(key)
        if older is not None:
            older.drop()
        job = self._newest[key] = _Job(work, then, owner, failed, key)
        self._pool.submit(self._answer, job)
        self.asked.emit()

    def forget(self, owner: QObject) -> None:
        """Nobody waits for its answers any more."""
        for key in [key for key, job in self._newest.items() if job.owner is owner]:
            self._newest.pop(key).drop()

    @property
    def busy(self) -> bool:
        """Is there a question without an answer?"""
        return bool(self._newest)

    def is_stopped(self) -> bool:
        """Work that asks no store looks here now and then: nobody waits for it any more. Callable from any thread."""
        return self._stopped

    def stop(self) -> None:
        """Interrupts what is asked, ends the threads and waits for them. Nothing is delivered after this."""
        self._stopped = True
        for job in self._newest.values():
            job.drop()
        self._newest.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _answer(self, job: _Job) -> None:
        """On a pool thread."""
        try:
            job.answer(self._machine)
        except Exception as error:  # the thread must live on, and whoever asked is told
            job.error = error
        try:
            self._answered.emit(job)
        except RuntimeError:  # Qt has gone meanwhile
            pass

    @Slot(object)
    def _arrived(self, job: _Job) -> None:
        self._due.append(job)
        if not self._between.isActive():
            self._deliver_next()

    @Slot()
    def _deliver_next(self) -> None:
        if self._due:
            self._between.start()
            self._deliver(self._due.popleft())

    def _deliver(self, job: _Job) -> None:
        if self._newest.get(job.key) is job:
            del self._newest[job.key]
        if job.dropped or self._stopped or not alive(job.owner):
            return
        if job.error is None:
            job.then(job.result)
        elif job.failed is not None:
            job.failed(job.error)
        else:
            log.error("A question to the store failed", exc_info=job.error)


class _Job:
    """One question on its way."""

    def __init__(
        self,
        work: Callable[[sqlite3.Connection], Any],
        then: Callable[[Any], None],
        owner: QObject,
        failed: Failed | None,
        key: tuple[int, str],
    ) -> None:
        self.work, self.then, self.owner, self.failed, self.key = work, then, owner, failed, key
        self.result: Any = None
        self.error: Exception | None = None
        self.dropped = False
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()

    def drop(self) -> None:
        """The answer is not wanted any more. Callable from any thread."""
        with self._lock:
            self.dropped = True
            if self._connection is not None:
                self._connection.interrupt()

    def answer(self, machine: Machine) -> None:
        from app.runtime import reader

        if self.dropped:
            return
        connection = reader(machine)
        try:
            with self._lock:
                self._connection = connection
            if not self.dropped:
                self.result = self.work(connection)
        except sqlite3.DatabaseError as error:
            if self.dropped or not database.is_of_the_world(error):
                raise
            raise _said(machine, error) from error
        finally:
            with self._lock:
                self._connection = None
            connection.close()


def _said(machine: Machine, error: sqlite3.Error) -> KnownError:
    return database.refusal(machine.database, error)
