"""Chat sessions as VS Code keeps them: one document, or since 1.109 a log of changes to it.

Of a prompt that took several rounds the counts of the last one stand here. They are its context to the token, and of what
was used a lower bound.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.model.identity import request_key
from app.model.path import real
from app.model.usage import CREDIT, Call, Standing, Tokens
from app.shapes.fields import count, instant, label, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.otel.chats import chat_identity
from app.shapes.otel.counts import Counts, inclusive
from app.shapes.vscode import project_of

_ID = "copilot_chat"
_OTHERS = ("copilotcli", "claude", "claude-code", "codex", "copilot-cloud-agent")
"""Agents that answer in the same window and log elsewhere."""


# --- a log of changes


def replayed(raw: bytes) -> dict[str, Any] | None:
    """The session that the changes lead to; None where the first line is not whole."""
    state: dict[str, Any] | None = None
    for line in raw.splitlines():
        change = record_of(line) if line.strip() else None
        if change is None:
            continue
        if change.get("kind") == 0:
            state = mapping(change.get("v"))
        elif state is not None:
            _change(state, change)
    return state


def _change(state: Any, change: dict[str, Any]) -> None:
    """1 sets, 2 adds to a list after cutting it to length `i`, 3 takes away. What leads nowhere is passed over."""
    path, value, kind = change.get("k"), change.get("v"), change.get("kind")
    if not isinstance(path, list) or not path:
        return
    for step in path[:-1]:  # pyright: ignore[reportUnknownVariableType]
        state = _at(state, step)
    last: Any = path[-1]  # pyright: ignore[reportUnknownVariableType]
    if kind == 1:
        _set(state, last, value)
    elif kind == 2 and isinstance(value, list):
        known = _at(state, last)
        if not isinstance(known, list):
            known = []
            _set(state, last, known)
        length = change.get("i")
        if type(length) is int and length >= 0:
            del known[length:]
        known.extend(value)  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    elif kind == 3 and isinstance(state, dict):
        state.pop(last, None)  # pyright: ignore[reportUnknownMemberType]


def _at(state: Any, step: Any) -> Any:
    if isinstance(state, dict):
        return state.get(step) if type(step) is str else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(state, list) and type(step) is int and 0 <= step < len(state):  # pyright: ignore[reportUnknownArgumentType]
        return state[step]  # pyright: ignore[reportUnknownVariableType]
    return None


def _set(state: Any, step: Any, value: Any) -> None:
    if isinstance(state, dict) and type(step) is str:
        state[step] = value
    elif isinstance(state, list) and type(step) is int and 0 <= step <= len(state):  # pyright: ignore[reportUnknownArgumentType]
        state[step : step + 1] = [value]


# --- what it says


def session(document: dict[str, Any], gathered: Gathered) -> None:
    requests = document.get("requests")
    if not isinstance(requests, list):
        return
    ident = word(document.get("sessionId")) or gathered.path.stem
    folder = Path(real(str(gathered.path))).parent
    gathered.learn(ident, project=project_of(folder.parent) if folder.name == "chatSessions" else None)
    selected = mapping(mapping(document.get("inputState")).get("selectedModel"))
    limits = {word(selected.get("identifier")): count(mapping(selected.get("metadata")).get("maxInputTokens"))}
    at = instant(document.get("creationDate")) or gathered.file_time
    for place, one in enumerate(requests):  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        request = mapping(one)
        at = instant(request.get("timestamp")) or at
        agent = mapping(request.get("agent"))
        if word(agent.get("id")) in _OTHERS or word(agent.get("name")) in _OTHERS:
            gathered.skip("requests to another agent, which logs them itself")
        elif request:
            _request(gathered, request, ident, at, place, limits.get(word(request.get("modelId"))) or None)


def _request(
    gathered: Gathered, request: dict[str, object], session: str, at: int, place: int, window: int | None
) -> None:
    said = mapping(mapping(request.get("result")).get("metadata"))
    ident = word(request.get("requestId")) or f"@{place}"
    base = _base(request, said, session, ident, at)._replace(offset=place)
    sent, output = _stated(request, said)
    rounds = _objects(said.get("toolCallRounds"))
    if sent or output:
        tokens, context = Tokens(sent, 0, 0, 0, output), sent + output
        base = base._replace(evidence="B")
        if len(rounds) > 1:
            gathered.skip("prompts of several rounds, of which only the last is counted")
    else:
        tokens, context = _counted(gathered, request, said, rounds), None
    credits = _credits(request.get("copilotCredits"))
    if any(tokens) or credits is not None:
        gathered.add(base._replace(tokens=tokens, context=context, window=window, credits=credits))
    for summary in _objects(said.get("summaries")):
        _summary(
            gathered, base, mapping(summary.get("usage")), word(summary.get("model")), summary.get("toolCallRoundId")
        )


def _base(request: dict[str, object], said: dict[str, object], session: str, ident: str, at: int) -> Call:
    vendor, _, name = (word(request.get("modelId")) or "").partition("/")
    answered = word(request.get("actualModelId")) or word(said.get("resolvedModel"))
    model = (answered or name or vendor).removeprefix("copilot/") or None
    provider = "github" if vendor == "copilot" or not name else label(vendor)
    group, key = chat_identity(_ID, session, ident)
    one = call(session=session, at=at, model=model, tokens=Tokens(), provider=provider, evidence="C", native=ident)
    return one._replace(group=group, key=key, standing=Standing.SIDE)


def _credits(value: object) -> int | None:
    return round(value * CREDIT) if isinstance(value, (int, float)) and 0 <= value < 1e9 else None


def _summary(gathered: Gathered, base: Call, usage: dict[str, object], model: str | None, place: object) -> None:
    """A request to shorten the history, beside the prompt's own."""
    sent, output = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    details = mapping(usage.get("prompt_tokens_details"))
    if sent or output:
        tokens = inclusive(Counts(sent, output, count(details.get("cached_tokens")), 0, 0, 0, split=bool(details)))
        key = request_key(f"{base.native} {place}")
        level = "A" if details else "B"
        gathered.add(base._replace(key=key, model=model or base.model, tokens=tokens, evidence=level))


def _stated(request: dict[str, object], said: dict[str, object]) -> tuple[int, int]:
    """Tokens sent and written, from the newest of the three places that they had."""
    usage = mapping(mapping(request.get("result")).get("usage"))
    places = (
        (request.get("promptTokens"), request.get("completionTokens")),
        (said.get("promptTokens"), said.get("outputTokens")),
        (usage.get("promptTokens"), usage.get("completionTokens")),
    )
    pairs = ((count(sent), count(output)) for sent, output in places)
    return next((pair for pair in pairs if any(pair)), (0, 0))


def _counted(
    gathered: Gathered, request: dict[str, object], said: dict[str, object], rounds: list[dict[str, object]]
) -> Tokens:
    """The size of what was typed and answered: far less than what was sent."""
    shown = [word(one.get("text")) or "" for one in _objects(said.get("renderedUserMessage"))]
    asked = shown or [word(mapping(request.get("message")).get("text")) or ""]
    answer = [word(one.get("response")) or "" for one in rounds]
    answer += [word(call.get("arguments")) or "" for one in rounds for call in _objects(one.get("toolCalls"))]
    if not rounds:
        answer = [word(one.get("value")) or "" for one in _objects(request.get("response"))]
    return Tokens(gathered.words("\n".join(asked).strip()), 0, 0, 0, gathered.words("\n".join(answer).strip()))


def _objects(value: object) -> list[dict[str, object]]:
    return [mapping(one) for one in value if isinstance(one, dict)] if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
