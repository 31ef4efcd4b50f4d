# pyright: strict
"""What a newer price book says otherwise than the one in use."""

from __future__ import annotations

from typing import NamedTuple

from app.pricing.book import Book, Model, Rates, Row


class Change(NamedTuple):
    """One mode of one model whose rows differ."""

    key: str
    """channel/model."""
    mode: str
    before: Rates | None
    """Last row of the book in use; None is no price."""
    after: Rates | None
    since: str | None
    """From when the last row of the newer book holds; None is from the beginning."""
    source: str

    @property
    def only_history(self) -> bool:
        """Today's price is the same; tiers or earlier rows are not."""
        return self.before == self.after


class Difference(NamedTuple):
    new: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[str, ...] = ()


def difference(before: Book, after: Book) -> Difference:
    shared = before.models.keys() & after.models.keys()
    return Difference(
        new=tuple(sorted(after.models.keys() - shared)),
        changed=tuple(one for key in sorted(shared) for one in _changes(key, before.models[key], after.models[key])),
        gone=tuple(sorted(before.models.keys() - shared)),
    )


def _changes(key: str, before: Model, after: Model) -> list[Change]:
    found: list[Change] = []
    for mode in sorted(before.modes.keys() | after.modes.keys(), key=lambda one: (one != "standard", one)):
        old, new = before.modes.get(mode, ()), after.modes.get(mode, ())
        if [_money(row) for row in old] != [_money(row) for row in new]:
            last = new[-1] if new else None
            found.append(
                Change(
                    key,
                    mode,
                    old[-1].rates if old else None,
                    last and last.rates,
                    last and last.since,
                    last.source if last else "",
                )
            )
    return found


def _money(row: Row) -> tuple[object, ...]:
    return (row.since, row.rates, row.tiers)
