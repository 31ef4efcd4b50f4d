"""What would make the difference between a typed total and ours, and what was looked at and does not fit.

A reason is either measured (calls between the vendor's UTC days and one's own), a lower bound (placeholder output), an
assumption with its range (calls that leave no log), or known to be there while nobody can say how much it is (calls without
a price, tax). One that is larger than what is left to explain does not fit.
"""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, timedelta, tzinfo
from typing import NamedTuple

from app.formats import ABOUT, AT_LEAST
from app.model.money import half_even
from app.pricing.catalog import Catalog
from app.pricing.listing import charge_for
from app.report.vendors import Payee
from app.report.zone import start_of
from app.sources import SOURCES
from app.store import queries
from app.store.invoices import Invoice
from app.store.queries import Filter

UNLOGGED, PLACEHOLDER, UTC_DAYS, UNPRICED, TAX = "unlogged", "placeholder", "utc_days", "unpriced", "tax"
TIERS = "tiers"
_ORDER = (UNLOGGED, PLACEHOLDER, UTC_DAYS, UNPRICED, TAX)
_TIERS = ("batch", "priority", "flex")
_NAMED = 3
"""Models without a price that are named."""


class Edge(NamedTuple):
    """Calls that are of one of these days here, and not there, since the vendor's day begins at another hour."""

    day: date
    """The local day."""
    billed: bool
    """They are on the invoice and not in ours; else the other way round."""
    calls: int
    cost: int


class Reason(NamedTuple):
    """What would make a part of the difference. Money in nano-dollars."""

    key: str
    amount: int | None = None
    """None fits, but nobody can say how much it is."""
    low: int | None = None
    high: int | None = None
    """None beside a `low` is no upper end."""
    label: str = "estimated"
    calls: int = 0
    edges: tuple[Edge, ...] = ()
    names: tuple[str, ...] = ()
    """Models, or what the requests are for."""

    @property
    def sign(self) -> str:
        """What stands before the amount."""
        return "" if self.low is None else AT_LEAST if self.high is None else ABOUT


class Looked(NamedTuple):
    """What was looked at and does not fit; `calls` are those it would have been about."""

    key: str
    calls: int = 0


class Gap(NamedTuple):
    """A difference to explain."""

    invoice: Invoice
    payee: Payee
    which: Filter
    """Our calls."""
    zone: tzinfo
    difference: int
    """Nano-dollars, invoice minus ours."""
    unpriced: int
    """Our calls without a price."""


def explain(
    connection: sqlite3.Connection, gap: Gap, catalog: Catalog
) -> tuple[tuple[Reason, ...], tuple[Looked, ...]]:
    """(the reasons that fit, what was looked at and does not). What is measured comes off first; then each takes of what
    is left.
    """
    days = _utc_days(connection, gap)
    left = gap.difference - (days.amount or 0)
    fit: list[Reason] = [days] if days.edges else []
    looked: list[Looked] = [] if days.edges else [Looked(UTC_DAYS)]
    for reason in (
        _placeholders(connection, gap.which),
        _unlogged(connection, gap.which, gap.payee, catalog),
        _unpriced(connection, gap),
        Reason(TAX, calls=0 if gap.invoice.before_tax else 1),
    ):
        fitting = _fitting(reason, left)
        if fitting is not None:
            fit.append(fitting)
            left -= fitting.amount or 0
        elif reason.key != TAX and (reason.calls or reason.key != UNLOGGED):
            looked.append(Looked(reason.key, reason.calls))
    looked.append(Looked(TIERS, queries.count_tiers(connection, gap.which, _TIERS)))
    return tuple(sorted(fit, key=_place)), tuple(sorted(looked, key=_place))


def _place(one: Reason | Looked) -> int:
    return _ORDER.index(one.key) if one.key in _ORDER else len(_ORDER)


def _fitting(reason: Reason, left: int) -> Reason | None:
    """The reason with what it would explain of what is left; None where it does not fit."""
    if not reason.calls or left <= 0:
        return None
    if reason.low is None:
        return reason
    if not 0 < reason.low <= left:
        return None
    if reason.high is None:
        return reason._replace(amount=reason.low)
    return reason._replace(amount=min((reason.low + reason.high) // 2, left))


def whole_days(since: date, until: date, zone: tzinfo, which: Filter) -> Filter:
    """Those calls on these days of that zone, both included."""
    return which._replace(since=start_of(since, zone), until=start_of(until + timedelta(days=1), zone))


def _utc_days(connection: sqlite3.Connection, gap: Gap) -> Reason:
    """Measured: from the instants of the calls around both ends."""
    invoice, which = gap.invoice, gap.which
    utc = whole_days(invoice.since, invoice.until, UTC, which)
    begin, end = (which.since or 0, utc.since or 0), (which.until or 0, utc.until or 0)
    edges = [
        _edge(connection, which, begin, begin[1] < begin[0], invoice.since, -1),
        _edge(connection, which, end, end[1] > end[0], invoice.until, 1),
    ]
    found = tuple(edge for edge in edges if edge.calls)
    amount = sum(edge.cost if edge.billed else -edge.cost for edge in found)
    return Reason(UTC_DAYS, amount, label="measured", calls=sum(edge.calls for edge in found), edges=found)


def _edge(
    connection: sqlite3.Connection, which: Filter, places: tuple[int, int], billed: bool, day: date, step: int
) -> Edge:
    """The calls between the two places; what only the invoice has is of the local day beyond the period's own."""
    if places[0] == places[1]:
        return Edge(day, billed, 0, 0)
    sums = queries.total(connection, which._replace(since=min(places), until=max(places)))
    return Edge(day + timedelta(days=step) if billed else day, billed, sums.calls, sums.cost)


def _placeholders(connection: sqlite3.Connection, which: Filter) -> Reason:
    """Answers whose log keeps a placeholder for the count of output; a lower bound."""
    records, cost = queries.repaired(connection, which)
    return Reason(PLACEHOLDER, low=cost, calls=records)


def _unpriced(connection: sqlite3.Connection, gap: Gap) -> Reason:
    models = queries.unpriced_models(connection, gap.which) if gap.unpriced else []
    return Reason(UNPRICED, calls=gap.unpriced, names=tuple(name or "unknown" for name, _ in models[:_NAMED]))


def _unlogged(connection: sqlite3.Connection, which: Filter, payee: Payee, catalog: Catalog) -> Reason:
    """Requests that agents make beside a session and log nowhere, at the small model's price on the last day."""
    low = high = sessions = 0
    names: list[str] = []
    for source in SOURCES:
        if source.unlogged is None or source.id not in payee.calls[1]:
            continue
        count = queries.count_sessions(connection, which._replace(agents=(source.id,)))
        until = (which.until or 0) * 900_000
        listing = catalog.quote(source.unlogged.model, None, None, None, None).at(until)
        if not count or listing is None:
            continue
        charge = charge_for(listing.charges, 0)
        each = [
            half_even(tokens.input * charge.input + tokens.output * charge.output, 1_000)
            for tokens in (source.unlogged.least, source.unlogged.most)
        ]
        low, high, sessions = low + count * each[0], high + count * each[1], sessions + count
        names.append(source.unlogged.what)
    return Reason(UNLOGGED, low=low, high=high, calls=sessions, names=tuple(names))
