"""Names as they stand in logs and prices on dates, from the pricing research: the book must say the same."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.model.instant import instant_of
from app.pricing.catalog import Catalog
from app.pricing.explain import explain

CASES: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent.parent / "fixtures/pricing/cases.json").read_text(encoding="utf-8")
)
BETTER = {
    ("deepseek-v4-pro", "2026-06-01"): (
        [0.435, 0.003625, 0.87],
        "the case has no list price; genai-prices 0.2.3 and model-prices 0.0.5 (from 2026-05-25) both have this one",
    ),
}
"""(name, date) → (what we expect instead, which two sources say so)."""


def shown(catalog: Catalog, name: str, provider: str | None, at: str, prompt: int | None) -> list[float | None] | None:
    """[input, cached input, output] in dollars per million tokens, as `cuenta price` would print them."""
    instant = instant_of(at)
    assert instant is not None
    prices = explain(name, instant, provider, prompt, catalog).usd_per_mtok
    if prices is None:
        return None
    return [None if (text := prices[kind]) is None else float(text) for kind in ("input", "cache_read", "output")]


@pytest.mark.parametrize("case", CASES["names"], ids=lambda case: f"{case['name']} {case['at']}")
def test_a_logged_name_has_this_price(case: dict[str, Any], shipped: Catalog) -> None:
    expected = BETTER.get((case["name"], case["at"]), (case["expect"], ""))[0]
    assert shown(shipped, case["name"], case["provider_hint"], case["at"], None) == expected


@pytest.mark.parametrize(
    "case", CASES["history"], ids=lambda case: f"{case['model']} {case['at']} {case['prompt_tokens']}"
)
def test_a_price_holds_on_its_date_and_for_its_prompt(case: dict[str, Any], shipped: Catalog) -> None:
    assert shown(shipped, case["model"], case["provider"], case["at"], case["prompt_tokens"]) == case["expect"]


FACTS = [
    # model, date, input / cached / 5m write / 1h write / output: the table "Vendor facts used as truth"
    ("claude-opus-4-20250514", "2025-07-01", "15 1.5 18.75 30 75"),
    ("claude-opus-4-1-20250805", "2025-09-01", "15 1.5 18.75 30 75"),
    ("claude-opus-4-5-20251101", "2026-01-01", "5 0.5 6.25 10 25"),
    ("claude-opus-4-6", "2026-02-20", "5 0.5 6.25 10 25"),
    ("claude-opus-4-7", "2026-06-01", "5 0.5 6.25 10 25"),
    ("claude-opus-4-8", "2026-06-01", "5 0.5 6.25 10 25"),
    ("claude-opus-5", "2026-11-01", "5 0.5 6.25 10 25"),
    ("claude-opus-5-5", "2026-11-01", "4 0.2 5 8 20"),
    ("claude-sonnet-4-20250514", "2025-07-01", "3 0.3 3.75 6 15"),
    ("claude-sonnet-4-5", "2025-10-10", "3 0.3 3.75 6 15"),
    ("claude-sonnet-4-6", "2026-04-01", "3 0.3 3.75 6 15"),
    ("claude-sonnet-5", "2026-08-01", "2 0.2 2.5 4 10"),
    ("claude-sonnet-5-5", "2026-11-01", "2 0.1 2.5 4 10"),
    ("claude-haiku-4-5", "2025-10-15T17:00:00Z", "1 0.1 1.25 2 5"),
    ("claude-haiku-5-5", "2026-11-01", "0.1 0.01 0.125 0.2 0.5"),
    ("claude-fable-5", "2026-11-01", "10 1 12.5 20 50"),
    ("claude-fable-5-1", "2026-11-01", "10 0.25 12.5 20 50"),
    ("claude-fable-5-2", "2026-11-15", "8 0.2 10 16 40"),
    ("gpt-5", "2025-09-01", "1.25 0.125 - - 10"),
    ("gpt-5.1-codex-max", "2026-01-01", "1.25 0.125 - - 10"),
    ("gpt-5.2", "2026-01-15", "1.75 0.175 - - 14"),
    ("gpt-5.3-codex", "2026-03-01", "1.75 0.175 - - 14"),
    ("gpt-5.4", "2026-04-01", "2.5 0.25 - - 15"),
    ("gpt-5.5", "2026-06-01", "5 0.5 - - 30"),
    ("gpt-6.1-sol", "2026-11-01", "2 0.1 2.5 5 10"),
    ("gemini-2.5-flash", "2025-07-01", "0.3 0.075 - - 2.5"),
    ("gemini-3-pro-preview", "2026-01-01", "2 0.2 - - 12"),
    ("gemini-3.1-pro-preview", "2026-04-01", "2 0.2 - - 12"),
]


@pytest.mark.parametrize(("model", "at", "prices"), FACTS)
def test_the_book_agrees_with_the_vendors_list(model: str, at: str, prices: str, shipped: Catalog) -> None:
    instant = instant_of(at)
    assert instant is not None
    found = explain(model, instant, None, None, shipped).usd_per_mtok
    assert found is not None
    assert " ".join(text or "-" for text in found.values()) == prices


TIERS = [
    # model, date, prompt, input / cached / output, threshold
    ("claude-opus-4-6", "2026-03-12", 200_001, "10 1 37.5", 200_000),
    ("claude-sonnet-4-6", "2026-03-12", 200_001, "6 0.6 22.5", 200_000),
    ("claude-sonnet-4-6", "2026-03-13", 200_001, "3 0.3 15", None),
    ("claude-sonnet-4-5", "2025-11-01", 200_000, "3 0.3 15", None),
    ("claude-sonnet-4-20250514", "2025-08-11", 250_000, "3 0.3 15", None),
    ("claude-haiku-5-5", "2026-11-01", 100_001, "0.5 0.05 2.5", 100_000),
    ("gpt-5.5", "2026-06-01", 272_001, "10 1 45", 272_000),
    ("gpt-5.5", "2026-06-01", 272_000, "5 0.5 30", None),
    ("gemini-2.5-pro", "2026-02-01", 200_001, "2.5 0.25 15", 200_000),
    ("gemini-3-pro-preview", "2026-01-01", 200_001, "4 0.4 18", 200_000),
]


@pytest.mark.parametrize(("model", "at", "prompt", "prices", "above"), TIERS)
def test_a_long_prompt_is_shown_in_its_tier(
    model: str, at: str, prompt: int, prices: str, above: int | None, shipped: Catalog
) -> None:
    instant = instant_of(at)
    assert instant is not None
    found = explain(model, instant, None, prompt, shipped)
    assert found.usd_per_mtok is not None
    assert " ".join(str(found.usd_per_mtok[kind]) for kind in ("input", "cache_read", "output")) == prices
    assert found.tier_above_tokens == above
