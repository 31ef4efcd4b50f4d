"""The live meter as the contract's document."""

from __future__ import annotations

import sqlite3
from typing import Any

from app.machine import Machine
from app.model.instant import QUARTER, text_of
from app.model.meters import Meters, Running
from app.report.zone import day_of, local_zone, start_of
from app.store import queries
from app.store.queries import Filter

SCHEMA = "cuenta.live/1"


def as_json(meters: Meters, connection: sqlite3.Connection, machine: Machine) -> dict[str, Any]:
    zone = local_zone(machine)
    since = start_of(day_of(meters.at, zone), zone)
    today = queries.total(connection, Filter(since=since, until=meters.at // QUARTER + 1))
    return {
        "schema": SCHEMA,
        "at": text_of(meters.at),
        "today": {
            "cost_nanousd": meters.today,
            "label": meters.label,
            "calls": meters.calls,
            "unpriced_calls": meters.unpriced,
            "tokens": today.tokens._asdict(),
        },
        "burn_nanousd_per_hour": meters.hourly,
        "sessions": [_session(one) for one in meters.running],
        "limits": [_limit(one) for one in queries.limits(connection, meters.at)],
        "notices": list(meters.problems),
    }


def _session(one: Running) -> dict[str, Any]:
    return {
        "id": one.session,
        "agent": one.source,
        "project": one.project,
        "branch": one.branch,
        "model": one.model,
        "effort": one.effort,
        "cost_nanousd": one.cost,
        "unpriced_calls": one.unpriced,
        "context_tokens": one.context,
        "context_window_tokens": one.window,
        "context_label": one.context_label if one.context is not None else None,
        "last_activity": text_of(one.last_at),
        "cache_expires_at": text_of(one.cache_until) if one.cache_until is not None else None,
    }


def _limit(one: queries.Limit) -> dict[str, Any]:
    return {
        "agent": one.source,
        "limit": one.name,
        "window": window_name(one.minutes),
        "used_percent": one.used,
        "resets_at": text_of(one.resets_at) if one.resets_at else None,
        "seen_at": text_of(one.at),
        "plan": one.plan,
    }


def window_name(minutes: int) -> str:
    """`5h`, `7d`, `90m`: the length of a rate-limit window."""
    if minutes % 1440 == 0:
        return f"{minutes // 1440}d"
    return f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"
