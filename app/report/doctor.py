"""What each source found, what was left out, and what is wrong: the store's word and the disk's, side by side."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from app.machine import Machine
from app.model.path import named, real
from app.model.usage import UNKNOWN_KIND
from app.report import drift
from app.report.drift import Drift
from app.shapes.finding import files_of, never, unread
from app.shapes.source import Source
from app.sources import SOURCES
from app.store import database, queries
from app.store import drift as store

SCHEMA = "cuenta.doctor/1"


class SourceHealth(NamedTuple):
    """One source. Counts are of all there ever was; `behind` of what is on the disk now."""

    source: Source
    roots: tuple[Path, ...]
    """Folders looked at, whether they exist or not."""
    present: tuple[Path, ...]
    on_disk: int
    behind: int
    lag: float
    """Seconds that the oldest unread change has been waiting; 0 when nothing is."""
    stored: queries.SourceHealth
    last_withheld: queries.Withheld | None = None
    """The newest session whose calls count nowhere, for its owner to compare; None where all count."""
    signs: tuple[Drift, ...] = ()
    """What has changed about its logs."""
    versions: tuple[str, ...] = ()
    """Of the agent, those that ran in the last two weeks, the last used first."""
    levels: Mapping[str, int] = MappingProxyType({})
    """Evidence level → calls."""

    @property
    def is_found(self) -> bool:
        return self.on_disk > 0 or self.stored.calls > 0 or bool(self.stored.problems)

    @property
    def skipped(self) -> dict[str, int]:
        return {name: count for name, count in self.stored.skipped.items() if not name.startswith(UNKNOWN_KIND)}

    @property
    def unknown_kinds(self) -> dict[str, int]:
        """Kinds of line that hold usage in a place we do not know: the format has changed."""
        cut = len(UNKNOWN_KIND)
        return {name[cut:]: count for name, count in self.stored.skipped.items() if name.startswith(UNKNOWN_KIND)}

    @property
    def problem(self) -> str | None:
        problems = self.stored.problems
        if not problems:
            return None
        path, what, _ = problems[0]
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        return f"{path}: {what}{more}"


def examine(
    connection: sqlite3.Connection,
    machine: Machine,
    sources: Sequence[Source] = SOURCES,
    cancelled: Callable[[], bool] = never,
) -> list[SourceHealth]:
    told = _told(connection, machine)
    return [_examined(connection, machine, source, told, cancelled) for source in sources]


class _Told(NamedTuple):
    """What the store tells of all sources at once."""

    signs: Mapping[str, tuple[Drift, ...]]
    versions: Mapping[str, tuple[str, ...]]
    levels: Mapping[str, Mapping[str, int]]


def _told(connection: sqlite3.Connection, machine: Machine) -> _Told:
    now = machine.clock()
    versions = store.versions(connection, now - drift.LATELY)
    return _Told(drift.signs(connection, now), versions, store.levels(connection))


def _examined(
    connection: sqlite3.Connection, machine: Machine, source: Source, told: _Told, cancelled: Callable[[], bool]
) -> SourceHealth:
    roots = tuple(source.folders(machine))
    stored = queries.health(connection, source.id)
    found = list(files_of(source, machine, cancelled))
    behind = unread(found, queries.cursors(connection, source.id), source.version)
    oldest = min((one.found.modified // 1_000_000 for one in behind), default=None)
    return SourceHealth(
        source=source,
        roots=roots,
        present=tuple(root for root in roots if root.is_dir()),
        on_disk=len(found),
        behind=len(behind),
        lag=0.0 if oldest is None else max(0.0, (machine.clock() - oldest) / 1000),
        stored=_without_deleted(stored, source.amiss(machine)),
        last_withheld=queries.last_withheld(connection, source.id) if stored.withheld else None,
        signs=told.signs.get(source.id, ()),
        versions=told.versions.get(source.id, ()),
        levels=told.levels.get(source.id, {}),
    )


def shares(levels: Mapping[str, int]) -> list[str]:
    """`A`; `A 96%` and `B 4%` where calls have several levels."""
    every = sum(levels.values())
    if len(levels) < 2:
        return list(levels)
    return [f"{level} {_percent(calls, every)}" for level, calls in levels.items()]


def _percent(part: int, every: int) -> str:
    """A few are not none."""
    return "<1%" if part * 100 < every else f"{part * 100 // every}%"


def _without_deleted(stored: queries.SourceHealth, amiss: tuple[str, str] | None) -> queries.SourceHealth:
    """A file that could not be read and is gone is no problem any more. What its owner must mend comes first."""
    left = tuple(one for one in stored.problems if os.path.lexists(real(one[0])))
    return stored._replace(problems=(*(((*amiss, 0),) if amiss else ()), *left))


def as_json(sources: list[SourceHealth], surroundings: dict[str, Any]) -> dict[str, Any]:
    return {"schema": SCHEMA, "sources": [_source(one) for one in sources], **surroundings}


def _source(one: SourceHealth) -> dict[str, Any]:
    return {
        "id": one.source.id,
        "title": one.source.title,
        "roots": [named(str(root)) for root in one.roots],
        "files": one.stored.files,
        "files_on_disk": one.on_disk,
        "files_behind": one.behind,
        "records": one.stored.records,
        "calls": one.stored.calls,
        "skipped": sum(one.skipped.values()),
        "skipped_by_reason": one.skipped,
        "folded": one.stored.folded,
        "unknown_kinds": one.unknown_kinds,
        "problem": one.problem,
        "lag_seconds": round(one.lag, 1),
        "verified": one.source.verified,
        "withheld_calls": one.stored.withheld,
        "versions": list(one.versions),
        "evidence": dict(one.levels),
        "drift": [{"sign": sign.sign, "what": sign.what, "count": sign.number, "of": sign.of} for sign in one.signs],
        "exact": one.source.exact,
    }


def database_facts(connection: sqlite3.Connection, machine: Machine) -> dict[str, Any]:
    path = machine.database
    size = sum(os.path.getsize(one) for one in (path, path.with_name(path.name + "-wal")) if one.exists())
    return {"path": named(str(path)), "bytes": size, "schema": database.VERSION, "check": queries.check(connection)}


class Around(NamedTuple):
    """The machine around the sources."""

    watching: Watching
    size: int
    """Of the database, bytes."""
    check: str
    """`ok`, or what SQLite's own quick check finds."""
    book: str
    """The day that the prices in use are of."""
    age: int
    """How many days ago that was."""


