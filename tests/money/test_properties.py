"""What holds for any call and any set of calls: the parts add up, order does not matter, nothing is negative.

That a log read in pieces gives the same costs is in `test_edge.py`, and for any cut of it in `tests/sources/test_cuts.py`.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from app.model.money import Money
from app.model.usage import Call, Tokens
from app.pricing.catalog import Catalog
from app.pricing.price import price
from app.pricing.user import Discount, Own
from tests.pricing.conftest import call

COUNTS = st.one_of(st.integers(0, 50), st.integers(0, 10_000_000))
MODELS = st.sampled_from(
    [
        *("claude-opus-4-6", "claude-opus-5-5", "claude-haiku-5-5", "claude-sonnet-4-5", "claude-3-5-haiku-20241022"),
        *("gpt-5", "gpt-5.4", "gpt-5.6-sol", "o3", "gemini-2.5-pro", "gemini-3-pro-preview", "grok-4.6", "kimi-k2.6"),
        *("glm-4.6", "deepseek-chat", "deepseek-v4-pro", "qwen3-coder-plus", "qwen-max", "nobodys-model"),
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
    ]
)
DAYS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31)).map(lambda one: f"{one:%Y-%m-%dT%H:%M:%S}Z")


@st.composite
def calls(draw: st.DrawFn) -> Call:
    fresh, read, short, long, output = (draw(COUNTS) for _ in range(5))
    tokens = Tokens(fresh, read, short, long, output, draw(st.integers(0, output)))
    return call(
        draw(MODELS),
        tokens,
        draw(DAYS),
        searches=draw(st.integers(0, 9)),
        speed=draw(st.sampled_from([None, "fast", "standard"])),
        tier=draw(st.sampled_from([None, "batch", "priority", "flex", "default"])),
        geo=draw(st.sampled_from([None, "us", "global"])),
    )


@settings(max_examples=400)
@given(calls())
def test_the_parts_add_up_and_none_is_negative(shipped: Catalog, one: Call) -> None:
    money = price(one, shipped)
    if money is not None:
        assert sum(money.parts) == money.total
        assert min(money.parts) >= 0


@settings(max_examples=60)
@given(st.lists(calls(), max_size=12), st.randoms())
def test_order_does_not_matter(shipped: Catalog, some: list[Call], random: object) -> None:
    """Neither of the calls, nor of what the catalogue was asked before."""
    mixed = [*some]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    fresh = Catalog(shipped.book)
    first = {id(one): price(one, shipped) for one in some}
    again = {id(one): price(one, fresh) for one in mixed}
    assert first == again


@settings(max_examples=200)
@given(calls(), st.sampled_from(Tokens._fields[:5]), st.integers(1, 100_000))
def test_more_tokens_never_cost_less(shipped: Catalog, one: Call, kind: str, more: int) -> None:
    """Also across a threshold, where the whole request moves."""
    larger = one._replace(tokens=one.tokens._replace(**{kind: getattr(one.tokens, kind) + more}))
    before, after = price(one, shipped), price(larger, shipped)
    if before is not None and after is not None:
        assert after.total >= before.total


@settings(max_examples=200)
@given(calls())
def test_an_unknown_part_makes_the_whole_unknown_never_cheaper(shipped: Catalog, one: Call) -> None:
    """A call is priced in all its parts or not at all: what is used and has no price is never left out of the sum."""
    money = price(one, shipped)
    for kind, count in zip(Tokens._fields[:5], one.tokens[:5], strict=True):
        alone = price(one._replace(tokens=Tokens(**{kind: count}), searches=0), shipped)
        if count and money is not None:
            assert alone is not None, kind


@settings(max_examples=100)
@given(calls(), st.integers(1, 9_999))
def test_a_discount_takes_off_what_it_says(shipped: Catalog, one: Call, hundredths: int) -> None:
    """To the nano-dollar of one rounding, in every tier, mode and region."""
    seller = Catalog(shipped.book).quote(one.model or "", None, None, None, None).resolution.key or "/"
    off = Discount(seller.partition("/")[0], Decimal(hundredths) / 100, None, None, 1)
    whole, less = price(one, shipped), price(one, Catalog(shipped.book, Own((), (off,))))
    assert (whole is None) == (less is None)
    if whole is not None and less is not None:
        assert _near(less, whole, 10_000 - hundredths)


def _near(less: Money, whole: Money, left: int) -> bool:
    """Within the half nano-dollar of either rounding."""
    return abs(less.total - whole.total * left / 10_000) <= 1.01
