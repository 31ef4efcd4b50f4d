"""Amazon Q Developer CLI and the Kiro CLI that came of it: conversations in `data.sqlite3`, later ones a document each.

Amazon Q logs no counts at all: what was said anew in a request is counted from its text, and nothing is known of what was
sent along again. Kiro's counts are mostly placeholders of 0 beside credits that are exact; of a conversation in the database
they are its latest turn's only, and stand at the turn's first request while they grow. A database brought over from Amazon Q
holds the same requests: each is known by its message's id.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.database import Base, read_database
from app.shapes.document import read_document
from app.shapes.fields import count, credit, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_DATABASE = "data.sqlite3"
_TIMED = {"key", "conversation_id", "value", "updated_at"}
_COUNTS = ("uncached_input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")
_TURN = ("input_token_count", "cache_read_input_token_count", "cache_write_input_token_count", "output_token_count")
_WINDOW = 200_000


# --- the database: a conversation a row, which is written again after each answer


def _rows(base: Base, gathered: Gathered) -> None:
    """The same database holds the login: only what is named here is asked for."""
    if base.columns("conversations_v2") >= _TIMED:
        since = gathered.kept.get("since", 0)
        asked = 'SELECT "key", value, updated_at FROM conversations_v2 WHERE updated_at >= ? ORDER BY updated_at'
        for folder, value, updated in base.ask(asked, since):
            gathered.kept["since"] = max(gathered.kept.get("since", 0), count(updated))
            _conversation(gathered, folder, value, instant(updated))
    if base.columns("conversations") >= {"key", "value"}:
        for folder, value in base.ask('SELECT "key", value FROM conversations'):
            _conversation(gathered, folder, value, None)


def _conversation(gathered: Gathered, folder: object, value: object, updated: int | None) -> None:
    said = record_of(value if isinstance(value, bytes) else str(value).encode())
    session = word(mapping(said).get("conversation_id"))
    if said is None or session is None:
        gathered.skip("not JSON")
        return
    entries = [mapping(one) for one in listed(said.get("history"))]
    names = [_name_of(entry, session, place) for place, entry in enumerate(entries)]
    told: dict[str, list[Any]] = gathered.kept.setdefault("told", {})
    last, known = told.get(session, (None, None))
    new = names.index(last) + 1 if last in names else 0
    turn = mapping(said.get("user_turn_metadata"))
    first, credits = _first_of(turn), _credits(turn.get("usage_info"))
    at, model = (
        updated or gathered.written,
        word(mapping(said.get("model_info")).get("model_id")) or word(said.get("model")),
    )
    gathered.learn(session, project=word(folder))
    for place, (entry, name) in enumerate(zip(entries, names, strict=True)):
        asked = mapping(entry.get("request_metadata"))
        at = instant(asked.get("request_start_timestamp_ms")) or instant(asked.get("stream_end_timestamp_ms")) or at
        billed = credits if first is not None and first == word(asked.get("request_id")) else None
        if place >= new or (billed and billed != known):
            _request(gathered, entry, name, session, at, model, billed)
    if names:
        told[session] = [names[-1], credits]


def _request(
    gathered: Gathered,
    entry: dict[str, object],
    name: str,
    session: str,
    at: int,
    model: str | None,
    credits: int | None,
) -> None:
    asked = mapping(entry.get("request_metadata"))
    sent, read, write, output = (count(asked.get(one)) for one in _COUNTS)
    tokens = Tokens(sent, read, write, 0, output)
    exact = tokens.total > 0
    if not exact:
        tokens = Tokens(
            input=gathered.words(_text(mapping(entry.get("user")).get("content"))),
            output=gathered.words(_text(entry.get("assistant"))),
        )
    gathered.add(
        call(
            *("amazon_q", name),
            session=session,
            at=at,
            model=word(asked.get("model_id")) or model,
            tokens=tokens,
            context=tokens.prompt if exact else None,
            evidence="A" if exact else "C",
            credits=credits,
            native=word(asked.get("request_id")) or name,
        )
    )


def _name_of(entry: dict[str, object], session: str, place: int) -> str:
    """The message's id: each answer has one, in one of two places."""
    answer = mapping(entry.get("assistant"))
    kinds = (mapping(one) for one in answer.values())
    ids = [
        word(mapping(entry.get("request_metadata")).get("message_id")),
        *(word(one.get("message_id")) for one in kinds),
    ]
    return next(filter(None, ids), f"{session} {place}")


def _first_of(turn: dict[str, object]) -> str | None:
    return next((word(mapping(one).get("request_id")) for one in listed(turn.get("requests"))), None)


