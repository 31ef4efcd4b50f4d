"""The ladder from a logged name to a model of the book, one test for each rung and for what must not happen."""

from __future__ import annotations

import msgspec
import pytest

from app.pricing.catalog import Catalog
from app.pricing.names import resolve

LADDER = [
    # name, provider, channel/model, how, what was stripped
    ("claude-opus-4-8", None, "anthropic/claude-opus-4-8", "exact", ""),
    ("claude-opus-4-8", "anthropic", "anthropic/claude-opus-4-8", "exact", ""),
    ("  GPT-5  ", "openai", "openai/gpt-5", "exact", ""),
    ("gpt-5", None, "openai/gpt-5", "exact", ""),
    ("claude-opus-4", None, "anthropic/claude-opus-4-0", "alias", ""),
    ("claude-3-5-haiku", None, "anthropic/claude-3-5-haiku-latest", "alias", ""),
    ("gpt-5-2025-08-07", "openai", "openai/gpt-5", "alias", ""),
    ("model_placeholder_m26", None, "anthropic/claude-opus-4-6", "alias", ""),
    ("big-pickle", "opencode", "opencode/big-pickle", "exact", ""),
    ("big-pickle", None, "opencode/big-pickle", "alias", ""),
    ("models/gemini-2.5-pro", "google", "google/gemini-2.5-pro", "alias", ""),
    ("accounts/fireworks/models/kimi-k2p5", None, "fireworks/kimi-k2p5", "alias", ""),
    ("anthropic/claude-sonnet-4.5", None, "openrouter/anthropic/claude-sonnet-4.5", "exact", ""),
    ("openrouter/anthropic/claude-sonnet-4.5", None, "openrouter/anthropic/claude-sonnet-4.5", "alias", ""),
    ("openai/gpt-5", "openai", "openai/gpt-5", "alias", ""),
    ("azure/gpt-5", None, "openai/gpt-5", "alias", ""),
    ("vertex_ai/claude-opus-4-6", None, "anthropic/claude-opus-4-6", "alias", ""),
    ("claude-opus-4-6@default", "vertex", "anthropic/claude-opus-4-6", "alias", ""),
    ("claude-haiku-4-5@20251001", "vertex", "anthropic/claude-haiku-4-5", "near", "@20251001"),
    ("anthropic.claude-3-5-sonnet-20241022-v2:0", "bedrock", "bedrock/claude-3-5-sonnet", "near", "-20241022"),
    ("us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0", None, "bedrock/claude-sonnet-4-5", "near", "-20250929"),
    ("global.anthropic.claude-opus-5-5", "bedrock", "bedrock/claude-opus-5-5", "alias", ""),
    ("us.amazon.nova-pro-v1:0", "bedrock", "bedrock/us.amazon.nova-pro-v1:0", "exact", ""),
    ("claude-opus-4-6[1m]", None, "anthropic/claude-opus-4-6", "alias", ""),
    ("claude-sonnet-4.5", None, "anthropic/claude-sonnet-4-5", "alias", ""),
    ("claude-4.6-opus", "cursor", "anthropic/claude-opus-4-6", "alias", ""),
    ("claude-4.6-opus-high-thinking", "cursor", "anthropic/claude-opus-4-6", "near", "-high-thinking"),
    ("claude-opus-4-8-20260528", None, "anthropic/claude-opus-4-8", "near", "-20260528"),
    ("claude-opus-5-5-20261001-high", None, "anthropic/claude-opus-5-5", "near", "-20261001-high"),
    ("gpt-5.1-codex-max", None, "openai/gpt-5.1-codex-max", "exact", ""),
    ("gpt-5.1-codex-max-xhigh", None, "openai/gpt-5.1-codex-max", "near", "-xhigh"),
    ("gpt-5.5-max", None, "openai/gpt-5.5", "near", "-max"),
    ("gemini-3-pro", None, "google/gemini-3-pro-preview", "alias", ""),
    ("gemini-3-pro-high", "antigravity", "google/gemini-3-pro-preview", "near", "-high"),
    ("grok-4.6-build", "xai", "xai/grok-4.6", "alias", ""),
    ("grok-4.6-build-high", "xai", "xai/grok-4.6", "near", "-high"),
    ("anthropic:claude-opus-4-6", None, "anthropic/claude-opus-4-6", "alias", ""),
    ("groq:openai/gpt-oss-20b", None, "groq/openai/gpt-oss-20b", "alias", ""),
    ("cerebras:gpt-oss-120b", None, "cerebras/gpt-oss-120b", "alias", ""),
    ("groq/openai/gpt-oss-20b", "openrouter", "groq/openai/gpt-oss-20b", "alias", ""),
    ("x/y/gpt-5", None, "openai/gpt-5", "alias", ""),
    ("custom:gpt-5.4-high", None, "openai/gpt-5.4", "near", "-high"),
    ("custom:claude-opus-4-6", "github-copilot", "anthropic/claude-opus-4-6", "alias", ""),
    ("minimax-m2", "minimax", "minimax/minimax-m2", "exact", ""),
    ("composer-2.5[fast=true]", "cursor", "cursor/composer-2.5-fast", "alias", ""),
    ("claude-sonnet-4-6", "github-copilot", "anthropic/claude-sonnet-4-6", "exact", ""),
    ("claude-sonnet-4.6", "github-copilot", "github-copilot/claude-sonnet-4.6", "exact", ""),
    ("gpt-4.1", "github-copilot", "openai/gpt-4.1", "exact", ""),
]


