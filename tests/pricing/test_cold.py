"""What a cold cache costs above a warm one, by hand: tokens × (price of writing − price of reading)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.model.instant import instant_of
from app.pricing.catalog import Catalog
from app.pricing.cold import cold_extra

from .conftest import usd


@pytest.mark.parametrize(
    ("model", "tokens", "hour", "at", "dollars"),
    [
        # Opus 4.6: five-minute writes 6.25, one-hour writes 10, reads 0.50 a million
        ("claude-opus-4-6", 100_000, False, "2026-04-20", "0.575"),
        ("claude-opus-4-6", 100_000, True, "2026-04-20", "0.95"),
        ("claude-opus-4-6", 0, True, "2026-04-20", "0"),
        # Sonnet 4.5: 3.75 and 0.30, above 200,000 tokens 7.50 and 0.60
        ("claude-sonnet-4-5", 200_000, False, "2026-04-20", "0.69"),
        ("claude-sonnet-4-5", 300_000, False, "2026-04-20", "2.07"),
        # a regional profile of Bedrock: 1.1 × 100,000 × 3.45
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", 100_000, False, "2026-04-20", "0.3795"),
        # GPT-5.4 writes at the price of input, 2.50, and reads at 0.25, whatever the write is called
        ("gpt-5.4", 100_000, False, "2026-04-20", "0.225"),
        ("gpt-5.4", 100_000, True, "2026-04-20", "0.225"),
        # DeepSeek V4 Pro: 0.435 − 0.003625; 4 tokens are 1,725.5 nano-dollars, 12 are 5,176.5: to the even neighbor
        ("deepseek-v4-pro", 4, False, "2026-06-01", "0.000001726"),
        ("deepseek-v4-pro", 12, False, "2026-06-01", "0.000005176"),
        ("nobodys-model", 100_000, False, "2026-04-20", None),
        # qwen-max had a cached price until July 2025, and nobody recorded it; then none, which is that of input
        ("qwen-max", 100_000, False, "2025-06-30", None),
        ("qwen-max", 100_000, False, "2025-07-02", "0"),
    ],
)
def test_a_cold_prompt_costs_more_by(
    model: str, tokens: int, hour: bool, at: str, dollars: str | None, shipped: Catalog
) -> None:
    assert cold_extra(model, tokens, hour, instant_of(at) or 0, shipped) == (None if dollars is None else usd(dollars))


def test_where_reading_is_dearer_nothing_is_saved_and_nothing_lost(with_prices: Callable[[str], Catalog]) -> None:
    catalog = with_prices('[[price]]\nmodel = "m"\ninput = 1\ncache_read = 3\ncache_write = 2\noutput = 4\n')
    assert cold_extra("m", 1_000, False, 0, catalog) == 0
    catalog = with_prices('[[price]]\nmodel = "m"\ninput = 1\ncache_read = 2\ncache_write = 3\noutput = 4\n')
    assert cold_extra("m", 1_000, False, 0, catalog) == 1_000_000
