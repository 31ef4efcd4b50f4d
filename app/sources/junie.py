"""Junie's sessions: `sessions/session-<date>-<time>-<id>/events.jsonl`, all that the window was told, a line each.

Each answer of a model is one event with the counts of one or more models, disjoint: the costs beside them are those counts
at the vendors' prices. Small helpers (titles, guards) answer between the main model's requests, so that the
context is that of a request as large as Junie's own last report of it. The stream may be replayed.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from app.model.usage import Tokens
from app.shapes.fields import count, dollars, instant, mapping, word
from app.shapes.gathering import call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("inputTokens", "cacheInputTokens", "cacheCreateTokens", "outputTokens", "reasoningTokens")
_MAIN = "MainAgent"


class _Log(Records):
    needles = re.compile(rb'"(?:modelUsage|ContextWindowReportEvent|currentDirectory)"')
    clock = "timestampMs"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        event = mapping(mapping(record.get("event")).get("agentEvent"))
        usages = event.get("modelUsage")
        if word(event.get("currentDirectory")):
            self.learn(self._session, project=word(event.get("currentDirectory")))
        elif event.get("kind") == "ContextWindowReportEvent":
            self.kept["used"], self.kept["size"] = count(event.get("used")), count(event.get("size")) or None
        elif isinstance(usages, list):
            stamp = record.get(self.clock)
            at = self.when(stamp) if instant(stamp) is not None else self._begun() or self.when(None)
            several = [mapping(usage) for usage in usages]  # pyright: ignore[reportUnknownVariableType]
            largest = max((_tokens(usage).prompt for usage in several), default=0)
            self.learn(self._session)
            for place, usage in enumerate(several):
                full = _tokens(usage).prompt == largest >= self.kept.get("used", 0)
                self._answer(usage, mapping(event.get("agent")), at, stamp, place, offset, full)

    def _answer(
        self,
        usage: dict[str, object],
        agent: dict[str, object],
        at: int,
        stamp: object,
        place: int,
        offset: int,
        full: bool,
    ) -> None:
        tokens, kind = _tokens(usage), word(agent.get("kind"))
        model, cost = word(usage.get("model")), dollars(usage.get("cost"))
        self.add(
            call(
                *("junie", self._session, stamp, model, *tokens, cost, place),
                session=self._session,
                subagent=None if kind in (None, _MAIN) else word(agent.get("id")) or kind,
                at=at,
                model=model,
                tokens=tokens,
                provider=word(usage.get("provider")),
                reported=cost,
                context=tokens.prompt if full else None,
                window=self.kept.get("size"),
                offset=offset,
            )
        )

    @property
    def _session(self) -> str:
        return self.path.parent.name

    def _begun(self) -> int | None:
        """When the session began, by its folder's name in local time: events had no time of their own once."""
        _, _, stamp = self._session.partition("-")
        try:
            return int(datetime.strptime(stamp[:13], "%y%m%d-%H%M%S").timestamp() * 1000)
        except (ValueError, OverflowError):
            return None


def _tokens(usage: dict[str, object]) -> Tokens:
    sent, read, written, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
    return Tokens(sent, read, written, 0, output, min(reasoning, output))


SOURCE = Source(
    id="junie",
    title="Junie",
    mark="Ju",
    color="other",
    version=VERSION,
    roots=lambda machine: [home / "sessions" for home in machine.folders("JUNIE_HOME") or [machine.home / ".junie"]],
    owns=lambda relative: relative.endswith("/events.jsonl"),
    read=lambda path, cursor: read_lines("junie", VERSION, path, cursor, _Log),
    states_cost=True,
    verified=False,
)
