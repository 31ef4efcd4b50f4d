"""What the store tells of logs that look otherwise than they did: counts of what is recent beside those of before."""

from __future__ import annotations

import json
import sqlite3
from typing import NamedTuple

from app.model.instant import QUARTER
from app.model.usage import UNKNOWN_KIND
from app.store import queries

FIELDS = ("model", "input", "output", "id", "project")
"""What every call of an agent has, or none."""
_HELD = (
    "call.model IS NOT NULL",
    "call.input + call.cache_read + call.cache_write_5m + call.cache_write_1h > 0",
    "call.output > 0",
    "call.native IS NOT NULL",
    "session.project IS NOT NULL",
)


class Side(NamedTuple):
    """One source's logs, recent or of before."""

    calls: int = 0
    held: tuple[int, ...] = (0,) * len(FIELDS)
    """How many of the calls have each of FIELDS."""
    files: int = 0
    """Files written then, of some size."""
    records: int = 0
    """Records with usage in these files."""
    skipped: int = 0
    """Lines of these files that were left out, those of an unknown kind apart."""


class Sides(NamedTuple):
    recent: Side = Side()
    before: Side = Side()


def sides(connection: sqlite3.Connection, since: int, split: int, least: int) -> dict[str, Sides]:
    """Source → what was written from `split` on and from `since` until then, ms since 1970 UTC. Files of less than `least`
    bytes are no file here.
    """
    found: dict[tuple[str, bool], Side] = {}
    held = ", ".join(f"sum({one})" for one in _HELD)
    for source, recent, calls, *counts in connection.execute(
        f"SELECT call.source, call.quarter >= ?, count(*), {held} FROM call JOIN session ON session.id = call.session_id"
        " WHERE call.kept = 1 AND call.quarter >= ? GROUP BY 1, 2",
        (split // QUARTER, since // QUARTER),
    ):
        found[source, bool(recent)] = Side(calls, tuple(counts))
    for source, recent, files, records, skipped in _of_files(connection, since, split, least):
        side = found.get((source, recent), Side())
        found[source, recent] = side._replace(files=files, records=records, skipped=skipped)
    names = {source for source, _ in found}
    return {one: Sides(found.get((one, True), Side()), found.get((one, False), Side())) for one in names}


def _of_files(
    connection: sqlite3.Connection, since: int, split: int, least: int
) -> list[tuple[str, bool, int, int, int]]:
    """(source, recent, files, records, skipped)"""
    records = dict(
        connection.execute(
            "SELECT file_id, sum(records) FROM call WHERE kept = 1 AND quarter >= ? GROUP BY file_id",
            (since // QUARTER,),
        ).fetchall()
    )
    sums: dict[tuple[str, bool], list[int]] = {}
    for ident, source, recent, size, skipped in connection.execute(
        "SELECT id, source, modified >= ?, size, skipped FROM file WHERE modified >= ? AND reader > 0",
        (split * 1_000_000, since * 1_000_000),
    ):
        one = sums.setdefault((source, bool(recent)), [0, 0, 0])
        left_out = json.loads(skipped).items()
        one[0] += size >= least
        one[1] += records.get(ident, 0)
        one[2] += sum(count for reason, count in left_out if not reason.startswith(UNKNOWN_KIND))
    return [(source, recent, one[0], one[1], one[2]) for (source, recent), one in sums.items()]


def versions(connection: sqlite3.Connection, since: int) -> dict[str, tuple[str, ...]]:
    """Source → versions of the agent that called a model since that instant (ms since 1970 UTC), the last used first. Of a
    source whose calls wait for a word all versions, the last read first.
    """
    found: dict[str, tuple[str, ...]] = {}
    counted = (
        "SELECT session.source, session.version FROM call JOIN session ON session.id = call.session_id"
        " WHERE call.kept = 1 AND call.quarter >= ? AND session.version IS NOT NULL"
        " GROUP BY 1, 2 ORDER BY max(call.counted_at) DESC"
    )
    waiting = (
        "SELECT source, version FROM session WHERE version IS NOT NULL AND source IN (SELECT value FROM json_each(?))"
        " GROUP BY 1, 2 ORDER BY max(id) DESC"
    )
    withheld = json.dumps(queries.withheld(connection))
    for statement, value in ((counted, since // QUARTER), (waiting, withheld)):
        for source, version in connection.execute(statement, (value,)):
            found[source] = (*found.get(source, ()), version)
    return found


def levels(connection: sqlite3.Connection) -> dict[str, dict[str, int]]:
    """Source → evidence level → calls that have it, of all there are, those that wait for a word too."""
    counted = (  # by session first: an index holds all that this takes
        "SELECT source, evidence, sum(calls) FROM (SELECT session_id, evidence, count(*) AS calls FROM call"
        " WHERE kept = 1 GROUP BY 1, 2) JOIN session ON session.id = session_id GROUP BY 1, 2 ORDER BY 2"
    )
    found: dict[str, dict[str, int]] = {}
    for source, level, calls in connection.execute(counted):
        found.setdefault(source, {})[level] = calls
    if connection.execute(
        "SELECT 1 FROM file WHERE source IN (SELECT value FROM json_each(?)) LIMIT 1",
        (json.dumps(queries.withheld(connection)),),
    ).fetchone():
        for source, level, calls in connection.execute(
            "SELECT source, evidence, count(*) FROM call WHERE kept = 2 GROUP BY 1, 2 ORDER BY 2"
        ):
            found.setdefault(source, {})[level] = calls
    return found
