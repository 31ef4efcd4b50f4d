"""Sourcegraph Cody's chats, all in one value of the editor's `state.vscdb`: counts where the server told them, else words.

What was sent is told as a whole: what came from a cache is not known. A chat has one time, that of its last message. The
database is looked into only where the extension has a folder beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.chats import Said, tell
from app.shapes.database import Base, read_database
from app.shapes.fields import count, instant, listed, mapping, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source
from app.shapes.vscdb import items
from app.shapes.vscode import STATE, global_storage

VERSION = 1
_EXTENSION = "sourcegraph.cody-ai"
_CHATS = "cody-local-chatHistory-v2"


def _histories(base: Base, gathered: Gathered) -> None:
    accounts = mapping(mapping(items(base, gathered, _EXTENSION).get(_EXTENSION)).get(_CHATS))
    for account in accounts.values():
        for ident, chat in mapping(mapping(account).get("chat")).items():
            _chat(gathered, ident, mapping(chat))


def _chat(gathered: Gathered, ident: str, chat: dict[str, object]) -> None:
    session = word(chat.get("id")) or ident
    at = _time(chat.get("lastInteractionTimestamp")) or _time(session) or gathered.file_time
    gathered.learn(session)
    said: list[Said] = []
    for place, one in enumerate(map(mapping, listed(chat.get("interactions")))):
        asked, answer = mapping(one.get("humanMessage")), mapping(one.get("assistantMessage"))
        usage, model = mapping(answer.get("tokenUsage")), _model(word(answer.get("model")))
        tokens = Tokens(count(usage.get("promptTokens")), output=count(usage.get("completionTokens")))
        if any(tokens):
            said = []
            gathered.add(
                call("cody", f"{session} {place}", session=session, at=at, model=model, tokens=tokens, evidence="B")
            )
        elif answer:
            said += [Said(False, _text(asked)), Said(True, _text(answer), at, model, f"{session} {place}")]
    if said:
        tell(gathered, "cody", session, at, said)


def _text(message: dict[str, object]) -> str:
    return word(message.get("text")) or ""


def _model(name: str | None) -> str | None:
    """`vendor::version::model` since late 2024, `vendor/model` before."""
    return name.rpartition("::")[2] if name else None


def _time(value: object) -> int | None:
    """Chats are named by the time they began, as browsers write it."""
    from datetime import UTC, datetime

    at = instant(value)
    if at is None and isinstance(value, str):
        try:
            at = int(datetime.strptime(value, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp() * 1000)
        except ValueError:
            return None
    return at


def _storage(machine: Machine) -> Iterator[Path]:
    yield from (place for place in global_storage(machine) if (place / _EXTENSION).is_dir())


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_database("cody", VERSION, path, cursor, _histories)


SOURCE = Source(
    id="cody",
    title="Cody",
    mark="Cy",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_storage,
    owns=lambda relative: relative == STATE,
    is_database=lambda name: name.endswith(STATE),
    read=_read,
    verified=False,
    evidence="BC",
    exact="Cody keeps what a server told of a request, which is not what came from its cache.",
)
