"""What the Prices page shows: the book in use, what has no price, what is disputed, and what a file would change."""

from __future__ import annotations

import sqlite3
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.machine import Machine
from app.pricing.book import Book, Rates, Row
from app.pricing.catalog import Catalog, user_file
from app.pricing.explain import dollars
from app.report import books
from app.report.books import InUse, Offer
from app.report.zone import day_of, local_zone, start_of
from app.store import queries, repricing
from app.store.queries import NoPrice

DAYS = 30
_NAMED = 6
"""Models of a difference that have a line of their own beside those that the user's calls used."""


class Disputed(NamedTuple):
    """A row on which the sources differ and by which calls of the user's are priced."""

    key: str
    """channel/model."""
    mode: str
    since: str | None
    used: Rates | None
    other: Rates | None
    """What the other source says; None where the book does not keep it."""
    source: str
    """Whose word it is."""
    calls: int


class Page(NamedTuple):
    """Everything but an offer, as one value."""

    used: InUse
    today: date
    zone: ZoneInfo
    calls: int
    """Of the last 30 days, today included."""
    unpriced: int
    """Those of them without a price."""
    missing: tuple[NoPrice, ...]
    """Of all time."""
    disputed: tuple[Disputed, ...]
    own_file: Path
    own_read: int | None
    """When the user's file was written, ms since 1970 UTC; None where there is none."""
    last: tuple[int, int] | None
    """(when, calls) of the repricing that can be taken back."""


def read(connection: sqlite3.Connection, machine: Machine, catalog: Catalog) -> Page:
    """Walks through all calls; for the background."""
    zone = local_zone(machine)
    today = day_of(machine.clock(), zone)
    since = start_of(today - timedelta(days=DAYS - 1), zone)
    path = user_file(machine)
    try:
        written = path.stat().st_mtime_ns // 1_000_000
    except OSError:
        written = None
    with queries.snapshot(connection):
        total = queries.total(connection, queries.Filter(since=since))
        return Page(
            used=books.in_use(machine, catalog),
            today=today,
            zone=zone,
            calls=total.calls,
            unpriced=total.unpriced,
            missing=tuple(queries.models_without_price(connection)),
            disputed=disputed(queries.calls_by_price(connection), catalog.book),
            own_file=path,
            own_read=written,
            last=repricing.last(connection),
        )


def disputed(used: dict[str, int], book: Book) -> tuple[Disputed, ...]:
    """Of the rows that calls are priced by: row name → calls. The most used first."""
    found: list[Disputed] = []
    for name, calls in sorted(used.items(), key=lambda one: (-one[1], one[0])):
        key, _, rest = name.partition("@")
        since, _, mode = rest.partition("#")
        mode = mode.partition(",")[0]  # what a discount of the user's appends
        row = _row(book, key, mode, since)
        if row is not None and row.disputed:
            settled = book.models[key].overruled.get(mode)
            other = settled[0] if settled and settled[0] != row.rates else None
            found.append(Disputed(key, mode, row.since, row.rates, other, row.source, calls))
    return tuple(found)


def _row(book: Book, key: str, mode: str, since: str) -> Row | None:
    model = book.models.get(key)
    rows = model.modes.get(mode, ()) if model else ()
    return next((row for row in rows if (row.since or "") == since), None)


class Line(NamedTuple):
    """What a file changes for one model."""

    key: str
    mode: str
    before: Rates | None
    after: Rates | None
    what: str
    """`new`, `changed`, `history` (today's price stays) or `gone`."""
    since: str | None
    calls: int
    """Calls of the user's that cost something else by it."""
    gain: int | None
    """Nano-dollars that they cost more; None without such calls."""


class Shown(NamedTuple):
    """The lines of an offer that matter, and how many models are left."""

    lines: tuple[Line, ...]
    new: int
    changed: int
    gone: int


def shown(offer: Offer) -> Shown:
    """What touches the user's calls first, the largest difference of money on top."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in offer.touched.changes:
        row = one.row_after or one.row_before or ""
        place = row.partition("@")[0], row.partition("#")[2].partition(",")[0]
        calls, gain = sums.get(place, (0, 0))
        sums[place] = calls + one.calls, gain + one.gain
    lines = [_line(one, sums) for one in _all(offer)]
    lines.sort(key=lambda one: (-abs(one.gain or 0), -one.calls, one.what == "history", one.key, one.mode))
    first = [one for one in lines if one.calls]
    rest = [one for one in lines if not one.calls]
    room = max(0, _NAMED - len(first))
    left = [one.what for one in rest[room:]]
    new, gone = left.count("new"), left.count("gone")
    return Shown((*first, *rest[:room]), new, len(left) - new - gone, gone)


def _all(offer: Offer) -> list[Line]:
    what = offer.difference
    new = [Line(key, "standard", None, _last(offer.book, key), "new", None, 0, None) for key in what.new]
    gone = [Line(key, "standard", None, None, "gone", None, 0, None) for key in what.gone]
    changed = [
        Line(one.key, one.mode, one.before, one.after, "history" if one.only_history else "changed", one.since, 0, None)
        for one in what.changed
    ]
    return [*new, *changed, *gone]


def _line(one: Line, sums: dict[tuple[str, str], tuple[int, int]]) -> Line:
    calls, gain = sums.get((one.key, one.mode), (0, None))
    return one._replace(calls=calls, gain=gain)


def _last(book: Book, key: str) -> Rates | None:
    rows = book.models[key].modes.get("standard", ())
    return rows[-1].rates if rows else None


def in_short(rates: Rates | None) -> str:
    """Input, cached input and output in dollars per million tokens: `8 / 0.20 / 40`; empty for no price."""
    return "" if rates is None else " / ".join(_usd(rates[place]) for place in (0, 1, 4))


def _usd(pico: int | None) -> str:
    """At least cents where it is not whole."""
    text = dollars(pico) or "–"
    return f"{text}0" if "." in text and len(text.rpartition(".")[2]) == 1 else text
