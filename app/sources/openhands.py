"""OpenHands' conversations: `conversations/<id>/base_state.json`, written anew, with the usage of every request so far.

Requests that condense the history are among them. What the cache gave and took is part of what was sent; the time of a
request stands with its cost only.
"""

from __future__ import annotations

from typing import Any

from app.model.usage import Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, listed, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.source import Source

VERSION = 1
_COUNTS = ("prompt_tokens", "cache_read_tokens", "cache_write_tokens", "completion_tokens", "reasoning_tokens")
_MAIN = "agent"


def _state(said: dict[str, Any], gathered: Gathered) -> None:
    session = gathered.path.parent.name
    gathered.learn(session, project=word(mapping(said.get("workspace")).get("working_dir")))
    for use, metrics in mapping(mapping(said.get("stats")).get("usage_to_metrics")).items():
        _used(gathered, session, use, mapping(metrics))


def _used(gathered: Gathered, session: str, use: str, metrics: dict[str, object]) -> None:
    usages, costs = (listed(metrics.get(name)) for name in ("token_usages", "costs"))
    paired = len(usages) == len(costs)
    at = gathered.file_time
    for place, usage in enumerate(map(mapping, usages)):
        cost = mapping(costs[place]) if paired else {}
        at = instant(cost.get("timestamp")) or at
        sent, read, write, output, reasoning = (count(usage.get(name)) for name in _COUNTS)
        fresh = sent - read - write if read + write <= sent else sent
        ident = word(usage.get("response_id"))
        gathered.add(
            call(
                *("openhands", *((ident,) if ident else (session, use, place))),
                session=session,
                at=at,
                model=word(usage.get("model")) or word(metrics.get("model_name")),
                tokens=Tokens(fresh, read, write, 0, output, min(reasoning, output)),
                context=count(usage.get("per_turn_token")) or None if use == _MAIN else None,
                window=count(usage.get("context_window")) or None,
                reported=dollars(cost.get("cost")),
                native=ident,
            )
        )


SOURCE = Source(
    id="openhands",
    title="OpenHands",
    mark="Oh",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.home / ".openhands" / "conversations"],
    owns=lambda relative: relative.endswith("/base_state.json"),
    read=lambda path, cursor: read_document("openhands", VERSION, path, cursor, record_of, _state),
    verified=False,
    states_cost=True,
)
