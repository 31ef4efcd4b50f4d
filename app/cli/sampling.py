"""`cuenta doctor --sample AGENT`: what a log of it looks like, names and types only, for a bug report."""

from __future__ import annotations

from app.cli.paper import print_json, up_to_date
from app.diagnostics import KnownError
from app.machine import Machine
from app.report import sample
from app.settings import Settings, load
from app.sources import BY_ID, chosen

SCHEMA = "cuenta.sample/1"


def run(machine: Machine, name: str, *, sync: bool, json: bool) -> int:
    every = chosen((), load(machine, Settings).folders)
    source = next((one for one in every if name.lower() in (one.id, one.title.lower())), None)
    if source is None:
        raise KnownError(f"There is no agent {name!r}.", f"There are: {', '.join(BY_ID)}.")
    with up_to_date(machine, sync) as connection:
        taken = sample.take(connection, machine, source)
    if taken is None:
        raise KnownError(
            f"No log of {source.title} can be looked at.", "`cuenta doctor` tells where it was looked for."
        )
    if not json:
        print(taken.report, end="")
        return 0
    print_json(
        {
            "schema": SCHEMA,
            "source": source.id,
            "reader": source.version,
            "versions": list(taken.versions),
            "kind": taken.kind,
            "count": taken.lines,
            "sample": taken.text,
        }
    )
    return 0
