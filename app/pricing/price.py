# pyright: strict
"""What one call costs, to the nano-dollar."""

from __future__ import annotations

from app.model.money import Money, Parts, share_exactly
from app.model.usage import EXACT, TOTALS, Call
from app.pricing.catalog import Catalog
from app.pricing.hours import hour_factor
from app.pricing.listing import charge_for


def price(call: Call, catalog: Catalog) -> Money | None:
    """The call's list price at its own time; None where the book has none for it.

    Without a cache split (below evidence level A) the total is the least it can be, the whole prompt read from the cache,
    and `high` the most, none of it; where such a call has no tokens, nothing is known. The tokens are summed in
    pico-dollars, multiplied by the factors of region and hour (which web searches do not have), and rounded half-even once.
    """
    name = call.model
    if name is None or (call.evidence != EXACT and not any(call.tokens) and not call.searches):
        return None
    key = (name, call.provider, call.speed, call.tier, call.geo)
    quote = catalog.quotes.get(key) or catalog.quote(*key)
    listing = quote.at(call.at)
    if listing is None:
        return None
    fresh, read, write, write_hour, output, reasoning = call.tokens
    # Of a sum nobody knows how large its requests were: the tier of small ones is the least it can be.
    charge = charge_for(listing.charges, 0 if call.evidence == TOTALS else call.tokens.prompt)
    unsplit = call.evidence != EXACT and fresh and not read
    cached = charge.cache_read
    if cached is None:
        if read or unsplit:
            return None
        cached = 0
    reasoning = min(reasoning, output)
    above, below = listing.factor
    if quote.hours and listing.match != "user":
        hour_above, hour_below = hour_factor(quote.hours, call.at)
        above, below = above * hour_above, below * hour_below
    exact = [
        fresh * (min(cached, charge.input) if unsplit else charge.input),
        read * cached,
        write * charge.cache_write_5m,
        write_hour * charge.cache_write_1h,
        (output - reasoning) * charge.output,
        reasoning * charge.output,
        0,
    ]
    at_most = [fresh * charge.input, *exact[1:]] if unsplit else []
    if above != below:
        exact, at_most = [part * above for part in exact], [part * above for part in at_most]
    else:
        below = 1
    if call.searches:
        exact[6] = call.searches * listing.search * below
    parts = Parts(*share_exactly(exact, 1000 * below))
    high = sum(share_exactly([*at_most, exact[6]], 1000 * below)) if unsplit else None
    return Money(sum(parts), parts, listing.row, listing.match, high)
