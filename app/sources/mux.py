"""Mux' workspaces: `sessions/<workspace>/chat.jsonl`, a message a line; sub-agents below `subagent-transcripts/<task>/`.

What was read from the cache and what was written to it are part of what was sent, reasoning is part of the output.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from app.model.usage import Tokens
from app.shapes.beside import about
from app.shapes.fields import count, instant, listed, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("inputTokens", "cachedInputTokens", "outputTokens", "reasoningTokens")


class _Log(Records):
    needles = re.compile(rb'"usage"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = mapping(record.get("metadata"))
        usage = mapping(said.get("usage"))
        if not usage:
            return
        sent, read, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
        served = mapping(mapping(said.get("providerMetadata")).get("anthropic"))
        write = min(count(served.get("cacheCreationInputTokens")), max(0, sent - read))
        provider, _, model = (word(said.get("model")) or "").rpartition(":")
        workspace, task = self._place
        self.learn(workspace, main=task is None, project=self._project)
        self.add(
            call(
                *("mux", record.get("id"), said.get("timestamp")),
                session=workspace,
                subagent=task,
                at=self.when(instant(said.get("timestamp")) or record.get("createdAt")),
                model=model or None,
                provider=provider or None,
                tokens=Tokens(max(0, sent - read - write), read, write, 0, output, min(reasoning, output)),
                context=sent,
                offset=offset,
                native=word(record.get("id")),
            )
        )

    @cached_property
    def _place(self) -> tuple[str, str | None]:
        """The workspace, and the task of it that this is."""
        own = self.path.parent
        nested = own.parent.name == "subagent-transcripts"
        return (own.parent.parent.name, own.name) if nested else (own.name, None)

    @property
    def _project(self) -> str | None:
        """`config.json` in the home lists projects with their workspaces."""
        home = next((one.parent for one in self.path.parents if one.name == "sessions"), self.path.parent)
        return about(home / "config.json", _folders, {}).get(self._place[0])


def _folders(config: Any) -> dict[str, str]:
    """The folder of each workspace."""
    found: dict[str, str] = {}
    for pair in listed(mapping(config).get("projects")):
        folder, *rest = [*listed(pair), None]
        if word(folder):
            several = listed(mapping(next(iter(rest), None)).get("workspaces"))
            found |= {ident: str(folder) for ident in (word(mapping(one).get("id")) for one in several) if ident}
    return found


def _owns(relative: str) -> bool:
    return relative.endswith("/chat.jsonl")


SOURCE = Source(
    id="mux",
    title="Mux",
    mark="Mx",
    color="other",
    version=VERSION,
    roots=lambda machine: [Path(home) / "sessions" for home in machine.folders("MUX_ROOT") or [machine.home / ".mux"]],
    owns=_owns,
    read=lambda path, cursor: read_lines("mux", VERSION, path, cursor, _Log),
    verified=False,
)