@pytest.mark.parametrize(("name", "provider", "key", "match", "stripped"), LADDER)
def test_a_name_leads_to_its_model(
    name: str, provider: str | None, key: str, match: str, stripped: str, shipped: Catalog
) -> None:
    found = resolve(name, provider, shipped.book)
    assert (found.key, found.match, found.stripped) == (key, match, stripped)


NOWHERE = [
    ("", None),
    ("<synthetic>", "anthropic"),
    ("auto", "cursor"),
    ("default", None),
    ("opus", "anthropic"),
    ("coder-model", "alibaba"),
    ("kimi-for-coding", "kimi"),
    ("codex-auto-review", "openai"),
    ("claude", None),
    ("claude-opus", None),
    ("claude-opus-4-99", None),
    ("gpt-5.9", "openai"),
    ("my-gpt-5", None),
    ("gpt-5-turbo-nova", "openai"),
    ("composer-2-fast", "cursor"),  # -fast is another price, never stripped
    ("qwen3-coder-plus-max", "alibaba"),  # in Qwen's names -max is a size
    ("devstral-medium", "mistral"),
    ("qwen3-coder-480b-a35b-instruct", None),  # open weights: each host has its price
    ("qwen3-coder-480b-a35b-instruct", "openrouter"),
    ("claude-opus-4-6", "ollama"),  # whatever runs there, nobody bills it
    ("arn:aws:bedrock:us-east-1:1:application-inference-profile/abc123", "bedrock"),
    ("oswe-vscode-prime", "github-copilot"),
    ("delivery-mirror", None),
    ("ollama:llama3", None),
    ("arn:aws:bedrock:us-east-1:1:nothing", "bedrock"),
    ("gpt-5-build", None),  # a word of Grok's names
    ("somebody:claude-opus-4-6", None),  # nobody we know: it may be anything
    ("acme:claude-opus-4-6", None),
]


@pytest.mark.parametrize(("name", "provider"), NOWHERE)
def test_a_name_that_nobody_lists_leads_nowhere(name: str, provider: str | None, shipped: Catalog) -> None:
    found = resolve(name, provider, shipped.book)
    assert found[:4] == (None, "none", "", False)
    assert found.steps


