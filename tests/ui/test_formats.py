"""Numbers as people read them: what goes in beside what is written."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from app import formats
from app.model.money import Currency, amount_of, currency_of
from app.ui.widgets.ticks import money_ticks, money_values

CENT = 10_000_000
DOLLAR = 1_000_000_000
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000


@pytest.mark.parametrize(
    ("nano", "expected"),
    [
        (0, "$0.00"),
        (1, "< $0.0001"),
        (50_000, "< $0.0001"),  # a tie goes to the even side, and zero would be a lie
        (50_001, "$0.0001"),
        (4_200_000, "$0.0042"),
        (9_949_999, "$0.0099"),
        (9_950_000, "$0.01"),  # rounds to a whole cent, so it is written as one
        (12_400_000_000, "$12.40"),
        (15_625_000_000, "$15.62"),  # half to even
        (15_635_000_000, "$15.64"),
        (999_994_999_999, "$999.99"),
        (999_995_000_000, "$1,000"),
        (1_284_499_999_999, "$1,284"),
        (1_284_500_000_000, "$1,284"),
        (1_285_500_000_000, "$1,286"),
        (12_345_678 * DOLLAR, "$12,345,678"),
        (-1_870_000_000, "−$1.87"),
        (-1, "> −$0.0001"),
    ],
)
def test_money(nano: int, expected: str) -> None:
    """Four decimals below a cent, two below $1,000, none from there; the bracket is that of the rounded number."""
    assert formats.money(nano) == expected


@pytest.mark.parametrize(
    ("nano", "expected"),
    [
        (0, "$0.00"),
        (4_200_000, "$0.00"),
        (15_620_000_000, "$15.62"),
        (99_994_999_999, "$99.99"),
        (99_995_000_000, "$100"),
        (284_400_000_000, "$284"),
        (-99_995_000_000, "−$100"),
    ],
)
def test_money_short(nano: int, expected: str) -> None:
    """Beside the icon there are cents, and none from $100."""
    assert formats.money_short(nano) == expected


@pytest.mark.parametrize(
    ("nano", "unpriced", "label", "expected"),
    [
        (298_750_000_000, 0, "measured", "$298.75"),
        (298_750_000_000, 41, "measured", "≥ $298.75"),
        (298_750_000_000, 41, "estimated", "≥ $298.75"),
        (276 * DOLLAR, 0, "estimated", "≈ $276.00"),
        (276 * DOLLAR, 0, "reconciled", "$276.00"),
        (0, 0, "measured", "$0.00"),
        (0, 3, "measured", "no price"),
        (1, 3, "measured", "> $0.00"),
        (50_000, 3, "measured", "> $0.00"),
        (50_001, 3, "measured", "≥ $0.0001"),
        (50_000, 0, "estimated", "< $0.0001"),
        (50_000, 0, "measured", "< $0.0001"),
    ],
)
def test_amount(nano: int, unpriced: int, label: str, expected: str) -> None:
    """Unknown is not zero: a sum says whether it is whole."""
    assert formats.amount(nano, unpriced, label) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0"),
        (840, "840"),
        (999, "999"),
        (1_000, "1.0k"),
        (18_249, "18.2k"),
        (18_250, "18.2k"),
        (99_949, "99.9k"),
        (99_950, "100k"),
        (142_000, "142k"),
        (999_499, "999k"),
        (999_500, "1.0M"),
        (1_400_000, "1.4M"),
        (99_949_999, "99.9M"),
        (99_950_000, "100M"),
        (291_000_000, "291M"),
        (999_500_000, "1.0B"),
        (5_815_000_000, "5.8B"),
        (12_345_000_000_000, "12,345B"),
        (-1_500, "−1.5k"),
    ],
)
def test_tokens(count: int, expected: str) -> None:
    assert formats.tokens(count) == expected


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (0, 200_000, "0%"),
        (1, 200_000, "< 0.1%"),
        (34, 1_000, "3.4%"),
        (994, 10_000, "9.9%"),
        (996, 10_000, "10%"),
        (102_000, 200_000, "51%"),
        (105, 1_000, "10%"),  # half to even
        (208_000, 200_000, "104%"),
        (0.64, 1, "64%"),
        (-34, 1_000, "−3.4%"),
    ],
)
def test_percent(part: float, whole: float, expected: str) -> None:
    assert formats.percent(part, whole) == expected


@pytest.mark.parametrize(
    ("milliseconds", "expected"),
    [
        (-5, "0 s"),
        (48_999, "48 s"),
        (MINUTE, "1 min"),
        (22 * MINUTE + 59_000, "22 min"),
        (HOUR, "1 h"),
        (HOUR + 44 * MINUTE, "1 h 44 min"),
        (DAY - 1, "23 h 59 min"),
        (3 * DAY + 2 * HOUR + 59 * MINUTE, "3 d 2 h"),
        (3 * DAY, "3 d"),
    ],
)
def test_duration(milliseconds: int, expected: str) -> None:
    """Two units at most, each only once it is whole."""
    assert formats.duration(milliseconds) == expected


@pytest.mark.parametrize(
    ("milliseconds", "expected"), [(192_999, "3:12"), (0, "0:00"), (-1, "0:00"), (600_000, "10:00")]
)
def test_countdown(milliseconds: int, expected: str) -> None:
    assert formats.countdown(milliseconds) == expected


@pytest.mark.parametrize(("count", "expected"), [(0, "0 calls"), (1, "1 call"), (1_041, "1,041 calls")])
def test_counted(count: int, expected: str) -> None:
    assert formats.counted(count, "call", "calls") == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.money(1_284 * DOLLAR, "de_DE"), "1.284\xa0$"),
        (formats.money(12_400_000_000, "de_DE"), "12,40\xa0$"),
        (formats.money(4_200_000, "de_DE"), "0,0042\xa0$"),
        (formats.money(12_400_000_000, "en_GB"), "US$12.40"),
        (formats.tokens(18_240, "de_DE"), "18,2k"),
        (formats.percent(34, 1_000, "de_DE"), "3,4%"),
        (formats.rate(4_200_000_000), "$4.20 an hour"),
    ],
)
def test_other_locales(written: str, expected: str) -> None:
    """Everything but American English is Babel's."""
    assert written == expected


