"""Telemetry in files beside agents' own logs: what a case of `fixtures/` cannot say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app import runtime, settings
from app.shapes.otel.files import read_telemetry
from app.shapes.otel.signals import moment, signals

from .home import FIXTURES, Home

_T = 1_785_578_400
"""2026-08-01 10:00 UTC, seconds."""


def _values(facts: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", int: "intValue"}
    return [{"key": key, "value": {kinds[type(value)]: value}} for key, value in facts.items()]


def _event(request: str, session: str, output: int) -> str:
    facts = {"session.id": session, "model": "claude-sonnet-5", "request_id": request, "input_tokens": 10}
    attributes = _values({**facts, "output_tokens": output, "cache_read_tokens": 0})
    record = {
        "timeUnixNano": f"{_T}000000000",
        "body": {"stringValue": "claude_code.api_request"},
        "attributes": attributes,
    }
    return json.dumps({"resourceLogs": [{"scopeLogs": [{"logRecords": [record]}]}]}) + "\n"


def _answer(number: int, session: str) -> dict[str, Any]:
    usage = {"input_tokens": 10, "output_tokens": 50}
    message = {"id": f"msg_{number}", "model": "claude-sonnet-5", "stop_reason": "end_turn", "usage": usage}
    at = f"2026-08-01T10:00:0{number}.000Z"
    return {
        "type": "assistant",
        "sessionId": session,
        "timestamp": at,
        "requestId": f"req_{number}",
        "message": message,
    }


@pytest.fixture
def collecting(home: Home) -> Home:
    settings.save(home.machine, settings.Settings(confirmed=("otel",)))
    return home


def _by_agent(home: Home) -> dict[str, int]:
    return {agent: home.total(agent).output for agent in ("claude_code", "otel")}


def test_a_transcript_that_comes_later_takes_the_session_over(collecting: Home) -> None:
    """Telemetry is there first, and counts; then the agent's own log is found, in another process as it were."""
    data = collecting.machine.data / "otel" / "c.jsonl"
    collecting.write(data, _event("req_1", "S1", 50), _event("req_2", "S2", 7))
    assert _by_agent(collecting.read()) == {"claude_code": 0, "otel": 57}
    collecting.claude(_answer(1, "S1"))
    assert _by_agent(collecting.read()) == {"claude_code": 50, "otel": 7}
    assert collecting.health("otel").skipped == {"told by the agent's own log": 1}
    collecting.append(data, _event("req_3", "S1", 9))
    assert _by_agent(collecting.read()) == {"claude_code": 50, "otel": 7}


def test_a_source_that_counts_nowhere_silences_nobody(collecting: Home) -> None:
    """The agent's reader is unverified: its session must not take the telemetry's away, until it is confirmed."""
    request = {
        "requestId": "r",
        "timestamp": _T * 1000,
        "modelId": "copilot/m",
        "promptTokens": 5,
        "completionTokens": 3,
    }
    session = {"requesterUsername": "me", "sessionId": "S9", "requests": [request]}
    place = ".config/Code/User/workspaceStorage/a/chatSessions/S9.json"
    collecting.write(place, json.dumps(session))
    collecting.write(collecting.machine.data / "otel" / "c.jsonl", _event("req_1", "S9", 50))
    assert collecting.read().output == 50
    settings.save(collecting.machine, settings.Settings(confirmed=("otel", "copilot_chat")))
    with runtime.writer(collecting.machine):
        pass
    assert collecting.output == 3


def test_exact_requests_from_a_collector_win_over_the_editors_own_session(home: Home) -> None:
    """Spans of Copilot Chat, 2 × 100 out, beside the prompt's last round in the chat session."""
    settings.save(home.machine, settings.Settings(confirmed=("otel", "copilot_chat")))
    request = {
        "requestId": "r",
        "timestamp": _T * 1000,
        "modelId": "copilot/m",
        "promptTokens": 9,
        "completionTokens": 100,
    }
    session = json.dumps({"requesterUsername": "me", "sessionId": "x1", "requests": [request]})
    home.write(".config/Code/User/workspaceStorage/a/chatSessions/x1.json", session)
    assert home.read().output == 100
    for number in (1, 2):
        usage = {"gen_ai.usage.input_tokens": 9, "gen_ai.usage.output_tokens": 100, "gen_ai.operation.name": "chat"}
        span: dict[str, Any] = {
            "traceId": "a",
            "spanId": f"b{number}",
            "name": "chat m",
            "startTimeUnixNano": f"{_T}000000000",
        }
        span["attributes"] = _values({**usage, "copilot_chat.chat_session_id": "x1"})
        envelope = {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}
        home.write(home.machine.data / "otel" / f"{number}.jsonl", json.dumps(envelope) + "\n")
    assert home.read().output == 200
    assert home.folded == 1


@pytest.mark.parametrize("head", [b"\0\0\1\x2c\x0a\x01", b"\x28\xb5\x2f\xfd\x04"], ids=["proto", "zstd"])
def test_a_collectors_binary_output_is_said_to_be_that(head: bytes, home: Home) -> None:
    file = home.write("c.jsonl", head)
    with pytest.raises(OSError, match="format: proto"):
        list(read_telemetry("otel", 1, file, None))


def test_printed_objects_are_read_on_from_where_they_ended(collecting: Home) -> None:
    """A file that grows by an object of many lines, cut in the middle once."""
    whole = (FIXTURES / "otel/gemini/data/otel/gemini.log").read_bytes()
    first = whole.index(b"\n}\n") + 3
    file = collecting.machine.data / "otel" / "g.log"
    for end in (first, first + 400, len(whole)):
        collecting.write(file, whole[:end])
        collecting.read()
    assert collecting.output == 250  # 240 + 10


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (f"{_T}000000000", _T * 1000),
        (_T * 10**9, _T * 1000),
        ([_T, 5_000_000], _T * 1000 + 5),
        ("2026-08-01T10:00:00Z", _T * 1000),
        (_T * 1000, _T * 1000),
        ([10**400, 1], None),
        ("9" * 30, None),
        ([], None),
        (None, None),
    ],
)
def test_times_of_any_form(value: object, at: int | None) -> None:
    assert moment(value) == at


def test_a_resource_whose_facts_were_still_awaited() -> None:
    dumped = {"_rawAttributes": [["service.name", "copilot-chat"], ["x"], 3], "_asyncAttributesPending": True}
    (one,) = signals(
        {"resource": dumped, "attributes": {"a": 1}, "startTime": [_T, 0], "spanContext": {"spanId": "AB"}}
    )
    assert (one.service, one.span, one.at) == ("copilot-chat", "ab", _T * 1000)
