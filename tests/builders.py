"""Lines of logs by hand, as short as the rule under test allows: what stands here is what the rule is about.

Every line has the defaults of an ordinary one; a test names what differs. `None` leaves a field out.
"""

from __future__ import annotations

import json
from typing import Any

DAY = "2026-06-01"
Record = dict[str, Any]


def clock(text: str) -> str:
    """`10:00:05` on 1 June 2026, as logs write it; anything longer is taken as it stands."""
    return f"{DAY}T{text}.000Z" if len(text) == 8 else text


def lines(*records: Record | str) -> bytes:
    """The records as JSON lines, each ended; a text is taken as it stands."""
    return "".join((one if isinstance(one, str) else dumps(one)) + "\n" for one in records).encode()


def dumps(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _without_none(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


# --- Claude Code


def usage(
    given: int = 0,
    output: int = 0,
    *,
    read: int = 0,
    write: int = 0,
    five: int | None = None,
    hour: int | None = None,
    **more: Any,
) -> Record:
    """`given` is the uncached input, `write` the flat cache write count, `five` and `hour` its split."""
    found: Record = {
        "input_tokens": given,
        "cache_creation_input_tokens": write,
        "cache_read_input_tokens": read,
        "output_tokens": output,
    }
    if five is not None or hour is not None:
        found["cache_creation"] = {"ephemeral_5m_input_tokens": five or 0, "ephemeral_1h_input_tokens": hour or 0}
    return found | more


def answer(
    message: str | None = "msg_1",
    request: str | None = "req_1",
    counts: Any = None,
    *,
    at: Any = "10:00:00",
    model: str | None = "claude-sonnet-5",
    session: str = "S1",
    side: bool | None = False,
    stop: str | None = "end_turn",
    uuid: str | None = None,
    **more: Any,
) -> Record:
    """One line of an answer; its usage is 1 in, 1 out where `counts` says nothing."""
    inner = _without_none({"id": message, "model": model, "role": "assistant", "content": []})
    inner |= {"stop_reason": stop, "usage": usage(1, 1) if counts is None else counts}
    line: Record = {
        "type": "assistant",
        "uuid": uuid,
        "sessionId": session,
        "isSidechain": side,
        "timestamp": clock(at) if isinstance(at, str) else at,
        "requestId": request,
        "message": inner,
    }
    return _without_none(line | more)


def prompt(at: str = "09:59:00", *, cwd: str = "/home/me/app", session: str = "S1", **more: Any) -> Record:
    line: Record = {
        "type": "user",
        "uuid": "u1",
        "parentUuid": None,
        "sessionId": session,
        "cwd": cwd,
        "gitBranch": "main",
        "version": "2.1.220",
        "isSidechain": False,
        "timestamp": clock(at),
        "message": {"role": "user", "content": "hi"},
    }
    return line | more


def mirrored(line: Record, agent: str, at: str = "10:00:30", session: str = "S1") -> Record:
    """A sub-agent's answer as `agent_progress` repeats it in the parent's log."""
    inner = {name: line[name] for name in ("type", "timestamp", "requestId", "uuid", "message") if name in line}
    data = {"type": "agent_progress", "agentId": agent, "message": inner}
    return {"type": "progress", "uuid": f"p-{at}", "sessionId": session, "timestamp": clock(at), "data": data}


def tool_result(parent: str, at: str = "10:00:10", **result: Any) -> Record:
    content = [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]
    return prompt(at) | {
        "uuid": f"r-{parent}-{at}",
        "parentUuid": parent,
        "message": {"role": "user", "content": content},
        "toolUseResult": result,
    }


def compacted(at: str = "10:30:00", *, before: int | None = 20_000, after: int | None = 5_000) -> Record:
    facts = _without_none({"trigger": "manual", "preTokens": before, "postTokens": after})
    return {
        "type": "system",
        "subtype": "compact_boundary",
        "uuid": f"c-{at}",
        "sessionId": "S1",
        "timestamp": clock(at),
        "content": "Conversation compacted",
        "compactMetadata": facts,
    }


def model_chosen(name: str, at: str = "09:58:00") -> Record:
    """The attachment that tells the window's size by the suffix of the model's name."""
    identity = {"modelId": name, "marketingName": "A Model"}
    return {
        "type": "attachment",
        "uuid": f"m-{at}",
        "sessionId": "S1",
        "timestamp": clock(at),
        "attachment": {"type": "model", "identity": identity},
    }


# --- Codex


def envelope(kind: str, at: Any, payload: Record) -> Record:
    return {"timestamp": clock(at) if isinstance(at, str) else at, "type": kind, "payload": payload}


def meta(thread: str = "T1", at: str = "10:00:00", **more: Any) -> Record:
    facts: Record = {
        "id": thread,
        "timestamp": clock(at),
        "cwd": "/home/me/app",
        "originator": "codex-tui",
        "cli_version": "0.145.0",
        "source": "cli",
        "model_provider": "openai",
    }
    return envelope("session_meta", at, _without_none(facts | more))


def turn(ident: str | None = "u1", at: str = "10:00:01", model: str | None = "gpt-5.4", **more: Any) -> Record:
    return envelope("turn_context", at, _without_none({"turn_id": ident, "cwd": "/home/me/app", "model": model} | more))


def event(kind: str, at: Any, **payload: Any) -> Record:
    return envelope("event_msg", at, {"type": kind} | payload)


def codex_usage(
    sent: int, output: int = 0, *, cached: int = 0, reasoning: int = 0, written: int | None = None, total: Any = None
) -> Record:
    """As Codex counts: `cached` and `written` stand inside `sent`, `reasoning` inside `output`."""
    facts: Record = {
        "input_tokens": sent,
        "cached_input_tokens": cached,
        "cache_write_input_tokens": written,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": sent + output if total is None else total,
    }
    return _without_none(facts)


def counted(at: Any, total: Record | None, last: Record | None = None, *, limits: Any = None, **info: Any) -> Record:
    """A `token_count` line. Without `total` and `last` its info is null."""
    facts = _without_none(
        {"total_token_usage": total, "last_token_usage": last, "model_context_window": 258_400} | info
    )
    return event("token_count", at, info=facts if total or last else None, rate_limits=limits)


def limits(used: float, weekly: float | None = None, *, ident: str | None = "codex", **more: Any) -> Record:
    """Rate limits: percent used of the five hours and, where said, of the week."""
    primary = {"used_percent": used, "window_minutes": 300, "resets_at": 1_780_330_000}
    secondary = {"used_percent": weekly, "window_minutes": 10_080, "resets_at": 1_780_900_000}
    facts = {"limit_id": ident, "primary": primary, "secondary": None if weekly is None else secondary}
    return _without_none(facts | {"plan_type": "plus"} | more)


class Thread:
    """A Codex thread that keeps its running totals: `call` gives the line that announces one more request."""

    def __init__(self, *before: Record) -> None:
        """`before` are requests whose counts it starts with, as a fork does."""
        self.sums: Record = codex_usage(0)
        for one in before:
            self._add(one)

    def _add(self, last: Record) -> Record:
        names = self.sums.keys() | last.keys()
        self.sums = {name: self.sums.get(name, 0) + last.get(name, 0) for name in sorted(names)}
        return self.sums

    def call(self, at: str, sent: int, output: int = 0, *, limits: Any = None, **more: Any) -> Record:
        last = codex_usage(sent, output, **more)
        return counted(at, dict(self._add(last)), last, limits=limits)