def test_babel_stays_out() -> None:
    """American English needs no locale data, and the quick commands can't spare the time."""
    code = (
        "import sys; from app import formats; formats.money(1); formats.tokens(10**6); formats.percent(1, 3);"
        "print([name for name in sys.modules if name.split('.')[0] in ('babel', 'PySide6')])"
    )
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- another currency

EURO = Currency("EUR", "0.92", "2026-11-01")
TODAY = date(2026, 11, 24)


@pytest.fixture
def in_euros() -> Iterator[None]:
    formats.show_in(EURO, TODAY)
    yield
    formats.show_in(None, TODAY)


@pytest.mark.parametrize(
    ("nano", "expected"),
    [
        (0, "€0.00"),
        (12_391_304_348, "€11.40"),  # 12.391304348 × 0.92 = 11.40000000016
        (1 * DOLLAR, "€0.92"),
        (-1 * DOLLAR, "−€0.92"),
        (10_000_000, "€0.0092"),  # a cent is less than a euro cent: four decimals
        (10_869_565, "€0.01"),  # 0.010869565 × 0.92 = 0.0099999998, rounded to four decimals a whole cent
        (1_086_950_000_000, "€999.99"),  # × 0.92 = 999.994
        (1_086_956_521_740, "€1,000"),
        (15_625_000_000, "€14.38"),  # 14.375 exactly: half to even, after the rate and only once
        (1, "< €0.0001"),
    ],
)
def test_money_in_another_currency_is_rounded_once(nano: int, expected: str, in_euros: None) -> None:
    """Rounded to cents first, $15.625 would be 15.62 × 0.92 = €14.37."""
    assert formats.money(nano) == expected


def test_the_rate_is_said(in_euros: None) -> None:
    assert formats.at_rate() == "at 0.92, Nov 1"
    assert (
        formats.with_rate("Oct 1 – Oct 7") == "Oct 1 – Oct 7 · at 0.92, Nov 1"
        and formats.with_rate("") == "at 0.92, Nov 1"
    )
    assert not formats.show_in(EURO, TODAY)
    assert formats.show_in(EURO, date(2027, 1, 2)) and formats.at_rate() == "at 0.92, Nov 1, 2026"
    assert formats.show_in(None, TODAY)
    assert formats.at_rate() == "" and formats.with_rate("Oct 1") == "Oct 1"


