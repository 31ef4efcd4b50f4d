"""Grok Build's sessions: `sessions/<folder>/<id>/updates.jsonl`, a notification a line; `summary.json` beside it.

Newer versions say at a turn's end what all its requests used, and say it again when it has grown: what was cached is part of
what was sent, reasoning part of the output. Older ones only tell how full the context is, which no use follows from. The
cost is in ticks of a size that nobody has told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.beside import about
from app.shapes.fields import count, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source, Vendor

VERSION = 1
_COUNTS = ("inputTokens", "cachedReadTokens", "cacheCreationTokens", "outputTokens", "reasoningTokens")


class _Log(Records):
    needles = re.compile(rb'"(?:turn_completed|totalTokens)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = mapping(record.get("params"))
        update, meta = mapping(said.get("update")), mapping(said.get("_meta"))
        fill = count(meta.get("totalTokens"))
        if fill:
            self.kept["fill"] = fill
        at = self.when(meta.get("agentTimestampMs") or record.get("timestamp"))
        usage = mapping(update.get("usage"))
        if update.get("sessionUpdate") != "turn_completed" or not usage:
            return
        session = word(mapping(self._summary.get("info")).get("id")) or self.path.parent.name
        self.learn(session, project=word(mapping(self._summary.get("info")).get("cwd")))
        turn = word(update.get("prompt_id")) or word(meta.get("promptId")) or f"@{offset}"
        models = {name: one for name, one in mapping(usage.get("modelUsage")).items() if any(_tokens(mapping(one)))}
        several = (
            models if len(models) > 1 else {next(iter(models), word(self._summary.get("current_model_id"))): usage}
        )
        for model, one in several.items():
            self.add(
                call(
                    *("grok_build", session, turn, _which(models, model)),
                    session=session,
                    at=at,
                    model=model,
                    tokens=_tokens(mapping(one)),
                    context=self.kept.get("fill"),
                    evidence="C",
                    offset=offset,
                    native=turn,
                )
            )

    @property
    def _summary(self) -> dict[str, object]:
        return about(self.path.parent / "summary.json", mapping, {})


def _which(models: dict[str, object], model: str | None) -> int:
    return sorted(models).index(model) if len(models) > 1 and model in models else 0


def _tokens(usage: dict[str, object]) -> Tokens:
    sent, read, write, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
    inside = read + write <= sent
    return Tokens(sent - read - write if inside else sent, read, write, 0, output, min(reasoning, output))


def _roots(machine: Machine) -> Iterator[Path]:
    for home in machine.folders("GROK_HOME") or [machine.home / ".grok"]:
        yield home / "sessions"


SOURCE = Source(
    id="grok_build",
    title="Grok Build",
    mark="Gk",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith("/updates.jsonl"),
    read=lambda path, cursor: read_lines("grok_build", VERSION, path, cursor, _Log),
    vendor=Vendor("xai", "xAI"),
    verified=False,
    evidence="C",
)
