"""Token counts under any of the names they had, made disjoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.model.usage import Tokens
from app.shapes.fields import count

INPUT = (
    *("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt", "llm.usage.prompt_tokens"),
    *("ai.usage.inputTokens", "ai.usage.promptTokens", "input_tokens", "input_token_count"),
)
OUTPUT = (
    *("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
    *("llm.usage.completion_tokens", "ai.usage.outputTokens", "ai.usage.completionTokens"),
    *("output_tokens", "output_token_count"),
)
READ = (
    *("gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"),
    *("llm.token_count.prompt_details.cache_read", "ai.usage.cachedInputTokens", "cache_read_tokens"),
    *("cached_content_token_count", "cached_token_count"),
)
WRITE = (
    *("gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"),
    *("gen_ai.usage.cache_write.input_tokens", "llm.token_count.prompt_details.cache_write"),
    *("cache_creation_tokens", "cache_write_token_count"),
)
REASONING = (
    *("gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "llm.usage.reasoning_tokens"),
    *("llm.token_count.completion_details.reasoning", "ai.usage.reasoningTokens"),
    *("thoughts_token_count", "reasoning_token_count"),
)
TOTAL = ("gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "total_token_count")


class Counts(NamedTuple):
    """As logged."""

    input: int
    output: int
    read: int
    write: int
    reasoning: int
    total: int
    split: bool
    """The record speaks of the cache, if only to say that nothing was read."""


def counts_of(facts: Mapping[str, object]) -> Counts:
    sent, output, read, write = (_first(facts, names) for names in (INPUT, OUTPUT, READ, WRITE))
    split = any(name in facts for name in READ)
    return Counts(sent, output, read, write, _first(facts, REASONING), _first(facts, TOTAL), split)


def whole(value: object) -> int:
    """A count, as a number or as decimal digits."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    return count(value)


def inclusive(one: Counts, *, apart: bool = False) -> Tokens:
    """Of a prompt that holds what the cache gave and took. Where the parts are more than it, or the total is the sum of all,
    they stood beside it. `apart`: so does reasoning, beside the output, unless the total says otherwise.
    """
    cached = one.read + one.write
    sums = one.input + one.output, one.input + one.output + one.reasoning
    beside = cached > one.input or (cached > 0 and one.total not in sums and one.total == sums[0] + cached)
    fresh = one.input if beside else one.input - cached
    output = one.output
    if apart and one.total != sums[0]:
        output += one.reasoning
    return Tokens(fresh, one.read, one.write, 0, output, min(one.reasoning, output))


def disjoint(one: Counts) -> Tokens:
    return Tokens(one.input, one.read, one.write, 0, one.output, min(one.reasoning, one.output))


def _first(facts: Mapping[str, object], names: tuple[str, ...]) -> int:
    return next(filter(None, (whole(facts.get(name)) for name in names)), 0)
