"""Money in whole nano-dollars, and what became of a request when it was priced.

Prices are whole pico-dollars a token. A request is summed exactly and rounded half-even once; its parts share the rounded
sum by largest remainder, so that they always add up to it. No float ever holds money.
"""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction
from typing import NamedTuple

NANO = 1_000_000_000
PICO_PER_NANO = 1_000


class Parts(NamedTuple):
    """A cost in nano-dollars by what was paid for. `output` is without reasoning here, so the parts are disjoint."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0
    requests: int = 0
    """Tools billed per request."""


class Money(NamedTuple):
    """What a request costs by the price book."""

    total: int
    """Nano-dollars; always the sum of `parts`."""
    parts: Parts
    row: str
    """Which price row was used: channel/model@valid-from#mode, enough to find it again in the book."""
    match: str
    """How the logged name was resolved: `user`, `exact`, `alias` or `near`."""
    high: int | None = None
    """Nano-dollars at most, where the log has no cache split; `total` is the least then. None: `total` is exact."""


def share_exactly(exact: list[Fraction] | list[int], scale: int) -> tuple[int, ...]:
    """Whole numbers that add up to round-half-even(sum(exact) / scale), each within one of its own exact share.

    The units that rounding down leaves over go to the largest remainders; equal remainders go by position. All shares
    must be 0 or more.
    """
    total, rest = divmod(sum(exact), scale)
    if 2 * rest > scale or (2 * rest == scale and total % 2):
        total += 1
    floors = [int(share // scale) for share in exact]
    left = int(total) - sum(floors)
    if left > 0:
        order = sorted(range(len(exact)), key=lambda index: (-(exact[index] - floors[index] * scale), index))
        for index in order[:left]:
            floors[index] += 1
    return tuple(floors)


def half_even(numerator: int, denominator: int) -> int:
    """The quotient, rounded half-even, without a float on the way."""
    quotient, rest = divmod(numerator, denominator)
    twice = rest * 2
    return quotient + (twice > denominator or (twice == denominator and quotient % 2))


class Currency(NamedTuple):
    """A currency at a rate that the user typed. Nothing is stored in it but what was typed."""

    code: str
    """ISO 4217: `EUR`."""
    rate: str
    """Its units for one dollar, as typed: `0.92`."""
    day: str
    """The day of that rate, ISO 8601."""

    def of(self, nano: int) -> tuple[int, int]:
        """What so many nano-dollars are, as an exact fraction of its nano-units."""
        rate = Fraction(self.rate)
        return nano * rate.numerator, rate.denominator

    def dollars(self, nano: int) -> int:
        """Nano-dollars of so many of its nano-units, rounded half-even once."""
        rate = Fraction(self.rate)
        return half_even(nano * rate.denominator, rate.numerator)


_AMOUNT = re.compile(r"(\d{1,12}|\d{1,3}(?:,\d{3}){1,3})(?:\.(\d{1,9}))?")


def amount_of(text: str) -> int:
    """Nano-units of an amount as it is typed: `191.20`, `1,284`. Raises ValueError for anything else: in `191,20` nobody
    can tell what the comma means.
    """
    found = _AMOUNT.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text.strip()!r} is no amount. Write it like 1284.50, with a point before the cents.")
    whole, part = found.group(1).replace(",", ""), found.group(2) or ""
    return int(whole) * NANO + int(part.ljust(9, "0"))


def currency_of(code: str, rate: str, day: str) -> Currency:
    """As typed, checked. Raises ValueError with a sentence for the user."""
    code, rate = code.strip().upper(), rate.strip()
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError(f"{code!r} is no currency. Write its three letters, like EUR.")
    if not re.fullmatch(r"\d{1,9}(\.\d{1,9})?", rate) or not Fraction(rate):
        raise ValueError(f"{rate!r} is no rate. Write how many {code} one dollar is, like 0.92.")
    try:
        date.fromisoformat(day)
    except ValueError as error:
        raise ValueError(f"{day!r} is no day. Write it like 2026-11-01.") from error
    return Currency(code, rate, day)