def _text(value: object) -> str:
    """All that is said in it: texts as they are, what a tool is given and gives as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(map(_text, listed(value)))  # pyright: ignore[reportUnknownArgumentType]
    parts = (
        msgspec.json.encode(part).decode() if name in ("args", "Json") else _text(part)
        for name, part in mapping(value).items()
        if name not in _NO_TEXT
    )
    return "\n".join(filter(None, parts))


_NO_TEXT = ("message_id", "id", "tool_use_id", "orig_name", "orig_args", "status")


def _credits(usage: object) -> int | None:
    """Of a turn's metering, which has seconds beside them; None where it has none (yet)."""
    metered = (mapping(one) for one in listed(usage))
    return sum(credit(one.get("value")) or 0 for one in metered if one.get("unit") == "credit") or None


# --- a document a conversation, with a turn's counts each


def _document(said: dict[str, Any], gathered: Gathered) -> None:
    session = word(said.get("session_id")) or gathered.path.stem
    state = mapping(said.get("session_state"))
    model_state = mapping(state.get("rts_model_state"))
    facts = mapping(model_state.get("model_info"))
    window = count(facts.get("context_window_tokens")) or _WINDOW
    turns = [mapping(one) for one in listed(mapping(state.get("conversation_metadata")).get("user_turn_metadatas"))]
    gathered.learn(session, project=word(said.get("cwd")))
    at = instant(said.get("created_at")) or gathered.file_time
    for turn in turns:
        if turn is turns[-1] and instant(turn.get("end_timestamp")) is None and _named_turn(turn) is None:
            continue  # it goes on: counted now, it would be another one once it has a name
        at = instant(turn.get("end_timestamp")) or at
        fill = model_state if turn is turns[-1] else turn
        sent, read, write, output = (count(turn.get(name)) for name in _TURN)
        tokens = Tokens(sent, read, write, 0, output)
        gathered.add(
            call(
                *("kiro_cli", session, *_turn_id(turn, at)),
                session=session,
                at=at,
                model=word(turn.get("model")) or word(facts.get("model_id")),
                tokens=tokens,
                context=_share(fill.get("context_usage_percentage"), window),
                window=window,
                evidence="A" if tokens.total and count(turn.get("total_request_count")) <= 1 else "C",
                credits=_credits(turn.get("metering_usage")),
            )
        )


def _turn_id(turn: dict[str, object], at: int) -> tuple[object, ...]:
    """A resumed conversation repeats earlier turns."""
    return _named_turn(turn) or (at,)


def _named_turn(turn: dict[str, object]) -> tuple[object, ...] | None:
    loop = mapping(turn.get("loop_id"))
    if loop.get("rand") is not None:
        return mapping(loop.get("agent_id")).get("name"), loop.get("rand")
    ident = word(mapping(mapping(turn.get("result")).get("Ok")).get("id"))
    return None if ident is None else (ident,)


def _share(percent: object, window: int) -> int | None:
    """Some versions write a fraction."""
    if type(percent) not in (int, float) or not 0 < percent <= 100:  # pyright: ignore[reportOperatorIssue]
        return None
    return round(float(percent) * (1 if percent <= 1 else 0.01) * window)  # pyright: ignore[reportArgumentType, reportOperatorIssue]


# --- where they are


def _data(machine: Machine, name: str) -> Iterator[Path]:
    if machine.system == "darwin":
        yield machine.home / "Library" / "Application Support" / name
    elif machine.system == "win32":
        yield Path(machine.variable("LOCALAPPDATA") or machine.home / "AppData" / "Local") / name
    else:
        yield Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / name


def _sessions(machine: Machine) -> Iterable[Path]:
    return [home / "sessions" / "cli" for home in machine.folders("KIRO_HOME") or [machine.home / ".kiro"]]


def _read(source: str, path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".sqlite3":
        return read_database(source, VERSION, path, cursor, _rows)
    return read_document(source, VERSION, path, cursor, record_of, _document)


AMAZON_Q = Source(
    id="amazon_q",
    title="Amazon Q CLI",
    mark="Aq",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=lambda machine: _data(machine, "amazon-q"),
    owns=lambda relative: relative.rpartition("/")[2] == _DATABASE,
    is_database=lambda name: name.endswith(".sqlite3"),
    read=lambda path, cursor: _read("amazon_q", path, cursor),
    verified=False,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    evidence="C",
)
SOURCE = Source(
    id="kiro_cli",
    title="Kiro CLI",
    mark="Kr",
    color="other",
    version=VERSION,
    roots=_sessions,
    shallow=lambda machine: _data(machine, "kiro-cli"),
    owns=lambda relative: relative.rpartition("/")[2] == _DATABASE or relative.endswith(".json"),
    is_database=lambda name: name.endswith(".sqlite3"),
    read=lambda path, cursor: _read("kiro_cli", path, cursor),
    verified=False,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    evidence="AC",
    credit="credit",
)
