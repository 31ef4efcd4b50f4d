"""OpenClaw's sessions, as the Pi inside writes them: `agents/<agent>/sessions/<session>.jsonl`, reset and deleted ones too.

The gateway was called Clawdbot, Moltbot and Moldbot before and may have left its folders under these names; QClaw and Kimi's
build keep their own. A backup repeats what stands in the session's file. Requests that it has another agent's command line
make are in that agent's log: counted there. `sessions.json` beside them says who asked for a session and how much fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.path import real
from app.model.usage import Tokens
from app.shapes.entries import Entries
from app.shapes.fields import count, mapping, record_of, word
from app.shapes.lines import read_lines
from app.shapes.source import Source

VERSION = 1
_ELSEWHERE = ("claude-cli", "codex-cli", "gemini-cli")
"""Providers that are agents with logs of their own."""
_LARGEST_INDEX = 32 << 20


class _Log(Entries):
    needles = re.compile(rb'"(?:usage|tokensBefore|model_change|model-snapshot)"')
    family = "openclaw"

    @property
    def _own(self) -> str:
        return self.path.name.partition(".jsonl")[0]

    @property
    def session(self) -> str:
        return self._asked_by or self._own

    @property
    def subagent(self) -> str | None:
        return self._own if self._asked_by else None

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = {"model_change": record, "custom": mapping(record.get("data"))}.get(str(record.get("type")))
        if said is not None:
            if word(said.get("modelId")):
                self.kept["served"] = [said.get("modelId"), word(said.get("provider"))]
        elif mapping(record.get("message")).get("provider") in _ELSEWHERE:
            self.skip("in another agent's log")
        else:
            super().entry(record, offset)

    def served_by(self, message: dict[str, Any]) -> tuple[str | None, str | None]:
        model, provider = super().served_by(message)
        earlier, its = self.kept.get("served") or (None, None)
        return (model, provider) if model else (earlier, its)

    def context_of(self, tokens: Tokens) -> int:
        return tokens.prompt  # as the gateway counts it

    # --- the index

    @cached_property
    def _index(self) -> dict[str, Any]:
        """Rewritten at each message and full of other things: looked into once a stretch, for two of them."""
        file = Path(real(str(self.path))).parent / "sessions.json"
        try:
            return (record_of(file.read_bytes()) if file.stat().st_size < _LARGEST_INDEX else None) or {}
        except OSError:
            return {}

    @cached_property
    def _facts(self) -> dict[str, object]:
        """A session of one topic has the file's name in the index, not an id of its own."""
        name = f"{self._own}.jsonl"
        for one in map(mapping, self._index.values()):
            if one.get("sessionId") == self._own or str(one.get("sessionFile")).endswith((f"/{name}", f"\\{name}")):
                return one
        return {}

    @cached_property
    def _asked_by(self) -> str | None:
        key = word(self._facts.get("spawnedBy"))
        return word(mapping(self._index.get(key)).get("sessionId")) if key else None

    @property
    def window(self) -> int | None:
        return count(self._facts.get("contextTokens")) or None


def _owns(relative: str) -> bool:
    folder, _, name = relative.rpartition("/")
    end = name.partition(".jsonl")[2]
    if ".jsonl" not in name or folder.rpartition("/")[2] != "sessions":
        return False
    return not end or end.startswith((".reset.", ".deleted."))


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


def _agent(ident: str, title: str, mark: str, homes: tuple[str, ...], variables: tuple[str, ...] = ()) -> Source:
    def roots(machine: Machine) -> Iterable[Path]:
        named = next(filter(None, map(machine.folders, variables)), None)
        return [home / "agents" for home in named or [machine.home / one for one in homes]]

    return Source(
        id=ident,
        title=title,
        mark=mark,
        color="other",
        version=VERSION,
        roots=roots,
        owns=_owns,
        read=lambda path, cursor: read_lines(ident, VERSION, path, cursor, _Log),
        verified=False,
        states_cost=True,
        window=_window,
        compacts=lambda _: None,
        cache_lifetime=lambda _: None,
    )


SOURCE = _agent(
    *("openclaw", "OpenClaw", "Ow"),
    homes=(".openclaw", ".clawdbot", ".moltbot", ".moldbot"),
    variables=("OPENCLAW_STATE_DIR", "CLAWDBOT_STATE_DIR"),
)
QCLAW = _agent("qclaw", "QClaw", "Qc", (".qclaw",))
KIMI_OPENCLAW = _agent("kimi_openclaw", "Kimi OpenClaw", "Kw", (".kimi_openclaw",))
