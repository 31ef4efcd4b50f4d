"""Copies as rows of the table `call`, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model.instant import QUARTER
from app.model.money import Money
from app.model.usage import Call, Tokens
from app.store.folding import Copy, Paid

_SEEN = (
    *(
        "message",
        "key",
        "file_id",
        "session_id",
        "source",
        "generation",
        "standing",
        "copied",
        "subagent",
        "at",
        "model",
    ),
    *("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning"),
    *("searches", "tool_searches", "speed", "tier", "geo", "provider", "effort", "context", "window", "reported"),
    *("finished", "evidence", "position", "records", "native", "credits"),
)
"""What the logs said."""
_DERIVED = (
    *("kept", "counted_at", "quarter", "folded", "requests", "cost"),
    *("cost_input", "cost_cache_read", "cost_cache_write_5m", "cost_cache_write_1h"),
    *("cost_output", "cost_reasoning", "cost_requests", "cost_high", "price_id"),
)
"""What follows from it."""
_COST = _DERIVED[_DERIVED.index("cost") :]

_ALL = _SEEN + _DERIVED
INSERT = f"INSERT INTO call ({', '.join(_ALL)}) VALUES ({', '.join('?' * len(_ALL))})"
UPSERT = (
    f"{INSERT} ON CONFLICT (message, key, file_id) DO UPDATE SET ({', '.join(_ALL[3:])})"
    f" = ({', '.join(f'excluded.{name}' for name in _ALL[3:])})"
)
SELECT = (
    f"SELECT {', '.join(f'call.{name}' for name in _ALL)}, file.seen FROM call JOIN file ON file.id = call.file_id"
    " WHERE call.message IN (SELECT value FROM json_each(?))"
)
SELECT_UNPRICED = (
    f"SELECT {', '.join(f'call.{name}' for name in _ALL)}, file.seen FROM call JOIN file ON file.id = call.file_id"
    " WHERE call.kept > 0 AND call.cost IS NULL"
)
SELECT_KEPT = (
    f"SELECT {', '.join(f'call.{name}' for name in _ALL)}, file.seen, price.name, price.match, price.book FROM call"
    " JOIN file ON file.id = call.file_id LEFT JOIN price ON price.id = call.price_id WHERE call.kept = 1"
)
SET_COST = (
    f"UPDATE call SET ({', '.join(_COST)}) = ({', '.join('?' * len(_COST))})"
    " WHERE message = ? AND key = ? AND file_id = ?"
)
_PLACE = ("message", "key", "file_id")
KEEP_COST = (
    f"INSERT INTO repriced (repricing_id, {', '.join(_PLACE)}, {', '.join(_COST)}, cost_after, price_after)"
    f" SELECT ?, {', '.join(_PLACE)}, {', '.join(_COST)}, ?, ? FROM call"
    " WHERE message = ? AND key = ? AND file_id = ? AND kept = 1 AND cost IS ? AND price_id IS ?"
)
"""Notes what a call costs, unless that has changed since it was looked at."""
SET_KEPT_COST = (
    f"UPDATE call SET ({', '.join(_COST)}) = ({', '.join('?' * len(_COST))})"
    " WHERE message = ? AND key = ? AND file_id = ? AND kept = 1 AND cost IS ? AND price_id IS ?"
)
_THE_SAME = " AND ".join(f"repriced.{name} = call.{name}" for name in _PLACE)
TAKE_BACK = (
    f"UPDATE call SET ({', '.join(_COST)}) = (SELECT {', '.join(_COST)} FROM repriced"
    f" WHERE repricing_id = ?1 AND {_THE_SAME}) WHERE kept = 1 AND EXISTS (SELECT 1 FROM repriced"
    f" WHERE repricing_id = ?1 AND {_THE_SAME} AND repriced.cost_after IS call.cost"
    " AND repriced.price_after IS call.price_id)"
)
"""Gives the calls of a repricing back what they had cost, where nothing has priced them anew since."""
UNPRICED: tuple[Any, ...] = (None, 0, 0, 0, 0, 0, 0, 0, None, None)
"""The cost columns of a copy that is not kept, or has no price."""


def row_of(copy: Copy, cost: tuple[Any, ...]) -> tuple[Any, ...]:
    """Values for INSERT; `cost` as `columns_of` gives it."""
    call = copy.call
    tokens, counted_at = call.tokens, copy.counted_at
    # One display, by position: what is unpacked twice takes twice as long, for each call of a first run.
    return (
        *(call.group, call.key, copy.file, copy.session, copy.source, copy.generation, call.standing, call.copied),
        *(call.subagent, call.at, call.model),
        *tokens,
        *(call.searches, copy.tool_searches, call.speed, call.tier, call.geo, call.provider, call.effort),
        *(
            call.context,
            call.window,
            call.reported,
            call.finished,
            call.evidence,
            call.offset,
            call.records,
            call.native,
            call.credits,
        ),
        *(copy.kept, counted_at, counted_at // QUARTER, copy.folded, copy.requests),
        *cost,
    )


def columns_of(money: Money, price: int) -> tuple[Any, ...]:
    """(cost, its seven parts, the most it can be, price row)."""
    return (money.total, *money.parts, money.high, price)


def copy_of(row: Sequence[Any]) -> Copy:
    """The copy a row of SELECT holds."""
    group, key, file, session, source, generation, standing, copied, subagent, at, model = row[:11]
    searches, tool_searches, speed, tier, geo, provider, effort, context, window, reported = row[17:27]
    finished, evidence, position, records, native, credits, kept, counted_at, _, _, requests = row[27:38]
    call = Call(
        key=key,
        group=group,
        standing=standing,
        session="",
        subagent=subagent,
        at=at,
        model=model,
        tokens=Tokens(*row[11:17]),
        searches=searches,
        speed=speed,
        tier=tier,
        geo=geo,
        provider=provider,
        effort=effort,
        context=context,
        window=window,
        reported=reported,
        finished=bool(finished),
        evidence=evidence,
        copied=bool(copied),
        offset=position,
        records=records,
        native=native,
        credits=credits,
    )
    copy = Copy(source, call, file, generation, row[-1], session, tool_searches)
    if kept:
        copy.kept, copy.counted_at, copy.requests = kept, counted_at, requests
        copy.paid = Paid(copy.priced_by(), tuple(row[38:-1]))
    return copy
