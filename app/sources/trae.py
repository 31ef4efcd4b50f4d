"""Trae's chats as its editors kept them in `state.vscdb`, of a workspace or of all: words, and sometimes the model.

Newer ones leave a list of empty chats there and keep what was said in an encrypted database, which is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor
from app.shapes.chats import Said, tell
from app.shapes.database import Base, read_database
from app.shapes.fields import instant, listed, mapping, word
from app.shapes.gathering import Gathered
from app.shapes.source import Source
from app.shapes.vscdb import items
from app.shapes.vscode import STATE, global_storage, project_of, workspace_storage

VERSION = 1
_KEYS = (
    *("memento/icube-ai-agent-storage", "ChatStore"),
    *("memento/icube-ai-chat-storage-*", "memento/icube-ai-ng-chat-storage-*"),
)


def _stores(base: Base, gathered: Gathered) -> None:
    project = project_of(gathered.path.parent)
    for store in items(base, gathered, *_KEYS).values():
        for one in map(mapping, listed(mapping(store).get("list"))):
            session = word(one.get("sessionId"))
            messages = [mapping(message) for message in listed(one.get("messages"))]
            if session and messages:
                gathered.learn(session, project=project)
                at = instant(one.get("createdAt")) or instant(one.get("updatedAt")) or gathered.file_time
                tell(gathered, "trae", session, at, [_said(message, word(one.get("model"))) for message in messages])


def _said(message: dict[str, object], model: str | None) -> Said:
    answer = word(message.get("role")) == "assistant"
    text = word(message.get("content")) or _done(message.get("agentTaskContent"))
    return Said(answer, text, instant(message.get("timestamp")), word(message.get("model")) or model)


def _done(task: object) -> str:
    """What an agent did stands where else its answer would."""
    facts = mapping(task)
    steps = [mapping(one).get("content") for one in listed(mapping(facts.get("guideline")).get("planItems"))]
    said = [word(task), *(word(facts.get(name)) for name in ("content", "text", "proposal"))]
    return next((one for one in said if one), "") or "\n".join(one for one in steps if isinstance(one, str))


def _storage(machine: Machine) -> Iterator[Path]:
    for place in (*global_storage(machine), *workspace_storage(machine)):
        if any(part.startswith(("Trae", "TRAE")) for part in place.parts):
            yield place


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("trae", VERSION, path, cursor, _stores)


SOURCE = Source(
    id="trae",
    title="Trae",
    mark="Tr",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_storage,
    owns=lambda relative: relative == STATE,
    is_database=lambda name: name.endswith(STATE),
    read=_read,
    verified=False,
    evidence="C",
    exact="Trae keeps no counts, and newer ones keep even the words encrypted: of those nothing can be read.",
)
