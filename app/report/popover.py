"""What the popover shows, as one value: this moment, today's curve, the plans' windows, the last day that had a call."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, timedelta, tzinfo
from itertools import accumulate
from typing import NamedTuple

from app import settings
from app.machine import Machine
from app.model.instant import QUARTER
from app.model.meters import Meters
from app.pricing.catalog import Catalog
from app.report import meters, plans, usual
from app.report.usual import Today
from app.report.zone import day_of, days_by_quarter, local_zone, start_of
from app.sources import BY_ID
from app.store import queries
from app.store.queries import Filter, Limit

_COMPARED, _COMPARED_IN_HISTORY = 600_000, 10_000
"""How long a usual day holds, ms; while history is read it changes more often."""
_IN_A_DAY = 96


class Window(NamedTuple):
    """One rate-limit window, as the log said last."""

    minutes: int
    used: float
    """Percent."""
    resets_at: int | None
    """ms since 1970 UTC; None is not said."""


class Plan(NamedTuple):
    """A plan whose windows are in the log."""

    title: str
    """Of the agent."""
    name: str
    """Of the limit, where the agent has several; else empty."""
    plan: str | None
    """What the log calls the plan."""
    seen_at: int
    """The age of the fact: when the oldest of the windows was said."""
    windows: tuple[Window, ...]
    today: int
    """Nano-dollars of the agent's calls today, at list price; 0 below the first of an agent's limits, and where the user
    says that it is no plan that pays."""
    by_key: int = 0
    """Nano-dollars of today's calls by API key, of all agents; told below the first plan."""


class LastDay(NamedTuple):
    """The last day before today that had a call."""

    day: date
    cost: int
    unpriced: int
    sessions: int
    label: str = "measured"
    at_least: bool = False


class PopoverFacts(NamedTuple):
    """All of it. Money in nano-dollars, time in ms since 1970 UTC."""

    meters: Meters
    today: Today
    plans: tuple[Plan, ...] = ()
    last_day: LastDay | None = None
    """Asked only where today has no call and nothing runs."""
    zone: tzinfo = UTC
    compared_at: int = 0
    """When the usual day was worked out."""


def read(
    connection: sqlite3.Connection, machine: Machine, catalog: Catalog | None = None, before: PopoverFacts | None = None
) -> PopoverFacts:
    """One reading, of one moment of the store. The usual day rests on eight weeks, so a late one is taken over from
    the reading `before`.
    """
    zone = local_zone(machine)
    with queries.snapshot(connection):
        now = meters.read(connection, machine, catalog)
        empty = not now.calls and not now.running
        today = _grown(connection, before, now.at, zone)
        compared_at = now.at
        if before is not None and today is not None:
            compared_at = before.compared_at
        return PopoverFacts(
            meters=now,
            today=today or usual.read(connection, now.at, zone),
            plans=_plans(connection, now.at, zone, machine),
            last_day=_last_day(connection, now.at, zone) if empty else None,
            zone=zone,
            compared_at=compared_at,
        )


def _grown(connection: sqlite3.Connection, before: PopoverFacts | None, now: int, zone: tzinfo) -> Today | None:
    """The same day as before, grown up to now; None where it is another day or zone, or the usual one is too old."""
    if before is None or before.zone != zone or before.today.day != day_of(now, zone):
        return None
    lasts = _COMPARED_IN_HISTORY if before.meters.reading is not None else _COMPARED
    if not 0 <= now - before.compared_at < lasts:
        return None
    begin, end = start_of(before.today.day, zone), now // QUARTER + 1
    steps = [0] * min(_IN_A_DAY, end - begin)
    for quarter, spent in queries.spent_by_quarter(connection, Filter(begin, end)):
        steps[min(quarter - begin, len(steps) - 1)] += spent
    return before.today._replace(spent=tuple(accumulate(steps)))


def nothing(now: Meters, machine: Machine) -> PopoverFacts:
    """Where the store can't be read: the meters, which say why, and an empty day."""
    zone = local_zone(machine)
    return PopoverFacts(now, Today(day_of(now.at, zone), (), None), zone=zone)


def _plans(connection: sqlite3.Connection, now: int, zone: tzinfo, machine: Machine) -> tuple[Plan, ...]:
    groups: dict[tuple[str, str], list[Limit]] = {}
    for one in queries.limits(connection, now):
        groups.setdefault((one.source, one.name), []).append(one)
    if not groups:
        return ()
    today = Filter(since=start_of(day_of(now, zone), zone), until=now // QUARTER + 1)
    spent = {agent: sums.cost for agent, sums in queries.by_agent(connection, today)}
    kinds = plans.kinds(connection, settings.load_or_usual(machine), plans.offers(machine.resources))
    by_key = sum(cost for agent, cost in spent.items() if kinds.get(agent) == "api")
    first = next(iter(groups))
    several = {source for source, _ in groups if sum(source == other for other, _ in groups) > 1}
    return tuple(
        Plan(
            title=BY_ID[source].title if source in BY_ID else source,
            name=name if source in several else "",
            plan=next((one.plan for one in limits if one.plan), None),
            seen_at=min(one.at for one in limits),
            windows=tuple(Window(one.minutes, one.used, one.resets_at) for one in limits),
            today=spent.pop(source, 0) if kinds.get(source) == "plan" else 0,
            by_key=by_key if (source, name) == first else 0,
        )
        for (source, name), limits in groups.items()
    )


def _last_day(connection: sqlite3.Connection, now: int, zone: tzinfo) -> LastDay | None:
    last = queries.last_quarter(connection, start_of(day_of(now, zone), zone))
    if last is None:
        return None
    day = days_by_quarter(zone)(last)
    which = Filter(start_of(day, zone), start_of(day + timedelta(days=1), zone))
    total = queries.total(connection, which)
    sessions = queries.count_sessions(connection, which)
    return LastDay(day, total.cost, total.unpriced, sessions, total.label, total.at_least)
