"""Warp's conversations: rows of `warp.sqlite`, with one number a model: all tokens so far, by Warp's keys and one's own.

What was sent, cached and answered is not told apart, and a total is booked as it grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.database import Base, read_database
from app.shapes.fields import count, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_NEW = (
    "SELECT conversation_id, conversation_data, last_modified_at FROM agent_conversations"
    " WHERE last_modified_at >= ? ORDER BY last_modified_at"
)
_FOLDER = "SELECT working_directory FROM ai_queries WHERE conversation_id = ? ORDER BY start_ts LIMIT 1"


def _rows(base: Base, gathered: Gathered) -> None:
    if not base.columns("agent_conversations") >= {"conversation_id", "conversation_data", "last_modified_at"}:
        return
    folders = base.columns("ai_queries") >= {"conversation_id", "working_directory", "start_ts"}
    for ident, said, changed in base.ask(_NEW, gathered.kept.get("since", "")):
        if not word(ident) or not word(changed):
            continue
        gathered.kept["since"] = changed
        usage = mapping(mapping(record_of(str(said).encode())).get("conversation_usage_metadata"))
        totals: dict[str | None, int] = {}
        for one in map(mapping, listed(usage.get("token_usage"))):
            model = word(one.get("model_id"))
            totals[model] = totals.get(model, 0) + count(one.get("warp_tokens")) + count(one.get("byok_tokens"))
        if folders:
            gathered.learn(ident, project=next((word(folder) for (folder,) in base.ask(_FOLDER, ident)), None))
        for model, total in totals.items():
            _grown(gathered, ident, model, total, instant(changed) or gathered.written)


def _grown(gathered: Gathered, conversation: str, model: str | None, total: int, at: int) -> None:
    grown = gathered.growth(f"{conversation} {model}", Tokens(input=total))
    if grown is not None:
        gathered.add(
            call(
                *("warp", conversation, model, total),
                session=conversation,
                at=at,
                model=model,
                tokens=grown,
                evidence="C",
            )
        )


def _places(machine: Machine) -> Iterator[Path]:
    if machine.system == "darwin":
        below = "Group Containers/2BBY89MBSN.dev.warp/Library/Application Support/dev.warp.Warp-Stable"
        yield machine.home / "Library" / below
    elif machine.system == "win32":
        yield Path(machine.variable("LOCALAPPDATA") or machine.home / "AppData" / "Local") / "warp" / "Warp" / "data"
    else:
        yield Path(machine.variable("XDG_STATE_HOME") or machine.home / ".local" / "state") / "warp-terminal"


SOURCE = Source(
    id="warp",
    title="Warp",
    mark="Wa",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=_places,
    owns=lambda relative: relative.rpartition("/")[2] == "warp.sqlite",
    is_database=lambda name: name.endswith(".sqlite"),
    read=lambda path, cursor: read_database("warp", VERSION, path, cursor, _rows),
    verified=False,
    evidence="C",
)
