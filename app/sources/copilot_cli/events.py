"""A session's events: each message says how many tokens it is, and each ending of the session what all of it used so far.

Nothing else of a request is ever written there. So a message is a call of which only the output is known. What an ending
adds to that, all prompts since the ending before, stands with the last of these calls. Totals that fell began anew; a log
that holds a stretch twice tells of the same calls twice.
"""

from __future__ import annotations

import re
from typing import Any

from app.model.identity import key_of
from app.model.usage import Occurrence, Standing, Tokens
from app.shapes.fields import count, credit, mapping, word
from app.shapes.gathering import call
from app.shapes.records import Records
from app.sources.copilot_cli.requests import NANO, fresh, group_of

_COUNTS = ("inputTokens", "outputTokens", "cacheReadTokens", "cacheWriteTokens", "reasoningTokens")


class Events(Records):
    needles = re.compile(
        rb'"(?:outputTokens|session\.(?:start|resume|model_change|compaction_complete|truncation|shutdown))"'
    )

    def entry(self, record: dict[str, Any], offset: int) -> None:
        kind, said, at = record.get("type"), mapping(record.get("data")), self.when(record.get("timestamp"))
        if kind in ("session.start", "session.resume", "session.model_change"):
            self._introduced(said)
        elif kind == "assistant.message":
            agent = word(record.get("agentId")) or word(said.get("parentToolCallId"))
            self._message(said, agent, at, offset)
        elif kind == "session.shutdown":
            self._ended(said, at, offset)
        elif kind in ("session.compaction_complete", "session.truncation"):
            self.kept["window"] = count(said.get("tokenLimit")) or self.kept.get("window")
            if said.get("success") is True and not record.get("agentId"):
                before, after = (count(said.get(f"{name}CompactionTokens")) or None for name in ("pre", "post"))
                self.happened(Occurrence(self._session, None, at, "compaction", before, after, None))

    @property
    def _session(self) -> str:
        return self.kept.get("session") or (
            self.path.parent.name if self.path.name == "events.jsonl" else self.path.stem
        )

    def _introduced(self, said: dict[str, object]) -> None:
        place = mapping(said.get("context"))
        self.kept["session"] = word(said.get("sessionId")) or self._session
        self.kept["model"] = word(said.get("newModel")) or word(said.get("selectedModel")) or self.kept.get("model")
        cwd, branch, version = word(place.get("cwd")), word(place.get("branch")), word(said.get("copilotVersion"))
        self.learn(self._session, project=cwd, branch=branch, version=version)

    def _message(self, said: dict[str, object], agent: str | None, at: int, offset: int) -> None:
        """Its parts share the id of the request, and the last of them counts all."""
        if "outputTokens" not in said:
            return
        model, output = word(said.get("model")) or self.kept.get("model"), count(said.get("outputTokens"))
        ident = word(said.get("apiCallId")) or word(said.get("messageId")) or f"{at}"
        told: dict[str, list[Any]] = self.kept.setdefault("told", {})
        whole, last, before, *_ = told.get(model or "", (0, None, 0))
        output = max(output, before) if last == ident else output
        whole += output - (before if last == ident else 0)
        told[model or ""] = [whole, ident, output, at, agent]
        if output:
            self._add(model, (ident,), Tokens(output=output), at=at, offset=offset, subagent=agent, native=ident)

    def _ended(self, said: dict[str, object], at: int, offset: int) -> None:
        metrics, told = mapping(said.get("modelMetrics")), self.kept.pop("told", {})
        for model, metric in metrics.items():
            facts = mapping(metric)
            usage = mapping(facts.get("usage"))
            billed = facts.get("totalNanoAiu", said.get("totalNanoAiu") if len(metrics) == 1 else None)
            total = [*(count(usage.get(name)) for name in _COUNTS), count(billed)]
            sent, output, read, write, reasoning, nano = self._added(model, total)
            whole, ident, last, when, agent = told.get(model, (0, None, 0, at, None))
            output = last + max(0, output - whole)
            tokens = Tokens(fresh(sent, read + write), read, write, 0, output, min(reasoning, output))
            if tokens.prompt or output > last or nano:
                self._add(
                    model,
                    (ident,) if ident else ("ending", *total),
                    tokens,
                    at=when,
                    offset=offset,
                    subagent=agent,
                    context=count(said.get("currentTokens")) or None,
                    credits=None if billed is None else credit(nano, NANO),
                    records=0 if last else 1,
                    native=ident,
                )

    def _added(self, model: str, total: list[int]) -> list[int]:
        totals: dict[str, list[int]] = self.kept.setdefault("totals", {})
        before = totals.get(model, [0] * len(total))
        totals[model] = total
        fell = any(now < then for now, then in zip(total[:4], before[:4], strict=True))
        return total if fell else [max(0, now - then) for now, then in zip(total, before, strict=True)]

    def _add(self, model: str | None, ident: tuple[object, ...], tokens: Tokens, **facts: Any) -> None:
        one = call("copilot_cli", session=self._session, model=model, tokens=tokens, evidence="C", **facts)
        group, window = group_of(self._session, model), self.kept.get("window")
        self.add(one._replace(group=group, key=key_of(*ident), standing=Standing.SUM, window=window))
