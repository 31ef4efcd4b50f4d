# pyright: strict
"""Price lists of one name in one mode by date, ready to be multiplied."""

from __future__ import annotations

from bisect import bisect_right
from fractions import Fraction
from typing import NamedTuple

from app.model.instant import instant_of
from app.pricing.book import Rates, Row, Schedule
from app.pricing.names import Resolution
from app.pricing.user import Discount, UserPrice

ALWAYS = -(1 << 62)
"""An instant before every other."""


class Charge(NamedTuple):
    """What a token of each kind costs in pico-dollars: all of a request's tokens, above a number of prompt tokens."""

    above: int
    input: int
    cache_read: int | None
    """None: there was a cached price, but nobody recorded it."""
    cache_write_5m: int
    cache_write_1h: int
    output: int


class Listing(NamedTuple):
    """A price list of one model in one mode, ready to be multiplied."""

    since: int
    """ms since 1970 UTC, or ALWAYS."""
    charges: tuple[Charge, ...]
    """Highest threshold first; the last is the base price. Empty: no price at this time."""
    listed: Row
    """As it stands in the book or in the user's file."""
    row: str
    """channel/model@valid-from#mode."""
    match: str
    """How the logged name was resolved: `user`, `exact`, `alias` or `near`."""
    factor: tuple[int, int]
    search: int
    """Pico-dollars a web search."""
    off: str = ""
    """The user's discount that `factor` and `search` hold, like "12.5%"; empty for none."""


class Quote(NamedTuple):
    """All listings of one name in one mode, by date."""

    starts: tuple[int, ...]
    listings: tuple[Listing, ...]
    resolution: Resolution
    hours: tuple[Schedule, ...]
    """Hours of the day at which it costs a multiple; nearly always none."""

    def at(self, instant: int) -> Listing | None:
        index = bisect_right(self.starts, instant) - 1
        return self.listings[index] if index >= 0 and self.listings[index].charges else None


def listing_of(row: Row, found: Resolution, mode: str, factor: tuple[int, int], search: int) -> Listing:
    """A row of the book; `factor` is that of the region, `search` pico-dollars a web search."""
    since = instant_of(row.since) if row.since else None
    name = f"{found.key}@{row.since or ''}#{mode}"
    return Listing(ALWAYS if since is None else since, _charges(row), row, name, found.match, factor, search)


def own_listing(own: UserPrice, search: int) -> Listing:
    """An entry of the user's file, taken as written: no factor is put on it."""
    since = ALWAYS if own.since is None else own.since
    row = Row(own.written or None, own.rates, (), f"prices.user.toml{own.source and f' ({own.source})'}")
    name = f"user/{own.model}@{own.written}#{own.mode}"
    return Listing(since, _charges(row), row, name, "user", (1, 1), search)


def _charges(row: Row) -> tuple[Charge, ...]:
    if row.rates is None:
        return ()
    base = _charge(0, row.rates, row.cache_unknown)
    above = [_charge(tier[0], tier[1:], row.cache_unknown) for tier in row.tiers]
    return (*reversed(above), base)


def _charge(above: int, rates: Rates, cache_unknown: bool) -> Charge:
    """What is not listed costs what input costs: the vendor gives no discount, or asks no surcharge."""
    fresh, cached, write, hour, output = rates
    fresh = fresh or 0
    write = fresh if write is None else write
    cached = (None if cache_unknown else fresh) if cached is None else cached
    return Charge(above, fresh, cached, write, write if hour is None else hour, output or 0)


def laid_over(below: list[Listing], own: Listing, until: int | None) -> list[Listing]:
    """The book's listings with the user's one from its start until its end."""
    before = [one for one in below if one.since < own.since]
    if until is None:
        return [*before, own]
    after = [one for one in below if one.since > until]
    resumed = [one for one in below if one.since <= until][-1:]
    if resumed:
        return [*before, own, resumed[0]._replace(since=until), *after]
    return [*before, own, own._replace(since=until, charges=()), *after]


def discounted(listings: list[Listing], discount: Discount) -> list[Listing]:
    """The listings, cheaper between the discount's start and end."""
    for edge in (discount.since, discount.until):
        if edge is not None:
            listings = [part for one, after in pairs(listings) for part in _cut(one, after, edge)]
    above, below = discount.factor
    off = f"{discount.percent.normalize():f}%"
    return [
        one._replace(
            factor=(one.factor[0] * above, one.factor[1] * below),
            search=round(Fraction(one.search * above, below)),
            row=f"{one.row}, {off} off",
            off=off,
        )
        if (discount.since or ALWAYS) <= one.since and (discount.until is None or one.since < discount.until)
        else one
        for one in listings
    ]


def pairs(listings: list[Listing]) -> list[tuple[Listing, int | None]]:
    """Each listing and when it ends; None is never."""
    return [(one, after.since if after else None) for one, after in zip(listings, [*listings[1:], None], strict=True)]


def _cut(one: Listing, end: int | None, edge: int) -> list[Listing]:
    """In two where the edge lies within."""
    inside = one.since < edge and (end is None or edge < end)
    return [one, one._replace(since=edge)] if inside else [one]


def charge_for(charges: tuple[Charge, ...], prompt: int) -> Charge:
    """The tier of a request: the whole of it moves, however little it is above."""
    for charge in charges:
        if prompt > charge.above:
            return charge
    return charges[-1]
