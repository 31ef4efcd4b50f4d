"""The content pass: measuring what was said in the logs, newest files first, behind the usage pass and never in its way.

Texts are read and measured in helpers of their own: the tables of a tokenizer are 60 MB that the tray must not keep, and a
helper can be given the lowest priority and be ended at any moment. Only numbers come back; who has the writer stores them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from app import tokenizers
from app.content import measure
from app.content.calibrator import ENOUGH, fit
from app.diagnostics import log
from app.ingest.catch_up import Progress, never
from app.ingest.reading import begin_helper, end_tracker, read_elsewhere
from app.machine import Machine
from app.model.content import Measured
from app.model.path import real
from app.model.usage import Cursor
from app.shapes.source import Source
from app.sources import BY_ID, SOURCES
from app.store.contents import Unread
from app.store.writer import Writer
from app.tokenizers import Count

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor

_TASK = 8 << 20
"""Bytes of one task: a quarter of a second."""
_FILES = 200
_GROWN = 1.5
_MANY = 24 << 20
"""From this many bytes on helpers are worth their start where somebody waits."""
_packed = msgspec.msgpack.Encoder().encode


class Task(NamedTuple):
    """Files for one go."""

    files: tuple[tuple[str, str, Cursor | None], ...]
    resources: str


class Result(NamedTuple):
    measured: tuple[Measured, ...]
    failed: tuple[tuple[str, str], ...]
    """(source, path) of files that couldn't be measured."""
    unfinished: tuple[tuple[str, str, Cursor | None], ...]
    """(source, path, cursor) of files whose measuring goes on from there."""


unpacked = msgspec.msgpack.Decoder(Result).decode


def readers(sources: Sequence[Source]) -> dict[str, int]:
    """Source → version of its content reader, of those that have one."""
    return {source.id: source.content.version for source in sources if source.content is not None}


def next_task(waiting: list[Unread], machine: Machine) -> Task:
    """Takes about as many files from the head of the list as make a task."""
    files: list[tuple[str, str, Cursor | None]] = []
    size = 0
    while waiting and size < _TASK and len(files) < _FILES:
        one = waiting.pop(0)
        files.append((one.source, one.path, one.cursor))
        size += one.bytes
    return Task(tuple(files), str(machine.resources))


def measure_task(task: Task) -> Result:
    """Measures the files, at most two stretches of each. Raises KnownError where no tokens can be counted."""
    count = _count(task.resources)
    measured: list[Measured] = []
    failed: list[tuple[str, str]] = []
    unfinished: list[tuple[str, str, Cursor | None]] = []
    for source, path, cursor in task.files:
        try:
            stretches = list(_some(source, path, cursor, count))
        except OSError:
            failed.append((source, path))  # gone, or the usage pass says why it can't be read
        except Exception:  # a fault of ours in one file must not keep all others from being measured
            log.exception("a log could not be measured")
            failed.append((source, path))
        else:
            measured += stretches
            if len(stretches) > 1:
                unfinished.append((source, path, stretches[-1].end))
    return Result(tuple(measured), tuple(failed), tuple(unfinished))


def _some(source: str, path: str, cursor: Cursor | None, count: Count) -> Iterator[Measured]:
    """The first two stretches; where there is a second there may be more, and the cursor bears no time, or the file would
    look as if it had been measured to its end.
    """
    content = BY_ID[source].content
    if content is None:
        return
    first: Measured | None = None
    for name, told, end in content.read(Path(real(path)), cursor):
        found = Measured(source, name, end, measure(told.answers, count))
        if first is None:
            first = found
            continue
        yield first._replace(end=first.end._replace(modified=0))
        yield found._replace(end=end._replace(modified=0))
        return
    if first is not None:
        yield first


@cache
def _count(resources: str) -> Count:
    return tokenizers.load(Path(resources))


def measure_packed(task: Task) -> bytes:
    return _packed(measure_task(task))


def begin_patient_helper() -> None:
    """Gives way to everything else."""
    begin_helper()
    with suppress(OSError, AttributeError):
        os.nice(14)


def patient_pool() -> ProcessPoolExecutor:
    """One helper that gives way to everything else."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    return ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=begin_patient_helper)


def end(pool: ProcessPoolExecutor) -> None:
    """Ends the helper in the middle of what it does. No other helpers may be at work: all there are would end."""
    from multiprocessing import active_children

    for helper in active_children():
        helper.terminate()
    pool.shutdown(wait=True, cancel_futures=True)
    end_tracker()


def store(result: Result, writer: Writer) -> frozenset[tuple[str, str]]:
    """Keeps what was measured; (source, session) of those whose repair has changed."""
    versions = readers(SOURCES)
    for source, path in result.failed:
        writer.pass_over(source, path, versions[source])
    return writer.keep_measured(result.measured)


def calibrate(writer: Writer, resources: Path) -> frozenset[tuple[str, str]]:
    """Learns the ratio of each model of which there are many more samples than when it was learned last: a figure of last
    month must not move every minute. (source, session) of those whose repair has changed.
    """
    known = writer.contents.calibrated()
    found = {
        model: (len(samples), fit(tokenizers.family_of(model, resources).ratio, samples))
        for model, samples in writer.contents.samples().items()
        if len(samples) >= max(ENOUGH, _GROWN * known.get(model, 0))
    }
    return writer.learn(found) if found else frozenset()


def measure_all(
    machine: Machine,
    writer: Writer,
    sources: Sequence[Source],
    *,
    report: Callable[[Progress], None] | None = None,
    cancelled: Callable[[], bool] = never,
) -> int:
    """Measures everything that was not yet, while somebody waits; how many files were read to their end. Raises KnownError
    where no tokens can be counted, or the database can't be written.
    """
    waiting = writer.contents.unread(readers(sources))
    sizes = {one.path: one.bytes for one in waiting}
    total, files, done = sum(sizes.values()), 0, 0
    tasks: list[Task] = []
    while waiting:
        tasks.append(next_task(waiting, machine))
    for result in (_elsewhere if total >= _MANY else _here)(tasks, cancelled):
        store(result, writer)
        goes_on = {path for _, path, _ in result.unfinished}
        ended = {one.path for one in result.measured} - goes_on | {path for _, path in result.failed}
        files, done = files + len(ended), done + sum(sizes[path] for path in ended)
        if report is not None:
            report(Progress(files, len(sizes), done, total, today=True))
    calibrate(writer, machine.resources)
    return files


def _here(tasks: Sequence[Task], cancelled: Callable[[], bool]) -> Iterator[Result]:
    waiting = list(reversed(tasks))
    while waiting and not cancelled():
        task = waiting.pop()
        result = measure_task(task)
        yield result
        if result.unfinished:
            waiting.append(task._replace(files=result.unfinished))


def _elsewhere(tasks: Sequence[Task], cancelled: Callable[[], bool]) -> Iterator[Result]:
    return read_elsewhere(tasks, cancelled, measure_packed, unpacked)
