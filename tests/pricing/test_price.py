"""What calls cost, each figure worked out by hand from the vendor's list."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.money import Parts, share_exactly
from app.model.usage import Tokens
from app.pricing.catalog import Catalog
from app.pricing.price import price

from .conftest import call, usd

# input 10, cached 100k, 5-minute writes 500, 1-hour writes 1500, output 500: Opus 4.6 at 5/0.50/6.25/10/25
OPUS = Tokens(10, 100_000, 500, 1_500, 500)
# 0.00005 + 0.05 + 0.003125 + 0.015 + 0.0125
OPUS_COST = "0.080675"

COSTS = [
    # what it shows, model, tokens, what else the log says, dollars (None: no price)
    ("five kinds of tokens", "claude-opus-4-6", OPUS, {}, OPUS_COST),
    ("inference pinned to the US", "claude-opus-4-6", OPUS, {"geo": "us"}, "0.0887425"),
    ("not pinned", "claude-opus-4-6", OPUS, {"geo": "not_available"}, OPUS_COST),
    ("global", "claude-opus-4-6", OPUS, {"geo": "global"}, OPUS_COST),
    ("fast is six times on 4.6", "claude-opus-4-6", OPUS, {"speed": "fast"}, "0.48405"),
    ("fast is six times on 4.7", "claude-opus-4-7", OPUS, {"speed": "fast"}, "0.48405"),
    ("fast is twice on 4.8", "claude-opus-4-8", OPUS, {"speed": "fast"}, "0.16135"),
    ("fast in the US", "claude-opus-4-8", OPUS, {"speed": "fast", "geo": "us"}, "0.177485"),
    ("a model without fast mode", "claude-sonnet-4-6", OPUS, {"speed": "fast"}, None),
    ("standard speed", "claude-opus-4-6", OPUS, {"speed": "standard"}, OPUS_COST),
    ("batch is half", "claude-opus-4-6", OPUS, {"tier": "batch"}, "0.0403375"),
    ("nobody lists fast in a batch", "claude-opus-4-6", OPUS, {"speed": "fast", "tier": "batch"}, None),
    ("Claude's priority tier is the list price", "claude-opus-4-6", OPUS, {"tier": "priority"}, OPUS_COST),
    ("Claude has no flex tier", "claude-opus-4-6", OPUS, {"tier": "flex"}, None),
    ("default tier", "claude-opus-4-6", OPUS, {"tier": "default"}, OPUS_COST),
    ("a tier nobody knows", "claude-opus-4-6", OPUS, {"tier": "scale"}, OPUS_COST),
    ("three web searches", "claude-opus-4-6", OPUS, {"searches": 3}, "0.110675"),
    ("searches are not multiplied by the region", "claude-opus-4-6", OPUS, {"searches": 3, "geo": "us"}, "0.1187425"),
    ("no name", None, OPUS, {}, None),
    ("an unknown name", "claude-epic-9", OPUS, {}, None),
    ("a router's label", "opus", OPUS, {}, None),
    ("nothing at all costs nothing", "claude-opus-4-6", Tokens(), {}, "0"),
    # the whole request moves: 10 × 6 + 300,000 × 0.60 per million
    ("Sonnet 4.5 above 200k", "claude-sonnet-4-5", Tokens(10, 300_000), {}, "0.18006"),
    # 10 × 3 + 150,000 × 0.30 + 100 × 15 per million
    ("Sonnet 4.5 below 200k", "claude-sonnet-4-5", Tokens(10, 150_000, output=100), {}, "0.04653"),
    # the sample of the Claude log research at 3/15/3.75/6/0.30: 20 + 28,000 cached + 3,000 and 12,500 written + 460
    ("the sample of three calls", "claude-sonnet-4-6", Tokens(20, 28_000, 3_000, 12_500, 460), {}, "0.10161"),
    # 12,000 × 4 + 180,000 × 0.40 + 900 × 20 (2026-09-20); Codex has no 1-hour writes
    ("gpt-5.6-sol after its cut", "gpt-5.6-sol", Tokens(12_000, 180_000, output=900), {"at": "2026-09-20"}, "0.138"),
    # the same a day before the cut at 5/0.50/30
    ("gpt-5.6-sol before its cut", "gpt-5.6-sol", Tokens(12_000, 180_000, output=900), {"at": "2026-08-20"}, "0.177"),
    # 1,000 × 5 × 1.25
    ("OpenAI charges writes from 5.6 on", "gpt-5.6-sol", Tokens(0, 0, 1_000), {"at": "2026-07-20"}, "0.00625"),
    # 1,000 × 2.50: no surcharge, they are input
    ("and not before", "gpt-5.4", Tokens(0, 0, 1_000), {}, "0.0025"),
    # 300,000 × 5 + 1,000 × 22.50
    ("gpt-5.4 above 272k", "gpt-5.4", Tokens(300_000, output=1_000), {}, "1.5225"),
    # priority of gpt-5.4 is 5/0.50/30
    ("OpenAI's priority tier", "gpt-5.4", Tokens(1_000, output=100), {"tier": "priority", "at": "2026-11-01"}, "0.008"),
    ("Codex calls it fast", "gpt-5.4", Tokens(1_000, output=100), {"tier": "fast", "at": "2026-11-01"}, "0.008"),
    ("flex is half", "o3", Tokens(1_000, output=100), {"tier": "flex", "at": "2026-11-01"}, "0.0014"),
    ("a model without flex", "gpt-5.3-codex", Tokens(1_000), {"tier": "flex"}, None),
    # Grok 4.6 at 2/0.50/6: 1,000 cached, 200 out of which 150 reasoning
    ("reasoning is output", "grok-4.6", Tokens(0, 1_000, output=200, reasoning=150), {"at": "2026-10-01"}, "0.0017"),
    # Bedrock, regional profile: 1.1 × (1,000 × 3 + 100 × 15)
    (
        "a regional profile",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        Tokens(1_000, output=100),
        {"provider": "amazon-bedrock"},
        "0.00495",
    ),
    (
        "pinned twice is pinned once",
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        Tokens(1_000, output=100),
        {"provider": "amazon-bedrock", "geo": "us"},
        "0.00495",
    ),
    (
        "a global profile",
        "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
        Tokens(1_000, output=100),
        {"provider": "amazon-bedrock"},
        "0.0045",
    ),
    # DeepSeek V4 Pro at 0.66/0.022/1.98 since 2026-08-16; twice that on weekdays 01-04 and 06-10 UTC
    ("off-peak", "deepseek-v4-pro", Tokens(1_000_000), {"at": "2026-10-20T05:00:00Z"}, "0.66"),
    ("peak", "deepseek-v4-pro", Tokens(1_000_000), {"at": "2026-10-20T09:59:59Z"}, "1.32"),
    ("the end of peak", "deepseek-v4-pro", Tokens(1_000_000), {"at": "2026-10-20T10:00:00Z"}, "0.66"),
    ("a Saturday", "deepseek-v4-pro", Tokens(1_000_000), {"at": "2026-10-24T09:00:00Z"}, "0.66"),
    ("a Chinese holiday", "deepseek-v4-pro", Tokens(1_000_000), {"at": "2026-10-01T09:00:00Z"}, "0.66"),
    # the night discount of 2025: half of 0.27 from 16:30 to 00:30 UTC
    ("a discounted night", "deepseek-chat", Tokens(1_000_000), {"at": "2025-07-01T00:10:00Z"}, "0.135"),
    ("its day", "deepseek-chat", Tokens(1_000_000), {"at": "2025-07-01T00:30:00Z"}, "0.27"),
    ("a free model is free", "qwen/qwen3-coder:free", Tokens(1_000, output=9), {"provider": "openrouter"}, "0"),
    # Gemini 2.5 Pro's searches cost 35 per 1000
    ("a vendor's own price of a search", "gemini-2.5-pro", Tokens(), {"searches": 2, "provider": "google"}, "0.07"),
]


@pytest.mark.parametrize(("shows", "model", "tokens", "said", "dollars"), COSTS, ids=[row[0] for row in COSTS])
def test_a_call_costs(
    shows: str, model: str | None, tokens: Tokens, said: dict[str, object], dollars: str | None, shipped: Catalog
) -> None:
    said = dict(said)
    at = str(said.pop("at", "2026-04-20T12:00:00Z" if model != "claude-opus-4-8" else "2026-07-01"))
    money = price(call(model, tokens, at, **said), shipped)
    assert (money and money.total) == (None if dollars is None else usd(dollars))


def test_the_parts_say_what_was_paid_for(shipped: Catalog) -> None:
    tokens = Tokens(10, 100_000, 500, 1_500, 500, reasoning=200)
    money = price(call("claude-opus-4-6", tokens, searches=1), shipped)
    assert money is not None
    # 10 × 5, 100k × 0.50, 500 × 6.25, 1500 × 10, 300 × 25, 200 × 25 per million, and one search of 0.01
    assert money.parts == Parts(50_000, 50_000_000, 3_125_000, 15_000_000, 7_500_000, 5_000_000, 10_000_000)
    assert money.row == "anthropic/claude-opus-4-6@2026-03-13T00:00:00Z#standard"
    assert money.match == "exact"


def test_more_reasoning_than_output_is_a_slip_of_the_log(shipped: Catalog) -> None:
    money = price(call("claude-opus-4-6", Tokens(output=100, reasoning=300)), shipped)
    assert money is not None and money.parts == Parts(reasoning=2_500_000)


def test_a_cached_price_that_nobody_recorded_leaves_a_call_unpriced(shipped: Catalog) -> None:
    early, later = "2025-06-30T23:59:59Z", "2025-07-01T00:00:00Z"
    assert price(call("qwen-max", Tokens(100, 0), early), shipped) is not None
    assert price(call("qwen-max", Tokens(100, 5), early), shipped) is None
    # From July 2025 on, no cached price means that there is no discount: qwen-max at 1.60
    money = price(call("qwen-max", Tokens(100, 5), later), shipped)
    assert money is not None and money.parts.cache_read == 8_000


def test_half_a_nano_dollar_goes_to_the_even_neighbour(shipped: Catalog) -> None:
    # V4 Pro's cached input was 0.003625: 4 tokens are 14,500 pico-dollars
    fourteen = price(call("deepseek-v4-pro", Tokens(0, 4), "2026-06-01", provider="deepseek"), shipped)
    assert fourteen is not None and fourteen.total == 14
    # 12 tokens are 43,500 pico: 43.5 nano, the even neighbour is 44
    forty_four = price(call("deepseek-v4-pro", Tokens(0, 12), "2026-06-01", provider="deepseek"), shipped)
    assert forty_four is not None and forty_four.total == 44


def naive(exact: list[Fraction], scale: int) -> tuple[int, ...]:
    """Largest remainder, written down as one would explain it."""
    total = round(sum(exact, Fraction(0)) / scale)
    parts = [int(one / scale) for one in exact]
    order = sorted(range(len(exact)), key=lambda index: (parts[index] - exact[index] / scale, index))
    for index in order[: total - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


SHARES = st.lists(st.integers(0, 10**15), max_size=9)


@given(SHARES, st.sampled_from([1, 2, 1_000, 10_000, 4_000, 7]))
def test_shares_are_those_of_the_naive_fractions(exact: list[int], scale: int) -> None:
    assert share_exactly(exact, scale) == naive([Fraction(one) for one in exact], scale)


@given(st.lists(st.fractions(0, 10**9), max_size=6), st.sampled_from([1, 1_000, 3]))
def test_shares_of_fractions_too(exact: list[Fraction], scale: int) -> None:
    shares = share_exactly(exact, scale)
    assert shares == naive(exact, scale)
    assert sum(shares) == round(sum(exact, Fraction(0)) / scale)
    assert all(abs(share - one / scale) < 1 for share, one in zip(shares, exact, strict=True))


COUNTS = st.integers(0, 3_000_000)


@settings(max_examples=300)
@given(
    fresh=COUNTS,
    read=COUNTS,
    short=COUNTS,
    long=COUNTS,
    output=COUNTS,
    thought=st.floats(0, 1),
    searches=st.integers(0, 50),
    geo=st.sampled_from([None, "us"]),
)
def test_a_call_is_summed_exactly_and_rounded_once(
    shipped: Catalog,
    fresh: int,
    read: int,
    short: int,
    long: int,
    output: int,
    thought: float,
    searches: int,
    geo: str | None,
) -> None:
    tokens = Tokens(fresh, read, short, long, output, int(output * thought))
    money = price(call("claude-haiku-5-5", tokens, "2026-11-01", geo=geo, searches=searches), shipped)
    assert money is not None
    # 0.10/0.01/0.125/0.20/0.50, above 100k five times that
    rates = (100_000, 10_000, 125_000, 200_000, 500_000)
    times = Fraction(5 if tokens.prompt > 100_000 else 1) * (Fraction(11, 10) if geo else 1)
    pico = sum(count * rate for count, rate in zip((fresh, read, short, long, output), rates, strict=True)) * times
    assert money.total == round((pico + searches * 10**10) / 1_000)
    assert money.total == sum(money.parts)


@pytest.mark.parametrize(
    ("tokens", "least", "most"),
    [
        (Tokens(1_000_000), 500_000_000, 5_000_000_000),  # all read from the cache at 0.50, or none of it at 5.00
        (Tokens(1_000_000, output=1_000), 525_000_000, 5_025_000_000),  # and a thousand written at 25.00 a million
        (Tokens(output=1_000), 25_000_000, None),  # no prompt, no doubt
    ],
)
def test_without_a_cache_split_a_cost_has_two_ends(
    tokens: Tokens, least: int, most: int | None, shipped: Catalog
) -> None:
    money = price(call("claude-opus-4-6", tokens, evidence="B"), shipped)
    assert money is not None
    assert (money.total, money.high) == (least, most)
    assert sum(money.parts) == money.total


def test_what_is_certain_is_the_same_at_both_ends(shipped: Catalog) -> None:
    """Opus 4.6 in the US: 1.1 × (1,000 × 0.50 to 1,000 × 5, and 100 × 25, 60 of them reasoning) and two searches of 0.01."""
    tokens = Tokens(1_000, 0, 0, 0, 100, 60)
    money = price(call("claude-opus-4-6", tokens, evidence="B", searches=2, geo="us"), shipped)
    assert money is not None
    assert money.parts == Parts(550_000, 0, 0, 0, 1_100_000, 1_650_000, 20_000_000)
    assert (money.total, money.high) == (23_300_000, 28_250_000)


def test_where_nobody_recorded_the_cached_price_an_unsplit_call_has_none(shipped: Catalog) -> None:
    """The least it can be is not known, then; the same call with its split has a price, and only one."""
    early = "2025-06-30T23:59:59Z"
    assert price(call("qwen-max", Tokens(100), early, evidence="B"), shipped) is None
    exact = price(call("qwen-max", Tokens(100), early), shipped)
    assert exact is not None and exact.high is None


def test_of_text_alone_or_of_totals_the_cache_is_unknown_too(shipped: Catalog) -> None:
    """Opus 4.6: $5 a million, $0.50 from the cache, $25 out. 10,000 × 0.5 to 10,000 × 5, and 1,000 × 25 µ$."""
    money = price(call("claude-opus-4-6", Tokens(10_000, 0, 0, 0, 1_000), evidence="C"), shipped)
    assert money is not None
    assert (money.total, money.high) == (30_000_000, 75_000_000)
    split = price(call("claude-opus-4-6", Tokens(10_000, 10_000, 0, 0, 1_000), evidence="C"), shipped)
    assert split is not None and (split.total, split.high) == (80_000_000, None)


def test_a_sum_of_requests_is_in_no_tier_of_large_ones(shipped: Catalog) -> None:
    """Gemini 2.5 Pro: $1.25 a million up to 200,000 tokens, $2.50 above. 300,000 × 1.25 µ$, and 300,000 × 2.50 µ$."""
    sum_of_many = Tokens(300_000, 100)
    many = price(call("gemini-2.5-pro", sum_of_many, evidence="C"), shipped)
    one = price(call("gemini-2.5-pro", sum_of_many), shipped)
    assert many is not None and one is not None
    assert (many.parts.input, one.parts.input) == (375_000_000, 750_000_000)


def test_where_no_tokens_are_known_nothing_is_of_the_price(shipped: Catalog) -> None:
    """A call billed in credits: $0 would say that it cost nothing."""
    assert price(call("claude-opus-4-6", Tokens(), evidence="C"), shipped) is None
