"""How each account is paid, and what a plan gives: three figures that stand side by side and are never added up.

The user's own word comes first, then the log's, then what the agent's settings say without a secret. A plan's price is
never assumed: known prices are only offered to choose from.
"""

from __future__ import annotations

import sqlite3
from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from app.machine import Machine
from app.model.money import amount_of, half_even
from app.report.period import Span
from app.report.zone import day_of
from app.settings import Billing, Settings, load_or_usual
from app.shapes.finding import roots_of
from app.shapes.source import Account, Source
from app.sources import BY_ID, SOURCES
from app.store import queries
from app.store.queries import Sums

Kind = Literal["api", "plan"]


class Offer(msgspec.Struct, frozen=True):
    """A plan with its price, to choose from."""

    agent: str
    id: str
    logged: str
    """What a log or the agent's settings call it; several plans can have one name."""
    title: str
    usd_per_month: str
    source: str

    @property
    def monthly(self) -> int:
        """Nano-dollars."""
        return amount_of(self.usd_per_month)


class _File(msgspec.Struct, frozen=True):
    as_of: str
    plans: tuple[Offer, ...]


@cache
def offers(resources: Path) -> tuple[Offer, ...]:
    """All plans with a known price."""
    return msgspec.json.decode((resources / "plans.json").read_bytes(), type=_File).plans


class Paid(NamedTuple):
    """One account and how it is paid."""

    source: str
    home: str | None
    """None is this machine's."""
    kind: Kind | None
    """None is not known."""
    plan: str | None = None
    """The plan's name for people; None is not said."""
    monthly: int | None = None
    """Nano-dollars a month, where the user said so."""
    told_by: Literal["user", "log", "settings"] | None = None
    extra: bool = False
    """What goes beyond the plan is billed."""


def account_key(source: str, home: str | None) -> str:
    """The account's name in the settings."""
    return source if home is None else f"{source}@{home}"


def how_paid(
    source: str,
    home: str | None,
    chosen: Mapping[str, Billing],
    logged: str | None,
    told: Account | None,
    known: tuple[Offer, ...],
) -> Paid:
    """`logged` is the plan that the log named last, `told` what the agent's settings say."""
    own = chosen.get(account_key(source, home))
    extra = told.extra if told is not None else False
    if own is not None and own.kind == "api":
        return Paid(source, home, "api", told_by="user")
    if own is not None:
        offer = next((one for one in known if (one.agent, one.id) == (source, own.plan)), None)
        title = offer.title if offer is not None else None
        return Paid(source, home, "plan", title, own.monthly or None, "user", extra)
    if logged is not None:
        return Paid(source, home, "plan", _name(source, logged, known), None, "log", extra)
    if told is not None and told.plan is not None:
        return Paid(source, home, "plan", _name(source, told.plan, known), None, "settings", extra)
    return Paid(source, home, None)


def _name(source: str, logged: str, known: tuple[Offer, ...]) -> str:
    """`Max 20x` of `max_20x`; a plan that nobody has a price of by its own name."""
    found = next((one.title for one in known if one.agent == source and one.logged == logged), None)
    return found or logged.replace("_", " ").capitalize()


class Value(NamedTuple):
    """A plan's three figures, of one span of days. Money in nano-dollars."""

    span: Span
    spent: Sums
    """At list price."""
    price: int | None
    """Of the plan, for the same days; None where nobody has said it."""
    share: float | None
    """Percent of the longest window that is used; None where neither log nor settings say it."""
    minutes: int = 0
    """That window's length."""
    seen_at: int = 0
    """When that was said, ms since 1970 UTC."""
    from_log: bool = True


class Line(NamedTuple):
    """An account as the page of plans shows it."""

    paid: Paid
    title: str
    offers: tuple[Offer, ...]
    value: Value | None
    """Of a plan."""


def look(connection: sqlite3.Connection, machine: Machine, settings: Settings, zone: ZoneInfo) -> tuple[Line, ...]:
    """All accounts there are. Opens agents' settings and looks at every call: belongs in the background."""
    today = day_of(machine.clock(), zone)
    span = Span(today.replace(day=1), today, zone)
    with queries.snapshot(connection):
        homes = dict.fromkeys((one.source, one.home) for one in queries.billed(connection))
        homes |= dict.fromkeys((source.id, None) for source in SOURCES if roots_of(source, machine))
        logged = queries.plans_logged(connection)
        order = {source.id: place for place, source in enumerate(SOURCES)}
        lines: list[Line] = []
        for source, home in sorted(homes, key=lambda one: (order.get(one[0], len(order)), one[1] or "")):
            told = _told(BY_ID.get(source), home, machine)
            known = offers(machine.resources)
            paid = how_paid(source, home, settings.billing, logged.get(source), told, known)
            value = _value(connection, paid, told, span, machine.clock()) if paid.kind == "plan" else None
            own = tuple(one for one in known if one.agent == source)
            lines.append(Line(paid, _title(source, home), own, value))
    return tuple(lines)


def _told(source: Source | None, home: str | None, machine: Machine) -> Account | None:
    """Another machine's settings are not here to be read."""
    return source.account(machine) if source is not None and source.account is not None and home is None else None


def _title(source: str, home: str | None) -> str:
    name = BY_ID[source].title if source in BY_ID else source
    return name if home is None else f"{name}, {home}"


def _value(connection: sqlite3.Connection, paid: Paid, told: Account | None, span: Span, now: int) -> Value:
    which = span.filter()._replace(agents=(paid.source,), home=(paid.home,))
    price = price_of(paid.monthly, span) if paid.monthly is not None else None
    spent = queries.total(connection, which)
    limits = [one for one in queries.limits(connection, now) if one.source == paid.source] if paid.home is None else []
    if limits:
        longest = max(limits, key=lambda one: one.minutes)
        return Value(span, spent, price, longest.used, longest.minutes, longest.at)
    kept = [one for one in told.limits if (one.resets_at or one.at + one.minutes * 60_000) > now] if told else []
    if kept:
        last = max(kept, key=lambda one: one.minutes)
        return Value(span, spent, price, last.used, last.minutes, last.at, False)
    return Value(span, spent, price, None)


def price_of(monthly: int, span: Span) -> int:
    """A plan's price for days of one month: as many days' share of it as there are."""
    return half_even(monthly * span.days, days_in(span.since))


def days_in(day: date) -> int:
    """Days of that day's month."""
    return monthrange(day.year, day.month)[1]


def on_plan(connection: sqlite3.Connection, machine: Machine) -> frozenset[str]:
    """The agents that a plan pays for, as the user or the log says."""
    found = kinds(connection, load_or_usual(machine), offers(machine.resources))
    return frozenset(agent for agent, kind in found.items() if kind == "plan")


def kinds(connection: sqlite3.Connection, settings: Settings, known: tuple[Offer, ...]) -> dict[str, Kind]:
    """Source → how its account on this machine is paid, where the user or the log says so. Opens no file: quick."""
    logged = queries.plans_logged(connection)
    found: dict[str, Kind] = {}
    for source in SOURCES:
        kind = how_paid(source.id, None, settings.billing, logged.get(source.id), None, known).kind
        if kind is not None:
            found[source.id] = kind
    return found
