"""Cursor, as its `stop` hook tells it: `hooks/cursor.jsonl` in Cuenta's own folder, a line a turn (`app/cli/hook.py`).

Cursor itself keeps no counts on the disk. Its hook is told those of a whole turn, however many requests that took: exact
counts, of which the size of the context can't be told, and a price that depends on the size of one request is estimated.
`input_tokens` includes what was read from the cache and written to it. One turn may be told twice, since Cursor also runs
the hooks that another agent's settings hold; the generation's id makes it one.
"""

from __future__ import annotations

import re
from typing import Any

from app.agent_files.edit import Edit
from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.connection import Connection
from app.shapes.fields import count, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source, Vendor

VERSION = 1
_COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens")
_IDS = {"generation_id": "generation_id", "conversation_id": "conversation_id", "cursor_version": "version"}
_ID, _MODEL = re.compile(r"[\w.:-]{1,100}"), re.compile(r"[\w.:/@()\[\], -]{1,100}")


class _Log(Records):
    needles = re.compile(rb'"generation_id"')
    clock = "at"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        turn, session = word(record.get("generation_id")), word(record.get("conversation_id")) or "unknown"
        sent, output, read, write = (count(record.get(name)) for name in _COUNTS)
        self.learn(session, project=word(record.get("project")), version=word(record.get("version")))
        self.add(
            call(
                *("cursor", turn or offset),
                session=session,
                at=self.when(record.get("at")),
                model=word(record.get("model")),
                tokens=Tokens(max(0, sent - read - write), read, write, 0, output),
                evidence="C",
                offset=offset,
                native=turn,
            )
        )


def _kept(told: dict[str, Any], now: int) -> dict[str, Any] | None:
    """Counts, ids, the names of the model and of the project's folder; never a word of what was said, nor who said it."""
    if told.get("hook_event_name", "stop") != "stop":
        return None
    line: dict[str, Any] = {"at": now}
    for name, ours in _IDS.items():
        if isinstance(told.get(name), str) and _ID.fullmatch(told[name]):
            line[ours] = told[name]
    if "generation_id" not in line:
        return None
    if isinstance(told.get("model"), str) and _MODEL.fullmatch(told["model"]):
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


SOURCE = Source(
    id="cursor",
    title="Cursor",
    mark="Cu",
    color="cursor",
    version=VERSION,
    roots=lambda machine: [machine.data / "hooks"],
    owns=lambda relative: relative == "cursor.jsonl",
    read=lambda path, cursor: read_lines("cursor", VERSION, path, cursor, _Log),
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    vendor=Vendor("cursor", "Cursor"),
    verified=False,
    evidence="C",
    exact="Let Cursor tell what each turn took: cuenta connect cursor.",
    connection=Connection(
        gives="the tokens of each turn, with what came from the cache",
        file=lambda machine: machine.home / ".cursor" / "hooks.json",
        edits=_hook,
        empty='{\n  "version": 1\n}\n',
        keep=_kept,
    ),
)
