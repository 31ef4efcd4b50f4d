"""Bringing the store up to date with the disk: everything new, newest files first."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from app.ingest.reading import MANY, Result, read_here, read_many, tasks_of
from app.machine import Machine
from app.model.usage import Batch, Changed, Cursor, Problem
from app.shapes.finding import Found, Pending, files_of, is_new, never, newest_first
from app.shapes.lines import continues
from app.shapes.source import Source
from app.sources import BY_ID
from app.store.files import Files
from app.store.writer import Writer

_ENOUGH_CALLS = 6_000
_ENOUGH_SECONDS = 0.4


class Progress(NamedTuple):
    """How far a catching-up has come."""

    files: int
    """Files read to their end."""
    of_files: int
    bytes: int
    of_bytes: int
    today: bool
    """Every file written today has been read: today's figure is whole."""


Report = Callable[[Progress], None]
Notify = Callable[[Changed], None]


def survey(sources: Iterable[Source], machine: Machine, files: Files) -> list[Pending]:
    """All files with something new, newest first. Reads directories and the store, no file."""
    return newest_first([one for source in sources for one in _survey(source, machine, files)])


def _survey(source: Source, machine: Machine, files: Files) -> list[Pending]:
    standing = files.standing(source.id)
    found = [one for one in files_of(source, machine) if is_new(one, standing.get(one.path), source.version)]
    cursors = files.cursors_of(source.id, [one.path for one in found])
    return [Pending(one, cursors.get(one.path)) for one in found]


@contextmanager
def _no_collection() -> Iterator[None]:
    """Batches are tuples of numbers and names, without cycles: looking for some would take a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _identity(found: Found) -> tuple[str, str, int, int]:
    return found.source, found.path, found.device, found.inode


def _is_same(found: Found, cursor: Cursor) -> bool:
    return continues(found.path, cursor, found.size, found.modified)


def _moved(batch: Batch) -> bool:
    start, end = batch.start or Cursor(), batch.end
    return (start.offset, start.generation) != (end.offset, end.generation)


class CatchUp:
    """A pass over pending files, or several. `cancelled` is asked between tasks; what was committed stays."""

    def __init__(
        self,
        writer: Writer,
        clock: Callable[[], int],
        *,
        report: Report | None = None,
        notify: Notify | None = None,
        cancelled: Callable[[], bool] = never,
        today_from: int = 0,
    ) -> None:
        self.writer = writer
        self.clock = clock
        self.report = report
        self.notify = notify
        self.cancelled = cancelled
        self.today_from = today_from
        self.calls = self.read_files = self.read_bytes = 0
        self.sizes: dict[str, int] = {}
        self._read: set[str] = set()
        self.problems: list[Problem] = []
        self.refused = False
        """Another process read some of it meanwhile; a new survey finds what is left."""
        self.stored = 0
        """Batches that were taken."""
        self.unmoved: set[str] = set()
        """Files whose reading came to no end of a line."""

    def run(self, pending: Sequence[Pending]) -> bool:
        """Reads and stores all of it; False if it was cancelled."""
        with _no_collection():
            return self._run(self._without_renamed(pending))

    def _run(self, pending: Sequence[Pending]) -> bool:
        self._begin(pending)
        read = read_many if sum(one.bytes for one in pending) >= MANY else read_here
        batches: list[Batch] = []
        since = time.monotonic()
        first = True
        for result in read(tasks_of(pending, self.clock()), self.cancelled):
            batches += result.batches
            self._note(result)
            calls = sum(len(batch.calls) for batch in batches)
            due = first or calls >= _ENOUGH_CALLS or time.monotonic() - since >= _ENOUGH_SECONDS
            if self._today_is_next(result) or due:  # in this order: it also keeps count
                self._commit(batches)
                batches, since, first = [], time.monotonic(), False
        self._commit(batches)
        return not self.cancelled()

    def _without_renamed(self, pending: Sequence[Pending]) -> list[Pending]:
        """A file that was only moved is recognised by its inode and goes on where reading stopped."""
        new = [one for one in pending if one.cursor is None]
        if not new:
            return list(pending)
        known = self.writer.files.known((found.source, found.device, found.inode) for found, _ in new)
        cursors = {one.found.path: one.cursor for one in pending}
        for found, _ in new:
            if (found.source, found.device, found.inode) in known:
                moved = self.writer.renamed(*_identity(found), lambda cursor, found=found: _is_same(found, cursor))
                if moved is not None:
                    old, cursor = moved
                    cursors |= {old: None, found.path: cursor}
        again = [Pending(one.found, cursors[one.found.path]) for one in pending]
        return [one for one in again if is_new(one.found, one.cursor, BY_ID[one.found.source].version)]

    def _begin(self, pending: Sequence[Pending]) -> None:
        paths = {one.found.path for one in pending}
        for path in paths & self._read:  # in an earlier pass, and refused
            self.read_files -= 1
            self.read_bytes -= self.sizes[path]
        self._read -= paths
        self.problems = [problem for problem in self.problems if problem.path not in paths]
        self.refused = False
        self.sizes |= {one.found.path: one.bytes for one in pending}
        self.of_bytes = sum(self.sizes.values())
        self.today = {one.found.path for one in pending if one.found.modified // 1_000_000 >= self.today_from}
        self._tell()

    def _note(self, result: Result) -> None:
        for problem in result.problems:
            self.writer.problem(problem)
            self.problems.append(problem)
        for batch in result.batches:
            (self.unmoved.discard if _moved(batch) else self.unmoved.add)(batch.path)
        self._read.update(result.finished)
        for path in result.finished:
            self.read_files += 1
            self.read_bytes += self.sizes.get(path, 0)

    def _today_is_next(self, result: Result) -> bool:
        before = bool(self.today)
        self.today.difference_update(result.finished)
        return before and not self.today

    def _commit(self, batches: list[Batch]) -> None:
        if batches:
            changed = self.writer.commit(batches, self.clock())
            self.calls += changed.calls
            self.stored += sum(batch.path not in changed.refused for batch in batches)
            self.refused = self.refused or bool(changed.refused)
            if self.notify is not None and changed.calls:
                self.notify(changed)
        self._tell()

    def _tell(self) -> None:
        if self.report is not None:
            total = len(self.sizes)
            self.report(Progress(self.read_files, total, self.read_bytes, self.of_bytes, not self.today))
