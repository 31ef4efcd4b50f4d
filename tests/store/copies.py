"""Copies of calls by hand."""

from __future__ import annotations

from typing import Any

from app.model.usage import Batch, Call, Cursor, Session, Standing, Tokens
from app.store.folding import Copy

OWN, SIDE, INHERITED = Standing.OWN, Standing.SIDE, Standing.INHERITED


def call(standing: Standing = OWN, output: int = 10, *, group: int = 1, key: int = 0, **more: Any) -> Call:
    """A call of which only what the test is about is said."""
    given: dict[str, Any] = {
        "subagent": None,
        "at": 1_000_000,
        "session": "s",
        "model": "claude-sonnet-4-5-20250929",
        "tokens": Tokens(input=5, output=output),
        "searches": 0,
        "speed": None,
        "tier": None,
        "geo": None,
        "provider": None,
        "effort": None,
        "context": None,
        "window": None,
        "reported": None,
        "finished": True,
        "evidence": "A",
        "copied": False,
        "offset": 0,
        "records": 1,
        "native": None,
    }
    return Call(group=group, key=key, standing=standing, **(given | more))


def copy(standing: Standing = OWN, output: int = 10, *, file: int = 1, seen: int = 0, **more: Any) -> Copy:
    generation = more.pop("generation", 0)
    return Copy("claude_code", call(standing, output, **more), file, generation, seen, 1)


def batch(path: str, *calls: Call, start: Cursor | None = None, **more: Any) -> Batch:
    """One stretch of a file; `offset` and the like go to its end."""
    begun = start or Cursor(reader=1)
    end = begun._replace(offset=begun.offset + 1, **more)
    sessions = tuple(Session(name, True, f"/home/{name}", None, None, None) for name in {one.session for one in calls})
    return Batch("claude_code", path, start, end, calls, (), sessions)
