"""Poolside's `pool`: `trajectories/trajectory-<kind>_<id>.ndjson`, an event a line.

The event that ends a request has its counts, the one that began it the model; both name the step, and several may run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.fields import count, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_write_input_tokens", "output_tokens")


class _Log(Records):
    needles = re.compile(rb'"(?:tool_call_inference_(?:start|end)|session_start)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        session, step = self.path.stem, word(record.get("step_id"))
        began, ended = (mapping(record.get(f"tool_call_inference_{when}")) for when in ("start", "end"))
        model = word(mapping(began.get("chat_completion_request")).get("model"))
        if model is not None:
            begun: dict[str, str] = self.kept.setdefault("begun", {})
            begun[step or ""] = self.kept["model"] = model
        self.learn(session, project=word(mapping(record.get("session_start")).get("workspace")))
        if not ended:
            return
        sent, read, write, output = (count(ended.get(name)) for name in _COUNTS)
        tokens = Tokens(sent, read, write, 0, output)
        self.add(
            call(
                *("poolside", session, step or record.get("id")),
                session=session,
                at=self.when(record.get("timestamp")),
                model=self.kept.get("begun", {}).pop(step or "", None) or word(self.kept.get("model")),
                tokens=tokens,
                context=tokens.prompt,
                offset=offset,
                native=step,
            )
        )


def _roots(machine: Machine) -> Iterator[Path]:
    if machine.system == "darwin":
        state = machine.home / "Library" / "Application Support"
    elif machine.system == "win32":
        state = Path(machine.variable("APPDATA") or machine.home / "AppData" / "Roaming")
    else:
        state = Path(machine.variable("XDG_STATE_HOME") or machine.home / ".local" / "state")
    yield state / "poolside" / "trajectories"


SOURCE = Source(
    id="poolside",
    title="Poolside",
    mark="Pl",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith(".ndjson"),
    read=lambda path, cursor: read_lines("poolside", VERSION, path, cursor, _Log),
    verified=False,
)
