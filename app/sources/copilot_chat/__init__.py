"""GitHub Copilot Chat in VS Code: five stores tell of the same requests, and one session of the editor is in all of them.

Exact, and only if switched on: the telemetry file and the database of spans. Each request, but nothing of the cache: debug
logs. Of each prompt the last request only: chat sessions, which are always written. Text: transcripts. Per session the best
that is there counts (`chat_identity`, and the standing of the calls).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.source import Source
from app.shapes.vscode import global_storage, workspace_storage

VERSION = 1
_EXTENSION = ("GitHub.copilot-chat", "github.copilot-chat")
_SESSIONS = ("chatSessions", "emptyWindowChatSessions", "transferredChatSessions")
_TRACES = "agent-traces.db"
_INSIDE = tuple(f"/{name}/" for name in (*_SESSIONS, "debug-logs", "transcripts"))


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    from app.sources.copilot_chat.stores import read  # nothing of it is needed where there is no such file

    return read(path, cursor)


def _roots(machine: Machine) -> Iterator[Path]:
    for workspace in workspace_storage(machine):
        yield workspace / "chatSessions"
        yield from (workspace / name / store for name in _EXTENSION for store in ("debug-logs", "transcripts"))
    for storage in global_storage(machine):
        yield from (storage / name for name in _SESSIONS[1:])
    yield machine.data / "copilot-chat"


def _shallow(machine: Machine) -> Iterator[Path]:
    for storage in global_storage(machine):
        yield storage / _EXTENSION[1]


def _owns(relative: str) -> bool:
    """A folder of theirs, or one above them that was added, holds other extensions' files too."""
    below, _, name = relative.rpartition("/")
    if name.endswith(".db"):
        return name == _TRACES
    if not name.endswith((".json", ".jsonl")) or name == "models.json" or name.startswith("copilot.cli."):
        return False
    return "Storage/" not in below or any(store in f"/{below}/" for store in _INSIDE)


def _exports(machine: Machine) -> Iterator[tuple[str, str]]:
    folder = machine.data / "copilot-chat"
    path = (folder / "otel.jsonl").as_posix()
    yield "VS Code's settings.json, a database", '"github.copilot.chat.otel.dbSpanExporter.enabled": true'
    yield (
        f"VS Code's settings.json, or a file (the folder {folder} must exist)",
        f'"github.copilot.chat.otel.enabled": true,\n"github.copilot.chat.otel.outfile": "{path}"',
    )


SOURCE = Source(
    id="copilot_chat",
    title="GitHub Copilot Chat",
    mark="GC",
    color="other",
    version=VERSION,
    roots=_roots,
    shallow=_shallow,
    owns=_owns,
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    exports=_exports,
    verified=False,
    evidence="ABC",
    credit="AI credit",
    exact="Switch on `github.copilot.chat.otel.dbSpanExporter.enabled` in VS Code's settings and reload its window.",
)
