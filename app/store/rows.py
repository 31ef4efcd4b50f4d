"""Copies as rows of the table `call`, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.model.instant import QUARTER
from app.model.money import Money
from app.model.usage import Call, Tokens
from app.store.folding import Copy

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
    *("finished", "evidence", "position", "records", "native"),
)
"""What the logs said."""
_DERIVED = (
    *("kept", "counted_at", "quarter", "folded", "cost"),
    *("cost_input", "cost_cache_read", "cost_cache_write_5m", "cost_cache_write_1h"),
    *("cost_output", "cost_reasoning", "cost_requests", "price_id"),
)
"""What follows from it."""

_ALL = _SEEN + _DERIVED
INSERT = f"INSERT INTO call ({', '.join(_ALL)}) VALUES ({', '.join('?' * len(_ALL))})"
UPSERT = (
    f"{INSERT} ON CONFLICT (message, key, file_id) DO UPDATE SET ({', '.join(_ALL[3:])})"
    f" = ({', '.join(f'excluded.{name}' for name in _ALL[3:])})"
)
SELECT = (
    f"SELECT {', '.join(f'call.{name}' for name in _SEEN)}, file.seen FROM call JOIN file ON file.id = call.file_id"
    " WHERE call.message IN (SELECT value FROM json_each(?))"
)
_NOTHING = (0, 0, 0, 0, 0, 0, 0)


def row_of(copy: Copy, money: Money | None, price: int | None) -> tuple[Any, ...]:
    """Values for INSERT. `money` and `price`, its row, are None where the copy is not kept or has no price."""
    call = copy.call
    tokens, counted_at = call.tokens, copy.counted_at
    total, parts = (None, _NOTHING) if money is None else money[:2]
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
        ),
        *(copy.kept, counted_at, counted_at // QUARTER, copy.folded, total),
        *parts,
        price,
    )


def copy_of(row: Sequence[Any]) -> Copy:
    """The copy a row of SELECT holds."""
    group, key, file, session, source, generation, standing, copied, subagent, at, model = row[:11]
    searches, tool_searches, speed, tier, geo, provider, effort, context, window, reported = row[17:27]
    finished, evidence, position, records, native, seen = row[27:33]
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
    )
    return Copy(source, call, file, generation, seen, session, tool_searches)
