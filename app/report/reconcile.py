"""A total the user typed beside ours, and what would make the difference. Nothing here changes what was counted.

The sign is always the invoice minus ours.
"""

from __future__ import annotations

import sqlite3
from datetime import date, tzinfo
from typing import NamedTuple

from app.formats import AT_MOST
from app.machine import Machine
from app.pricing.catalog import Catalog
from app.report import plans
from app.report.reasons import Gap, Looked, Reason, explain, whole_days
from app.report.vendors import Payee, payees
from app.report.zone import day_of, local_zone
from app.sources import SOURCES
from app.store import queries
from app.store.invoices import Invoice, invoices
from app.store.queries import Filter, Sums

_NEARLY = 1_000_000_000
"""Below a dollar, and below one in two hundred, two totals agree."""


class Reconciled(NamedTuple):
    """One typed total beside ours."""

    invoice: Invoice
    payee: Payee
    ours: Sums
    """Of the same local days."""
    reasons: tuple[Reason, ...] = ()
    """None where the two agree."""
    looked: tuple[Looked, ...] = ()
    open: bool = False
    """The period's last day is not over."""
    on_plan: tuple[str, ...] = ()
    """Agents of the vendor, by name, that a plan pays for: their calls are list-price value, which no bill lists."""

    @property
    def difference(self) -> int:
        return self.invoice.dollars - self.ours.cost

    @property
    def sign(self) -> str:
        """What stands before the difference: with calls that have no price ours is a lower bound, and it an upper one."""
        return AT_MOST if self.ours.unpriced else ""

    @property
    def agrees(self) -> bool:
        return agree(self.difference, self.invoice.dollars)

    @property
    def known(self) -> int:
        return sum(reason.amount or 0 for reason in self.reasons)

    @property
    def unexplained(self) -> int:
        return 0 if self.agrees else self.difference - self.known


def agree(difference: int, invoice: int) -> bool:
    """Under 0.5 % and under a dollar."""
    return difference == 0 or (abs(difference) * 200 < abs(invoice) and abs(difference) < _NEARLY)


class Given(NamedTuple):
    """What is known beside the store."""

    catalog: Catalog
    zone: tzinfo
    today: date
    on_plan: frozenset[str] = frozenset()
    """Ids of agents that a plan pays for."""


def given(connection: sqlite3.Connection, machine: Machine, catalog: Catalog) -> Given:
    zone = local_zone(machine)
    return Given(catalog, zone, day_of(machine.clock(), zone), plans.on_plan(connection, machine))


def build(connection: sqlite3.Connection, invoice: Invoice, known: Given) -> Reconciled:
    """Asks the store alone. Belongs in the background."""
    with queries.snapshot(connection):
        return _build(connection, invoice, known)


def every(connection: sqlite3.Connection, known: Given) -> list[Reconciled]:
    """All typed totals, the latest period first."""
    with queries.snapshot(connection):
        return [_build(connection, one, known) for one in invoices(connection)]


class Look(NamedTuple):
    """A vendor and a period, whether a total was typed for them or not."""

    payees: tuple[Payee, ...]
    """All there are to choose from."""
    payee: Payee
    ours: Sums
    typed: Reconciled | None
    others: tuple[Reconciled, ...]
    """The other totals that were typed, the latest period first."""


def look(connection: sqlite3.Connection, payee: Payee | None, days: tuple[date, date], known: Given) -> Look:
    """Without a payee that of the latest typed total, else the first there is. Belongs in the background."""
    with queries.snapshot(connection):
        typed = every(connection, known)
        there_are = payees(connection)
        payee = payee or (typed[0].payee if typed else there_are[0])
        there = next((one for one in typed if one.payee == payee and one.invoice[2:4] == days), None)
        which = _same_days(payee, days, known.zone)
        return Look(
            payees=tuple(dict.fromkeys((*there_are, payee))),
            payee=payee,
            ours=there.ours if there else queries.total(connection, which),
            typed=there,
            others=tuple(one for one in typed if one is not there),
        )


def _build(connection: sqlite3.Connection, invoice: Invoice, known: Given) -> Reconciled:
    payee = Payee(invoice.vendor, invoice.account)
    which = _same_days(payee, (invoice.since, invoice.until), known.zone)
    titles = (source.title for source in SOURCES if source.id in payee.calls[1] and source.id in known.on_plan)
    ours = queries.total(connection, which)
    found = Reconciled(invoice, payee, ours, open=invoice.until >= known.today, on_plan=tuple(titles))
    if found.agrees:
        return found
    gap = Gap(invoice, payee, which, known.zone, found.difference, ours.unpriced)
    reasons, looked = explain(connection, gap, known.catalog)
    return found._replace(reasons=reasons, looked=looked)


def _same_days(payee: Payee, days: tuple[date, date], zone: tzinfo) -> Filter:
    return whole_days(*days, zone, Filter(vendor=payee.calls, account=payee.account))
