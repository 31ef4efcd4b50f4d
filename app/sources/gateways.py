"""Logs of gateways and frameworks: LiteLLM's rows and callbacks, OpenRouter's answers and generations, LangChain's messages,
LlamaIndex's counters. In Cuenta's folder `gateways`, or one that is added, a record a line or a document of them.

It is the invoice's view of requests that an agent's own log may tell, too, mostly under no id that both have.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.model.identity import key_of
from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import count, dollars, instant, label, mapping, record_of, word
from app.shapes.gathering import Gathered, call
from app.shapes.lines import read_lines
from app.shapes.records import Records
from app.shapes.source import Source

VERSION = 1
_TIMES = ("startTime", "created_at", "created", "timestamp", "time")


class _Lines(Records):
    needles = re.compile(rb"token")

    def entry(self, record: dict[str, Any], offset: int) -> None:
        _record(self, record, offset)


def _record(gathered: Gathered, record: dict[str, Any], offset: int) -> None:
    """Of whichever shape; a message may be wrapped, as LangChain writes its objects, and a row within an answer."""
    facts = mapping(record.get("kwargs")) or mapping(record.get("data")) or record
    if "usage_metadata" in facts or "token_usage" in mapping(facts.get("response_metadata")):
        _message(gathered, facts, offset)
    elif "native_tokens_prompt" in facts:
        _generation(gathered, facts, offset)
    elif "completion_token_count" in facts:
        tokens = Tokens(count(facts.get("prompt_token_count")), 0, 0, 0, count(facts.get("completion_token_count")))
        _add(gathered, facts, offset, word(facts.get("event_id")), tokens, evidence="C")
    elif "prompt_tokens" in facts:
        _request(gathered, facts, offset)
    elif "prompt_tokens" in mapping(facts.get("usage")):
        _answer(gathered, facts, offset)


def _request(gathered: Gathered, row: dict[str, Any], offset: int) -> None:
    """LiteLLM: a row of its table, or what a callback was given."""
    if str(row.get("cache_hit")).lower() == "true":
        gathered.skip("answers from the gateway's own cache, which cost nothing")
        return
    raw = row.get("metadata")
    said = record_of(raw.encode()) if isinstance(raw, str) else mapping(raw)
    usage = mapping((said or {}).get("usage_object")) or mapping(mapping(row.get("response")).get("usage"))
    tokens, evidence = _usage(
        {**usage, **{name: row[name] for name in ("prompt_tokens", "completion_tokens") if name in row}}
    )
    cost = dollars(row.get("spend", row.get("response_cost")))
    ident = word(row.get("request_id")) or word(row.get("id"))
    _add(gathered, row, offset, ident, tokens, evidence=evidence, reported=cost)


def _answer(gathered: Gathered, answer: dict[str, Any], offset: int) -> None:
    """OpenRouter's, or that of anybody who answers as OpenAI does. With a key of one's own the bill comes from elsewhere."""
    usage = mapping(answer.get("usage"))
    tokens, evidence = _usage(usage)
    cost, above = dollars(usage.get("cost")), dollars(mapping(usage.get("cost_details")).get("upstream_inference_cost"))
    if usage.get("is_byok") is True and above:
        cost = (cost or 0) + above
    _add(gathered, answer, offset, word(answer.get("id")), tokens, evidence=evidence, reported=cost)


def _generation(gathered: Gathered, row: dict[str, Any], offset: int) -> None:
    """`tokens_prompt` and its like are counted by another tokenizer, and nobody bills by them."""
    names = ("prompt", "completion", "cached", "reasoning")
    sent, output, read, reasoning = (count(row.get(f"native_tokens_{name}")) for name in names)
    tokens = Tokens(sent - read if read <= sent else sent, read, 0, 0, output, min(reasoning, output))
    evidence = "A" if "native_tokens_cached" in row else "B"
    cost = dollars(row.get("total_cost"))
    _add(gathered, row, offset, word(row.get("id")), tokens, evidence=evidence, reported=cost)


def _message(gathered: Gathered, message: dict[str, Any], offset: int) -> None:
    said, usage = mapping(message.get("response_metadata")), mapping(message.get("usage_metadata"))
    if usage:
        parts = mapping(usage.get("input_token_details"))
        kinds = ("cache_read", "cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
        read, created, five, hour = (count(parts.get(kind)) for kind in kinds)
        write = max(created, five + hour) - hour
        sent, output = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
        reasoning = count(mapping(usage.get("output_token_details")).get("reasoning"))
        fresh = sent - read - write - hour
        tokens = Tokens(fresh if fresh >= 0 else sent, read, write, hour, output, min(reasoning, output))
        evidence = "A" if "cache_read" in parts else "B"
    else:
        tokens, evidence = _usage(mapping(said.get("token_usage")))
    facts = {**said, "model": said.get("model_name") or said.get("model"), "provider": said.get("model_provider")}
    _add(gathered, facts, offset, word(said.get("id")) or word(message.get("id")), tokens, evidence=evidence)


def _usage(usage: dict[str, Any]) -> tuple[Tokens, str]:
    """As OpenAI says it: the prompt holds what the cache gave and took, unless that is more than the prompt."""
    within, after = mapping(usage.get("prompt_tokens_details")), mapping(usage.get("completion_tokens_details"))
    sent, output = count(usage.get("prompt_tokens")), count(usage.get("completion_tokens"))
    read = count(within.get("cached_tokens")) or count(usage.get("cache_read_input_tokens"))
    writes = (
        within.get("cache_creation_tokens"),
        within.get("cache_write_tokens"),
        usage.get("cache_creation_input_tokens"),
    )
    write = next(filter(None, map(count, writes)), 0)
    reasoning = min(count(after.get("reasoning_tokens")), output)
    fresh = sent - read - write
    said = "cached_tokens" in within or "cache_read_input_tokens" in usage
    return Tokens(fresh if fresh >= 0 else sent, read, write, 0, output, reasoning), "A" if said else "B"


def _add(
    gathered: Gathered, facts: dict[str, Any], offset: int, ident: str | None, tokens: Tokens, **said: Any
) -> None:
    at = next((one for one in map(instant, map(facts.get, _TIMES)) if one is not None), None)
    at = gathered.file_time if at is None else at
    session = word(facts.get("session_id")) or word(facts.get("trace_id")) or gathered.path.stem
    names = (facts.get("provider"), facts.get("custom_llm_provider"), facts.get("provider_name"))
    one = call(
        *("gateways", ident if ident else (at, *tokens, offset)),
        session=session,
        at=at,
        model=word(facts.get("model")),
        tokens=tokens,
        provider=next(filter(None, map(label, names)), None),
        offset=offset,
        native=ident,
        **said,
    )
    if ident is not None and ident.startswith("msg_"):  # of Anthropic's own, by which Claude Code's log knows it
        one = one._replace(group=key_of("claude", ident))
    gathered.add(one)


def _rows(raw: bytes) -> list[Any] | None:
    import msgspec

    try:
        found: Any = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    if isinstance(found, dict) and isinstance(mapping(found).get("data"), list):  # pyright: ignore[reportUnknownArgumentType]
        found = found["data"]  # pyright: ignore[reportUnknownVariableType]
    return found if isinstance(found, list) else [found]  # pyright: ignore[reportUnknownVariableType]


def _all(rows: list[Any], gathered: Gathered) -> None:
    for place, row in enumerate(rows):
        _record(gathered, mapping(row), place)


def _read(path: Path, cursor: Cursor | None) -> Iterator[Batch]:
    if path.suffix == ".json":
        return read_document("gateways", VERSION, path, cursor, _rows, _all)
    return read_lines("gateways", VERSION, path, cursor, _Lines)


SOURCE = Source(
    id="gateways",
    title="Gateways",
    mark="Gw",
    color="other",
    version=VERSION,
    roots=lambda machine: [machine.data / "gateways"],
    owns=lambda relative: relative.endswith((".json", ".jsonl", ".ndjson")),
    read=_read,
    window=lambda model, logged, highest, machine: logged,
    compacts=lambda _: None,
    cache_lifetime=lambda _: None,
    verified=False,
    secondhand=True,
    evidence="ABC",
    states_cost=True,
)
