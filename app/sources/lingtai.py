"""LingTai's ledgers: `<agent>/logs/token_ledger.jsonl`, a request a line. What was cached is part of what was sent.

What an agent's daemons use is written into its ledger too: theirs, which lie deeper, are not read.
"""

from __future__ import annotations

import re
from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import count, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_NAME = "/logs/token_ledger.jsonl"


class _Log(Records):
    needles = re.compile(rb'"output"')
    clock = "ts"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        agent = self.path.parent.parent.name
        sent, cached, output, thinking = (count(record.get(name)) for name in ("input", "cached", "output", "thinking"))
        cached = min(cached, sent)
        tokens = Tokens(sent - cached, cached, 0, 0, output + thinking, thinking)
        run = word(record.get("run_id"))
        self.learn(agent, project=str(self.path.parent.parent))
        self.add(
            call(
                *("lingtai", agent, record.get("ts"), record.get("source"), run, *tokens),
                session=agent,
                at=self.when(record.get("ts")),
                model=word(record.get("model")),
                tokens=tokens,
                context=sent,
                offset=offset,
                native=run,
            )
        )


SOURCE = Source(
    id="lingtai",
    title="LingTai",
    mark="Li",
    color="other",
    version=VERSION,
    roots=lambda machine: machine.folders("LINGTAI_HOME") or [machine.home / ".lingtai"],
    owns=lambda relative: relative.endswith(_NAME) and relative.count("/") == 2,
    read=lambda path, cursor: read_lines("lingtai", VERSION, path, cursor, _Log),
    verified=False,
)
