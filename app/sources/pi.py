"""Pi's sessions: `agent/sessions/--<folder>--/<time>_<id>.jsonl`; OMP and Prime Agent are forks with homes of their own.

What a sub-agent did lies in a folder named as the file of the session that it worked for.
"""

from __future__ import annotations

import re
from functools import cached_property

from app.machine import Machine
from app.shapes.entries import Entries
from app.shapes.lines import read_lines
from app.shapes.source import Source

VERSION = 2
_OF_A_SESSION = r"\d{4}-\d\d-\d\dT[\d-]+Z_(.+)"


class _Log(Entries):
    @cached_property
    def _asked_by(self) -> str | None:
        """The session that this file's agent works for, however many stand between."""
        found = (re.fullmatch(_OF_A_SESSION, folder.name) for folder in self.path.parents)
        return next((one.group(1) for one in found if one), None)

    @property
    def session(self) -> str:
        return self._asked_by or super().session

    @property
    def subagent(self) -> str | None:
        return self.path.stem if self._asked_by else None


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


def _agent(
    ident: str, title: str, mark: str, *, home: str, variable: str | None = None, verified: bool = False
) -> Source:
    """Pi or a fork of it."""
    return Source(
        id=ident,
        title=title,
        mark=mark,
        color="other",
        version=VERSION,
        roots=lambda machine: [
            folder / "sessions"
            for folder in (machine.folders(variable) if variable else ()) or [machine.home / home / "agent"]
        ],
        owns=lambda relative: relative.endswith(".jsonl"),
        read=lambda path, cursor: read_lines(ident, VERSION, path, cursor, _Log),
        verified=verified,
        states_cost=True,
        window=_window,
        compacts=lambda _: None,
        cache_lifetime=lambda _: None,
    )


SOURCE = _agent("pi", "Pi", "Pi", home=".pi", variable="PI_CODING_AGENT_DIR", verified=True)
OMP = _agent("omp", "OMP", "Om", home=".omp", variable="OMP_CODING_AGENT_DIR")
PRIME = _agent("prime_agent", "Prime Agent", "Pr", home=".prime")
