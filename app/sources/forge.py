"""Forge's conversations: rows of `.forge.db`, each with all its messages as JSON, written again after each answer.

What was cached is part of what was sent. Messages have no ids, and compaction takes some away: an answer is known by its
counts, and by how many with the same came before it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_WANTED = {"conversation_id", "context", "created_at", "updated_at"}
_COUNTS = ("prompt_tokens", "cached_tokens", "completion_tokens")
_NEW = (
    "SELECT conversation_id, context, COALESCE(updated_at, created_at) AS changed FROM conversations"
    " WHERE changed >= ? ORDER BY changed"
)


def _rows(base: Base, gathered: Gathered) -> None:
    if not base.columns("conversations") >= _WANTED:
        return
    for ident, said, changed in base.ask(_NEW, gathered.kept.get("since", "")):
        if not word(ident) or not word(changed):
            continue
        gathered.kept["since"] = changed
        context = mapping(record_of(str(said).encode()))
        _conversation(gathered, ident, listed(context.get("messages")), instant(changed) or gathered.written)


def _conversation(gathered: Gathered, session: str, messages: list[object], at: int) -> None:
    same: dict[tuple[object, ...], int] = {}
    gathered.learn(session)
    for place, message in enumerate(map(mapping, messages)):
        usage = mapping(message.get("usage"))
        sent, read, output = (_actual(usage.get(name)) for name in _COUNTS)
        if not sent and not output:
            continue
        text = mapping(mapping(message.get("message")).get("text"))
        model = word(text.get("model"))
        known = model, sent, read, output
        same[known] = same.get(known, 0) + 1
        read = min(read, sent)
        gathered.add(
            call(
                *("forge", session, *known, same[known]),
                session=session,
                at=instant(text.get("timestamp")) or at + place,  # a ms each: the last one fills the context
                model=model,
                tokens=Tokens(sent - read, read, 0, 0, output),
                context=sent,
            )
        )


def _actual(value: object) -> int:
    """Beside `{actual: n}` there may be `{approx: n}`, of which nothing is made."""
    return count(mapping(value).get("actual")) if isinstance(value, dict) else count(value)


def _homes(machine: Machine) -> Iterator[Path]:
    named = machine.variable("FORGE_CONFIG")
    yield from [machine.path(named)] if named else [machine.home / "forge", machine.home / ".forge"]


SOURCE = Source(
    id="forge",
    title="Forge",
    mark="Fo",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_homes,
    owns=lambda relative: relative.rpartition("/")[2] == ".forge.db",
    is_database=lambda name: name.endswith(".db"),
    read=lambda path, cursor: read_database("forge", VERSION, path, cursor, _rows),
    verified=False,
)
