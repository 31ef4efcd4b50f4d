"""Spans of a chat in an editor: the vendor's own attributes say which session of the editor a request belongs to.

Other stores of the editor tell of the same requests, and by the session and the span they meet.
"""

from __future__ import annotations

from app.model.identity import key_of, request_key
from app.model.usage import Call, Standing
from app.shapes.gathering import Gathered
from app.shapes.otel.counts import counts_of, inclusive, whole
from app.shapes.otel.requests import CALLS, OPERATION, SUMS, call_of
from app.shapes.otel.signals import Signal


def chat_identity(agent: str, session: str, request: str) -> tuple[int, int]:
    """(group, key) of a request of which several stores tell: the chat's session is the group."""
    return key_of(agent, session), request_key(request)


def chat_call(gathered: Gathered, signal: Signal, at: int, offset: int, agent: str, prefix: str) -> Call | None:
    """The call that a span is; None where it is none. `prefix` begins the names of the vendor's own attributes.

    A request counts, and an agent's sum where no request is known. The prompt holds what the cache gave, of which a missing
    count says nothing.
    """
    counts = counts_of(signal.attributes)
    operation = signal.text(OPERATION)
    leaf = operation in CALLS
    if not (counts.input or counts.output) or not (leaf or (operation in SUMS and signal.parent is None)):
        return None
    tokens = inclusive(counts)
    named = (f"{prefix}.chat_session_id", f"{prefix}.session_id", "gen_ai.conversation.id")
    session = signal.text(*named) or gathered.path.stem
    parent = signal.text(f"{prefix}.parent_chat_session_id")
    main = parent in (None, session)
    one = call_of(gathered, signal, at, offset, parent or session, tokens, signal.text("gen_ai.response.id"))
    group, key = chat_identity(agent, session, signal.span or f"{at}")
    return one._replace(
        group=group,
        key=key,
        standing=Standing.OWN if leaf else Standing.SUM,
        subagent=None if main else signal.text(f"{prefix}.debug_log_label", "gen_ai.agent.name") or session,
        context=tokens.total if leaf and main else None,
        window=whole(signal.attributes.get(f"{prefix}.request.max_prompt_tokens")) or None,
        evidence="A" if leaf else "C",
    )
