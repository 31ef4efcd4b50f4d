"""Money in whole nano-dollars, and what became of a request when it was priced.

Prices are whole pico-dollars a token. A request is summed exactly and rounded half-even once; its parts share the rounded
sum by largest remainder, so that they always add up to it. No float ever holds money.
"""

from __future__ import annotations

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
