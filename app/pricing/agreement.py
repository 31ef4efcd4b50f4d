# pyright: strict
"""Whether two price lists say the same. Used by the build script, too, so that a book and a later file are judged alike."""

from __future__ import annotations

from collections.abc import Sequence

from app.pricing.book import Rates, Tier

_ASKED = (0, 1, 4)
"""Input, cached input and output: the others follow from the vendor's rules, and sources often leave them out."""


def agree(one: Rates, tiers: Sequence[Tier], other: Rates, others: Sequence[Tier], *, lenient: bool = False) -> bool:
    """Input, cached input and output within one per cent, in the base price and in the tiers.

    `lenient`: tiers that only one side lists are no contradiction (models.dev never lists those of a mode).
    """
    if not close(one, other):
        return False
    if lenient and not (tiers and others):
        return True
    if len(tiers) != len(others):
        return False
    pairs = list(zip(tiers, others, strict=True))
    return all(abs(mine[0] - theirs[0]) <= 1 and close(mine[1:], theirs[1:]) for mine, theirs in pairs)


def close(one: Rates, other: Rates) -> bool:
    """A price that one side does not list is no contradiction. One per cent is a price written twice."""
    pairs = [(one[kind], other[kind]) for kind in _ASKED]
    return all(a is None or b is None or abs(a - b) * 100 <= max(a, b) for a, b in pairs)
