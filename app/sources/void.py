"""Void's chats, in its editor's `state.vscdb`: words only, without the model's name or the time of a message."""

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
from app.shapes.vscode import STATE, global_storage

VERSION = 1
_KEY = "void.chatThreadStorageII"
_TEXTS = ("displayContent", "content", "reasoning")


def _threads(base: Base, gathered: Gathered) -> None:
    for ident, thread in mapping(items(base, gathered, _KEY).get(_KEY)).items():
        facts = mapping(thread)
        session = word(facts.get("id")) or ident
        at = instant(facts.get("lastModified")) or instant(facts.get("createdAt")) or gathered.file_time
        gathered.learn(session)
        tell(gathered, "void", session, at, [_said(mapping(one)) for one in listed(facts.get("messages"))])


def _said(message: dict[str, object]) -> Said:
    """What is shown and what is sent are the same text, but for what was put around it: the longer of the two."""
    shown, sent, thought = (word(message.get(name)) or "" for name in _TEXTS)
    answer = message.get("role") == "assistant"
    return Said(answer, f"{max(shown, sent, key=len)}\n{thought}".strip() if answer else max(shown, sent, key=len))


def _storage(machine: Machine) -> Iterator[Path]:
    yield from (place for place in global_storage(machine) if "Void" in place.parts)


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("void", VERSION, path, cursor, _threads)


SOURCE = Source(
    id="void",
    title="Void",
    mark="Vo",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_storage,
    owns=lambda relative: relative == STATE,
    is_database=lambda name: name.endswith(STATE),
    read=_read,
    verified=False,
    evidence="C",
    exact="Void keeps what was said, and says nowhere how many tokens that was.",
)