def around(connection: sqlite3.Connection, machine: Machine, built: str, age: int) -> Around:
    """Walks through every folder and through the database."""
    database = database_facts(connection, machine)
    return Around(watching(machine), database["bytes"], database["check"], built, age)


class Watching(NamedTuple):
    """How changes are noticed, and whether the system sets a limit that is too low."""

    kind: str
    folders: int
    limit: int | None
    """Folders the system lets one user watch; None is not limited, or not told."""

    @property
    def advice(self) -> str | None:
        if self.limit is None or self.folders < self.limit * 0.8:
            return None
        return (
            f"{self.folders:,} folders are to be watched and the system allows {self.limit:,}: changes may show up to a"
            f" minute late. `sudo sysctl fs.inotify.max_user_watches={max(524_288, self.folders * 2)}` raises the limit."
        )


def watching(machine: Machine) -> Watching:
    kind = {"darwin": "fsevents", "win32": "read-directory-changes"}.get(machine.system, "inotify")
    folders = sum(1 for source in SOURCES for root in source.roots(machine) for _ in os.walk(root))
    folders += sum(root.is_dir() for source in SOURCES for root in source.shallow(machine))
    limit = None
    if kind == "inotify":
        try:
            limit = int(Path("/proc/sys/fs/inotify/max_user_watches").read_text())
        except (OSError, ValueError):
            limit = None
    return Watching(kind, folders, limit)
