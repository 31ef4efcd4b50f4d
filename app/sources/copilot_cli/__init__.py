"""GitHub Copilot CLI and its desktop app: requests one by one in `session-store.db`; before that only a log of events, which
says of a request what it answered, and at a session's end what all of it used.

Whoever switches it on has telemetry besides. All three tell of the same requests: of a session and a model the store counts,
else the telemetry, else the events (see `requests`).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source, Vendor

VERSION = 1
_FILE = "COPILOT_OTEL_FILE_EXPORTER_PATH"


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    """Nothing of the parsers is imported where there is no such file."""
    if path.suffix == ".db":
        from app.shapes.database import read_database
        from app.sources.copilot_cli.store import rows

        return read_database("copilot_cli", VERSION, path, cursor, rows)
    if _is_telemetry(path):
        from app.shapes.otel.files import read_telemetry
        from app.sources.copilot_cli.telemetry import Spans

        return read_telemetry("copilot_cli", VERSION, path, cursor, Spans)
    from app.shapes.lines import read_lines
    from app.sources.copilot_cli.events import Events

    return read_lines("copilot_cli", VERSION, path, cursor, Events)


def _is_telemetry(path: Path) -> bool:
    return path.parent.name == "otel" or any(word in path.name for word in ("otel", "copilot"))


def _homes(machine: Machine) -> list[Path]:
    return [*machine.folders("COPILOT_HOME")] or [machine.home / ".copilot"]


def _roots(machine: Machine) -> Iterator[Path]:
    for home in _homes(machine):
        yield from (home / name for name in ("session-state", "history-session-state", "otel"))


def _shallow(machine: Machine) -> Iterator[Path]:
    yield from _homes(machine)
    exported = machine.variable(_FILE)
    if exported and machine.path(exported).is_absolute():
        yield machine.path(exported).parent


def _owns(relative: str) -> bool:
    """A session's folder holds files of the user's, too."""
    folder, _, name = relative.rpartition("/")
    if name.endswith(".jsonl"):
        return name == "events.jsonl" or not folder
    return name == "session-store.db"


SOURCE = Source(
    id="copilot_cli",
    title="GitHub Copilot CLI",
    mark="Co",
    color="copilot",
    version=VERSION,
    roots=_roots,
    shallow=_shallow,
    owns=_owns,
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    vendor=Vendor("github", "GitHub"),
    evidence="ABC",
    credit="AI credit",
    exact="Update Copilot CLI: newer ones keep each request with all its counts.",
)
