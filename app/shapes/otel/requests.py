"""Which spans and log records are a request to a model, whose it is, and by what it is known again.

One request may be told by a span, by an event, and once more in the sum of an agent's span. Within a trace spans go before
events, and a sum counts only where neither is there: that is the `standing` of their calls, and the trace is their group.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.model.identity import key_of, request_key
from app.model.usage import Call, Standing, Tokens
from app.shapes.fields import dollars, label
from app.shapes.gathering import Gathered, call
from app.shapes.otel.counts import Counts, counts_of, inclusive, whole
from app.shapes.otel.signals import Signal

OPERATION = "gen_ai.operation.name"
CALLS = (
    "chat",
    "generate_content",
    "text_completion",
    "completion",
    "embeddings",
    "response",
    "responses",
    "messages",
)
SUMS = ("invoke_agent", "create_agent", "invoke_workflow")
_MODEL = (
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.model_name",
    "ai.response.model",
    "ai.model.id",
    "model",
)
_SESSION = (
    *("gen_ai.conversation.id", "session.id", "conversation.id", "thread.id"),
    "traceloop.association.properties.session_id",
)
_PROVIDER = ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider")
_COST = ("llm.cost.total", "gen_ai.usage.cost", "cost_usd")


Reader = Callable[[Gathered, Signal, int, int], None]
"""Tells the gathering the request that a signal is; after it stand its time and its place in the file."""


def conventional(signal: Signal) -> Reader | None:
    """What reads a signal that keeps to the conventions; None where it tells of no request."""
    if signal.is_span:
        return _span
    return _inference if signal.name == "gen_ai.client.inference.operation.details" else None


def _span(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """A leaf, or a sum; what is neither says no usage, or repeats it."""
    operation = signal.text(OPERATION)
    kind = signal.text("openinference.span.kind", "traceloop.span.kind")
    counts = counts_of(signal.attributes)
    if not (counts.input or counts.output):
        return
    outer = signal.name.startswith("ai.") and not signal.name.endswith((".doGenerate", ".doStream", ".doEmbed"))
    if operation in SUMS or outer or (kind is not None and kind.upper() not in ("LLM", "EMBEDDING")):
        if signal.parent is None:  # one within another is part of it
            _add(gathered, signal, at, offset, inclusive(counts), Standing.SUM, evidence="C", context=None)
    elif operation is None or operation in CALLS:
        tokens = inclusive(counts)
        _add(gathered, signal, at, offset, tokens, Standing.OWN, evidence=_level(counts), context=tokens.total)


def _inference(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """The event that repeats one request."""
    counts = counts_of(signal.attributes)
    tokens = inclusive(counts)
    _add(gathered, signal, at, offset, tokens, Standing.SIDE, evidence=_level(counts), context=tokens.total)


def _level(counts: Counts) -> str:
    return "A" if counts.split else "B"


def _add(
    gathered: Gathered, signal: Signal, at: int, offset: int, tokens: Tokens, standing: Standing, **said: Any
) -> None:
    ident = signal.text("gen_ai.response.id", "llm.response.id", "ai.response.id")
    session = signal.text(*_SESSION) or signal.trace or gathered.path.stem
    one = call_of(gathered, signal, at, offset, session, tokens, ident, **said)
    group, key = _identity(signal, ident, at, tokens)
    gathered.add(one._replace(group=group, key=key, standing=standing))


def _identity(signal: Signal, ident: str | None, at: int, tokens: Tokens) -> tuple[int, int]:
    """The trace's, and in it the answer's or the span's. Without any of them, all that it says."""
    if signal.trace is None:
        return (key_of("otel", "answer", ident), 0) if ident else (key_of("otel", at, *tokens), 0)
    return key_of("otel", "trace", signal.trace), request_key(ident or signal.span or f"{at}")


def call_of(
    gathered: Gathered,
    signal: Signal,
    at: int,
    offset: int,
    session: str,
    tokens: Tokens,
    native: str | None,
    **said: Any,
) -> Call:
    """A call with what any signal may say of it, and without an identity."""
    gathered.learn(
        session,
        version=signal.text("app.version") or _text(signal.resource.get("service.version")),
        entrypoint=signal.service or None,
        project=_text(signal.resource.get("process.working_directory")),
    )
    cost = next((signal.attributes[name] for name in _COST if name in signal.attributes), None)
    micros = signal.attributes.get("cost_usd_micros")
    facts: dict[str, Any] = {
        "model": signal.text(*_MODEL),
        "provider": label(signal.text(*_PROVIDER)),
        "reported": whole(micros) * 1_000 if micros is not None else dollars(cost),
        "native": native,
        "offset": offset,
        **said,
    }
    return call("otel", session=session, at=at, tokens=tokens, **facts)


def _text(value: object) -> str | None:
    return value if type(value) is str and value else None
