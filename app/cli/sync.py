"""`cuenta sync`: reads what is new."""

from __future__ import annotations

import sys
from contextlib import closing

from app import formats, runtime
from app.cli.paper import measure_new, print_json, read_new, today_line
from app.machine import Machine
from app.sources import SOURCES
from app.store import queries


def run(machine: Machine, *, content: bool, json: bool) -> int:
    with closing(runtime.reader(machine)) as connection:
        before = {source.id: queries.health(connection, source.id) for source in SOURCES}
        catch_up = read_new(machine, connection)
        cancelled = catch_up is not None and catch_up.cancelled()
        measured = measure_new(machine) if content and not cancelled else None
        after = {source.id: queries.health(connection, source.id) for source in SOURCES}
        gave = [_gave(name, before[name], one) for name, one in after.items() if one.files]
        if json:
            print_json(
                {
                    "schema": "cuenta.sync/1",
                    "complete": not cancelled,
                    "files_read": catch_up.read_files if catch_up else 0,
                    "bytes_read": catch_up.read_bytes if catch_up else 0,
                    "sources": gave,
                    **({} if measured is None else {"files_measured": measured}),
                    "problems": [
                        {"agent": one.source, "path": one.path, "problem": one.what}
                        for one in (catch_up.problems if catch_up else ())
                    ],
                }
            )
        else:
            _tell(gave, catch_up, cancelled)
            if measured is not None:
                print(f"Sized what was said in {formats.counted(measured, 'file', 'files')}.")
            print(today_line(machine, connection))
    return 130 if cancelled else 0


def _gave(source: str, before: queries.SourceHealth, after: queries.SourceHealth) -> dict[str, object]:
    return {
        "id": source,
        "files": after.files,
        "calls": after.calls,
        "new_calls": after.calls - before.calls,
        "folded": after.folded,
        "skipped": sum(after.skipped.values()),
    }


def _tell(gave: list[dict[str, object]], catch_up: runtime.CatchUp | None, cancelled: bool) -> None:
    if catch_up is None:
        print("Nothing new.")
        return
    titles = {source.id: source.title for source in SOURCES}
    for one in gave:
        if one["new_calls"] or one["calls"]:
            print(f"{titles[str(one['id'])]}: {one['new_calls']:,} new calls, {one['calls']:,} in all.")
    if cancelled:
        print("Stopped. What was read is kept; the next sync goes on from there.", file=sys.stderr)
