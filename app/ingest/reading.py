"""Reading files into batches: here for a few bytes, in other processes for many.

What runs in another process is a plain function of paths and cursors; nothing but batches comes back. Other processes are
not only for their cores: a long parse in the tray's own process would hold the interpreter while the user moves a mouse.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, Self, TypeVar

import msgspec

from app.diagnostics import KnownError, log
from app.model.path import real
from app.model.usage import Batch, Cursor, Problem
from app.shapes.finding import Pending
from app.sources import BY_ID

MANY = 24 << 20
"""From this many bytes on other processes help."""
_AHEAD = 24
"""Tasks a worker has before it: while a transaction is written nobody hands out new ones."""
_TASK = 6 << 20
"""Bytes of one task: small enough to keep all cores busy to the end, large enough to be worth the way."""


_packed = msgspec.msgpack.Encoder().encode
"""Results cross processes as MessagePack: a third of the time that pickle takes for so many small tuples."""


class Task(NamedTuple):
    """Files for one go; `now` is the clock of the problems noted."""

    files: tuple[tuple[str, str, Cursor | None], ...]
    now: int


class Result(NamedTuple):
    batches: tuple[Batch, ...]
    problems: tuple[Problem, ...]
    finished: tuple[str, ...]
    """Paths read to their end, or given up."""
    unfinished: tuple[tuple[str, str, Cursor | None], ...]
    """(source, path, cursor) of files whose reading goes on from there."""


def read_task(task: Task) -> Result:
    """Reads the files, at most two stretches of each. Never raises for a file's sake."""
    batches: list[Batch] = []
    problems: list[Problem] = []
    finished: list[str] = []
    unfinished: list[tuple[str, str, Cursor | None]] = []
    for source, path, cursor in task.files:
        try:
            reading = BY_ID[source].read(_path(path), cursor)
            batch = next(reading)
            batches.append(batch)
            if _goes_on(reading, batches):  # asked of the reading itself: offsets fall where it started over
                batches[-1] = _unfinished(batches[-1])
                unfinished.append((source, path, batches[-1].end))
                continue
        except FileNotFoundError:
            pass  # gone between looking and reading: its rows stay
        except OSError as error:
            problems.append(Problem(source, path, _reason(error), task.now))
        except Exception as error:  # a fault of ours in one file must not keep all others from being read
            log.exception("a log could not be read")
            problems.append(Problem(source, path, f"a fault of Cuenta's own ({type(error).__name__})", task.now))
        finished.append(path)
    return Result(tuple(batches), tuple(problems), tuple(finished), tuple(unfinished))


def _read_packed(task: Task) -> bytes:
    return _packed(read_task(task))


_unpacked = msgspec.msgpack.Decoder(Result).decode


def _goes_on(reading: Iterator[Batch], batches: list[Batch]) -> bool:
    following = next(reading, None)
    if following is None:
        return False
    batches.append(following)
    return True


def _unfinished(batch: Batch) -> Batch:
    """Its cursor bears no time: were reading cancelled here, the file would look as if it had been read to its end."""
    return batch._replace(end=batch.end._replace(modified=0))


def _path(path: str):
    from pathlib import Path

    return Path(real(path))


def _reason(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "no permission to read it"
    return error.strerror or str(error) or type(error).__name__


def tasks_of(pending: Sequence[Pending], now: int) -> list[Task]:
    """The files in the order given, packed into tasks of about equal size."""
    tasks: list[Task] = []
    files: list[tuple[str, str, Cursor | None]] = []
    size = 0
    for one in pending:
        files.append((one.found.source, one.found.path, one.cursor))
        size += one.bytes
        if size >= _TASK or len(files) >= 200:
            tasks.append(Task(tuple(files), now))
            files, size = [], 0
    if files:
        tasks.append(Task(tuple(files), now))
    return tasks


def read_many(tasks: Sequence[Task], cancelled: Callable[[], bool]) -> Iterator[Result]:
    return read_elsewhere(tasks, cancelled, _read_packed, _unpacked)


def read_here(tasks: Sequence[Task], cancelled: Callable[[], bool]) -> Iterator[Result]:
    waiting = list(reversed(tasks))
    while waiting and not cancelled():
        task = waiting.pop()
        result = read_task(task)
        yield result
        if result.unfinished:
            waiting.append(Task(result.unfinished, task.now))


class Divisible(Protocol):
    """A task of several `files`."""

    def _replace(self, *, files: Any) -> Self: ...


class Partial(Protocol):
    """A result that names the files that are left."""

    @property
    def unfinished(self) -> Any: ...


D = TypeVar("D", bound=Divisible)
P = TypeVar("P", bound=Partial)


def read_elsewhere(
    tasks: Sequence[D], cancelled: Callable[[], bool], work: Callable[[D], bytes], unpacked: Callable[[bytes], P]
) -> Iterator[P]:
    """Results of `work` as they come, roughly in order. The processes end with the iteration."""
    from collections import deque
    from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import active_children, get_context

    workers = max(1, min(4, os.cpu_count() or 1))
    # Forking is quick, and safe only while this process has one thread; the tray has several.
    context = get_context("fork" if sys.platform == "linux" and _alone() else "spawn")
    waiting = deque(tasks)
    running: set[Future[bytes]] = set()
    with ProcessPoolExecutor(workers, mp_context=context, initializer=begin_helper) as pool:
        try:
            while (waiting or running) and not cancelled():
                while waiting and len(running) < workers * _AHEAD:
                    running.add(pool.submit(work, waiting.popleft()))
                done, running = wait(running, timeout=1.0, return_when=FIRST_COMPLETED)
                for future in done:
                    result = unpacked(future.result())
                    if result.unfinished:
                        waiting.appendleft(tasks[0]._replace(files=result.unfinished))
                    yield result
        except BrokenProcessPool as error:
            raise KnownError(
                "A process that helped with reading was ended, perhaps for want of memory.",
                "Nothing is lost: the next reading goes on from there.",
            ) from error
        finally:
            if waiting or running:  # cancelled, and what is in hand can take ten seconds
                for helper in active_children():
                    helper.terminate()
            # Waits here, or `with` would not wait either, and the helpers outlive this.
            pool.shutdown(wait=True, cancel_futures=True)
    del pool
    end_tracker()


def end_tracker() -> None:
    """Spawning starts a process that sweeps up what crashed helpers leave, and that lives as long as we do: 12 MB of a tray
    app for nothing. There is no public way to end it; it starts anew when it is needed. (To see it: read 30 MB in the tray,
    then `ps --ppid`.) By now the helpers have gone, or this would wait for them, and their semaphores with the pool, or it
    would take them for leaked.
    """
    tracker = sys.modules.get("multiprocessing.resource_tracker")
    stop = getattr(getattr(tracker, "_resource_tracker", None), "_stop", None)
    if stop is not None:
        stop()


def _alone() -> bool:
    import threading

    return threading.active_count() == 1


def begin_helper() -> None:
    """A helper leaves Ctrl-C to its parent and gives way to the user's own programs."""
    import gc
    import signal
    import threading
    from contextlib import suppress

    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    with suppress(OSError, AttributeError):
        os.nice(5)


def _end_with_parent() -> None:
    """A forked helper holds both ends of its own pipes: were its parent killed, it would wait for work for ever."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
