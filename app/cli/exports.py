"""`cuenta doctor --exports`: settings that make agents and collectors write files that can be read. None is written here."""

from __future__ import annotations

from app.cli.paper import console, plain, print_json
from app.machine import Machine
from app.sources import SOURCES

SCHEMA = "cuenta.exports/1"


def run(machine: Machine, *, json: bool) -> int:
    every = [(source, list(source.exports(machine))) for source in SOURCES]
    if json:
        told = [{"source": one.id, "where": where, "lines": lines} for one, found in every for where, lines in found]
        print_json({"schema": SCHEMA, "exports": told})
        return 0
    paper = console()
    paper.print("Cuenta listens to nobody: whoever sends telemetry lets it be written to a file.")
    for source, found in every:
        for where, lines in found:
            paper.print(f"\n{plain(where)}  (read as {source.title})", style="bold", soft_wrap=True)
            print(lines)
    return 0
