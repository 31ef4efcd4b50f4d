"""Kimi Code's wires: `sessions/<folder>/<session>/agents/<agent>/wire.jsonl`, a line a record; `main` is the main chain.

A request's usage stands in `usage.record`, and the same again in the event that ends the step: only the first is read. It
names the model as the settings call it; the `llm.request` before it says which one that was. A fork copies the folder of a
session, so a call is one by its agent, time and counts.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Occurrence, Tokens
from app.shapes.fields import count, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_MAIN, _OWN = "main", "kimi"
"""The latter as a provider; any other names only the protocol that somebody's server speaks."""
_ASKED = ("modelAlias", "model", "provider", "thinkingEffort")
_COUNTS = ("inputOther", "inputCacheRead", "inputCacheCreation")


class _Wire(Records):
    needles = re.compile(rb'"type":\s*"(?:usage\.record|llm\.request|context\.apply_compaction|config\.update)"')
    clock = "time"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        kind = record.get("type")
        if kind == "usage.record":
            self._usage(record, offset)
        elif kind == "llm.request":
            self.kept["request"] = [word(record.get(name)) for name in _ASKED]
        elif kind == "config.update":
            self.learn(self._session, main=self._agent is None, project=word(record.get("cwd")))
        elif kind == "context.apply_compaction":
            before, after = (count(record.get(name)) or None for name in ("tokensBefore", "tokensAfter"))
            at = self.when(record.get("time"))
            self.happened(Occurrence(self._session, self._agent, at, "compaction", before, after, None))

    def _usage(self, record: dict[str, Any], offset: int) -> None:
        usage, alias = mapping(record.get("usage")), word(record.get("model"))
        tokens = Tokens(*(count(usage.get(name)) for name in _COUNTS), output=count(usage.get("output")))
        asked, model, speaks, effort = self.kept.get("request") or (None, None, None, None)
        known = model if asked in (None, alias) else None
        self.learn(self._session, main=self._agent is None)
        self.add(
            call(
                *("kimi_code", self.path.parent.name, record.get("time"), alias, *tokens),
                session=self._session,
                subagent=self._agent,
                at=self.when(record.get("time")),
                model=known or alias,
                tokens=tokens,
                provider=_OWN if known and speaks == _OWN else None,
                effort=effort if known else None,
                context=tokens.total if record.get("usageScope") == "turn" else None,
                offset=offset,
            )
        )

    @property
    def _agent(self) -> str | None:
        agent = self.path.parent.name
        return None if agent == _MAIN else agent

    @property
    def _session(self) -> str:
        return self.path.parent.parent.parent.name


def _window(model: str | None, logged: int | None, highest: int | None, machine: Machine) -> int | None:
    return logged


def _homes(machine: Machine) -> list[Path]:
    named = machine.folders("KIMI_CODE_HOME")
    desktop = machine.home / "Library" / "Application Support" / "kimi-desktop" / "daimon-share" / "daimon"
    own = [machine.home / ".kimi-code"]
    return [*(named or own), *([desktop / "runtime" / "kimi-code" / "home"] if machine.system == "darwin" else [])]


SOURCE = Source(
    id="kimi_code",
    title="Kimi Code",
    mark="Kc",
    color="other",
    version=VERSION,
    roots=lambda machine: [home / "sessions" for home in _homes(machine)],
    owns=lambda relative: relative.endswith("/wire.jsonl") and "agents/" in relative,
    read=lambda path, cursor: read_lines("kimi_code", VERSION, path, cursor, _Wire),
    verified=False,
    window=_window,
    compacts=lambda window: min(window * 85 // 100, window - 50_000) if window > 50_000 else None,
    cache_lifetime=lambda _: None,
)
