"""Amp's threads: `threads/T-<id>.json`, rewritten as a whole. Newer ones stay on its server and leave an empty one here.

A newer thread has a ledger of all its requests, those of sub-agents among them, in credits and without what was cached; that
stands with the message which the request made. Without a ledger the messages' own usage is all there is, and that of
sub-agents is logged nowhere. Some copies of threads spell their fields in another way, with a ledger in a file beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Call, Cursor, Standing, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, credit, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source
from app.shapes.vscode import path_of

VERSION = 1
_OPENAI = ("gpt-", "o1", "o3", "o4", "openai/")
_SENT, _READ = ("inputTokens", "input"), ("cacheReadInputTokens", "cache_read")
_WRITTEN, _OUTPUT = ("cacheCreationInputTokens", "cache_write"), ("outputTokens", "output")
_TIMES = ("timestamp", "createdAt", "created_at")
Facts = dict[str, object]


def _thread(thread: dict[str, Any], gathered: Gathered) -> None:
    ident = word(thread.get("id")) or gathered.path.stem
    gathered.learn(ident, project=_project(thread))
    made, at = dict[int | str, Call](), _instant(thread, "created") or gathered.file_time
    for number, message in enumerate(_objects(thread.get("messages"))):
        usage = mapping(message.get("usage"))
        at = _instant(usage) or _instant(message) or at
        if usage and message.get("role") == "assistant":
            place = _place(message, "messageId", "id")
            place = number if place is None else place
            made[place] = _message(ident, place, message, usage, at)
    ledger = list(_objects(mapping(thread.get("usageLedger")).get("events")))
    for one in [_event(ident, event, made, at) for event in ledger] if ledger else made.values():
        gathered.add(one)


def _message(thread: str, place: int | str, message: Facts, usage: Facts, at: int) -> Call:
    model = word(usage.get("model")) or word(message.get("model"))
    tokens = _tokens(usage, model)
    return call(
        *_identity(thread, place),
        session=thread,
        at=at,
        model=model,
        tokens=tokens,
        context=tokens.prompt or None,
        window=count(usage.get("maxInputTokens")) or None,
        credits=credit(usage.get("credits")),
        native=str(place),
    )


def _event(thread: str, event: Facts, made: dict[int | str, Call], at: int) -> Call:
    """A request of the ledger. The first that made a message is that message's."""
    place, model = _place(event, "toMessageId"), word(event.get("model"))
    message = None if place is None else made.get(place)
    billed, at = credit(event.get("credits")), _instant(event) or at
    if place is not None and message is not None and model in (None, message.model):
        del made[place]
        return message._replace(at=at, credits=billed if billed is not None else message.credits)
    ident = word(event.get("id"))
    return call(
        *("amp", thread, ident or f"{at} {model} {billed}"),
        session=thread,
        at=at,
        model=model,
        tokens=_tokens(mapping(event.get("tokens")), model),
        evidence="B",
        credits=billed,
        native=ident,
    )


class _Ledger(Records):
    """A ledger beside the threads: what it says of a message counts where no thread holds that."""

    needles = re.compile(rb'"(?:tokens|credits)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        place, model = _place(record, "to_message_id", "toMessageId"), word(record.get("model"))
        if not place:
            self.skip("no message")
            return
        tokens = mapping(record.get("tokens"))
        one = call(
            *_identity(self.path.stem, place),
            standing=Standing.SIDE,
            session=self.path.stem,
            at=self.when(_instant(record)),
            model=model,
            tokens=_tokens(tokens, model),
            evidence="A" if any(name in tokens for name in _READ) else "B",
            credits=credit(record.get("credits")),
            offset=offset,
            native=str(place),
        )
        self.add(one)


def _place(facts: Facts, *names: str) -> int | str | None:
    """Which message, by its number in the thread or by its name."""
    found = next((facts[name] for name in names if name in facts), None)
    return found if type(found) in (int, str) else None  # pyright: ignore[reportReturnType]


def _identity(thread: str, place: int | str) -> tuple[object, ...]:
    """Numbers count a thread's messages; a name is a message's anywhere."""
    return ("amp", place) if isinstance(place, str) else ("amp", thread, place)


def _tokens(usage: Facts, model: str | None) -> Tokens:
    """OpenAI bills no writing to its cache: what stands there is the fresh part of the prompt."""
    sent, read, written, output = (_count(usage, names) for names in (_SENT, _READ, _WRITTEN, _OUTPUT))
    if model and model.startswith(_OPENAI):
        sent, written = sent + written, 0
    return Tokens(sent, read, written, 0, output)


def _count(usage: Facts, names: Iterable[str]) -> int:
    return next((count(usage[name]) for name in names if name in usage), 0)


def _instant(facts: Facts, *more: str) -> int | None:
    return next(filter(None, (instant(facts.get(name)) for name in (*_TIMES, *more))), None)


def _project(thread: dict[str, Any]) -> str | None:
    tree = next(_objects(mapping(mapping(thread.get("env")).get("initial")).get("trees")), {})
    uri = word(tree.get("uri"))
    return (path_of(uri) if uri else None) or word(tree.get("displayName"))


def _objects(value: object) -> Iterator[Facts]:
    yield from (mapping(one) for one in value if isinstance(one, dict)) if isinstance(value, list) else ()  # pyright: ignore[reportUnknownVariableType]


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".jsonl":
        return read_lines("amp", VERSION, path, cursor, _Ledger)
    return read_document("amp", VERSION, path, cursor, record_of, _thread)


def _owns(relative: str) -> bool:
    """Its folder holds keys, too: only what bears the name of a thread or of a ledger."""
    folder, _, name = relative.rpartition("/")
    if name.endswith(".json"):
        return folder.endswith("threads") or name.startswith(("T-", "thread_"))
    return not folder and name.startswith("ledger") and name.endswith(".jsonl")


def _roots(machine: Machine) -> Iterator[Path]:
    """The same on every system."""
    yield Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "amp"


SOURCE = Source(
    id="amp",
    title="Amp",
    mark="Am",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=_read,
    verified=False,
    evidence="AB",
    credit="Amp credit",
)