def test_whole_units_are_cut(in_euros: None) -> None:
    """10.99 × 0.92 = 10.1108."""
    assert formats.whole(10_990_000_000) == 10
    assert formats.whole(1_086_956_521) == 0 and formats.whole(1_086_956_522) == 1


@pytest.mark.parametrize(
    ("code", "rate", "nano", "expected"),
    [
        ("JPY", "142.5", 1 * DOLLAR, "¥142"),  # 142.5: half to even
        ("JPY", "142.5", 3_000_000, "¥0.43"),  # 0.4275
        ("CHF", "0.88", 100 * DOLLAR, "CHF\N{NO-BREAK SPACE}88.00"),
        ("EUR", "0.92", 16_129_032_258, "€14.84"),
    ],
)
def test_each_currency_by_its_smallest_coin(code: str, rate: str, nano: int, expected: str) -> None:
    assert formats.money(nano, currency=Currency(code, rate, "2026-11-01")) == expected


def test_another_locale_writes_another_currency(in_euros: None) -> None:
    assert formats.money(1_234 * DOLLAR, "de_DE") == "1.135\N{NO-BREAK SPACE}€"
    assert formats.rate_words(EURO, date(2026, 11, 24), "de_DE").startswith("at 0.92, 1. Nov")


def test_a_typed_amount_stays_what_was_typed() -> None:
    assert formats.typed(11_400_000_000, EURO) == "€11.40"
    assert formats.typed(191_200_000_000, None) == "$191.20"


def test_an_invoice_in_euros_is_so_many_dollars() -> None:
    """11.40 / 0.92 = 12.39130434782…; the last digit is rounded, half to even."""
    assert EURO.dollars(11_400_000_000) == 12_391_304_348
    assert Currency("XXX", "0.4", "2026-11-01").dollars(1) == 2  # 2.5
    assert Currency("XXX", "2", "2026-11-01").dollars(3) == 2  # 1.5


@pytest.mark.parametrize(
    ("text", "nano"),
    [
        ("191.20", 191_200_000_000),
        ("1,284", 1_284 * DOLLAR),
        (" 0.000000001 ", 1),
        ("1,284,000.5", 1_284_000_500_000_000),
    ],
)
def test_what_is_typed(text: str, nano: int) -> None:
    assert amount_of(text) == nano


@pytest.mark.parametrize("text", ["191,20", "", "$5", "-3", "1e3", "1,28", "12,84.5", "²", ".5", "5."])
def test_what_nobody_can_be_sure_of_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no amount"):
        amount_of(text)


@pytest.mark.parametrize(
    ("code", "rate", "day", "said"),
    [
        ("EURO", "0.92", "2026-11-01", "no currency"),
        ("EUR", "0", "2026-11-01", "no rate"),
        ("EUR", "0,92", "2026-11-01", "no rate"),
        ("EUR", "", "2026-11-01", "no rate"),
        ("EUR", "0.92", "Nov 1", "no day"),
    ],
)
def test_a_currency_needs_letters_a_rate_and_its_day(code: str, rate: str, day: str, said: str) -> None:
    assert currency_of(" eur ", " 0.92 ", "2026-11-01") == EURO
    with pytest.raises(ValueError, match=said):
        currency_of(code, rate, day)


@pytest.mark.parametrize("rate", ["0.92", "142.5", "0.0001", "1.37"])
@pytest.mark.parametrize("most", [1, 4_999, 3_400_000, 2_000_000_000, 191_200_000_000, 10**15])
def test_an_axis_is_round_in_the_currency_that_is_shown(rate: str, most: int) -> None:
    formats.show_in(Currency("CAD", rate, "2026-11-01"), TODAY)
    try:
        values = money_values(most)
        words = money_ticks(values)
        steps = [Decimal(word.replace("CAD\N{NO-BREAK SPACE}", "").replace(",", "")) for word in words]
        assert values[-1] >= most and values[0] == 0 and len(values) <= 6
        assert len({after - before for before, after in pairwise(steps)}) == 1, words
    finally:
        formats.show_in(None, TODAY)
