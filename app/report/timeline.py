"""A session over time: its calls as points, what changed the context between them, and where the numbers come from."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.machine import Machine
from app.model.meters import IDLE_AFTER
from app.model.path import real
from app.report import breakdown
from app.report.breakdown import Breakdown, counted
from app.report.export import window_of
from app.report.meters import session_name
from app.settings import shows_repaired
from app.sources import BY_ID
from app.store import queries
from app.store.queries import CallRow, Filter
from app.store.session_files import skipped_in

CACHE_LOST = 0.5
"""Share of the previous context that must be written again for a pause to have cost the cache."""


_AS_MUCH = 0.8
"""Share of what the cache no longer held that must be written for it to be the same once more."""
_WORTH_TELLING = 10_000
"""Tokens; less written again is nothing to tell of."""


class Point(NamedTuple):
    """One call on the time axis. Money in nano-dollars; the parts are in the order of `model.money.Parts`."""

    number: int
    """Counts the session's calls from 1, in order of time, as `--trace` does."""
    at: int
    model: str | None
    effort: str | None
    subagent: str | None
    context: int | None
    window: int | None
    cost: int | None
    """None is no price."""
    parts: tuple[int, ...]


class Compaction(NamedTuple):
    at: int
    after_call: int
    """Number of the main chain's last call before it; 0 where it came first."""
    before: int | None
    after: int | None
    cause: str | None


class Pause(NamedTuple):
    """A wait that outlasted the cache, as the next call shows by writing again what had been read before."""

    before_call: int
    length: int
    """Milliseconds."""
    written: int
    """Tokens written to the cache by the call after it."""
    lifetime: int
    """How long the cache had been promised, ms."""


class Source(NamedTuple):
    """A log file that the session's calls were read from."""

    path: str
    calls: int
    size: int
    read_at: int
    exists: bool


class PriceUsed(NamedTuple):
    name: str
    match: str
    book: str
    calls: int


class Timeline(NamedTuple):
    """All that the session window shows. `points` are of the main chain and sub-agents alike, in order of time."""

    name: str
    found: Breakdown
    points: tuple[Point, ...]
    compactions: tuple[Compaction, ...]
    pauses: tuple[Pause, ...]
    window: int | None
    compacts_at: int | None
    running: bool
    sources: tuple[Source, ...]
    prices: tuple[PriceUsed, ...]
    skipped: tuple[tuple[str, int], ...]
    """Why records of these files were not counted, and how many."""

    @property
    def difference(self) -> int:
        """Nano-dollars between the session's cost and the sum of its parts: 0, or something is wrong."""
        stated = sum(counted(call) or 0 for call in self.found.calls if call.cost is None)
        return self.found.total.cost - sum(sum(point.parts) for point in self.points) - stated


def build(connection: sqlite3.Connection, machine: Machine, source: str, native: str) -> Timeline | None:
    """None where no such session has a counted call."""
    with queries.snapshot(connection):
        return _build(connection, machine, source, native)


def _build(connection: sqlite3.Connection, machine: Machine, source: str, native: str) -> Timeline | None:
    ident = queries.session_ident(connection, source, native)
    if ident is None:
        return None
    found = breakdown.build(connection, ident)
    return around(connection, machine, ident, found if shows_repaired(machine) else breakdown.logged(found))


def around(connection: sqlite3.Connection, machine: Machine, ident: int, found: Breakdown) -> Timeline:
    """The timeline of a session that has been taken apart already."""
    source, native = found.facts.source, found.facts.native
    agent = BY_ID.get(source)
    window = window_of(found.facts, machine)
    sources = tuple(_sources(connection, ident))
    return Timeline(
        name=session_name(found.facts.project, native),
        found=found,
        points=tuple(_point(number, call) for number, call in enumerate(found.calls, 1)),
        compactions=tuple(_compactions(connection, ident, found.calls)),
        pauses=tuple(_pauses(found.calls, source)),
        window=window,
        compacts_at=agent.compacts(window) if agent and window else None,
        running=machine.clock() - found.facts.ended_at <= IDLE_AFTER,
        sources=sources,
        prices=tuple(PriceUsed(*row) for row in queries.prices_of_session(connection, ident)),
        skipped=tuple(sorted(skipped_in(connection, [one.path for one in sources]).items())),
    )


Place = tuple[str, str]
"""Source, and the agent's own id of a session."""


def neighbors(connection: sqlite3.Connection, source: str, native: str) -> tuple[Place | None, Place | None]:
    """The session that began before this one, and the one that began after it; of any agent."""
    ident = queries.session_ident(connection, source, native)
    rows = sorted(queries.list_sessions(connection, Filter()), key=lambda one: (one.started_at, one.ident))
    at = next((place for place, one in enumerate(rows) if one.ident == ident), None)
    if at is None:
        return None, None
    older = rows[at - 1] if at else None
    newer = rows[at + 1] if at + 1 < len(rows) else None
    return (older.source, older.native) if older else None, (newer.source, newer.native) if newer else None


def _sources(connection: sqlite3.Connection, ident: int) -> Iterator[Source]:
    for path, calls, size, read_at in queries.files_of_session(connection, ident):
        yield Source(path, calls, size, read_at, os.path.exists(real(path)))


def _point(number: int, call: CallRow) -> Point:
    return Point(
        number, call.at, call.model, call.effort, call.subagent, call.context, call.window, counted(call), call.parts
    )


def _compactions(connection: sqlite3.Connection, ident: int, calls: tuple[CallRow, ...]) -> list[Compaction]:
    main = [(number, call.at) for number, call in enumerate(calls, 1) if call.subagent is None]
    return [
        Compaction(at, max((number for number, when in main if when <= at), default=0), before, after, cause)
        for at, before, after, cause in queries.compactions(connection, ident)
    ]


def _pauses(calls: tuple[CallRow, ...], source: str) -> list[Pause]:
    """Only where the agent promises a lifetime, the wait was longer, and most of the prompt was written again."""
    agent = BY_ID.get(source)
    found: list[Pause] = []
    lifetime: int | None = None
    before: CallRow | None = None
    for number, call in enumerate(calls, 1):
        if call.subagent is not None or agent is None:
            continue
        written = _written(call)
        waited = call.at - before.at if before is not None else 0
        known = before.context or 0 if before is not None else 0
        if lifetime is not None and waited > lifetime and written >= CACHE_LOST * known > 0:
            found.append(Pause(number, waited, written, lifetime))
        if written:
            lifetime = agent.cache_lifetime(call.tokens)
        before = call
    return found


def written_again(calls: Sequence[CallRow], place: int) -> int:
    """Tokens that this call wrote to the cache though the call before it in the main conversation had left them there;
    0 where most was read, or less was written than was gone, as after a compaction. The records do not say why.
    """
    call = calls[place]
    before = next((one for one in reversed(calls[:place]) if one.subagent is None), None)
    if before is None or call.subagent is not None:
        return 0
    cached = before.tokens.cache_read + _written(before)
    gone = cached - call.tokens.cache_read
    again = min(gone, _written(call))
    lost = gone >= CACHE_LOST * cached and again >= _AS_MUCH * gone
    return again if lost and again >= _WORTH_TELLING else 0


def _written(call: CallRow) -> int:
    return call.tokens.cache_write_5m + call.tokens.cache_write_1h