STEPS = [
    # name, provider, words of the explanation, in this order
    ("opus", None, ["what a router is set to, not a model"]),
    ("models/gemini-2.5-pro", "google", ["google's list", "“models/” is a path", "That is google/gemini-2.5-pro"]),
    ("anthropic/claude-opus-4-6", "anthropic", ["“anthropic/” is a route", "That is anthropic/claude-opus-4-6"]),
    ("azure/gpt-5", None, ["“azure/” says who made or serves it", "That is openai/gpt-5"]),
    ("custom:gpt-5", None, ["“custom:” says how it was set up", "That is openai/gpt-5"]),
    (
        "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0",
        "bedrock",
        [
            "only the last part names the model",
            "is Bedrock's way to write",
            "bound to a region",
            "the date “-20250805”",
        ],
    ),
    ("global.anthropic.claude-opus-5-5", "bedrock", ["the global profile has the list price"]),
    ("gemini-3-pro", None, ["Also written “gemini-3-pro-preview”", "That is google/gemini-3-pro-preview"]),
    ("nova-x", "vertex", ["“nova-x” in google's list, then in the names that hold everywhere.", "Nothing in the book"]),
    ("grok-4.6-build", "xai", ["Also written “grok-4.6”", "That is xai/grok-4.6"]),
    ("claude-opus-4-8-20260528", None, ["Without the date “-20260528” it is “claude-opus-4-8”"]),
    ("gpt-5.4-high", None, ["Without the effort “-high” it is “gpt-5.4”"]),
    ("claude-opus-5-5-20261001-high", None, ["Without the date and the effort “-20261001-high”"]),
    ("big-pickle", None, ["That is another name of opencode/big-pickle"]),
    ("llama3", "ollama", ["nobody bills what runs on this machine", "the nearest name would be a guess"]),
]


@pytest.mark.parametrize(("name", "provider", "words"), STEPS)
def test_each_step_is_told(name: str, provider: str | None, words: list[str], shipped: Catalog) -> None:
    steps = resolve(name, provider, shipped.book).steps
    assert all(steps) and len(steps) == len({*steps})
    told = " ".join(steps)
    places = [told.find(word) for word in words]
    assert -1 not in places and places == sorted(places), told


def test_an_arn_is_told_once(shipped: Catalog) -> None:
    name = "us.anthropic.claude-opus-4-1-20250805-v1:0"
    assert resolve(f"arn:aws:bedrock:us-east-1:1:inference-profile/{name}", None, shipped.book).steps == (
        "Of an ARN, only the last part names the model.",
        f"Looking for “{name}” in bedrock's list.",
        f"“{name}” is Bedrock's way to write claude-opus-4-1-20250805; that profile is bound to a region.",
        "Looking for “claude-opus-4-1-20250805” in bedrock's list.",
        "Without the date “-20250805” it is “claude-opus-4-1”.",
        "That is bedrock/claude-opus-4-1 in the book.",
    )


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("claude-sonnet-4.5", "anthropic/claude-sonnet-4-5"),
        ("claude-4.6-opus", "anthropic/claude-opus-4-6"),
        ("claude-4-6-opus", "anthropic/claude-opus-4-6"),
        ("claude-5-opus", "anthropic/claude-opus-5"),
    ],
)
def test_spellings_of_claude_need_no_alias(name: str, key: str, shipped: Catalog) -> None:
    """The next model is written so, too, before anybody has listed its other names."""
    book = msgspec.structs.replace(shipped.book, aliases={})
    assert resolve(name, None, book).key == key


def test_a_plain_name_at_bedrock_is_no_region(shipped: Catalog) -> None:
    vendors = {key: model for key, model in shipped.book.models.items() if not key.startswith("bedrock/claude")}
    for name, book in (
        ("claude-opus-4-6", shipped.book),
        ("claude-opus-4-6", msgspec.structs.replace(shipped.book, models=vendors)),
        ("us.amazon.nova-pro-v1:0", shipped.book),
    ):
        found = resolve(name, "bedrock", book)
        assert found.key is not None and not found.regional


def test_only_a_region_makes_a_name_regional(shipped: Catalog) -> None:
    regions = {
        prefix: resolve(f"{prefix}anthropic.claude-opus-4-6-v1:0", "bedrock", shipped.book).regional
        for prefix in ("", "us.", "eu.", "apac.", "jp.", "global.")
    }
    assert regions == {"": True, "us.": True, "eu.": True, "apac.": True, "jp.": True, "global.": False}


def test_every_alias_leads_to_a_model(shipped: Catalog) -> None:
    lost = {name: key for name, key in shipped.book.aliases.items() if key not in shipped.book.models}
    assert not lost


def test_every_model_of_the_book_is_found_under_its_own_name(shipped: Catalog) -> None:
    lost = []
    for key in shipped.book.models:
        channel, _, model = key.partition("/")
        if resolve(model, channel, shipped.book).key != key:
            lost.append(key)
    assert lost == []
