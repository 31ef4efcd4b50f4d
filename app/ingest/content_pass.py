"""The content pass beside a running worker: a helper measures, task by task, whenever the usage pass has nothing to do."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from app.diagnostics import KnownError, log
from app.ingest import measuring
from app.machine import Machine
from app.model.usage import Cursor
from app.shapes.source import Source
from app.store.contents import Unread
from app.store.writer import Writer

if TYPE_CHECKING:
    from concurrent.futures import Future, ProcessPoolExecutor

FIRST = 10.0
"""Seconds after the start before anything is measured: the user's own programs start then, too."""
AGAIN = 60.0
"""Seconds between two looks at what is to be measured: a log that grows every second need not start it each time."""
_LINGER = 75.0
"""Seconds that a helper without work is kept: the next look finds it ready."""
_AFTER_TROUBLE = 3600.0

Sessions = frozenset[tuple[str, str]]
"""(source, session) of those whose figures have changed."""


class ContentPass:
    """Used by the ingest thread alone, which it never keeps waiting: `step` does what is due, a matter of milliseconds.

    `wake` is called, from another thread, when there is something to do.
    """

    def __init__(self, machine: Machine, wake: Callable[[], None]) -> None:
        self.trouble: KnownError | None = None
        """Why nothing can be measured."""
        self._machine = machine
        self._wake = wake
        self._pool: ProcessPoolExecutor | None = None
        self._running: Future[bytes] | None = None
        self._sources: Sequence[Source] = ()
        self._waiting: list[Unread] = []
        self._unfinished: tuple[tuple[str, str, Cursor | None], ...] = ()
        self._news = True
        self._learned = False
        self._next_look = time.monotonic() + FIRST
        self._ends = 0.0

    @property
    def is_alive(self) -> bool:
        return self._pool is not None

    def noticed(self) -> None:
        """The usage pass has read something."""
        self._news = True

    def due_in(self) -> float | None:
        """Seconds until `step` has something to do; None is not before something is noticed, or the helper is done."""
        if self._running is not None:
            return 0.0 if self._running.done() else None
        if self._waiting or self._unfinished:
            return 0.0
        times = ([self._next_look] if self._news else []) + ([self._ends] if self._pool is not None else [])
        return max(0.0, min(times) - time.monotonic()) if times else None

    def step(self, writer: Writer, sources: Sequence[Source]) -> Sessions:
        """Stores what is measured, and gives out the next task."""
        changed: Sessions = frozenset()
        if sources is not self._sources:  # others were chosen: what waits may be of one that is off now
            self._sources, self._waiting, self._news = sources, [], True
            self._next_look = min(self._next_look, time.monotonic())
        if self._running is not None:
            if not self._running.done():
                return changed
            changed = self._finish(self._running, writer)
        if not (self._waiting or self._unfinished) and self._news and time.monotonic() >= self._next_look:
            self._look(writer, sources)
        if self._waiting or self._unfinished:
            self._give_out()
        elif self._learned:
            self._learned = False
            changed |= measuring.calibrate(writer, self._machine.resources)
        elif self._pool is not None and time.monotonic() >= self._ends:
            self.stop()
        return changed

    def stop(self) -> None:
        """Ends the helper at once. What it had in hand is measured another time."""
        pool, self._pool, self._running = self._pool, None, None
        self._waiting, self._unfinished, self._news = [], (), True
        if pool is not None:
            measuring.end(pool)

    def _look(self, writer: Writer, sources: Sequence[Source]) -> None:
        self._waiting = writer.contents.unread(measuring.readers(sources))
        self._news = False
        self._next_look = time.monotonic() + AGAIN

    def _give_out(self) -> None:
        if self._pool is None:
            self._pool = measuring.patient_pool()
        if self._unfinished:
            task = measuring.Task(self._unfinished, str(self._machine.resources))
            self._unfinished = ()
        else:
            task = measuring.next_task(self._waiting, self._machine)
        self._running = self._pool.submit(measuring.measure_packed, task)
        self._running.add_done_callback(lambda _: self._wake())

    def _finish(self, running: Future[bytes], writer: Writer) -> Sessions:
        from concurrent.futures.process import BrokenProcessPool

        self._running = None
        self._ends = time.monotonic() + _LINGER
        try:
            result = measuring.unpacked(running.result())
        except BrokenProcessPool:  # ended from outside, perhaps for want of memory
            log.warning("the helper of the content pass was ended")
            self.stop()
            self._next_look = time.monotonic() + AGAIN
            return frozenset()
        except Exception as error:  # ours too: it must not keep the usage pass from its work
            self.stop()
            self.trouble = error if isinstance(error, KnownError) else _fault(error)
            self._next_look = time.monotonic() + _AFTER_TROUBLE
            return frozenset()
        self.trouble = None
        self._unfinished = result.unfinished
        self._learned = self._learned or any("sample" in one.rows for one in result.measured)
        return measuring.store(result, writer)


def _fault(error: Exception) -> KnownError:
    log.error("what was said can't be sized", exc_info=error)
    return KnownError(
        "What was said can't be sized, for a fault in Cuenta.", "All logged figures hold; cuenta.log says where."
    )
