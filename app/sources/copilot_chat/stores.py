"""Which of the stores a file is, by its content: people copy such files anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.model.usage import Batch, Call, Cursor, Standing
from app.shapes.database import Base, read_database
from app.shapes.document import read_document
from app.shapes.fields import count, label, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.otel.chats import chat_call, chat_identity
from app.shapes.otel.counts import Counts, inclusive
from app.shapes.otel.files import Telemetry, read_telemetry
from app.shapes.otel.requests import Reader
from app.shapes.otel.signals import Signal
from app.shapes.records import Records
from app.sources.copilot_chat.sessions import replayed, session

_ID, _VERSION = "copilot_chat", 1
_PREFIX = "copilot_chat"
_HEAD = 4_096


def read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".db":
        return read_database(_ID, _VERSION, path, cursor, _spans)
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    if re.match(rb'\s*\{\s*"kind"\s*:\s*\d', head):
        return read_document(_ID, _VERSION, path, cursor, replayed, session)
    if re.search(rb'"type"\s*:\s*"(?:session\.start|user\.message|assistant\.)', head):
        return read_lines(_ID, _VERSION, path, cursor, _Transcript)
    if re.search(rb'"sid"\s*:', head) and re.search(rb'"ts"\s*:', head):
        return read_lines(_ID, _VERSION, path, cursor, _DebugLog)
    if re.search(rb'"(?:requesterUsername|responderUsername|requests)"', head):
        return read_document(_ID, _VERSION, path, cursor, record_of, session)
    return read_telemetry(_ID, _VERSION, path, cursor, _Spans)


# --- exact: spans


class _Spans(Telemetry):
    def reader_of(self, signal: Signal) -> Reader | None:
        """Events repeat the spans, and agents' spans sum them."""
        return _span if signal.is_span and any(name.startswith(_PREFIX) for name in signal.attributes) else None


def _span(gathered: Gathered, signal: Signal, at: int, offset: int) -> None:
    one = chat_call(gathered, signal, at, offset, _ID, _PREFIX)
    if one is not None:
        gathered.add(one)


_COLUMNS = {
    "operation_name": "gen_ai.operation.name",
    "provider_name": "gen_ai.provider.name",
    "agent_name": "gen_ai.agent.name",
    "conversation_id": "gen_ai.conversation.id",
    "request_model": "gen_ai.request.model",
    "response_model": "gen_ai.response.model",
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cached_tokens": "gen_ai.usage.cache_read.input_tokens",
    "reasoning_tokens": "gen_ai.usage.reasoning_tokens",
    "chat_session_id": "copilot_chat.chat_session_id",
}
_BESIDE = (
    *("gen_ai.usage.cache_creation.input_tokens", "gen_ai.response.id", "copilot_chat.session_id"),
    *("copilot_chat.parent_chat_session_id", "copilot_chat.debug_log_label", "copilot_chat.request.max_prompt_tokens"),
)
"""Attributes that have no column; the others hold what was said, too."""
_ATTRIBUTE = "SELECT key, value FROM span_attributes WHERE span_id = ? AND key IN (SELECT value FROM json_each(?))"


def _spans(base: Base, gathered: Gathered) -> None:
    """Its owner deletes what is a week old: what was read stays read."""
    import json

    known = base.columns("spans")
    names = [name for name in _COLUMNS if name in known]
    asks = {"span_id", "key", "value"} <= base.columns("span_attributes")
    fixed = ("span_id", "trace_id", "parent_span_id", "name", "start_time_ms")
    if not {*fixed} <= known:
        return
    for row in base.new_rows("spans", (*fixed, *names), gathered):
        place, ident, trace, parent, name, at, *values = row
        attributes = {_COLUMNS[column]: value for column, value in zip(names, values, strict=True) if value is not None}
        if attributes.get("gen_ai.usage.input_tokens") is None or not word(ident):
            continue
        if asks:
            attributes |= dict(base.ask(_ATTRIBUTE, ident, json.dumps(_BESIDE)))
        began = count(at) or gathered.file_time
        signal = Signal(True, word(name) or "", attributes, {}, "", word(trace), ident, word(parent), began)
        _span(gathered, signal, began, place)


# --- each request, nothing of the cache


class _DebugLog(Records):
    """`debug-logs/<session>/main.jsonl`; helpers' beside it, `runSubagent-….jsonl`, have a session of their own."""

    needles = re.compile(rb'"llm_request"')
    clock = "ts"

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said = mapping(record.get("attrs"))
        tokens = inclusive(Counts(count(said.get("inputTokens")), count(said.get("outputTokens")), 0, 0, 0, 0, False))
        if record.get("type") != "llm_request":
            return
        own = word(record.get("sid")) or self.path.parent.name
        main = self.path.stem in ("main", own)
        group, key = chat_identity(_ID, own, word(record.get("spanId")) or f"@{offset}")
        at = self.when(record.get("ts"))
        one = call(session=own if main else self.path.parent.name, at=at, model=word(said.get("model")), tokens=tokens)
        who = None if main else label(self.path.stem.partition("-")[0]) or "helper"
        one = one._replace(group=group, key=key, subagent=who, provider="github", evidence="B", offset=offset)
        self.add(one._replace(context=tokens.total if main else None))


# --- text


class _Transcript(Records):
    """What was typed and answered, without what else was sent. A new file begins with a copy of what went before."""

    needles = re.compile(rb'"(?:session\.start|user\.message|assistant\.message)"')

    def entry(self, record: dict[str, Any], offset: int) -> None:
        said, kind = mapping(record.get("data")), record.get("type")
        if kind == "session.start":
            self.kept["session"] = word(said.get("sessionId"))
            folder = word(mapping(said.get("context")).get("cwd"))
            self.learn(self._session, project=folder, version=word(said.get("copilotVersion")))
        elif kind == "user.message":
            self.kept["asked"] = self.kept.get("asked", 0) + self.words(word(said.get("content")) or "")
        elif kind == "assistant.message":
            self._answer(said, self.when(record.get("timestamp")), offset)

    @property
    def _session(self) -> str:
        return self.kept.get("session") or self.path.stem

    def _answer(self, said: dict[str, object], at: int, offset: int) -> None:
        thought = self.words(word(said.get("reasoningText")) or "")
        requests: Any = said.get("toolRequests")
        asked = [mapping(one) for one in requests] if isinstance(requests, list) else []  # pyright: ignore[reportUnknownVariableType]
        written = " ".join([word(said.get("content")) or "", *(word(one.get("arguments")) or "" for one in asked)])
        self.add(_text(self._session, at, self.kept.pop("asked", 0), self.words(written.strip()), thought, offset))


def _text(session: str, at: int, asked: int, written: int, thought: int, offset: int) -> Call:
    counts = inclusive(Counts(asked, written + thought, 0, 0, thought, 0, False))
    one = call(session=session, at=at, model=None, tokens=counts, evidence="C", offset=offset)
    group, key = chat_identity(_ID, session, f"{at} {asked} {written}")
    return one._replace(group=group, key=key, standing=Standing.SUM)
