"""Cursor, as its `stop` hook tells it: `hooks/cursor.jsonl` in Cuenta's own folder, a line a turn (`app/cli/hook.py`).

Cursor itself keeps no counts on the disk, only how full the context is (`meter`). Its hook is told those of a whole turn,
however many requests that took: exact counts, and a price that depends on the size of one request is estimated.
`input_tokens` includes what was read from the cache and written to it. One turn may be told twice, since Cursor also runs
the hooks that another agent's settings hold; the generation's id makes it one. The usage export (`export`) tells the same
turn without an id: by its day and its counts it is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.agent_files.edit import Edit
from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.connection import Connection
from app.shapes.database import read_database
from app.shapes.document import read_document
from app.shapes.fields import count, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source, Vendor
from app.shapes.vscode import STATE, global_storage
from app.sources.cursor import export, meter
from app.sources.cursor.export import DAY

VERSION = 2
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_IDS = {"generation_id": "generation_id", "conversation_id": "conversation_id", "cursor_version": "version"}
_ID, _MODEL = r"[\w.:-]{1,100}", r"[\w.:/@()\[\], -]{1,100}"


class _Log(Records):
    needles = re.compile(rb'"generation_id"')
    clock = "at"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        turn, session = word(record.get("generation_id")), word(record.get("conversation_id")) or "unknown"
        sent, output, read, write = (count(record.get(name)) for name in _COUNTS)
        self.learn(session, project=word(record.get("project")), version=word(record.get("version")))
        tokens, at = Tokens(max(0, sent - read - write), read, write, 0, output), self.when(record.get("at"))
        self.add(
            call(
                *("cursor", *self._told(turn or str(offset), at // DAY, tokens)),
                session=session,
                at=at,
                model=word(record.get("model")),
                tokens=tokens,
                evidence="C",
                offset=offset,
                native=turn,
            )
        )

    def _told(self, turn: str, day: int, tokens: Tokens) -> list[int]:
        """What makes a turn the same in an export: its day, its counts as they were first told, and the how manieth it is of
        those that are alike.
        """
        if self.kept.get("day") != day:
            self.kept.update(day=day, turns={})
        turns: dict[str, list[int]] = self.kept["turns"]
        if turn not in turns:
            counts = [day, *tokens]
            turns[turn] = [*counts, sum(one[:-1] == counts for one in turns.values())]
        return turns[turn]


def _kept(told: dict[str, Any], now: int) -> dict[str, Any] | None:
    """Counts, ids, the names of the model and of the project's folder; never a word of what was said, nor who said it."""
    if told.get("hook_event_name", "stop") != "stop":
        return None
    line: dict[str, Any] = {"at": now}
    for name, ours in _IDS.items():
        if isinstance(told.get(name), str) and re.fullmatch(_ID, told[name]):
            line[ours] = told[name]
    if "generation_id" not in line:
        return None
    if isinstance(told.get("model"), str) and re.fullmatch(_MODEL, told["model"]):
        line["model"] = told["model"]
    roots = told.get("workspace_roots")
    if isinstance(roots, list) and roots and isinstance(roots[0], str):
        line["project"] = roots[0][:1000]
    for name in _COUNTS:
        if name in told:
            line[name] = count(told[name])
    return line


def _hook(machine: Machine) -> tuple[Edit, ...]:
    """One more hook behind those that are there. No other event is named: an unknown one would void the whole file."""
    from app.autostart import shell_line

    return (Edit(("hooks", "stop"), {"command": shell_line(machine, "hook", "cursor")}, joins=True),)


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.name == STATE:
        return read_database("cursor", VERSION, path, cursor, meter.conversations)
    if path.suffix == ".csv":
        return read_document("cursor", VERSION, path, cursor, export.rows_of, export.events)
    return read_lines("cursor", VERSION, path, cursor, _Log)


def _roots(machine: Machine) -> Iterator[Path]:
    yield machine.data / "hooks"
    yield machine.data / "imports"


def _storage(machine: Machine) -> Iterator[Path]:
    """Of all the family's editors, Cursor's own; only its databases know its conversations."""
    yield from (
        place for place in global_storage(machine) if any("cursor" in part.lower() for part in place.parts[-4:])
    )


def _owns(relative: str) -> bool:
    return relative in ("cursor.jsonl", STATE) or relative.endswith(".csv")


SOURCE = Source(
    id="cursor",
    title="Cursor",
    mark="Cu",
    color="cursor",
    version=VERSION,
    roots=_roots,
    shallow=_storage,
    owns=_owns,
    is_database=lambda name: name.endswith(STATE),
    read=_read,
    vendor=Vendor("cursor", "Cursor"),
    verified=False,
    evidence="C",
    states_cost=True,  # the export does
    exact="Let Cursor tell what each turn took: cuenta connect cursor.",
    connection=Connection(
        gives="the tokens of each turn, with what came from the cache",
        file=lambda machine: machine.home / ".cursor" / "hooks.json",
        edits=_hook,
        empty='{\n  "version": 1\n}\n',
        keep=_kept,
    ),
)
