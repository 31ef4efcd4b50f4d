# pyright: strict
"""How a name is resolved and what it costs, in words and exact decimals: what `cuenta price` shows."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from app.model.instant import text_of
from app.pricing.catalog import Catalog
from app.pricing.hours import hour_factor
from app.pricing.listing import Listing, charge_for


class Explanation(NamedTuple):
    """Field for field what `cuenta price --json` prints, and the way there."""

    name: str
    at: int
    """ms since 1970 UTC."""
    match: str
    """`user`, `exact`, `alias`, `near` or `none`."""
    resolved: str | None
    """channel/model; None where there is no price."""
    usd_per_mtok: dict[str, str | None] | None
    """Kind of token → exact decimal; None is not listed."""
    tier_above_tokens: int | None
    """The threshold of the tier that is shown; None is the base price."""
    valid_from: str | None
    """ISO 8601; None is from the beginning."""
    source: str | None
    disputed: bool
    context_tokens: int | None
    """Size of the context window; None is not known."""
    max_output_tokens: int | None
    """Most tokens of one answer; None is not known."""
    limits_source: str | None
    stripped: str
    """The date and effort suffixes that were stripped to find the model."""
    steps: tuple[str, ...]
    """What was tried, in plain sentences."""


def explain(name: str, at: int, provider: str | None, prompt_tokens: int | None, catalog: Catalog) -> Explanation:
    """The standard price of one token of each kind at an instant, in the tier of a request with so many prompt tokens."""
    quote = catalog.quote(name, provider, None, None, None)
    listing = quote.at(at)
    steps = quote.resolution.steps
    if listing is None:
        if quote.resolution.key:
            steps = (*steps, f"It has no price on {text_of(at)}.")
        return Explanation(name, at, "none", None, None, None, None, None, False, None, None, None, "", steps)
    own = listing.match == "user"
    key = quote.resolution.key
    limits = catalog.limits(key, at) if key else None
    above, below = listing.factor
    hour_above, hour_below = (1, 1) if own else hour_factor(quote.hours, at)
    factor = (above * hour_above, below * hour_below)
    tier = charge_for(listing.charges, prompt_tokens or 0).above
    return Explanation(
        name=name,
        at=at,
        match=listing.match,
        resolved=f"user/{name}" if own else quote.resolution.key,
        usd_per_mtok=_prices(listing, tier, factor),
        tier_above_tokens=tier or None,
        valid_from=listing.listed.since,
        source=listing.listed.source,
        disputed=listing.listed.disputed,
        context_tokens=limits and limits.context,
        max_output_tokens=limits and limits.output,
        limits_source=limits and limits.source,
        stripped="" if own else quote.resolution.stripped,
        steps=(
            *(("The user's own price file has exactly this name.",) if own else steps),
            *_remarks(listing, tier, factor),
        ),
    )


def _prices(listing: Listing, tier: int, factor: tuple[int, int]) -> dict[str, str | None]:
    """As listed, so that what is not listed is not shown as if it were."""
    rates = next((one[1:] for one in listing.listed.tiers if one[0] == tier), listing.listed.rates)
    kinds = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output")
    return {kind: dollars(rate, factor) for kind, rate in zip(kinds, rates or (), strict=False)}


def dollars(pico: int | None, factor: tuple[int, int] = (1, 1)) -> str | None:
    """Pico-dollars a token as dollars per million tokens: 3_300_000 is "3.3"."""
    if pico is None:
        return None
    exact = Decimal(pico * factor[0]) / Decimal(factor[1] * 1_000_000)
    return f"{exact.normalize():f}"


def _remarks(listing: Listing, tier: int, factor: tuple[int, int]) -> tuple[str, ...]:
    """What a reader of the bare numbers would miss."""
    found: list[str] = []
    if tier:
        found.append(f"More than {tier:,} prompt tokens: the whole request moves to this tier.")
    if listing.off:
        found.append(f"Your own discount of {listing.off} is taken off.")
    if factor[0] != factor[1]:
        what = "Region, hour and discount" if listing.off else "Region and hour"
        above, below = Fraction(*factor).as_integer_ratio()
        found.append(f"{what} multiply the list price by {above}/{below}.")
    if listing.listed.cache_unknown:
        found.append("What cached input cost then is not recorded: a call that read from the cache has no price.")
    elif listing.listed.rates and listing.listed.rates[1] is None:
        found.append("Cached input is not listed and costs what input costs.")
    if listing.listed.disputed:
        found.append("The sources of the book differ here.")
    return tuple(found)
