"""DeepSeek Harness' sessions: `sessions/--<folder>--/<id>/session.jsonl.zstd`, to which a frame is added for a few events.

A step's usage is told twice, while the answer comes and with it. What was cached stands beside what was sent; reasoning is
part of the output, as a real answer of one word shows. A session that came of another begins with that one's events.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.fields import count, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import Readable, plain, read_lines
from app.shapes.packed import unpacked
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens")


class _Log(Records):
    needles = re.compile(rb'"(?:usage|config)"')
    clock = "time"

    def first(self, record: dict[str, Any]) -> bool:
        if record.get("type") == "session":
            own, parent = word(record.get("id")), word(record.get("parentSession"))
            helps = parent if count(record.get("delegationDepth")) else None
            self.kept.update(own=own, helps=helps, seed=count(record.get("seedLength")) if parent else 0)
            self.learn(self._session, main=helps is None, project=word(record.get("cwd")))
        return False

    @property
    def _session(self) -> str:
        return self.kept.get("helps") or self._own

    @property
    def _own(self) -> str:
        return self.kept.get("own") or self.path.parent.name

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = mapping(record.get("data"))
        config = mapping(mapping(said.get("header")).get("config"))
        if config:
            self.kept.update(model=word(config.get("model")), provider=word(config.get("provider")))
        answered = mapping(said.get("usage"))
        usage = answered or mapping(mapping(said.get("chunk")).get("usage"))
        if not usage or count(record.get("seq")) < self.kept.get("seed", 0):
            return
        by = mapping(mapping(said.get("message")).get("source"))
        sent, read, write, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
        tokens = Tokens(sent, read, write, 0, output, min(reasoning, output))
        self.add(
            call(
                *("dsh", self._own, said.get("turn"), said.get("step")),
                session=self._session,
                subagent=self._own if self.kept.get("helps") else None,
                at=self.when(record.get("time")),
                model=word(by.get("model")) or self.kept.get("model"),
                provider=word(by.get("provider")) or self.kept.get("provider"),
                tokens=tokens,
                context=tokens.prompt,
                finished=bool(answered),
                offset=offset,
            )
        )


def _open(path: Path) -> Readable:
    return unpacked(path, grows=True) if path.suffix == ".zstd" else plain(path)


def _roots(machine: Machine) -> list[Path]:
    return [home / "sessions" for home in machine.folders("DSH_HOME") or [machine.home / ".dsh"]]


def _owns(relative: str) -> bool:
    """A newer build takes a session over into a file of a newer version beside the old one: `session.v3.jsonl.zstd`."""
    name = relative.rpartition("/")[2]
    return name.startswith("session.") and name.endswith((".jsonl", ".jsonl.zstd"))


SOURCE = Source(
    id="dsh",
    title="DeepSeek Harness",
    mark="Ds",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    read=lambda path, cursor: read_lines("dsh", VERSION, path, cursor, _Log, _open),
    verified=False,
)
