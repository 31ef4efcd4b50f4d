"""This moment, asked anew each time: today, the burn rate, running sessions and how full they are."""

from __future__ import annotations

import re
import sqlite3

from app.machine import Machine
from app.model.instant import QUARTER
from app.model.meters import IDLE_AFTER, Deleting, Meters, Running
from app.pricing.catalog import Catalog
from app.pricing.cold import cold_extra
from app.report.zone import day_of, local_zone, start_of
from app.shapes.finding import roots_of
from app.sources import BY_ID, SOURCES
from app.store import queries
from app.store.queries import label_of

RATE_OVER = 900_000
"""The burn rate is the mean of this many ms."""
_HEX = re.compile(r"[0-9a-f]{8}")


def read(connection: sqlite3.Connection, machine: Machine, catalog: Catalog | None = None) -> Meters:
    """One reading; a few quick indexed queries. With a price book, also what a cold cache would cost."""
    with queries.snapshot(connection):
        return _read(connection, machine, catalog)


def _read(connection: sqlite3.Connection, machine: Machine, catalog: Catalog | None) -> Meters:
    now = machine.clock()
    zone = local_zone(machine)
    begun = start_of(day_of(now, zone), zone)
    today = queries.so_far(connection, begun, now // QUARTER + 1)
    # Only where there are such calls: the index knows whether, the names lie in the rows.
    unknown = queries.models_without_price(connection, begun) if today.unpriced else []
    calls, cost, unpriced = queries.since(connection, now - RATE_OVER, now)
    return Meters(
        at=now,
        today=today.cost,
        calls=today.calls,
        unpriced=today.unpriced,
        label=label_of(today.evidence),
        hourly=cost * 3_600_000 // RATE_OVER if calls >= 2 and unpriced < calls else None,
        hourly_at_least=bool(unpriced),
        at_least=today.at_least,
        no_price=tuple(one.model for one in unknown),
        running=tuple(_running(connection, machine, now, catalog)),
    )


def _running(connection: sqlite3.Connection, machine: Machine, now: int, catalog: Catalog | None) -> list[Running]:
    sessions = [_one(connection, machine, row, catalog) for row in queries.running(connection, now - IDLE_AFTER, now)]
    return sorted(sessions, key=lambda one: (one.fill is None, -(one.fill or 0), -one.last_at, one.session))


def _one(connection: sqlite3.Connection, machine: Machine, row: queries.RunningRow, catalog: Catalog | None) -> Running:
    context = queries.context_of(connection, row.ident)
    source = BY_ID.get(row.source)
    window = source.window(context.model, context.window, context.highest, machine) if source else context.window
    lifetime = source.cache_lifetime(context.written) if source else None
    zone = local_zone(machine)
    return Running(
        source=row.source,
        session=row.native,
        name=session_name(row.project, row.native),
        project=row.project,
        branch=row.branch,
        model=context.model,
        effort=context.effort,
        last_at=row.last_at,
        cost=row.cost,
        unpriced=row.unpriced,
        context=context.tokens,
        window=window,
        context_label="estimated" if context.estimated else "measured",
        compacts_at=source.compacts(window) if source and window else None,
        cache_until=context.last_at + lifetime if context.last_at is not None and lifetime is not None else None,
        cache_lifetime=lifetime,
        cold_extra=_cold_extra(context, catalog),
        at_least=bool(row.at_least),
        of_more_days=day_of(row.began_at, zone) < day_of(machine.clock(), zone),
    )


def _cold_extra(context: queries.Context, catalog: Catalog | None) -> int | None:
    if catalog is None or context.model is None or context.tokens is None or context.last_at is None:
        return None
    hour = bool(context.written.cache_write_1h)
    return cold_extra(context.model, context.tokens, hour, context.last_at, catalog)


def session_name(project: str | None, native: str) -> str:
    """Last part of the project's folder, of whichever system; else `session 223b2708`, as much of its id as tells it."""
    parts = [part for part in re.split(r"[\\/]", project or "") if part]
    if parts or not native:
        return parts[-1] if parts else ""
    return f"session {native[:8] if _HEX.match(native) else native[:24]}"


def deleting(machine: Machine) -> tuple[Deleting, ...]:
    """The agents here whose logs may be gone before a long pause ends, the first to go first."""
    found = [
        Deleting(source.title, source.deletes_after_days)
        for source in SOURCES
        if source.deletes_after_days is not None and roots_of(source, machine)
    ]
    return tuple(sorted(found, key=lambda one: one.days))
