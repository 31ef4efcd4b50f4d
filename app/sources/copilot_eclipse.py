"""GitHub Copilot in Eclipse: a document a conversation below the workspace's `.metadata`, without a count of anything.

Eclipse keeps no list of workspaces for others: those in their usual places are looked at, others are folders to add.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.machine import Machine
from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_PLUGIN = (".metadata", ".plugins", "com.microsoft.copilot.eclipse.core", "conversations")
_USUAL = ("eclipse-workspace", "workspace")


def _conversation(document: dict[str, Any], gathered: Gathered) -> None:
    turns = document.get("turns")
    session = word(document.get("conversationId")) or gathered.path.stem
    at, model, asked = instant(document.get("creationDate")) or gathered.file_time, None, 0
    for place, one in enumerate(turns if isinstance(turns, list) else []):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        turn = mapping(one)
        at = instant(turn.get("timestamp")) or at
        if turn.get("role") == "user":
            asked += gathered.words(word(mapping(turn.get("message")).get("text")) or "")
            model = word(turn.get("model")) or model
            continue
        reply = mapping(turn.get("reply"))
        said = mapping(reply.get("data")) | mapping(turn.get("data")) | turn | reply
        model = word(said.get("modelName")) or model
        written = gathered.words(_text(reply))
        gathered.learn(session)
        gathered.add(
            call(
                *("copilot_eclipse", session, word(turn.get("turnId")) or place, place),
                session=session,
                at=at,
                model=model,
                tokens=Tokens(asked, 0, 0, 0, written),
                provider="github",
                evidence="C",
                offset=place,
            )
        )
        asked = 0


def _text(reply: dict[str, object]) -> str:
    """An agent's answer stands in its rounds, any other in one piece."""
    rounds: Any = reply.get("editAgentRounds")
    answers = [word(mapping(one).get("reply")) or "" for one in rounds] if isinstance(rounds, list) else []  # pyright: ignore[reportUnknownVariableType]
    return "\n".join([word(reply.get("text")) or "", *answers]).strip()


def _roots(machine: Machine) -> Iterator[Path]:
    for name in _USUAL:
        yield machine.home.joinpath(name, *_PLUGIN)


SOURCE = Source(
    id="copilot_eclipse",
    title="Copilot in Eclipse",
    mark="EC",
    color="other",
    version=VERSION,
    roots=_roots,
    owns=lambda relative: relative.endswith(".json"),
    read=lambda path, cursor: read_document("copilot_eclipse", VERSION, path, cursor, record_of, _conversation),
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    evidence="C",
    live=False,
)
