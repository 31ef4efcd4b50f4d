"""Stored costs worked out again: looked through, changed and taken back. The price of a call is frozen otherwise."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from app.model.money import Money, Parts
from app.model.usage import Call
from app.store import rows

Ask = Callable[..., list[Any]]
AskMany = Callable[[str, list[tuple[Any, ...]]], None]


class Priced(NamedTuple):
    """A counted call and what it was priced with."""

    call: Call
    """As it is priced: at its earliest instant, with the tool requests that are billed."""
    file: int
    cost: int | None
    parts: Parts
    price_id: int | None
    row: str | None
    """channel/model@valid-from#mode; None is no price."""
    match: str | None
    book: str | None

    @property
    def place(self) -> tuple[Any, ...]:
        """What finds the call again, if its price is still the same."""
        return (self.call.group, self.call.key, self.file, self.cost, self.price_id)


def calls(connection: sqlite3.Connection) -> Iterator[Priced]:
    """Every counted call. For a report; nothing is changed."""
    for row in connection.execute(rows.SELECT_KEPT):
        copy = rows.copy_of(row[:-3])
        call = copy.call._replace(at=copy.counted_at, searches=copy.requests)
        cost, *parts, _, price_id = copy.paid.columns if copy.paid else rows.UNPRICED
        yield Priced(call, copy.file, cost, Parts(*parts), price_id, *row[-3:])


def apply(
    ask: Ask,
    ask_many: AskMany,
    columns_of: Callable[[Money | None], tuple[Any, ...]],
    changes: Sequence[tuple[Priced, Money | None]],
    now: int,
    book: str,
) -> int:
    """Inside the writer's transaction."""
    if not changes:
        return 0
    ask("INSERT INTO repricing (at, book, calls) VALUES (?, ?, 0)", (now, book))
    (ident,) = ask("SELECT max(id) FROM repricing")[0]
    found = [(one, columns_of(money)) for one, money in changes]
    ask_many(rows.KEEP_COST, [(ident, after[0], after[-1], *one.place) for one, after in found])
    ask_many(rows.SET_KEPT_COST, [(*after, *one.place) for one, after in found])
    (count,) = ask("SELECT count(*) FROM repriced WHERE repricing_id = ?", (ident,))[0]
    ask("UPDATE repricing SET calls = ? WHERE id = ?", (count, ident))
    return count


def last(connection: sqlite3.Connection) -> tuple[int, int] | None:
    """(when, calls) of the repricing that can be taken back."""
    return connection.execute("SELECT at, calls FROM repricing ORDER BY id DESC LIMIT 1").fetchone()


def take_back(ask: Ask) -> int | None:
    """Inside the writer's transaction."""
    found = ask("SELECT max(id) FROM repricing")[0][0]
    if found is None:
        return None
    ask(rows.TAKE_BACK, (found,))
    (changed,) = ask("SELECT changes()")[0]
    ask("DELETE FROM repriced WHERE repricing_id = ?", (found,))
    ask("DELETE FROM repricing WHERE id = ?", (found,))
    return changed
