"""Cline since 4.0 and its command line: `sessions/<id>/<agent>.messages.json`, rewritten after each message.

A fork copies messages under their ids. An old task that was resumed has all its requests as one on the last message taken
over. Compacting takes the counts from the messages before and keeps a running total of them: it counts as far as they were
not seen before.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from app.model.path import real
from app.model.usage import Batch, Call, Cursor, Standing, Tokens
from app.shapes.beside import about
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, listed, mapping, record_of, word
from app.shapes.gathering import BOOKED, Gathered, call
from app.shapes.tasks import amount, less, whole, with_amount

_COUNTS = ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokenCount")


class _Manifest(NamedTuple):
    """What a session's own file says."""

    project: str | None = None
    version: str | None = None
    model: str | None = None
    resumed: bool = False
    forked: bool = False


def read(source: str, version: int, path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    def parse(document: dict[str, Any], gathered: Gathered) -> None:
        _Session(source, gathered).told(document)

    return read_document(source, version, path, cursor, record_of, parse)


def _manifest(document: Any) -> _Manifest:
    facts = mapping(document)
    metadata = mapping(facts.get("metadata"))
    return _Manifest(
        project=word(facts.get("cwd")) or word(facts.get("workspace_root")),
        model=word(facts.get("model")),
        resumed=any(metadata.get(name) for name in ("legacyTask", "migratedFromLegacyTask")),
        forked=bool(mapping(metadata.get("fork")).get("forkedFromSessionId")),
    )


class _Session:
    """One reading of one agent's messages."""

    def __init__(self, source: str, gathered: Gathered) -> None:
        self.source = source
        self.gathered = gathered
        folder = gathered.path.parent
        self.session = folder.name
        agent = gathered.path.name.partition(".")[0]
        self.subagent = None if agent == self.session else agent
        self.manifest = about(Path(real(str(folder / f"{self.session}.json"))), _manifest, _Manifest())

    def told(self, document: dict[str, Any]) -> None:
        messages = [mapping(one) for one in listed(document.get("messages"))]
        self.gathered.learn(self.session, main=self.subagent is None, project=self.manifest.project)
        calls = [
            self._answered(message, place)
            for place, message in enumerate(messages)
            if message.get("role") == "assistant" and message.get("metrics")
        ]
        for one in calls:
            self.gathered.add(one)
        until = instant(document.get("updated_at")) or self.gathered.written
        for message in messages:
            facts = mapping(message.get("metadata"))
            if facts.get("kind") == "compaction" and facts.get("usageBefore"):
                self._compacted(mapping(facts["usageBefore"]), calls, until)
        self.gathered.kept.setdefault(BOOKED, {})["seen"] = amount(calls)

    def _answered(self, message: dict[str, object], place: int) -> Call:
        facts, model = mapping(message.get("metrics")), mapping(message.get("modelInfo"))
        at = instant(message.get("ts")) or self.gathered.file_time
        ident, provider = word(message.get("id")), word(model.get("provider"))
        one = self._call(facts, at, *((ident,) if ident else (self.session, self.subagent, at, place)))
        one = one._replace(model=word(model.get("id")) or self.manifest.model, provider=provider, native=ident)
        return self._sum(one) if self.manifest.resumed and provider == "unknown" else one

    def _call(self, facts: dict[str, object], at: int, *identity: object) -> Call:
        sent, read, write, output, reasoning = (count(facts.get(name)) for name in _COUNTS)
        fresh = sent - read - write if read + write <= sent else sent
        return call(
            *(self.source, *identity),
            session=self.session,
            subagent=self.subagent,
            at=at,
            model=self.manifest.model,
            tokens=Tokens(fresh, read, write, 0, output, min(reasoning, output)),
            reported=dollars(facts.get("cost")),
            context=fresh + read + write or None,
        )

    def _sum(self, one: Call) -> Call:
        """All of an old task: its own folder knows each request, where it is still there."""
        group = call(*whole(self.source, self.session), session="", at=0, model=None, tokens=Tokens()).group
        return one._replace(group=group, key=1, standing=Standing.SUM, provider=None, context=None, evidence="C")

    def _compacted(self, usage: dict[str, object], calls: list[Call], until: int) -> None:
        booked: dict[str, list[int]] = self.gathered.kept.setdefault(BOOKED, {})
        known = "compacted" in booked
        one = self._call(usage, until, "compacted", *map(usage.get, _COUNTS))._replace(context=None, evidence="C")
        total = amount([one])
        grown = less(total, booked.get("compacted", []))
        booked["compacted"] = total
        if self.manifest.forked and not known:
            return  # of what was compacted before the fork the session it came from knows
        added = less(grown, booked.get("seen", [])) if any(grown) else []
        if any(added):
            model, provider = next(((each.model, each.provider) for each in calls), (self.manifest.model, None))
            one = with_amount(one._replace(model=model, provider=provider), added)
            self.gathered.add(self._sum(one) if self.manifest.resumed else one)
