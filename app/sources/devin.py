"""Devin CLI's requests, in two stores: `sessions.db`, a row a message, and `transcripts/*.json`, rewritten as a whole.

Compaction and branches copy messages under new ids: the request's id makes them one, in both stores. What Devin bills are
ACUs, at a price that is each customer's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database, unfinished
from app.shapes.document import read_document
from app.shapes.fields import count, credit, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_WANTED = ("session_id", "chat_message", "created_at")
_GIVEN_UP = 3_600_000
"""ms after which a message without counts will have none."""
_PARTS = 10_000
"""Of an ACU: older builds counted those."""
_READ = ("cache_read_tokens", "cache_read_input_tokens", "cached_tokens")
_WRITTEN = ("cache_creation_tokens", "cache_creation_input_tokens")
_SENT, _OUTPUT = ("prompt_tokens", "total_input_tokens"), ("output_tokens", "completion_tokens")
Facts = dict[str, object]


# --- the database


def _rows(base: Base, gathered: Gathered) -> None:
    if not set(_WANTED) <= base.columns("message_nodes"):
        return
    known = set[str]()
    for row, session, text, created in base.new_rows("message_nodes", _WANTED, gathered):
        message = record_of(str(text).encode())
        if message is None or not word(session):
            gathered.skip("not JSON")
            continue
        if session not in known:
            known.add(session)
            _learn(base, gathered, session)
        at = instant(created) or gathered.written
        if message.get("role") != "assistant" or _request(gathered, message, session, None, at):
            continue
        if gathered.now - at < _GIVEN_UP:
            unfinished(gathered, "message_nodes", row)


def _learn(base: Base, gathered: Gathered, session: str) -> None:
    if {"id", "working_directory"} <= base.columns("sessions"):
        for (folder,) in base.ask("SELECT working_directory FROM sessions WHERE id = ?", session):
            gathered.learn(session, project=word(folder))


# --- a transcript


def _transcript(transcript: dict[str, Any], gathered: Gathered) -> None:
    session = word(transcript.get("session_id")) or word(transcript.get("trajectory_id")) or gathered.path.stem
    agent = mapping(transcript.get("agent"))
    gathered.learn(session, version=word(agent.get("version")))
    at = gathered.file_time
    for step in map(mapping, listed(transcript.get("steps"))):
        at = instant(step.get("timestamp")) or at
        if step.get("source") != "user":
            _request(gathered, step, session, word(step.get("model_name")) or word(agent.get("model_name")), at)


# --- a request, wherever it stood


def _request(gathered: Gathered, step: Facts, session: str, model: str | None, at: int) -> bool:
    """Tells the call; False where there are no counts, or none yet."""
    about, beside = mapping(step.get("metadata")), mapping(step.get("extra"))
    usages, billed = (
        [mapping(one) for one in (about.get("metrics"), step.get("metrics")) if one],
        _billed(about, beside),
    )
    if about.get("is_user_input") is True or not (usages or billed):
        return False
    tokens, ident = next(filter(any, map(_tokens, usages)), Tokens()), word(about.get("request_id"))
    at = instant(about.get("created_at")) or at
    gathered.add(
        call(
            *(("devin", ident) if ident else ("devin", session, at, *tokens)),
            session=session,
            at=at,
            model=word(beside.get("generation_model")) or word(about.get("generation_model")) or model,
            tokens=tokens,
            context=tokens.prompt or None,
            evidence="A" if tokens.total else "C",
            credits=billed,
            native=ident,
        )
    )
    return True


def _tokens(usage: Facts) -> Tokens:
    """`input_tokens` is without what the cache gave and took, the older `prompt_tokens` is with it."""
    beside = {**mapping(usage.get("extra")), **usage}
    read, written, output, sent = (_first(beside, names) for names in (_READ, _WRITTEN, _OUTPUT, _SENT))
    fresh = count(usage.get("input_tokens")) or max(0, sent - read - written)
    return Tokens(fresh, read, written, 0, output)


def _first(facts: Facts, names: tuple[str, ...]) -> int:
    return next(filter(None, (count(facts.get(name)) for name in names)), 0)


def _billed(*places: Facts) -> int | None:
    for name, parts in (("committed_acu_cost", 1), ("committed_credit_cost", _PARTS)):
        for place in places:
            billed = credit(place.get(name), parts)
            if billed:
                return billed
    return None


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".db":
        return read_database("devin", VERSION, path, cursor, _rows)
    return read_document("devin", VERSION, path, cursor, record_of, _transcript)


def _home(machine: Machine) -> Path:
    return Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "devin" / "cli"


SOURCE = Source(
    id="devin",
    title="Devin CLI",
    mark="De",
    color="other",
    version=VERSION,
    roots=lambda machine: [_home(machine) / "transcripts"],
    shallow=lambda machine: [_home(machine)],
    owns=lambda relative: relative == "sessions.db" or ("/" not in relative and relative.endswith(".json")),
    is_database=lambda name: name.endswith(".db"),
    read=_read,
    verified=False,
    evidence="AC",
    credit="ACU",
)
