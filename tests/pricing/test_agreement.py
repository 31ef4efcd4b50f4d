"""When two sources say the same price: one per cent is a price written twice, and what is not listed contradicts nothing."""

from __future__ import annotations

import pytest

from app.pricing.agreement import agree, close
from app.pricing.book import Rates, Tier

LIST: Rates = (1_000_000, 100_000, 1_250_000, 2_000_000, 5_000_000)
LONG: Tier = (200_000, 2_000_000, 200_000, 2_500_000, 4_000_000, 10_000_000)


def but(place: int, value: int | None) -> Rates:
    """The list with one price of another value: 0 input, 1 cached, 2 and 3 writes, 4 output."""
    first, second, third, fourth, fifth = (value if place == here else price for here, price in enumerate(LIST))
    return first, second, third, fourth, fifth


@pytest.mark.parametrize(
    ("place", "value", "same"),
    [
        # one per cent of the larger of the two: 990,000 lacks 10,000 of 1,000,000, and 1,010,101 exceeds it by 1 % of itself
        (0, 990_000, True),
        (0, 989_999, False),
        (0, 1_010_101, True),
        (0, 1_010_102, False),
        (0, 1_000_000, True),
        (0, 0, False),
        (1, 99_000, True),
        (1, 98_999, False),
        (1, 101_011, False),
        (4, 4_950_000, True),
        (4, 4_949_999, False),
        (4, 5_050_506, False),
        # what follows from the vendor's rules is not asked
        (2, 9, True),
        (3, 9, True),
        # not listed
        (0, None, True),
        (1, None, True),
        (4, None, True),
    ],
)
def test_a_price_agrees_within_one_per_cent(place: int, value: int | None, same: bool) -> None:
    assert close(LIST, but(place, value)) is same
    assert close(but(place, value), LIST) is same
    assert agree(LIST, (), but(place, value), ()) is same


def test_free_is_free_on_both_sides() -> None:
    free: Rates = (0, 0, 0, 0, 0)
    assert close(free, free)
    assert not close(free, (1, 0, 0, 0, 0)) and not close(free, (0, 0, 0, 0, 1))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ((200_000, *LONG[1:]), True),
        ((200_001, *LONG[1:]), True),  # "from 200,001 on" is "above 200,000"
        ((199_999, *LONG[1:]), True),
        ((200_002, *LONG[1:]), False),
        ((199_998, *LONG[1:]), False),
        ((200_000, 1_900_000, *LONG[2:]), False),
        ((200_000, 2_000_000, 190_000, *LONG[3:]), False),
        ((200_000, 2_000_000, 200_000, 9, 9, 10_000_000), True),
        ((*LONG[:5], 9_000_000), False),
    ],
)
def test_a_tier_agrees_in_its_threshold_and_its_prices(other: Tier, same: bool) -> None:
    for lenient in (False, True):
        assert agree(LIST, (LONG,), LIST, (other,), lenient=lenient) is same
        assert agree(LIST, (other,), LIST, (LONG,), lenient=lenient) is same


def test_every_tier_must_agree() -> None:
    longer: Tier = (500_000, 4_000_000, 400_000, 5_000_000, 8_000_000, 20_000_000)
    wrong: Tier = (500_000, 3_000_000, 400_000, 5_000_000, 8_000_000, 20_000_000)
    assert agree(LIST, (LONG, longer), LIST, (LONG, longer))
    assert not agree(LIST, (LONG, longer), LIST, (LONG, wrong))
    assert not agree(LIST, (wrong, longer), LIST, (LONG, longer))


def test_a_tier_of_one_side_alone_is_a_contradiction_unless_lenient() -> None:
    for mine, theirs in (((LONG,), ()), ((), (LONG,))):
        assert not agree(LIST, mine, LIST, theirs)
        assert agree(LIST, mine, LIST, theirs, lenient=True)
    longer: Tier = (500_000, *LONG[1:])
    assert not agree(LIST, (LONG, longer), LIST, (LONG,), lenient=True)


def test_lenient_is_so_of_tiers_only() -> None:
    assert not agree(LIST, (LONG,), but(0, 1), (), lenient=True)
    assert agree(LIST, (), LIST, ())
