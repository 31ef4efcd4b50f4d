# pyright: strict
"""The data file of the genai-prices project as a newer book: what it changes is laid over the book in use, by date.

The file knows few dates and repeats its own slips, so it never replaces a row. A price that differs from the one in
force gets a row of its own, from the date it states or else from the day it was imported; what the book had settled
otherwise stays, unless the file has changed its mind since.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

import msgspec

from app.pricing.agreement import agree
from app.pricing.book import Book, Limits, Model, Rates, Row, Settled, Tier

_NOON = "12:00"
_FEW = 20
"""Models that a project may take off its list between two files."""


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


class _Model(msgspec.Struct):
    id: str
    prices: _Prices | list[_Conditional]
    context_window: int | None = None
    price_variants: list[_Conditional] = []


class _Provider(msgspec.Struct):
    id: str
    models: list[_Model]


class _File(msgspec.Struct):
    providers: list[_Provider]


class Offer(NamedTuple):
    """What the file says of one mode of one model."""

    since: str | None
    """ISO day from which the price is dated; None is undated."""
    rates: Rates
    tiers: tuple[Tier, ...]


def read_genai(raw: bytes) -> list[_Provider]:
    """Raises ValueError where it is no such file."""
    try:
        read = msgspec.json.decode(raw, type=list[_Provider] | _File)
    except msgspec.DecodeError as error:
        raise ValueError(f"this is no data file of genai-prices: {error}") from error
    return read.providers if isinstance(read, _File) else read


def laid_over(raw: bytes, book: Book, day: str) -> Book:
    """The book with what the file changes. `day` (ISO, UTC) dates what the file leaves undated."""
    source = f"genai-prices file of {day}"
    models = dict(book.models)
    listed = dict(_models(read_genai(raw), book))
    _refuse_older(listed.keys(), book)
    for key, model in listed.items():
        known = models.get(key)
        offers = dict(_offers(model, day))
        if "standard" not in offers or key in book.aliases:
            continue
        models[key] = (
            _new(offers, model, source) if known is None else _changed(known, offers, model, book, day, source)
        )
    rows = sum(len(rows) for model in models.values() for rows in model.modes.values())
    return msgspec.structs.replace(
        book,
        built=max(day, book.built),
        packages=(*(one for one in book.packages if not one.startswith("genai-prices file")), source),
        corrections=f"{book.corrections[:16]}-{hashlib.sha256(raw).hexdigest()[:8]}",
        model_count=len(models),
        row_count=rows,
        models=models,
    )


def unlisted(raw: bytes, book: Book) -> tuple[str, ...]:
    """The models of the book that came from this project and are no longer in the file. They keep what they cost."""
    return _missing(dict(_models(read_genai(raw), book)).keys(), book)


def _missing(listed: Collection[str], book: Book) -> tuple[str, ...]:
    return tuple(key for key, model in book.models.items() if key not in listed and _from_here(model))


def _from_here(model: Model) -> bool:
    rows = model.modes.get("standard", ())
    return bool(rows) and rows[-1].source.startswith("genai-prices")


def _refuse_older(listed: Collection[str], book: Book) -> None:
    """The file has no date of its own. One that lacks what its project knew long ago is older than the book."""
    known = sum(map(_from_here, book.models.values()))
    missing = len(_missing(listed, book))
    if missing > max(_FEW, known // 10):
        raise ValueError(
            f"it lacks {missing} of the {known} models that the book in use has from there, so it is older, or a part"
        )


def _models(providers: list[_Provider], book: Book) -> Iterator[tuple[str, _Model]]:
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


def _offers(model: _Model, day: str) -> Iterator[tuple[str, Offer]]:
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


def _new(offers: dict[str, Offer], model: _Model, source: str) -> Model:
    modes = {mode: (Row(None, one.rates, one.tiers, source),) for mode, one in offers.items()}
    limits = (Limits(None, model.context_window, None, source),) if model.context_window else ()
    return Model(modes, limits)


def _changed(known: Model, offers: dict[str, Offer], model: _Model, book: Book, day: str, source: str) -> Model:
    """The model with a row behind those that the file says otherwise; the same object where it says nothing new."""
    modes = dict(known.modes)
    for mode, offer in offers.items():
        rows = modes.get(mode, ())
        in_force = [row for row in rows if (row.since or "")[:10] <= day]
        if _says_the_same(offer, in_force, known.overruled.get(mode), mode):
            continue
        since = offer.since if offer.since and offer.since > book.built else day
        modes[mode] = _with(rows, Row(f"{since}T00:00:00Z" if rows else None, offer.rates, offer.tiers, source))
    if modes.get("standard") is not known.modes.get("standard"):
        for mode in modes.keys() - offers.keys():  # a multiple of a price that holds no more
            modes[mode] = _with(modes[mode], Row(f"{day}T00:00:00Z", None, (), source))
    before = known.limits[-1] if known.limits else Limits(None, None, None, source)
    limits = known.limits
    if model.context_window and model.context_window != before.context:
        limits = (*limits, Limits(f"{day}T00:00:00Z" if limits else None, model.context_window, before.output, source))
    if all(modes[mode] is known.modes.get(mode) for mode in modes) and limits is known.limits:
        return known
    return msgspec.structs.replace(known, modes=modes, limits=limits)


def _with(rows: tuple[Row, ...], new: Row) -> tuple[Row, ...]:
    """The rows with one more at its date; one of the same instant gives way, and one to come stays to come."""
    kept = [row for row in rows if (row.since or "") != (new.since or "")]
    return tuple(sorted([*kept, new], key=lambda row: row.since or ""))


def _says_the_same(offer: Offer, rows: Sequence[Row], settled: Settled | None, mode: str) -> bool:
    last = rows[-1] if rows else None
    if last is None:
        return False
    if settled and agree(offer.rates, offer.tiers, *settled):
        return True
    return last.rates is not None and agree(
        offer.rates, offer.tiers, last.rates, last.tiers, lenient=mode != "standard"
    )
