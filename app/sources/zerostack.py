"""Zerostack's and CodeWhale's sessions: a document each, which is written anew, with what the session has used so far.

Neither tells what was cached, and CodeWhale not even what was sent and what came back. A total is booked as it grows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1


def _session(said: dict[str, Any], gathered: Gathered) -> None:
    total = Tokens(input=count(said.get("total_input_tokens")), output=count(said.get("total_output_tokens")))
    ident, at = word(said.get("id")) or gathered.path.stem, instant(said.get("updated_at"))
    gathered.learn(ident, project=word(said.get("working_dir")))
    _booked(gathered, "zerostack", ident, at, word(said.get("model")), total, dollars(said.get("total_cost")))


def _whale(document: dict[str, Any], gathered: Gathered) -> None:
    said = mapping(document.get("metadata"))
    costs = [dollars(mapping(said.get("cost")).get(name)) for name in ("session_cost_usd", "subagent_cost_usd")]
    ident, at = word(said.get("id")) or gathered.path.stem, instant(said.get("updated_at"))
    gathered.learn(ident, project=word(said.get("workspace")))
    total = Tokens(input=count(said.get("total_tokens")))
    _booked(gathered, "codewhale", ident, at, word(said.get("model")), total, sum(filter(None, costs)))


def _booked(
    gathered: Gathered, source: str, session: str, at: int | None, model: str | None, total: Tokens, cost: int | None
) -> None:
    grown = gathered.growth(session, total)
    dearer = gathered.growth(f"{session} $", Tokens(input=cost or 0))
    if grown is None and dearer is None:
        return
    gathered.add(
        call(
            *(source, session, *total, cost),
            session=session,
            at=at or gathered.written,
            model=model,
            tokens=grown or Tokens(),
            reported=dearer.input if dearer else None,
            evidence="C",
        )
    )


def _whales(machine: Machine) -> Iterable[Path]:
    home = machine.variable("CODEWHALE_HOME")
    homes = [machine.path(home)] if home else [machine.home / ".codewhale", machine.home / ".deepseek"]
    return [one / "sessions" for one in homes]


def _data(machine: Machine) -> Iterator[Path]:
    home = machine.variable("ZS_DATA_DIR")
    if home:
        yield machine.path(home) / "sessions"
    elif machine.system == "darwin":
        yield machine.home / "Library" / "Application Support" / "zerostack" / "sessions"
    else:
        yield Path(machine.variable("XDG_DATA_HOME") or machine.home / ".local" / "share") / "zerostack" / "sessions"


def _read_session(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_document("zerostack", VERSION, path, cursor, record_of, _session)


def _read_whale(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    return read_document("codewhale", VERSION, path, cursor, record_of, _whale)


def _source(ident: str, title: str, mark: str, roots: Any, read: Any) -> Source:
    return Source(
        id=ident,
        title=title,
        mark=mark,
        color="other",
        version=VERSION,
        roots=roots,
        owns=lambda relative: relative.endswith(".json"),
        read=read,
        verified=False,
        evidence="C",
        states_cost=True,
    )


SOURCE = _source("zerostack", "Zerostack", "Zs", _data, _read_session)
CODE_WHALE = _source("codewhale", "CodeWhale", "Cw", _whales, _read_whale)
