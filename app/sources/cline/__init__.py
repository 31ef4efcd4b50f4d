"""Cline: a folder a task until 3.x, a folder a session since 4.0 and for its command line. Both lie on one machine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source
from app.shapes.vscode import global_storage

VERSION = 1
_ID = "cline"
_MESSAGES = "ui_messages.json"
_EXTENSION = "saoudrizwan.claude-dev"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    from app.sources.cline import classic, sessions  # only for who has it: every command imports every source

    reader = classic if path.name.endswith(_MESSAGES) else sessions
    return reader.read(_ID, VERSION, path, cursor)


def _data(machine: Machine) -> Path:
    """The same on every system."""
    named, home = machine.variable("CLINE_DATA_DIR"), machine.variable("CLINE_DIR")
    if named:
        return machine.path(named)
    return (machine.path(home) if home else machine.home / ".cline") / "data"


def _roots(machine: Machine) -> Iterator[Path]:
    named = machine.variable("CLINE_SESSION_DATA_DIR")
    yield machine.path(named) if named else _data(machine) / "sessions"
    yield _data(machine) / "tasks"
    yield from (folder / _EXTENSION / "tasks" for folder in global_storage(machine))


def _owns(relative: str) -> bool:
    name = relative.rpartition("/")[2]
    return name == _MESSAGES or name.endswith(".messages.json")


SOURCE = Source(
    id=_ID,
    title="Cline",
    mark="Cl",
    color="cline",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="AC",
    states_cost=True,
)
