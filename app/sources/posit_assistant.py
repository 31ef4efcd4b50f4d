"""Posit Assistant's conversations: `workspaces/<id>/<conversation>/lm-messages.jsonl`, sub-agents in a folder below.

Branches that were abandoned stay in the file, and were paid for.
"""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import count, instant, mapping, record_of, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_NAME = "lm-messages.jsonl"


class _Log(Records):
    needles = re.compile(rb'"usage"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        options = mapping(mapping(record.get("message")).get("providerOptions"))
        said = mapping(mapping(options.get("providerMetadata")).get("positai"))
        usage = mapping(said.get("usage"))
        if not usage:
            return
        at, model = instant(said.get("timestamp")), word(said.get("modelId"))
        conversation, agent = self._place
        self.learn(conversation, main=agent is None, project=self._project)
        tokens = _tokens(usage)
        self.add(
            call(
                *("posit_assistant", record.get("id"), at, model, *tokens),
                session=conversation,
                subagent=agent,
                at=self.when(at),
                model=model,
                tokens=tokens,
                provider=word(said.get("providerId")),
                context=tokens.total,
                offset=offset,
            )
        )

    @cached_property
    def _place(self) -> tuple[str, str | None]:
        """The conversation, and the sub-agent of it that this is."""
        own = self.path.parent
        return (own.parent.parent.name, own.name) if own.parent.name == "subagents" else (own.name, None)

    @cached_property
    def _project(self) -> str | None:
        own = self.path.parent
        conversation = own.parent.parent if own.parent.name == "subagents" else own
        try:
            facts = record_of((conversation.parent / "workspace.json").read_bytes())
        except OSError:
            return None
        return word(mapping(facts).get("path"))


def _tokens(usage: dict[str, object]) -> Tokens:
    sent, read, output = (count(usage.get(name)) for name in ("inputTokens", "cacheReadTokens", "outputTokens"))
    hour = count(usage.get("cacheWrite1hTokens"))
    return Tokens(sent, read, max(0, count(usage.get("cacheWriteTokens")) - hour), hour, output)


SOURCE = Source(
    id="posit_assistant",
    title="Posit Assistant",
    mark="Po",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".posit" / "assistant" / "workspaces"],
    owns=lambda relative: relative.endswith(f"/{_NAME}"),
    read=lambda path, cursor: read_lines("posit_assistant", VERSION, path, cursor, _Log),
    verified=False,
)
