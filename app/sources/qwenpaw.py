"""QwenPaw's sessions: `workspaces/<agent>/sessions/**/<name>.json`, written anew: what was said, no counts and no model.

A request is counted by its words: those said since the answer before, and the answer's. What was sent along again is not
known. Times are those of the clock on the wall.
"""

from __future__ import annotations

from typing import Any

import msgspec

from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import listed, local_instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_SESSIONS = "sessions"


def _session(said: dict[str, Any], gathered: Gathered) -> None:
    memory = mapping(mapping(said.get("agent")).get("memory"))
    messages = [mapping(next(iter(listed(pair)), None)) for pair in listed(memory.get("content"))]
    idents = [word(message.get("id")) for message in messages]
    told = gathered.kept.get("told")
    new = idents.index(told) + 1 if told in idents else 0  # texts that were counted once are not counted again
    session, at, asked = _name(gathered), gathered.file_time, 0
    for ident, message in zip(idents[new:], messages[new:], strict=True):
        at = local_instant(message.get("timestamp")) or at
        size = gathered.words(_text(message.get("content")))
        if message.get("role") != "assistant":
            asked += size
            continue
        gathered.kept["told"] = ident
        gathered.learn(session)
        gathered.add(
            call(
                *("qwenpaw", ident, message.get("timestamp")),
                session=session,
                at=at,
                model=None,
                tokens=Tokens(input=asked, output=size),
                evidence="C",
                native=ident,
            )
        )
        asked = 0


def _name(gathered: Gathered) -> str:
    """The agent's name and the file's: the latter alone is the same for several."""
    parts = gathered.path.with_suffix("").parts
    place = len(parts) - 1 - parts[::-1].index(_SESSIONS) if _SESSIONS in parts else len(parts) - 2
    return "/".join([*parts[max(0, place - 1) : place], *parts[place + 1 :]])


def _text(content: object) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(filter(None, (_part(mapping(one)) for one in listed(content))))


def _part(part: dict[str, object]) -> str:
    match part.get("type"):
        case "tool_use":
            return f"{part.get('name')}\n{msgspec.json.encode(part.get('input')).decode()}"
        case "tool_result":
            return _text(part.get("output"))
        case "thinking":
            return word(part.get("thinking")) or ""
        case _:
            return word(part.get("text")) or ""


SOURCE = Source(
    id="qwenpaw",
    title="QwenPaw",
    mark="Qp",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".copaw" / "workspaces", machine.home / ".qwenpaw" / "workspaces"],
    owns=lambda relative: f"/{_SESSIONS}/" in relative and relative.endswith(".json"),
    read=lambda path, cursor: read_document("qwenpaw", VERSION, path, cursor, record_of, _session),
    verified=False,
    evidence="C",
)
