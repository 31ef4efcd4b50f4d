"""Every known agent as Settings and the first run show it: where its logs lie, how much was found, how it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from app.machine import Machine
from app.model.path import real
from app.report import doctor
from app.report.drift import Drift
from app.settings import Notes, Settings
from app.shapes.finding import files_of, never
from app.shapes.source import Source
from app.sources import SOURCES, chosen
from app.store import queries
from app.store.queries import UnknownKind

State = Literal["off", "paused", "problem", "changed", "unverified", "limited", "missing", "reading"]
_TRIED = 5
"""Files of a folder that are opened to learn whose logs they are."""


class Folder(NamedTuple):
    path: Path
    present: bool
    added: bool
    """By the user, beside the agent's own."""


class Line(NamedTuple):
    """One agent."""

    source: str
    title: str
    on: bool
    state: State
    folders: tuple[Folder, ...]
    """Most important first."""
    files: int
    """On the disk now."""
    calls: int
    """Ever read."""
    last_at: int | None
    """When the agent last called a model, ms since 1970 UTC."""
    evidence: str | None
    """The weakest level of its calls; None without any."""
    unreadable: tuple[tuple[str, str], ...]
    """(path, why)"""
    unknown: tuple[tuple[str, int], ...]
    """(kind of line that holds usage in a place we do not know, how many)"""
    places: tuple[UnknownKind, ...]
    """Where they lie, newest first."""
    deletes_after_days: int | None
    withheld: int = 0
    """Calls that count nowhere, since the agent's format is unverified and nobody has confirmed it."""
    last_withheld: queries.Withheld | None = None
    """The newest session of them, for its owner to compare."""
    signs: tuple[Drift, ...] = ()
    """What has changed about its logs."""
    confirmed: bool = False
    """The format is unverified; its calls count since the user said so."""

    @property
    def found(self) -> bool:
        return self.files > 0 or self.calls > 0

    @property
    def main_folder(self) -> Folder | None:
        return next((one for one in self.folders if one.present), self.folders[0] if self.folders else None)


def look(
    connection: sqlite3.Connection,
    machine: Machine,
    settings: Settings,
    notes: Notes,
    cancelled: Callable[[], bool] = never,
) -> tuple[Line, ...]:
    """All agents there are, those found first. Walks through their folders, until nobody wants to know any more."""
    return tuple(line for line, _ in look_closely(connection, machine, settings, notes, cancelled))


def look_closely(
    connection: sqlite3.Connection,
    machine: Machine,
    settings: Settings,
    notes: Notes,
    cancelled: Callable[[], bool] = never,
) -> tuple[tuple[Line, doctor.SourceHealth], ...]:
    """As `look`, each with what the doctor found."""
    weakest = {agent: sums.evidence for agent, sums in queries.by_agent(connection, queries.Filter())}
    paused = notes.is_paused(machine.clock())
    places = queries.unknown_kinds(connection)
    examined = doctor.examine(connection, machine, chosen((), settings.folders, settings.homes.values()), cancelled)
    lines = [(_line(one, machine, settings, weakest.get(one.source.id), paused, places), one) for one in examined]
    return tuple(sorted(lines, key=lambda both: not both[0].found))


def _line(
    one: doctor.SourceHealth,
    machine: Machine,
    settings: Settings,
    evidence: str | None,
    paused: bool,
    places: Iterable[UnknownKind],
) -> Line:
    added = {machine.path(folder) for folder in settings.folders.get(one.source.id, ())}
    on = one.source.id not in settings.sources_off
    unknown = tuple(sorted(one.unknown_kinds.items()))
    return Line(
        source=one.source.id,
        title=one.source.title,
        on=on,
        state=_state(one, on, paused, evidence),
        folders=tuple(Folder(root, root in one.present, root in added) for root in dict.fromkeys(one.roots)),
        files=one.on_disk,
        calls=one.stored.calls,
        last_at=one.stored.last_call_at,
        evidence=evidence,
        unreadable=tuple((path, what) for path, what, _ in one.stored.problems),
        unknown=unknown,
        places=tuple(place for place in places if place.source == one.source.id),
        deletes_after_days=one.source.deletes_after_days,
        withheld=one.stored.withheld,
        last_withheld=one.last_withheld,
        signs=one.signs,
        confirmed=not one.source.verified and one.source.id in settings.confirmed,
    )


def _state(one: doctor.SourceHealth, on: bool, paused: bool, evidence: str | None) -> State:
    if not on:
        return "off"
    if one.stored.problems:
        return "problem"
    if any(sign.sign != "version" for sign in one.signs):
        return "changed"
    if not one.on_disk and not one.stored.calls:
        return "missing"
    if paused:
        return "paused"
    if one.stored.withheld:
        return "unverified"
    return "limited" if evidence is not None and evidence > "A" else "reading"


class Recognized(NamedTuple):
    """Whose logs lie in a folder."""

    source: Source
    files: int


def recognize(folder: Path, machine: Machine) -> Recognized | None:
    """The agent whose logs lie there, the one with the most files where there are several; None where nobody's do.

    Names alone would not tell: the newest files are opened and looked at for a call.
    """
    found: list[Recognized] = []
    for source in SOURCES:
        files = sorted(files_of(_at(source, folder), machine), key=lambda one: -one.modified)
        if any(_holds_a_call(source, Path(real(one.path))) for one in files[:_TRIED]):
            found.append(Recognized(source, len(files)))
    return max(found, key=lambda one: one.files, default=None)


def is_covered(folder: Path, roots: Iterable[Path]) -> bool:
    """Does the folder lie in one that is read already, or is it one?"""
    place = folder.resolve()
    return any(place.is_relative_to(root.resolve()) for root in roots)


def _at(source: Source, folder: Path) -> Source:
    def roots(_machine: Machine) -> Iterable[Path]:
        return (folder,)

    return replace(source, roots=roots)


def _holds_a_call(source: Source, path: Path) -> bool:
    try:
        return any(batch.calls for batch in source.read(path, None))
    except OSError:
        return False
