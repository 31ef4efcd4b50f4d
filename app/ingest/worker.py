"""The ingest thread: it alone writes. It sleeps until a path is dirty, a look at everything is due, or it is told to end."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence

from app.diagnostics import KnownError, log
from app.ingest.catch_up import CatchUp, Progress, survey
from app.ingest.watch import Watch, is_remote
from app.machine import Machine
from app.model.path import real
from app.model.usage import Changed
from app.shapes.finding import Pending, look_at, newest_first, roots_of, unread
from app.shapes.source import Source
from app.store.writer import Writer

EVERYTHING_EVERY = 60.0
"""Seconds between two looks at everything: notices do get lost."""
REMOTE_FIRST = 5.0
"""The same for folders on a network mount, doubled while nothing happens, up to EVERYTHING_EVERY."""
_GATHER = 0.02
"""Seconds that a burst of notices is gathered before it is read."""
_AFTER_TROUBLE = (2.0, 5.0, 15.0, 60.0)
_STACK = 16 << 20
_WORTH_SHOWING = 4 << 20
"""Bytes to read from which progress is told."""


class Worker:
    """Runs until `stop`. `changed` and `progress` are called from its thread."""

    def __init__(
        self,
        machine: Machine,
        sources: Sequence[Source],
        open_writer: Callable[[], Writer],
        *,
        changed: Callable[[Changed], None],
        progress: Callable[[Progress | None], None],
        today_from: Callable[[], int],
    ) -> None:
        self.machine = machine
        self.sources = sources
        self.trouble: KnownError | None = None
        """Why nothing can be stored at the moment."""
        self.unreadable: dict[str, tuple[str, str]] = {}
        """Path → (source, why it can't be read), of this run."""
        self.watch = Watch(self._noticed)
        self._open_writer = open_writer
        self._changed = changed
        self._progress = progress
        self._today_from = today_from
        self._dirty: set[str] = set()
        self._wake = threading.Condition()
        self._everything = True
        self._stopping = False
        self._paused = False
        self._roots: list[tuple[str, Source]] = []
        self._remote = False
        self._wait_remote = REMOTE_FIRST
        self._thread = threading.Thread(target=self._run, name="ingest", daemon=True)

    # --- from other threads

    def start(self) -> None:
        before = threading.stack_size(_STACK)  # damaged lines can nest thousands deep
        try:
            self._thread.start()
        finally:
            threading.stack_size(before)

    def stop(self, patience: float = 10.0) -> None:
        """Ends after the transaction in hand."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(patience)

    def pause(self, paused: bool) -> None:
        """While paused nothing is read; afterwards everything is looked at."""
        with self._wake:
            self._paused = paused
            self._everything = self._everything or not paused
            self._wake.notify_all()

    def look_at_everything(self) -> None:
        with self._wake:
            self._everything = True
            self._wake.notify_all()

    def _noticed(self, path: str, folder: bool) -> None:
        with self._wake:
            if folder:
                self._everything = True  # a folder that appears may already hold files
            else:
                self._dirty.add(path)
            self._wake.notify_all()

    def _interrupted(self) -> bool:
        return self._stopping or self._paused

    # --- the thread

    def _run(self) -> None:
        failures = 0
        while not self._stopping:
            try:
                with self._open_writer() as writer:
                    self._serve(writer)
            except Exception as error:  # ours too: a thread that ended unseen would leave old figures standing for ever
                failures = 0 if self.trouble is None else failures + 1
                self.trouble = error if isinstance(error, KnownError) else _fault(error)
                log.warning("%s", self.trouble)
                self._progress(None)
                self._sleep(_AFTER_TROUBLE[min(failures, len(_AFTER_TROUBLE) - 1)])
                self.look_at_everything()
        self.watch.stop()

    def _serve(self, writer: Writer) -> None:
        self._look_after_roots()
        while not self._stopping:
            everything, dirty = self._next()
            if self._interrupted():
                continue
            if everything:
                self._look_after_roots()
                self._forget_deleted()
                pending = survey(self.sources, self.machine, writer.cursors)
            else:
                pending = self._pending(dirty, writer)
            if pending:
                self._read(pending, writer)
            elif everything:
                self._progress(None)
            self._back_off(bool(pending), everything)
            self.trouble = None

    def _next(self) -> tuple[bool, set[str]]:
        """Sleeps until there is something to do: (look at everything?, dirty paths)."""
        with self._wake:
            if not (self._everything or self._dirty) or self._paused:
                self._wake.wait(None if self._paused else self._patience())
                if not (self._everything or self._dirty or self._interrupted()):
                    return True, set()
        if self._dirty and not self._everything:
            time.sleep(_GATHER)
        with self._wake:
            if self._interrupted():
                return False, set()
            everything, dirty = self._everything, self._dirty
            self._everything, self._dirty = False, set()
            return everything, dirty

    def _patience(self) -> float:
        return self._wait_remote if self._remote else EVERYTHING_EVERY

    def _back_off(self, found: bool, everything: bool) -> None:
        if found:
            self._wait_remote = REMOTE_FIRST
        elif everything:
            self._wait_remote = min(EVERYTHING_EVERY, self._wait_remote * 2)

    def _sleep(self, seconds: float) -> None:
        with self._wake:
            if not self._stopping:
                self._wake.wait(seconds)

    def _look_after_roots(self) -> None:
        roots = [(root, source) for source in self.sources for root in roots_of(source, self.machine)]
        self._roots = [(str(root).rstrip("/\\"), source) for root, source in roots]
        self._remote = any(is_remote(root) for root, _ in roots)
        self.watch.look_after(root for root, _ in roots)

    def _forget_deleted(self) -> None:
        """What could not be read and is gone troubles nobody any more."""
        gone = {path for path in self.unreadable if not os.path.lexists(real(path))}
        self.unreadable = {path: why for path, why in self.unreadable.items() if path not in gone}

    def _pending(self, dirty: set[str], writer: Writer) -> list[Pending]:
        pending: list[Pending] = []
        for path in dirty:
            source = self._source_of(path)
            found = look_at(source, path) if source is not None else None
            if source is not None and found is not None:
                cursor = writer.cursor(source.id, found.path)
                pending += unread([found], {found.path: cursor} if cursor else {}, source.version)
        return newest_first(pending)

    def _source_of(self, path: str) -> Source | None:
        for root, source in self._roots:
            if path.startswith(root) and path[len(root) : len(root) + 1] in ("/", "\\"):
                relative = path[len(root) + 1 :].replace("\\", "/")
                if source.owns(relative):
                    return source
        return None

    def _read(self, pending: list[Pending], writer: Writer) -> None:
        catch_up = CatchUp(
            writer,
            self.machine.clock,
            report=self._progress if sum(one.bytes for one in pending) > _WORTH_SHOWING else None,
            notify=self._changed,
            cancelled=self._interrupted,
            today_from=self._today_from(),
        )
        catch_up.run(pending)
        for one in pending:
            self.unreadable.pop(one.found.path, None)
        self.unreadable |= {problem.path: (problem.source, problem.what) for problem in catch_up.problems}
        self._progress(None)
        if catch_up.refused:
            self.look_at_everything()


def _fault(error: Exception) -> KnownError:
    """An unforeseen error is noted as any thread's is, and told."""
    threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
    return KnownError("Reading stopped at a fault in Cuenta.", "It is tried again; cuenta.log says where.")
