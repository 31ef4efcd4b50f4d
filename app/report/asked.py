"""What a filter means: names as they are shown, and those that no log has."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import CUT
from app.report.overview import Question
from app.store import queries
from app.store.queries import Filter

_NAMED = 5
"""Names that a message lists."""


def meant(connection: sqlite3.Connection, machine: Machine, question: Question) -> Question:
    """With `~` for the home and names whose beginning was cut (`…/workspace/app`) written out.

    Raises KnownError where a cut name may be several.
    """
    projects = tuple(str(machine.path(name)) if name[:1] == "~" else name for name in question.projects)
    if any(name[:1] == CUT for name in projects):
        known = _known(queries.by_project(connection, Filter()))
        projects = tuple(_whole(name, known) for name in projects)
    models = question.models
    if any(name[:1] == CUT for name in models):
        known = _known(queries.by_model(connection, Filter()))
        models = tuple(_whole(name, known) for name in models)
    return question._replace(projects=projects, models=models)


def _known(rows: Sequence[tuple[str | None, queries.Sums]]) -> list[str]:
    """The dearest first."""
    return [key for key, _ in sorted(rows, key=lambda row: -row[1].cost) if key is not None]


def _whole(name: str, known: list[str]) -> str:
    if name[:1] != CUT:
        return name
    found = [one for one in known if one.endswith(name[1:])]
    if len(found) > 1:
        raise KnownError(f"{name} may be {_listed(found)}.", "Write more of it.")
    return found[0] if found else name


def unknown(connection: sqlite3.Connection, question: Question) -> Iterator[str]:
    """A sentence for each name asked for that stands in no log, with those that do."""
    if question.models:
        known = _known(queries.by_model(connection, Filter()))
        yield from _strangers("model", [name for name in question.models if name not in known], known)
    if question.projects:
        known = _known(queries.by_project(connection, Filter()))
        ends = [(name, (f"/{name}", f"\\{name}")) for name in question.projects if name not in known]
        lost = [name for name, end in ends if not any(one.endswith(end) for one in known)]
        yield from _strangers("project", lost, known)


def _strangers(what: str, names: list[str], known: list[str]) -> Iterator[str]:
    there = f"There are: {_listed(known)}." if known else "There is none yet."
    for name in names:
        yield f"No log names a {what} {name!r}. {there}"


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
