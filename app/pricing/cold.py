# pyright: strict
"""What a cache that has gone costs: the next prompt is written again instead of being read."""

from __future__ import annotations

from fractions import Fraction

from app.pricing.catalog import Catalog
from app.pricing.listing import charge_for


def cold_extra(model: str, tokens: int, hour: bool, at: int, catalog: Catalog) -> int | None:
    """Nano-dollars that writing a prefix of so many tokens costs above reading it, at the model's list price.

    `hour` is a one-hour write. None where the model has no price, or no price for reading from the cache.
    """
    listing = catalog.quote(model, None, None, None, None).at(at)
    if listing is None:
        return None
    charge = charge_for(listing.charges, tokens)
    if charge.cache_read is None:
        return None
    write = charge.cache_write_1h if hour else charge.cache_write_5m
    above, below = listing.factor
    return max(0, round(Fraction(tokens * (write - charge.cache_read) * above, 1000 * below)))
