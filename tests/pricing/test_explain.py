"""What `cuenta price` has to say about a name."""

from __future__ import annotations

from collections.abc import Callable

from app.model.instant import instant_of
from app.pricing.catalog import Catalog
from app.pricing.explain import Explanation, explain


def asked(catalog: Catalog, name: str, at: str, provider: str | None = None, prompt: int | None = None) -> Explanation:
    instant = instant_of(at)
    assert instant is not None
    return explain(name, instant, provider, prompt, catalog)


def test_the_example_of_the_contract(shipped: Catalog) -> None:
    found = asked(shipped, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "2026-03-01T00:00:00Z")
    assert found.match == "near"
    assert found.resolved == "bedrock/claude-sonnet-4-5"
    assert found.usd_per_mtok == {
        "input": "3.3",
        "cache_read": "0.33",
        "cache_write_5m": "4.125",
        "cache_write_1h": "6.6",
        "output": "16.5",
    }
    assert found.tier_above_tokens is None
    assert found.valid_from == "2025-09-29T00:00:00Z"
    assert found.disputed is False
    assert found.stripped == "-20250929"
    assert (found.context_tokens, found.max_output_tokens) == (200_000, 64_000)
    assert found.limits_source == "genai-prices 0.2.3, rates 1.1.0 (2026-09-28)"


def test_whole_dollars_have_no_exponent(shipped: Catalog) -> None:
    prices = asked(shipped, "claude-opus-4-1", "2025-09-01").usd_per_mtok
    assert prices == {
        "input": "15",
        "cache_read": "1.5",
        "cache_write_5m": "18.75",
        "cache_write_1h": "30",
        "output": "75",
    }
    assert (asked(shipped, "claude-fable-5", "2026-11-01").usd_per_mtok or {})["input"] == "10"


def test_what_is_not_listed_is_not_shown(shipped: Catalog) -> None:
    found = asked(shipped, "devstral-medium-2507", "2025-10-01", "mistral")
    assert found.usd_per_mtok == {
        "input": "0.4",
        "cache_read": None,
        "cache_write_5m": None,
        "cache_write_1h": None,
        "output": "2",
    }
    assert "Cached input is not listed and costs what input costs." in found.steps


def test_an_unknown_name_has_no_price_and_says_why(shipped: Catalog) -> None:
    found = asked(shipped, "claude-epic-9", "2026-03-01")
    assert (found.match, found.resolved, found.usd_per_mtok, found.source) == ("none", None, None, None)
    assert found.steps[-1] == "Nothing in the book has this name; the nearest name would be a guess."


def test_a_known_name_without_a_price_on_the_day_says_so(shipped: Catalog) -> None:
    found = asked(shipped, "gpt-5.3-codex-spark", "2026-03-01")
    assert (found.match, found.resolved) == ("none", None)
    assert found.steps[-1] == "It has no price on 2026-03-01T00:00:00Z."


def test_a_peak_hour_is_in_the_price(shipped: Catalog) -> None:
    found = asked(shipped, "deepseek-v4-pro", "2026-10-20T09:00:00Z")
    assert found.usd_per_mtok is not None and found.usd_per_mtok["cache_read"] == "0.044"
    assert "Region and hour multiply the list price by 2/1." in found.steps


def test_a_disputed_row_says_so(shipped: Catalog) -> None:
    found = asked(shipped, "kimi-k2-turbo-preview", "2025-12-15")
    assert found.disputed
    assert found.source == "genai-prices 0.2.3"


def test_an_unconfirmed_price_is_called_unverified(shipped: Catalog) -> None:
    assert asked(shipped, "claude-fable-5-2", "2026-11-15").source == "unverified"


def test_the_users_discount_is_told_and_in_the_price(with_prices: Callable[[str], Catalog]) -> None:
    found = asked(with_prices('[[discount]]\nprovider = "anthropic"\npercent = 20\n'), "claude-opus-5", "2026-11-01")
    assert found.usd_per_mtok is not None
    assert (found.usd_per_mtok["input"], found.usd_per_mtok["cache_write_5m"]) == ("4", "5")
    assert found.steps[-2:] == (
        "Your own discount of 20% is taken off.",
        "Region, hour and discount multiply the list price by 4/5.",
    )


def test_the_users_price_is_shown_as_theirs(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('[[price]]\nmodel = "claude-opus-4-8"\ninput = 4.0\ncache_read = 0.4\noutput = 20.0\n')
    found = asked(catalog, "claude-opus-4-8", "2026-10-01")
    assert (found.match, found.resolved, found.source) == ("user", "user/claude-opus-4-8", "prices.user.toml")
    assert found.usd_per_mtok is not None and found.usd_per_mtok["cache_read"] == "0.4"
    assert asked(catalog, "claude-opus-4-8-20260528", "2026-10-01").match == "near"
