"""Tabby, a server of models on one's own machine: `events/<day>.json`, a line a completion or an answer, with words only."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.fields import listed, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1


class _Log(Records):
    needles = re.compile(rb'"(?:chat_)?completion"')
    clock = "ts"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        event = mapping(record.get("event"))
        completed, answered = mapping(event.get("completion")), mapping(event.get("chat_completion"))
        if completed:
            sent, written = (
                [completed.get("prompt")],
                [mapping(one).get("text") for one in listed(completed.get("choices"))],
            )
        elif answered:
            sent = [mapping(one).get("content") for one in listed(answered.get("input"))]
            written = [mapping(answered.get("output")).get("content")]
        else:
            return
        ident = word((completed or answered).get("completion_id"))
        at = self.when(record.get("ts"))
        self.add(
            call(
                *("tabby", ident or at),
                session=self.path.stem,
                at=at,
                model=None,
                tokens=Tokens(self._words(sent), output=self._words(written)),
                evidence="C",
                offset=offset,
                native=ident,
            )
        )

    def _words(self, texts: list[object]) -> int:
        return self.words("\n".join(text for text in map(word, texts) if text))


def _roots(machine: Machine) -> list[Path]:
    named = machine.variable("TABBY_ROOT")
    return [(machine.path(named) if named else machine.home / ".tabby") / "events"]


SOURCE = Source(
    id="tabby",
    title="Tabby",
    mark="Tb",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith(".json"),
    read=lambda path, cursor: read_lines("tabby", VERSION, path, cursor, _Log),
    verified=False,
    evidence="C",
    exact="Tabby keeps what was asked and written, neither the model nor how many tokens that was.",
)
