"""Continue: what its editor extensions counted of the text themselves, and what a provider counted for its command line.

The extensions write each call twice, a line in `dev_data/0.2.0/tokensGenerated.jsonl` and a row in `devdata.sqlite`, which
has those from before there were lines with a time. Neither names a session: a day is one. Rows count where there is no line
of the same counts in that hour. The command line writes neither, but a running total into its session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Call, Cursor, Standing, Tokens
from app.shapes.database import Base, read_database
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_HOUR = 3_600_000
_LINES, _ROWS, _INDEX = "0.2.0/tokensGenerated.jsonl", "devdata.sqlite", "sessions.json"
_COLUMNS = ("id", "model", "provider", "tokens_prompt", "tokens_generated", "timestamp")


def _counted(model: object, provider: object, sent: object, output: object, at: int, **said: Any) -> Call:
    tokens = Tokens(count(sent), output=count(output))
    day = datetime.fromtimestamp(at // 1000, UTC).date().isoformat()
    return call(
        *("continue", word(model), *tokens, at // _HOUR),  # not the provider: line and row name it differently
        session=day,
        at=at,
        model=word(model),
        provider=word(provider),
        tokens=tokens,
        evidence="C",
        **said,
    )


class _Log(Records):
    needles = re.compile(rb'"generatedTokens"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        at = self.when(record.get("timestamp"))
        model, provider = record.get("model"), record.get("provider")
        sent, output = record.get("promptTokens"), record.get("generatedTokens")
        self.add(_counted(model, provider, sent, output, at, key=at, offset=offset))


def _rows(base: Base, gathered: Gathered) -> None:
    if not set(_COLUMNS) <= base.columns("tokens_generated"):  # older ones have no count of what was sent
        return
    for row, ident, model, provider, sent, output, timestamp in base.new_rows("tokens_generated", _COLUMNS, gathered):
        at = instant(timestamp) or gathered.file_time
        found = _counted(model, provider, sent, output, at, key=-count(ident) - 1, offset=row)
        gathered.add(found._replace(standing=Standing.SUM))


def _session(facts: dict[str, Any], gathered: Gathered) -> None:
    """What a provider's cache has to do with stands beside what was sent, where it is told."""
    usage = mapping(facts.get("usage"))
    if not usage:
        return  # of an editor: its calls are counted by line and row
    session = word(facts.get("sessionId")) or gathered.path.stem
    details = mapping(usage.get("promptTokensDetails"))
    sent, output = count(usage.get("promptTokens")), count(usage.get("completionTokens"))
    total = Tokens(sent, count(details.get("cachedTokens")), count(details.get("cacheWriteTokens")), 0, output)
    cost = dollars(usage.get("totalCost")) or 0
    grown, spent = gathered.growth(session, total), gathered.growth(f"{session} nano-dollars", Tokens(cost))
    gathered.learn(session, project=_folder(word(facts.get("workspaceDirectory"))))
    if grown or spent:
        gathered.add(
            call(
                *("continue", session, *total, cost),
                session=session,
                at=gathered.written,
                model=_model(facts),
                tokens=grown or Tokens(),
                reported=spent.input if spent else None,
                evidence="C",
            )
        )


def _model(facts: dict[str, Any]) -> str | None:
    logs = [mapping(log) for one in listed(facts.get("history")) for log in listed(mapping(one).get("promptLogs"))]
    named = [word(log.get("modelTitle")) for log in logs]
    return next((name for name in reversed(named) if name), None) or word(facts.get("chatModelTitle"))


def _folder(said: str | None) -> str | None:
    from app.shapes.vscode import path_of

    return None if said is None else path_of(said) or said


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".jsonl":
        return read_lines("continue", VERSION, path, cursor, _Log)
    if path.suffix == ".sqlite":
        return read_database("continue", VERSION, path, cursor, _rows)
    return read_document("continue", VERSION, path, cursor, record_of, _session)


def _roots(machine: Machine) -> Iterator[Path]:
    named = machine.variable("CONTINUE_GLOBAL_DIR")
    for home in [machine.path(named)] if named else [machine.home / ".continue", machine.home / ".pearai"]:
        yield home / "dev_data"
        yield home / "sessions"


def _owns(relative: str) -> bool:
    name = relative.rpartition("/")[2]
    return relative.endswith((_LINES, _ROWS)) or (name.endswith(".json") and name != _INDEX)


SOURCE = Source(
    id="continue",
    title="Continue",
    mark="Cn",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=_owns,
    is_database=lambda name: name.endswith(".sqlite"),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="C",
    states_cost=True,
    exact="Continue's editor extensions keep only what they counted of the text themselves; its CLI, cn, what was billed.",
)
