"""The price book in use and its age, and what a newer one from a file would change: whoever renders it."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import text_of
from app.pricing import importing
from app.pricing.book import Book, Rates
from app.pricing.catalog import Catalog, load_catalog
from app.pricing.changes import Change, Difference, difference
from app.pricing.explain import dollars
from app.pricing.user import Discount, UserPrice
from app.report import repricing
from app.report.repricing import Plan

SCHEMA = "cuenta.prices/1"
OLD_AFTER = 60
"""Days from which a book is called old."""


class InUse(NamedTuple):
    """The book in use. Days are UTC."""

    id: str
    built: str
    age: int
    """Whole days since it was built; 0 for one of today or later."""
    imported: bool
    """From a file of the user's, not with this version of Cuenta."""
    packages: tuple[str, ...]
    models: int
    rows: int
    disputed: int
    """Rows on which the sources differ."""
    own_prices: tuple[UserPrice, ...]
    own_discounts: tuple[Discount, ...]
    problem: str | None

    @property
    def old(self) -> bool:
        return self.age > OLD_AFTER


class Offer(NamedTuple):
    """What taking a file would bring."""

    book: Book
    difference: Difference
    unlisted: tuple[str, ...]
    """Models that a data file of genai-prices leaves out; unlike those that are gone, they keep their prices."""
    touched: Plan
    """The user's calls that cost something else by it. Stored costs stay until they are repriced."""


def catalog_of(machine: Machine) -> Catalog:
    """Raises KnownError where the shipped book is damaged."""
    try:
        return load_catalog(machine)
    except (OSError, ValueError) as error:
        raise KnownError(f"The price book can't be read: {error}.", "Install Cuenta again.") from error


def in_use(machine: Machine, catalog: Catalog) -> InUse:
    book = catalog.book
    return InUse(
        id=book.id,
        built=book.built,
        age=max(0, (date.fromisoformat(text_of(machine.clock())[:10]) - date.fromisoformat(book.built[:10])).days),
        imported=catalog.imported,
        packages=book.packages,
        models=len(book.models),
        rows=sum(len(rows) for model in book.models.values() for rows in model.modes.values()),
        disputed=sum(row.disputed for model in book.models.values() for rows in model.modes.values() for row in rows),
        own_prices=catalog.own,
        own_discounts=catalog.discounts,
        problem=catalog.problem,
    )


def offer(path: Path, machine: Machine, catalog: Catalog, connection: sqlite3.Connection) -> Offer:
    """Looks at every stored call. Raises KnownError where the file can't be used."""
    book = importing.book_from(path, catalog.book, machine.clock())
    touched = repricing.touched(connection, catalog, catalog.with_book(book))
    return Offer(book, difference(catalog.book, book), importing.unlisted_in(path, catalog.book), touched)


def in_use_json(found: InUse) -> dict[str, Any]:
    return {
        "id": found.id,
        "built": found.built,
        "age_days": found.age,
        "from": "file" if found.imported else "release",
        "packages": list(found.packages),
        "models": found.models,
        "rows": found.rows,
        "disputed_rows": found.disputed,
        "own_prices": len(found.own_prices),
        "own_discounts": len(found.own_discounts),
        "problem": found.problem,
    }


def own_json(found: InUse) -> list[dict[str, Any]]:
    """The user's entries, prices first."""
    prices = [
        {
            "model": one.model,
            "mode": one.mode,
            **_span(one),
            "usd_per_mtok": usd(one.rates),
            "source": one.source or None,
        }
        for one in found.own_prices
    ]
    discounts = [
        {"provider": one.provider, "percent": f"{one.percent.normalize():f}", **_span(one)}
        for one in found.own_discounts
    ]
    return [*prices, *discounts]


def _span(one: UserPrice | Discount) -> dict[str, Any]:
    return {name: None if at is None else text_of(at) for name, at in (("from", one.since), ("until", one.until))}


def offer_json(found: Offer, taken: bool) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "taken": taken,
        "book": {"id": found.book.id, "built": found.book.built, "packages": list(found.book.packages)},
        "new_models": list(found.difference.new),
        "changed": [_change(one) for one in found.difference.changed],
        "gone_models": list(found.difference.gone),
        "unlisted_models": list(found.unlisted),
        "touched": {
            "calls": len(found.touched.calls),
            "before_nanousd": found.touched.before,
            "after_nanousd": found.touched.after,
            "changes": repricing.as_json(found.touched, None, None)["changes"],
        },
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "model": one.key,
        "mode": one.mode,
        "since": one.since,
        "before": usd(one.before),
        "after": usd(one.after),
        "source": one.source,
    }


_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")


def usd(rates: Rates | None) -> dict[str, str | None] | None:
    """Dollars per million tokens as exact decimals, as `cuenta price` has them."""
    return None if rates is None else {kind: dollars(one) for kind, one in zip(_KINDS, rates, strict=True)}
