"""Rounding, amounts and currencies as they are typed: each figure by hand."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.model.money import NANO, PICO_PER_NANO, Currency, Parts, amount_of, currency_of, half_even, share_exactly


def test_the_units() -> None:
    assert (NANO, PICO_PER_NANO) == (10**9, 10**3)
    assert Parts() == (0, 0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "rounded"),
    [
        *((0, 2, 0), (1, 2, 0), (3, 2, 2), (5, 2, 2), (7, 2, 4)),  # a half goes to the even neighbor
        *((1, 3, 0), (2, 3, 1), (4, 3, 1), (5, 3, 2), (6, 3, 2)),
        *((5, 10, 0), (6, 10, 1), (14, 10, 1), (15, 10, 2), (25, 10, 2), (26, 10, 3)),
        *((-1, 2, 0), (-3, 2, -2), (-4, 3, -1)),
    ],
)
def test_half_goes_to_the_even_neighbor(numerator: int, denominator: int, rounded: int) -> None:
    assert half_even(numerator, denominator) == rounded


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**10))
def test_it_is_the_rounding_of_exact_fractions(numerator: int, denominator: int) -> None:
    assert half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("exact", "scale", "shares"),
    [
        ([], 1_000, ()),
        ([500], 1_000, (0,)),  # half of one: to zero, which is even
        ([1_500], 1_000, (2,)),
        ([2_500], 1_000, (2,)),
        ([2_501], 1_000, (3,)),
        ([250, 250], 1_000, (0, 0)),
        ([250, 251], 1_000, (0, 1)),  # the larger remainder
        ([750, 750], 1_000, (1, 1)),  # 1.5 is 2
        ([400, 400, 400], 1_000, (1, 0, 0)),  # of equals the first
        ([1_400, 600, 0], 1_000, (1, 1, 0)),
        ([1_900, 900, 900], 1_000, (2, 1, 1)),  # 3.7 is 4, and three remainders are left to share
        ([3_300, 5_300, 1_300], 1_000, (4, 5, 1)),
    ],
)
def test_parts_share_the_rounded_sum(exact: list[int], scale: int, shares: tuple[int, ...]) -> None:
    assert share_exactly(exact, scale) == shares


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("0", 0),
        ("1", NANO),
        ("191.20", 191_200_000_000),
        (" 20.5 ", 20_500_000_000),
        ("0.000000001", 1),
        ("1,284", 1_284 * NANO),
        ("1,284.5", 1_284_500_000_000),
        ("12,345,678", 12_345_678 * NANO),
        ("999,999,999,999", 999_999_999_999 * NANO),
        ("999999999999.999999999", 999_999_999_999_999_999_999),
    ],
)
def test_an_amount_as_it_is_typed(text: str, nano: int) -> None:
    assert amount_of(text) == nano


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "191,20", "1,28", "1284,000", "1,,284", ",284", "1.", ".5", "-5", "+5", "5 USD", "1e3"),
        *("1.0000000001", "1234567890123", "1,000,000,000,000,000"),
    ],
)
def test_what_is_no_amount_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        amount_of(f" {text} ")
    assert str(refused.value) == f"{text.strip()!r} is no amount. Write it like 1284.50, with a point before the cents."


def test_a_currency_is_what_was_typed() -> None:
    assert currency_of(" eur ", " 0.92 ", "2026-11-01") == Currency("EUR", "0.92", "2026-11-01")
    assert currency_of("JPY", "149", "2026-11-01").rate == "149"
    assert currency_of("JPY", "123456789.123456789", "2026-11-01").rate == "123456789.123456789"


@pytest.mark.parametrize(
    ("code", "rate", "day", "sentence"),
    [
        ("euro", "0.92", "2026-11-01", "'EURO' is no currency. Write its three letters, like EUR."),
        ("EU", "0.92", "2026-11-01", "'EU' is no currency. Write its three letters, like EUR."),
        ("E1R", "0.92", "2026-11-01", "'E1R' is no currency. Write its three letters, like EUR."),
        ("EUR", "0", "2026-11-01", "'0' is no rate. Write how many EUR one dollar is, like 0.92."),
        ("EUR", "0.00", "2026-11-01", "'0.00' is no rate. Write how many EUR one dollar is, like 0.92."),
        ("EUR", "0,92", "2026-11-01", "'0,92' is no rate. Write how many EUR one dollar is, like 0.92."),
        ("EUR", "-1", "2026-11-01", "'-1' is no rate. Write how many EUR one dollar is, like 0.92."),
        ("EUR", "1234567890", "2026-11-01", "'1234567890' is no rate. Write how many EUR one dollar is, like 0.92."),
        ("EUR", "0.92", "Nov 1", "'Nov 1' is no day. Write it like 2026-11-01."),
        ("EUR", "0.92", "2026-11-31", "'2026-11-31' is no day. Write it like 2026-11-01."),
    ],
)
def test_what_is_no_currency_is_refused_with_a_way_out(code: str, rate: str, day: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        currency_of(code, rate, day)
    assert str(refused.value) == sentence


def test_there_and_back() -> None:
    """$10 at 0.92 are 9.20 euros; 9.20 euros are $10; a nano-euro is 1.087 nano-dollars, and 5 are 5.43."""
    euro = Currency("EUR", "0.92", "2026-11-01")
    above, below = euro.of(10 * NANO)
    assert Fraction(above, below) == 9_200_000_000
    assert euro.dollars(9_200_000_000) == 10 * NANO
    assert [euro.dollars(nano) for nano in (0, 1, 5, 6)] == [0, 1, 5, 7]
    half = Currency("XXX", "2", "2026-11-01")
    assert [half.dollars(nano) for nano in (1, 3, 5)] == [0, 2, 2]
