"""Trae Agent's trajectories: `trajectories/trajectory_<time>.json` in the folder that it ran in, written anew at each step.

Every request stands in it twice, among the requests and in the steps. Anthropic counts what was cached beside what was sent,
the others count it among that.
"""

from __future__ import annotations

from typing import Any

from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, listed, local_instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.projects import projects_with
from app.shapes.source import Source

VERSION = 1
_FOLDER = "trajectories"
_COUNTS = (
    *("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens", "reasoning_tokens"),
)


def _trajectory(said: dict[str, Any], gathered: Gathered) -> None:
    session, at = gathered.path.stem, gathered.file_time
    folder = gathered.path.parent
    gathered.learn(session, project=str(folder.parent if folder.name == _FOLDER else folder))
    for one in map(mapping, listed(said.get("llm_interactions"))):
        at = local_instant(one.get("timestamp")) or at
        model, provider = word(one.get("model")), word(one.get("provider"))
        tokens = _tokens(mapping(mapping(one.get("response")).get("usage")), provider)
        gathered.add(
            call(
                *("trae_agent", one.get("timestamp"), provider, model, *tokens),
                session=session,
                at=at,
                model=model,
                provider=provider,
                tokens=tokens,
                context=tokens.total,
            )
        )


def _tokens(usage: dict[str, object], provider: str | None) -> Tokens:
    sent, read, write, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
    inside = provider != "anthropic" and read + write <= sent
    return Tokens(sent - read - write if inside else sent, read, write, 0, output, min(reasoning, output))


def _owns(relative: str) -> bool:
    name = relative.rpartition("/")[2]
    return name.startswith("trajectory_") and name.endswith(".json")


SOURCE = Source(
    id="trae_agent",
    title="Trae Agent",
    mark="Te",
    color="other",
    version=VERSION,
    roots=lambda _: (),
    shallow=lambda machine: [project / _FOLDER for project in projects_with(_FOLDER, machine)],
    owns=_owns,
    read=lambda path, cursor: read_document("trae_agent", VERSION, path, cursor, record_of, _trajectory),
    verified=False,
)
