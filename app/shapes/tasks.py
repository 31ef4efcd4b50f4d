"""`tasks/<id>/ui_messages.json`: what was shown of a task, as some extensions keep it, one list rewritten as a whole.

A request stands there without numbers until it ends. Where an earlier state is restored the messages after it go, and one
message with their sums takes their place: it counts as far as they were not seen before they went.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.model.identity import key_of
from app.model.path import real
from app.model.usage import Batch, Call, Cursor, Occurrence, Tokens
from app.shapes.beside import document_of
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import BOOKED, Gathered, call
from app.shapes.surroundings import Model, in_force

_REQUEST, _SUBAGENTS, _DELETED = "api_req_started", "subagent_usage", ("deleted_api_reqs", "api_req_deleted")
_COUNTS = ("tokensIn", "cacheReads", "cacheWrites", "tokensOut")


class Beside(NamedTuple):
    """What lies beside a task's messages says of it."""

    models: tuple[Model, ...] = ()
    """Oldest first."""
    project: str | None = None


class Asked(NamedTuple):
    """What a request's message says of what was sent."""

    at: int
    """ms since 1970 UTC."""
    sent: int
    read: int
    write: int
    protocol: str | None
    provider: str | None


class Dialect(NamedTuple):
    """What differs from one fork to another."""

    source: str
    beside: Callable[[Path], Beside]
    """Of a task's folder."""
    fresh: Callable[[Asked], int]
    """How many of the tokens sent are neither read from a cache nor written to one."""


def read_task(dialect: Dialect, version: int, path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    """Raises OSError as `read_document` does."""

    def parse(messages: list[Any], gathered: Gathered) -> None:
        _Task(dialect, gathered).told([mapping(one) for one in messages])

    return read_document(dialect.source, version, path, cursor, _list, parse)


def whole(source: str, task: str) -> tuple[str, str]:
    """The identity that all requests of a task share: a record of the task as a whole counts where none of them is known."""
    return source, task


def _list(raw: bytes) -> list[Any] | None:
    found = document_of(raw)
    return found if isinstance(found, list) else None  # pyright: ignore[reportUnknownVariableType]


class _Task:
    """One reading of one task."""

    def __init__(self, dialect: Dialect, gathered: Gathered) -> None:
        self.dialect = dialect
        self.gathered = gathered
        self.session = gathered.path.parent.name
        self.beside = dialect.beside(Path(real(str(gathered.path.parent))))
        self.context = 0
        self.requests: list[Call] = []
        self.deleted: list[Call] = []

    def told(self, messages: list[dict[str, object]]) -> None:
        self.gathered.learn(self.session, project=self.beside.project)
        for message in messages:
            if message.get("type") in ("say", None):
                self._message(message, instant(message.get("ts")) or self.gathered.file_time)
        self._tell_deleted()

    def _message(self, message: dict[str, object], at: int) -> None:
        kind, text = word(message.get("say")), word(message.get("text"))
        if kind in (_REQUEST, _SUBAGENTS, *_DELETED):
            facts = record_of(text.encode("utf-8", "replace")) if text else {}
            if facts is None:
                self.gathered.skip("not JSON")
            elif any(name in facts for name in (*_COUNTS, "cost")):  # none where it still runs
                self._counted(kind or "", self._call(kind or "", message, facts, at))
        elif kind == "compaction":
            self._rescaled((record_of(text.encode("utf-8", "replace")) if text else None) or {}, at)
        elif kind == "condense_context":
            facts = mapping(message.get("contextCondense"))
            self._compacted(at, count(facts.get("prevContextTokens")), count(facts.get("newContextTokens")))
            if dollars(facts.get("cost")):
                self.gathered.add(self._call(kind, message, {"cost": facts["cost"]}, at))
        elif kind == "sliding_window_truncation":
            facts = mapping(message.get("contextTruncation"))
            self._compacted(at, count(facts.get("prevContextTokens")), count(facts.get("newContextTokens")))

    def _call(self, kind: str, message: dict[str, object], facts: dict[str, Any], at: int) -> Call:
        own = mapping(message.get("modelInfo"))
        model, provider = word(own.get("modelId")), word(own.get("providerId"))
        if model is None:
            model, provider = in_force(self.beside.models, at)
        sent, read, write, output = (count(facts.get(name)) for name in _COUNTS)
        fresh = self.dialect.fresh(Asked(at, sent, read, write, word(facts.get("apiProtocol")), provider))
        tokens = Tokens(fresh, read, write, 0, output)
        return call(
            *whole(self.dialect.source, self.session),
            key=key_of(kind, at),
            session=self.session,
            subagent=str(at) if kind == _SUBAGENTS else None,
            at=at,
            model=model,
            provider=provider,
            tokens=tokens,
            reported=dollars(facts.get("cost")),
            context=tokens.total or None if kind == _REQUEST else None,
            evidence="A" if kind == _REQUEST and facts.get("usageMissing") is not True else "C",
        )

    def _counted(self, kind: str, one: Call) -> None:
        if kind in _DELETED:
            self.deleted.append(one)
            return
        self.gathered.add(one)
        if kind == _REQUEST:
            self.requests.append(one)
            self.context = one.context or self.context

    def _rescaled(self, facts: dict[str, Any], at: int) -> None:
        """Both sizes are guesses on one scale, which is not that of the counts: only how they compare says something."""
        before, after = count(facts.get("tokensBefore")), count(facts.get("tokensAfter"))
        if facts.get("status") == "completed" and before and after:
            self._compacted(at, self.context, -(-self.context * after // before))

    def _compacted(self, at: int, before: int, after: int) -> None:
        self.context = after or self.context
        self.gathered.happened(Occurrence(self.session, None, at, "compaction", before or None, after or None, None))

    def _tell_deleted(self) -> None:
        """All sums so far are one running total, of which what was seen is told already."""
        booked: dict[str, list[int]] = self.gathered.kept.setdefault(BOOKED, {})
        (last,) = booked.get("last", [0])
        still = amount(one for one in self.requests if one.at <= last)
        gone = less(booked.get("seen", []), still)
        total = amount(self.deleted)
        added = less(less(total, booked.get("deleted", [])), gone)
        booked["last"] = [max((one.at for one in self.requests), default=0)]
        booked["seen"], booked["deleted"] = amount(self.requests), total
        if any(added):
            self.gathered.add(with_amount(self.deleted[-1], added)._replace(key=key_of("deleted", *total)))


# --- sums of requests: six kinds of tokens, then nano-dollars


def amount(calls: Iterable[Call]) -> list[int]:
    return [sum(each) for each in zip([0] * 7, *([*one.tokens, one.reported or 0] for one in calls), strict=True)]


def less(whole: list[int], part: list[int]) -> list[int]:
    """What is left, nowhere below zero; a sum that is empty is nothing."""
    return [max(0, one - other) for one, other in zip(whole or [0] * 7, part or [0] * 7, strict=True)]


def with_amount(one: Call, added: list[int]) -> Call:
    return one._replace(tokens=Tokens(*added[:6]), reported=added[6] or None)
