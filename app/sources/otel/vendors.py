"""Agents whose telemetry has words of its own, beside or instead of the conventions'."""

from __future__ import annotations

from app.model.identity import key_of
from app.model.usage import Call
from app.shapes.fields import label
from app.shapes.gathering import Gathered
from app.shapes.otel.chats import chat_call
from app.shapes.otel.counts import counts_of, disjoint, inclusive, whole
from app.shapes.otel.files import Telemetry
from app.shapes.otel.requests import Reader, call_of, conventional
from app.shapes.otel.signals import Signal

_BY_EVENT = ("gemini-cli", "qwen-code")
"""Services whose own event tells all; their spans and other events repeat it."""
_COPILOT_CHAT = "copilot-chat"


class Log(Telemetry):
    def reader_of(self, signal: Signal) -> Reader | None:
        own = _SPANS.get(signal.name) if signal.is_span else _EVENTS.get(signal.name)
        if own is not None:
            return own
        if signal.service in _BY_EVENT or "installation.id" in signal.attributes:
            return None
        if signal.is_span and any(name.startswith("copilot_chat.") for name in signal.attributes):
            return _copilot_chat
        if not signal.is_span and signal.service.startswith(_COPILOT_CHAT):
            return None  # written beside its span, and under no id that both have
        return conventional(signal)

    def add(self, one: Call) -> None:
        """By a message's id Claude Code's own log knows the request, too."""
        if one.native is not None and one.native.startswith("msg_"):
            one = one._replace(group=key_of("claude", one.native), key=0)
        super().add(one)


def _claude(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """Span and event of a request have its id; a retried export repeats them. The counts exclude the cache."""
    session = signal.text("session.id") or gathered.path.stem
    request = signal.text("request_id", "gen_ai.response.id")
    ident = (request,) if request else (session, signal.attributes.get("event.sequence"), at)
    tokens = disjoint(counts_of(signal.attributes))
    source = signal.text("query_source") or "main"
    main = source in ("main", "sdk") or source.startswith("repl_main_thread")
    speed, who = signal.text("speed"), signal.text("agent.name") or (None if main else source)
    one = call_of(gathered, signal, at, offset, session, tokens, request)
    gathered.add(
        one._replace(
            group=key_of("otel", "claude", *ident),
            provider="anthropic",
            speed="standard" if speed == "normal" else label(speed),
            effort=label(signal.text("effort")),
            subagent=who,
            context=tokens.prompt if who is None else None,
        )
    )


def _gemini(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """Output excludes thoughts, and the prompt what tools brought, where the total says so."""
    session, prompt = signal.text("session.id") or gathered.path.stem, signal.text("prompt_id")
    counts = counts_of(signal.attributes)
    tool = whole(signal.attributes.get("tool_token_count"))
    tokens = inclusive(counts._replace(total=counts.total - tool if counts.total else 0), apart=True)
    tokens = tokens._replace(input=tokens.input + tool)
    one = call_of(gathered, signal, at, offset, session, tokens, prompt, context=counts.input)
    provider = "google" if signal.name.startswith("gemini_cli.") else None
    gathered.add(one._replace(group=key_of("otel", "gemini", session, prompt, at, *tokens), provider=provider))


def _codex(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """`tool_token_count` is the total, whatever its name says."""
    if signal.text("event.kind") != "response.completed":
        return
    session = signal.text("conversation.id", "thread.id") or gathered.path.stem
    total = whole(signal.attributes.get("tool_token_count"))
    tokens = inclusive(counts_of(signal.attributes)._replace(total=total))
    one = call_of(gathered, signal, at, offset, session, tokens, None, context=tokens.total)
    tier = label(signal.text("service_tier"))
    gathered.add(one._replace(group=key_of("otel", "codex", session, at, *tokens), provider="openai", tier=tier))


def _copilot_chat(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    """Its other stores are a source of their own, which knows a request by the same session and span."""
    one = chat_call(gathered, signal, at, offset, "copilot_chat", "copilot_chat")
    if one is not None:
        gathered.add(one)


_SPANS: dict[str, Reader] = {"claude_code.llm_request": _claude}
_EVENTS: dict[str, Reader] = {
    "claude_code.api_request": _claude,
    "gemini_cli.api_response": _gemini,
    "qwen-code.api_response": _gemini,
    "codex.sse_event": _codex,
}
