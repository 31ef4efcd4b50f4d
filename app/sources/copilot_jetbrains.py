"""GitHub Copilot in JetBrains' IDEs: `~/.copilot/jb/<conversation>/partition-<n>.jsonl`, events without a count of anything.

What was typed stands once more as it was sent, with the files that went with it: that one is measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.fields import mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1


class _Partition(Records):
    needles = re.compile(rb'"(?:user\.message|user\.message_rendered|assistant\.turn_start|assistant\.message)"')

    def first(self, record: dict[str, Any]) -> bool:
        if record.get("type") == "partition.created":
            self.kept["session"] = word(mapping(record.get("data")).get("conversationId"))
        return False

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said, kind = mapping(record.get("data")), record.get("type")
        if kind == "user.message":
            self.kept["typed"] = self.words(word(said.get("content")) or "")
        elif kind == "user.message_rendered":
            self.kept["typed"] = 0
            sent = word(said.get("renderedMessage")) or word(said.get("content")) or ""
            self.kept["sent"] = self.kept.get("sent", 0) + self.words(sent)
        elif kind == "assistant.turn_start":
            self.kept["model"] = word(said.get("model")) or self.kept.get("model")
        elif kind == "assistant.message":
            self._answer(record, said, offset)

    def _answer(self, record: dict[str, Any], said: dict[str, object], offset: int) -> None:
        thought = self.words(word(mapping(said.get("thinking")).get("text")) or "")
        written = self.words(word(said.get("text")) or word(said.get("content")) or "")
        asked = self.kept.pop("sent", 0) + self.kept.pop("typed", 0)
        session = self.kept.get("session") or self.path.parent.name
        self.learn(session)
        self.add(
            call(
                *("copilot_jetbrains", session, record.get("id") or record.get("timestamp"), said.get("messageId")),
                session=session,
                at=self.when(record.get("timestamp")),
                model=self.kept.get("model"),
                tokens=Tokens(asked, 0, 0, 0, written + thought, thought),
                provider="github",
                evidence="C",
                offset=offset,
            )
        )


def _roots(machine: Machine) -> Iterator[Path]:
    for home in machine.folders("COPILOT_HOME") or [machine.home / ".copilot"]:
        yield home / "jb"


SOURCE = Source(
    id="copilot_jetbrains",
    title="Copilot in JetBrains",
    mark="JC",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith(".jsonl") and relative.rpartition("/")[2].startswith("partition-"),
    read=lambda path, cursor: read_lines("copilot_jetbrains", VERSION, path, cursor, _Partition),
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="C",
)
