"""By what requests are known that several files tell of."""

from __future__ import annotations

from app.model.identity import key_of

NANO = 1_000_000_000
"""Parts of an AI credit in which they are counted."""


def group_of(session: str, model: str | None) -> int:
    """All that is known of one model in one session: only the best that anybody tells of it counts (`Standing`)."""
    return key_of("copilot_cli", session, model.lower() if model else None)


def fresh(sent: int, cached: int) -> int:
    """Of a prompt that holds what the cache gave and took; what is more than all of it stood beside it."""
    return sent - cached if cached <= sent else sent
