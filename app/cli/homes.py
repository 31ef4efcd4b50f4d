"""`cuenta homes`: other home folders in which every agent is looked for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

from app import formats
from app.cli.paper import console, plain, print_json
from app.diagnostics import KnownError
from app.machine import Machine
from app.settings import Settings, change, load
from app.shapes.finding import files_of
from app.sources import SOURCES

SCHEMA = "cuenta.homes/1"


class _Home(NamedTuple):
    label: str
    folder: Path
    agents: tuple[tuple[str, int], ...]
    """(title, files)"""


def run(machine: Machine, *, action: str, label: str | None, folder: str | None, json: bool) -> int:
    if action not in ("list", "add", "drop"):
        print(f"{action!r} is none of list, add and drop.", file=sys.stderr)
        return 2
    if (label is None) != (action == "list") or (folder is None) != (action != "add"):
        print("Say: homes list, homes add LABEL FOLDER, or homes drop LABEL.", file=sys.stderr)
        return 2
    homes = load(machine, Settings).homes
    if action == "add" and label and folder:
        homes = homes | {label: str(_folder(machine, homes, label, folder))}
        change(machine, Settings, homes=homes)
    elif action == "drop" and label:
        if label not in homes:
            raise KnownError(f"There is no home {label!r}.", f"There are: {', '.join(homes) or 'none'}.")
        homes = {name: path for name, path in homes.items() if name != label}
        change(machine, Settings, homes=homes)
    _show([_home(machine, name, path) for name, path in homes.items()], json)
    return 0


def _folder(machine: Machine, homes: dict[str, str], label: str, folder: str) -> Path:
    """Where it is, absolutely. Raises KnownError for what can be no other home."""
    path = machine.path(folder).absolute()
    if not path.is_dir():
        raise KnownError(f"There is no folder {path}.", "Mount it first, or mend the path.")
    if path.resolve() == machine.home.resolve():
        raise KnownError(f"{path} is your own home folder.", "It is read as it is.")
    if label in homes and homes[label] != str(path):
        raise KnownError(f"{label!r} is {homes[label]} already.", f"Take another label, or say: homes drop {label}")
    return path


def _home(machine: Machine, label: str, path: str) -> _Home:
    there = machine.at_home(machine.path(path))
    found = ((source.title, sum(1 for _ in files_of(source, there))) for source in SOURCES)
    return _Home(label, there.home, tuple((title, files) for title, files in found if files))


def _show(homes: list[_Home], json: bool) -> None:
    if json:
        listed = [{"label": one.label, "folder": str(one.folder), "files": dict(one.agents)} for one in homes]
        print_json({"schema": SCHEMA, "homes": listed})
        return
    paper = console()
    if not homes:
        paper.print("No other home is read. cuenta homes add LABEL FOLDER adds one.")
    for one in homes:
        agents = ", ".join(f"{title}: {formats.counted(files, 'file', 'files')}" for title, files in one.agents)
        missing = "no logs of a known agent" if one.folder.is_dir() else "not there now; what was read of it is kept"
        paper.print(f"{plain(one.label)}  {plain(str(one.folder))}", style="bold", soft_wrap=True)
        paper.print(f"  {agents or missing}", soft_wrap=True)
