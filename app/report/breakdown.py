"""One session taken apart: its calls, and where its money went. Every part adds up to the session's cost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import text_of
from app.model.usage import Tokens
from app.report.export import repaired_members, row_members, session_members, sums_members
from app.report.overview import row_of
from app.store import queries
from app.store.queries import CallRow, CopyRow, Filter, Kind, SessionFacts, Sums

SCHEMA = "cuenta.session/1"
MAIN = "main"


class Breakdown(NamedTuple):
    facts: SessionFacts
    total: Sums
    by_model: tuple[tuple[str | None, Sums], ...]
    by_subagent: tuple[tuple[str, Sums], ...]
    """The main conversation, then the sub-agents in the order of their first calls."""
    by_kind: tuple[Kind, ...]
    calls: tuple[CallRow, ...]
    context: queries.Context


def find(connection: sqlite3.Connection, prefix: str) -> int:
    """Our id of the one session whose id begins so. Raises KnownError where there is none, or several."""
    found = queries.find_sessions(connection, prefix)
    if not found:
        raise KnownError(f"No session's id begins with {prefix!r}.", "`cuenta report --by session` lists them.")
    if len(found) > 1:
        some = ", ".join(repr(row[2]) for row in found[:3])
        raise KnownError(f"{len(found)} sessions begin with {prefix!r}: {some} …", "Write more of the id.")
    return found[0][0]


def build(connection: sqlite3.Connection, session: int) -> Breakdown:
    calls = tuple(queries.calls_of(connection, session))
    which = Filter(session=session)
    by_subagent = queries.by_subagent(connection, which)
    order = {None: 0, **subagent_numbers(calls)}
    return Breakdown(
        facts=queries.sessions(connection, [session])[session],
        total=queries.total(connection, which),
        by_model=tuple(_by_cost([(key, sums) for key, sums in queries.by_model(connection, which)])),
        by_subagent=tuple((key or MAIN, sums) for key, sums in sorted(by_subagent, key=lambda row: order[row[0]])),
        by_kind=tuple(sorted(queries.by_kind(connection, which), key=lambda kind: -kind.cost)),
        calls=calls,
        context=queries.context_of(connection, session),
    )


def logged(found: Breakdown) -> Breakdown:
    """The same with the bare logged figures."""
    return found._replace(
        total=found.total.logged,
        by_model=tuple((key, sums.logged) for key, sums in found.by_model),
        by_subagent=tuple((key, sums.logged) for key, sums in found.by_subagent),
        by_kind=tuple(kind.logged for kind in found.by_kind),
        calls=tuple(call._replace(repaired_output=0, repaired_cost=0) for call in found.calls),
    )


def _by_cost(rows: list[tuple[Any, Sums]]) -> list[tuple[Any, Sums]]:
    return sorted(rows, key=lambda row: (-row[1].cost, row[0] or ""))


def subagent_numbers(calls: Iterable[CallRow]) -> dict[str, int]:
    """Sub-agent → its number, from 1 in the order of their first calls."""
    found: dict[str, int] = {}
    for call in calls:
        if call.subagent is not None and call.subagent not in found:
            found[call.subagent] = len(found) + 1
    return found


def counted(call: CallRow) -> int | None:
    """What the call adds to sums; None is no price."""
    if call.cost is not None:
        return call.cost
    return call.reported if call.reported else None


def as_json(found: Breakdown, machine: Machine) -> dict[str, Any]:
    """`calls` are numbered from 1 in order of time; the number is what `--trace` takes."""
    numbers = subagent_numbers(found.calls)
    return {
        "schema": SCHEMA,
        "id": found.facts.native,
        **session_members(found.facts, machine),
        "branch": found.facts.branch,
        "agent_version": found.facts.version,
        "context_tokens": found.context.tokens,
        "total": sums_members(found.total),
        "by_model": [{"key": key, **sums_members(sums)} for key, sums in found.by_model],
        "by_subagent": [
            {"key": key, "number": numbers.get(key), **sums_members(sums)} for key, sums in found.by_subagent
        ],
        "by_kind": [row_members(row_of(kind), machine) for kind in found.by_kind],
        "calls": [_call(number, call, numbers) for number, call in enumerate(found.calls, 1)],
    }


def _call(number: int, call: CallRow, numbers: dict[str, int]) -> dict[str, Any]:
    return {
        "call": number,
        "at": text_of(call.at),
        "model": call.model,
        "subagent": call.subagent,
        "subagent_number": numbers.get(call.subagent or ""),
        "tokens": call.tokens._asdict(),
        "requests": call.searches,
        "cost_nanousd": counted(call),
        "cost_high_nanousd": call.high,
        "reported_cost_nanousd": call.reported,
        "context_tokens": call.context,
        "folded_records": call.folded,
        "finished": call.finished,
        "ids": call.native,
        "file": call.path,
        "byte": call.position,
        **repaired_members(call),
    }


class Line(NamedTuple):
    """One line of a bill: so many tokens at such a price."""

    kind: str
    amount: int
    nano: int


class Trace(NamedTuple):
    """Where a call's figure comes from."""

    number: int
    call: CallRow
    copies: tuple[CopyRow, ...]
    lines: tuple[Line, ...]


_KINDS = (*Tokens._fields, "requests")


def trace(connection: sqlite3.Connection, found: Breakdown, wanted: str) -> Trace:
    """The call with that number in the session, or with one of those vendor's ids. Raises KnownError."""
    for number, call in enumerate(found.calls, 1):
        if wanted == str(number) or wanted in (call.native or "").split():
            copies = queries.copies_of(connection, call.message)
            return Trace(number, call, tuple(copies), _lines(call))
    raise KnownError(f"The session has no call {wanted!r}.", f"There are calls 1 to {len(found.calls)}.")


def _lines(call: CallRow) -> tuple[Line, ...]:
    tokens = call.tokens
    counts = (*tokens[:4], tokens.output - tokens.reasoning, tokens.reasoning, call.searches)
    return tuple(Line(*one) for one in zip(_KINDS, counts, call.parts, strict=True))
