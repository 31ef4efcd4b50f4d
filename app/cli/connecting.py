"""`cuenta connect`: what Cuenta may write into an agent's settings. The difference is shown before anything is written."""

from __future__ import annotations

from typing import Any

from app.agent_files import ledger
from app.agent_files.edits import stands
from app.agent_files.plan import Plan, connect, content, disconnect
from app.agent_files.writing import carry_out, undo_all
from app.cli.paper import plain, print_json
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import named
from app.shapes.connection import Connection
from app.shapes.source import Source
from app.sources import SOURCES

SCHEMA = "cuenta.connect/1"
STATES = {
    "connected": "connected",
    "changed": "changed by hand since",
    "damaged": "can't be read",
    "none": "not connected",
}


def run(machine: Machine, *, agent: str, apply: bool, undo: bool, json: bool) -> int:
    if agent == "list":
        return _list(machine, json=json)
    if agent == "all":
        if not undo:
            raise KnownError("Agents are connected one by one.", "Name one, or write `cuenta connect all --undo`.")
        return _undo_all(machine, json=json)
    source, connection = _named(agent)
    if undo:
        one = ledger.written(machine, source.id)
        if one is None:
            raise KnownError(f"Nothing was written for {source.title}.", "`cuenta connect list` tells what was.")
        return _show(machine, source, disconnect(machine, one), done=True, json=json)
    plan = connect(machine, source.id, connection.file(machine), connection.edits(machine), connection.empty)
    return _show(machine, source, plan, done=apply, json=json, gives=connection.gives)


def _named(name: str) -> tuple[Source, Connection]:
    found = {source.id: source for source in SOURCES if source.connection is not None}
    source = next((one for one in found.values() if name.lower() in (one.id, one.title.lower())), None)
    if source is None or source.connection is None:
        raise KnownError(f"There is nothing to connect for {name!r}.", f"There is: {', '.join(found)}.")
    return source, source.connection


def _show(machine: Machine, source: Source, plan: Plan, *, done: bool, json: bool, gives: str = "") -> int:
    """The difference first, then what is done."""
    diff = plan.diff(machine)
    if not json:
        if gives:
            print(f"{source.title}: {gives}.")
        _print_diff(diff)
    if done:
        carry_out(machine, plan)
    if json:
        print_json({"schema": SCHEMA, **_facts(machine, source), "diff": diff, "written": done and plan.changes})
        return 0
    again = f"cuenta connect {source.id}"
    if not plan.changes:
        print(f"{plain(machine.short(plan.path))} needs no change.")
    elif not done:
        print(f"Nothing was written. `{again} --apply` writes it, `{again} --undo` takes it out again.")
    elif plan.done:
        print(f"Written. `{again} --undo` takes it out again.")
    else:
        print("Taken out.")
    return 0


def _print_diff(diff: str) -> None:
    for line in diff.splitlines():
        print(plain(line.expandtabs(4)))


def _undo_all(machine: Machine, *, json: bool) -> int:
    plans, failures = undo_all(machine)
    if json:
        done = [{"id": one.connection, "diff": one.diff(machine)} for one in plans]
        print_json({"schema": SCHEMA, "undone": done, "problems": [str(one) for one in failures]})
        return 1 if failures else 0
    for one in plans:
        _print_diff(one.diff(machine))
    print("Nothing of Cuenta is left in any agent's settings." if not failures else "")
    if failures:
        raise KnownError(" ".join(one.title for one in failures), "The rest was taken out.")
    return 0


def _list(machine: Machine, *, json: bool) -> int:
    every = [_facts(machine, source) for source in SOURCES if source.connection is not None]
    if json:
        print_json({"schema": SCHEMA, "connections": every})
        return 0
    for one in every:
        print(f"{one['id']}: {one['gives']}\n  {STATES[one['state']]}, {plain(machine.short(one['file']))}")
    return 0


def _facts(machine: Machine, source: Source) -> dict[str, Any]:
    connection = source.connection
    assert connection is not None
    return {
        "id": source.id,
        "title": source.title,
        "gives": connection.gives,
        "file": named(str(connection.file(machine))),
        "state": state(machine, source.id, connection),
    }


def state(machine: Machine, source: str, connection: Connection) -> str:
    """One of STATES."""
    one = ledger.written(machine, source)
    path = connection.file(machine) if one is None else one.file
    try:
        now = content(machine, path)
        text = None if now is None else now.decode()
        wanted = connection.edits(machine) if one is None else [each.edit for each in one.done]
        there = text is not None and all(stands(text, edit, path.name) for edit in wanted)
    except (KnownError, ValueError):
        return "damaged"
    if there:
        return "connected"
    return "none" if one is None else "changed"
