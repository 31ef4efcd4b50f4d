# pyright: strict
"""How the data file of the genai-prices project is written, and what it says of each model on a day.

A list of providers, or in its third version an object that holds them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

import msgspec

from app.pricing.book import Book, Rates, Tier

_NOON = "12:00"


class _Tier(msgspec.Struct):
    start: int
    price: Decimal


class _Tiered(msgspec.Struct):
    base: Decimal
    tiers: list[_Tier] = []


_Price = Decimal | _Tiered | None


class _Prices(msgspec.Struct):
    input_mtok: _Price = None
    cache_read_mtok: _Price = None
    cache_write_mtok: _Price = None
    cache_write_1h_mtok: _Price = None
    output_mtok: _Price = None


class _Constraint(msgspec.Struct):
    start_date: str | None = None
    start_time: str | None = None
    end_time: str | None = None

    def holds(self, day: str) -> bool:
        """On that day at noon UTC, outside every peak and discount hour."""
        start, end = (self.start_time or "00:00")[:5], (self.end_time or "24:00")[:5]
        in_hours = start <= _NOON < end if start <= end else start <= _NOON or end > _NOON
        return in_hours and (self.start_date or "") <= day


class _Conditional(msgspec.Struct):
    prices: _Prices
    constraint: _Constraint | None = None
    when: dict[str, str] = {}


class Entry(msgspec.Struct):
    id: str
    prices: _Prices | list[_Conditional]
    context_window: int | None = None
    price_variants: list[_Conditional] = []


class Provider(msgspec.Struct):
    id: str
    models: list[Entry]


class _File(msgspec.Struct):
    providers: list[Provider]


class Offer(NamedTuple):
    """What the file says of one mode of one model."""

    since: str | None
    """ISO day from which the price is dated; None is undated."""
    rates: Rates
    tiers: tuple[Tier, ...]


def read_genai(raw: bytes) -> list[Provider]:
    """Raises ValueError where it is no such file."""
    try:
        read = msgspec.json.decode(raw, type=list[Provider] | _File)
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no data file of genai-prices: {error}") from error
    return read.providers if isinstance(read, _File) else read


def entries_in(providers: list[Provider], book: Book) -> Iterator[tuple[str, Entry]]:
    """(channel/model, entry) of what can stand in a log. Bedrock's regional twins and Vertex' copies of Claude follow
    from other rows, as in our own book."""
    for provider in providers:
        channel = book.channels.get(provider.id.lower())
        names = {model.id.lower() for model in provider.models}
        for model in provider.models:
            name = model.id.lower()
            if channel is None or (channel == "google" and "claude" in name):
                continue
            if channel == "bedrock" and (match := re.match(r"(global|regional)\.(.+)", name)):
                if match.group(1) == "regional" and f"global.{match.group(2)}" in names:
                    continue
                name = re.sub(r"(-20\d{6})?(-v\d+(:\d+)?)?$", "", match.group(2)).removeprefix("anthropic.")
            yield f"{channel}/{name}", model


def offers_of(model: Entry, day: str) -> Iterator[tuple[str, Offer]]:
    """(mode, offer) as it is on the day; none without a price for text in and text out."""
    lists = [_Conditional(model.prices)] if isinstance(model.prices, _Prices) else model.prices
    # Of a model's own prices the last that holds counts, of its variants the first.
    variants = [(_mode(one.when), one) for one in reversed(model.price_variants)]
    for mode, one in [("standard", one) for one in lists] + variants:
        limit = one.constraint or _Constraint()
        if mode is None or not limit.holds(day):
            continue
        rates, tiers = _rates(one.prices, model.id)
        if rates[0] is not None and rates[4] is not None:
            yield mode, Offer(limit.start_date, rates, tiers)


def _mode(when: dict[str, str]) -> str | None:
    if when == {"processing": "batch"}:
        return "batch"
    for key in ("speed", "service_tier"):
        if list(when) == [key] and when[key] in ("fast", "priority", "flex"):
            return when[key]
    return None


def _rates(prices: _Prices, name: str) -> tuple[Rates, tuple[Tier, ...]]:
    values = (
        prices.input_mtok,
        prices.cache_read_mtok,
        prices.cache_write_mtok,
        prices.cache_write_1h_mtok,
        prices.output_mtok,
    )
    starts = sorted({tier.start for one in values if isinstance(one, _Tiered) for tier in one.tiers})
    try:
        return _at(values, 0), tuple((start, *_at(values, start + 1)) for start in starts)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from None


def _at(values: tuple[_Price, ...], prompt: int) -> Rates:
    """The five prices of a request with so many prompt tokens, in pico-dollars a token."""
    found: list[int | None] = []
    for value in values:
        if isinstance(value, _Tiered):
            above = [tier.price for tier in value.tiers if prompt > tier.start]
            value = above[-1] if above else value.base
        found.append(None if value is None else int((value * 1_000_000).to_integral_value()))
    return (found[0], found[1], found[2], found[3], found[4])
