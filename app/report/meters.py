"""This moment, asked anew each time: today, the burn rate, running sessions and how full they are."""

from __future__ import annotations

import re
import sqlite3

from app.machine import Machine
from app.model.instant import QUARTER
from app.model.meters import Meters, Running
from app.report.zone import day_of, local_zone, start_of
from app.sources import BY_ID
from app.store import queries
from app.store.queries import Filter

IDLE_AFTER = 600_000
"""A session runs while its last call is younger than this, ms."""
RATE_OVER = 900_000
"""The burn rate is the mean of this many ms."""


def read(connection: sqlite3.Connection, machine: Machine) -> Meters:
    """One reading; a few quick indexed queries."""
    now = machine.clock()
    zone = local_zone(machine)
    today = queries.total(connection, Filter(since=start_of(day_of(now, zone), zone), until=now // QUARTER + 1))
    calls, cost = queries.since(connection, now - RATE_OVER, now, (now - RATE_OVER) // QUARTER)
    return Meters(
        at=now,
        today=today.cost,
        calls=today.calls,
        unpriced=today.unpriced,
        label=today.label,
        hourly=cost * 3_600_000 // RATE_OVER if calls >= 2 else None,
        running=tuple(_running(connection, machine, now)),
    )


def _running(connection: sqlite3.Connection, machine: Machine, now: int) -> list[Running]:
    since = now - IDLE_AFTER
    idents = queries.running_since(connection, since, since // QUARTER)
    if not idents:
        return []
    facts = queries.sessions(connection, idents)
    sessions = [_one(connection, machine, one) for one in facts.values()]
    return sorted(sessions, key=lambda one: (one.fill is None, -(one.fill or 0), -one.last_at, one.session))


def _one(connection: sqlite3.Connection, machine: Machine, facts: queries.SessionFacts) -> Running:
    context = queries.context_of(connection, facts.ident)
    sums = queries.total(connection, Filter(session=facts.ident))
    source = BY_ID.get(facts.source)
    window = source.window(facts.model, context.window, context.highest, machine) if source else context.window
    return Running(
        source=facts.source,
        session=facts.native,
        name=session_name(facts.project, facts.native),
        project=facts.project,
        branch=facts.branch,
        model=facts.model,
        effort=facts.effort,
        last_at=facts.ended_at,
        cost=sums.cost,
        unpriced=sums.unpriced,
        context=context.tokens,
        window=window,
    )


def session_name(project: str | None, native: str) -> str:
    """Last part of the project's folder, of whichever system; else the beginning of the session's id."""
    parts = [part for part in re.split(r"[\\/]", project or "") if part]
    return parts[-1] if parts else native[:8]
