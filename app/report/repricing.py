"""What other prices would make of the calls that are stored: old, new and why, by model, before anything is written.

The sums are of whole calls, so a change of a tenth of a cent is seen. Nothing here writes: `store.writer.Writer.reprice`
takes what a plan holds.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any, NamedTuple

from app.model.instant import text_of
from app.model.money import Money
from app.pricing.catalog import Catalog
from app.pricing.price import price
from app.store import queries, repricing
from app.store.repricing import Priced

SCHEMA = "cuenta.reprice/1"
NEW, LOST, OWN, OFF = "new_price", "no_price_any_more", "own_price", "own_discount"
OTHER_ROW, SAME_ROW = "other_row", "changed_row"
WHY = {
    NEW: "had no price",
    LOST: "price is gone",
    OWN: "your own price",
    OFF: "your discount",
    OTHER_ROW: "another row",
    SAME_ROW: "the row changed",
}


class Change(NamedTuple):
    """The calls of one model that change for one reason. Money in nano-dollars."""

    model: str | None
    """The logged name, with `|fast` behind it in fast mode."""
    why: str
    """A key of WHY."""
    row_before: str | None
    row_after: str | None
    calls: int
    before: int | None
    """What they add to the sums now; None is nothing, as no price is known. The record's own dollars count here."""
    after: int | None

    @property
    def gain(self) -> int:
        return (self.after or 0) - (self.before or 0)


class Plan(NamedTuple):
    """What would change, and the calls to change it in."""

    book: str
    looked_at: int
    changes: tuple[Change, ...]
    """The largest difference first."""
    calls: tuple[tuple[Priced, Money | None], ...]

    @property
    def before(self) -> int:
        return sum(one.before or 0 for one in self.changes)

    @property
    def after(self) -> int:
        return sum(one.after or 0 for one in self.changes)


def plan(connection: sqlite3.Connection, catalog: Catalog) -> Plan:
    """Looks at every call: a second for some 50,000."""
    with queries.snapshot(connection):
        return _plan(repricing.calls(connection), catalog)


def plan_of(connection: sqlite3.Connection, catalog: Catalog, name: str) -> Plan:
    """As `plan`, of the calls that were logged under that name."""
    with queries.snapshot(connection):
        return _plan((one for one in repricing.calls(connection) if one.call.model == name), catalog)


def touched(connection: sqlite3.Connection, used: Catalog, other: Catalog) -> Plan:
    """The calls that cost something else by the other book than by the one in use, whatever is stored for them."""
    with queries.snapshot(connection):
        return _plan((_by(one, used) for one in repricing.calls(connection)), other)


def _by(one: Priced, catalog: Catalog) -> Priced:
    now = price(one.call, catalog)
    return (
        one._replace(cost=None, row=None) if now is None else one._replace(cost=now.total, parts=now.parts, row=now.row)
    )


def _plan(stored: Iterable[Priced], catalog: Catalog) -> Plan:
    looked_at = 0
    found: list[tuple[Priced, Money | None]] = []
    sums: dict[tuple[str | None, str, str | None, str | None], list[int | None]] = {}
    for one in stored:
        looked_at += 1
        now = price(one.call, catalog)
        if (one.cost, one.parts) == ((None, one.parts) if now is None else (now.total, now.parts)):
            continue
        found.append((one, now))
        sum_of = sums.setdefault((_model(one), _why(one, now), one.row, now.row if now else None), [0, None, None])
        stated = one.call.reported or None
        for place, add in enumerate((1, stated if one.cost is None else one.cost, now.total if now else stated)):
            sum_of[place] = sum_of[place] if add is None else (sum_of[place] or 0) + add
    changes = [Change(*key, calls or 0, before, after) for key, (calls, before, after) in sums.items()]
    changes.sort(key=lambda one: (-abs(one.gain), one.model or "", one.why))
    return Plan(catalog.book.id, looked_at, tuple(changes), tuple(found))


def _model(one: Priced) -> str | None:
    name = one.call.model
    return f"{name}|fast" if name is not None and one.call.speed == "fast" else name


def _why(one: Priced, now: Money | None) -> str:
    if now is None:
        return LOST
    if now.match == "user":
        return OWN
    if one.cost is None:
        return NEW
    if now.row == f"{one.row}, {now.row.rpartition(', ')[2]}":
        return OFF
    return SAME_ROW if now.row == one.row else OTHER_ROW


def as_json(plan: Plan, applied: int | None, last: tuple[int, int] | None) -> dict[str, Any]:
    """`applied` is how many calls were written; None where nothing was. `last` is what could be taken back."""
    return {
        "schema": SCHEMA,
        "book": plan.book,
        "applied": applied is not None,
        "calls_looked_at": plan.looked_at,
        "calls": len(plan.calls) if applied is None else applied,
        "before_nanousd": plan.before,
        "after_nanousd": plan.after,
        "changes": [
            {
                "model": one.model,
                "why": one.why,
                "calls": one.calls,
                "before_nanousd": one.before,
                "after_nanousd": one.after,
                "row_before": one.row_before,
                "row_after": one.row_after,
            }
            for one in plan.changes
        ],
        "can_take_back": None if last is None else {"at": text_of(last[0]), "calls": last[1]},
    }
