"""Sums of a period as one Report, whoever renders it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from app.model.usage import Tokens
from app.report.zone import days_by_quarter, start_of
from app.store import queries
from app.store.queries import Filter, Kind, SessionFacts, Sums

PERIODS = ("day", "week", "month")
GROUPS = (*PERIODS, "agent", "model", "project", "session", "kind")
UNBUILT = ("class", "outcome")


class Question(NamedTuple):
    """What is asked. Days are local to `zone` and inclusive; None is all there is."""

    zone: ZoneInfo
    by: str = "day"
    since: date | None = None
    until: date | None = None
    agents: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    utc: bool = False
    """For periods: also what the vendor's, in UTC, sums to."""

    def filter(self) -> Filter:
        return Filter(
            since=None if self.since is None else start_of(self.since, self.zone),
            until=None if self.until in (None, date.max) else start_of(self.until + timedelta(days=1), self.zone),
            agents=self.agents,
            models=self.models,
            projects=self.projects,
        )


class Row(NamedTuple):
    """One line of a report. `key` is None where it is not known."""

    key: str | None
    sums: Sums
    session: SessionFacts | None = None
    utc: Sums | None = None
    """What the UTC day (week, month) of that name sums to, where it is asked for and differs."""
    requests: int = 0
    """Of tools that are billed one by one; they are no tokens."""


class Report(NamedTuple):
    """The answer. `by kind` the rows' calls overlap; everything else adds up to `total`."""

    question: Question
    rows: tuple[Row, ...]
    total: Sums


def build(connection: sqlite3.Connection, question: Question) -> Report:
    """Answers from the store alone. Rows ascend by key for periods, else they descend by cost."""
    which = question.filter()
    rows = _ROWS[question.by](connection, which, question)
    if question.by in PERIODS:
        total = _added(row.sums for row in rows)
        return Report(question, tuple(rows), total)
    if question.by != "kind":
        rows = sorted(rows, key=lambda row: (-row.sums.cost, row.key or ""))
        return Report(question, tuple(rows), _added(row.sums for row in rows))
    return Report(question, tuple(rows), queries.total(connection, which))


def logged(report: Report) -> Report:
    """The same with the bare logged figures."""
    rows = tuple(row._replace(sums=row.sums.logged) for row in report.rows)
    return report._replace(rows=rows, total=report.total.logged)


def _added(sums: Iterable[Sums]) -> Sums:
    total = Sums()
    for one in sums:
        total = total + one
    return total


def _periods(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    local = _by_period(connection, which, question)
    if not question.utc:
        return [Row(key, sums) for key, sums in sorted(local.items())]
    vendors = question._replace(zone=ZoneInfo("UTC"))
    theirs = _by_period(connection, vendors.filter(), vendors)
    found: list[Row] = []
    for key in sorted(local.keys() | theirs.keys()):
        ours, other = local.get(key, Sums()), theirs.get(key, Sums())
        found.append(Row(key, ours, utc=other if other != ours else None))
    return found


def _by_period(connection: sqlite3.Connection, which: Filter, question: Question) -> dict[str, Sums]:
    """Name of each period in the question's zone → its sums."""
    day_of, name = days_by_quarter(question.zone), _NAMES[question.by]
    found: dict[str, list[Sums]] = {}
    for quarter, sums in queries.by_quarter(connection, which):
        found.setdefault(name(day_of(quarter)), []).append(sums)
    return {key: _added(all_of_it) for key, all_of_it in found.items()}


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


_NAMES: dict[str, Callable[[date], str]] = {
    "day": date.isoformat,
    "week": _week,
    "month": lambda day: f"{day.year:04d}-{day.month:02d}",
}


def _agents(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    return [Row(key, sums) for key, sums in queries.by_agent(connection, which)]


def _models(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    return [Row(key, sums) for key, sums in queries.by_model(connection, which)]


def _projects(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    return [Row(key, sums) for key, sums in queries.by_project(connection, which)]


def _sessions(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    found = queries.by_session(connection, which)
    facts = queries.sessions(connection, None if len(found) > 500 else [ident for ident, _ in found])
    return [Row(facts[ident].native, sums, facts[ident]) for ident, sums in found]


def _kinds(connection: sqlite3.Connection, which: Filter, question: Question) -> list[Row]:
    rows = [row_of(kind) for kind in queries.by_kind(connection, which)]
    return sorted(rows, key=lambda row: (-row.sums.cost, row.key or ""))


def row_of(kind: Kind) -> Row:
    tokens = Tokens(**{kind.key: kind.tokens}) if kind.key in Tokens._fields else Tokens()
    reported = kind.cost if kind.key == "unsplit" else 0
    sums = Sums(kind.calls, tokens, kind.cost, reported, kind.unpriced, 0, kind.evidence, kind.high)
    sums = sums._replace(repaired_output=kind.repaired_output, repaired_cost=kind.repaired_cost)
    return Row(kind.key, sums, requests=kind.tokens if kind.key == "requests" else 0)


_ROWS: dict[str, Callable[[sqlite3.Connection, Filter, Question], list[Row]]] = {
    **dict.fromkeys(PERIODS, _periods),
    "agent": _agents,
    "model": _models,
    "project": _projects,
    "session": _sessions,
    "kind": _kinds,
}
