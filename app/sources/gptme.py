"""gptme's conversations: `logs/<name>/conversation.jsonl`, a message a line, written anew at each change.

A fork, and each branch below `branches/`, copies the messages before it with their times, model and counts: by these a call
is one wherever it stands.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import count, dollars, local_instant, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("input_tokens", "cache_read_tokens", "cache_creation_tokens", "output_tokens")


class _Log(Records):
    needles = re.compile(rb'"usage"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = mapping(record.get("metadata"))
        usage = mapping(said.get("usage"))
        sent, read, write, output = (count(usage.get(name)) for name in _COUNTS)
        tokens, model = Tokens(sent, read, write, 0, output), word(said.get("model"))
        if not usage:
            return
        self.add(
            call(
                *("gptme", record.get("timestamp"), model, *tokens),
                session=_conversation(self.path),
                at=self.when(local_instant(record.get("timestamp"))),
                model=model,
                tokens=tokens,
                context=tokens.prompt,
                reported=dollars(said.get("cost")),
                offset=offset,
            )
        )


def _conversation(path: Path) -> str:
    folder = path.parent
    return folder.parent.name if folder.name == "branches" else folder.name


SOURCE = Source(
    id="gptme",
    title="gptme",
    mark="Gp",
    color="other",
    version=VERSION,
    roots=lambda machine: [
        Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "gptme" / "logs"
    ],
    owns=lambda relative: relative.endswith("/conversation.jsonl") or "/branches/" in relative,
    read=lambda path, cursor: read_lines("gptme", VERSION, path, cursor, _Log),
    verified=False,
    states_cost=True,
)
