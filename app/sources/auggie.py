"""Auggie's sessions, of Augment's command line and of IDE extensions that run on it: `<id>.json`, rewritten as a whole.

An answer's nodes repeat its counts: the first that has any tells them. They are disjoint; there is no cost.
"""

from __future__ import annotations

from typing import Any

from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, instant, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


def _session(found: dict[str, Any], gathered: Gathered) -> None:
    session, history = word(found.get("sessionId")) or gathered.path.stem, found.get("chatHistory")
    chosen = word(mapping(found.get("agentState")).get("modelId"))
    at = instant(found.get("created")) or gathered.file_time
    gathered.learn(session)
    for place, turn in enumerate(history if isinstance(history, list) else []):  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
        facts = mapping(turn)
        exchange = mapping(facts.get("exchange"))
        tokens, request = _tokens(exchange), word(exchange.get("request_id"))
        at = instant(facts.get("finishedAt")) or at
        if tokens is None:
            continue  # it failed, or goes on
        gathered.add(
            call(
                *("auggie", session, request or place),
                session=session,
                at=at,
                model=word(exchange.get("model_id")) or chosen,
                tokens=tokens,
                context=tokens.prompt,
                native=request,
            )
        )


def _tokens(exchange: dict[str, Any]) -> Tokens | None:
    nodes = exchange.get("response_nodes")
    for node in nodes if isinstance(nodes, list) else []:  # pyright: ignore[reportUnknownVariableType]
        usage = mapping(mapping(node).get("token_usage"))
        sent, read, written, output = (count(usage.get(name)) for name in _COUNTS)
        tokens = Tokens(sent, read, written, 0, output)
        if tokens.total:
            return tokens
    return None


SOURCE = Source(
    id="auggie",
    title="Auggie",
    mark="Au",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".augment" / "sessions"],
    owns=lambda relative: relative.endswith(".json"),
    read=lambda path, cursor: read_document("auggie", VERSION, path, cursor, record_of, _session),
    verified=False,
)
