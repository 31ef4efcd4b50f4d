"""The calibrator: the family's ratio until there is something to learn from, then what the samples say."""

from __future__ import annotations

import random

import pytest

from app.content.calibrator import Sample, fit
from app.tokenizers import Ratio

FAMILY = Ratio(1.18, 27.0, 13.0, 7.0)
MADE_UP = Ratio(1.30, 25.0, 15.0, 3.0)


def _samples(ratio: Ratio, number: int, spread: float = 0.0, least: int = 20) -> list[Sample]:
    draw = random.Random(1)
    found: list[Sample] = []
    for _ in range(number):
        sizes = draw.randint(least, 2_000), draw.randint(0, 3), draw.randint(0, 8)
        found.append((*sizes, round(ratio.tokens(*sizes) * (1 + draw.uniform(-spread, spread)))))
    return found


@pytest.mark.parametrize("number", [0, 1, 19])
def test_below_twenty_samples_it_is_the_familys(number: int) -> None:
    assert fit(FAMILY, _samples(MADE_UP, number)) == FAMILY


def test_it_learns_a_made_up_model() -> None:
    """1.30 × 1,000 + 25 × 2 + 15 × 4 + 3 = 1,413."""
    assert fit(FAMILY, _samples(MADE_UP, 200)).tokens(1_000, 2, 4) == pytest.approx(1_413, abs=3)


@pytest.mark.parametrize(("number", "share"), [(20, 0.75), (50, 0.85)])
def test_twenty_to_fifty_samples_go_most_of_the_way(number: int, share: float) -> None:
    learned = fit(FAMILY, _samples(MADE_UP, number, spread=0.05)).tokens(1_000, 2, 4)
    way = (learned - FAMILY.tokens(1_000, 2, 4)) / (1_413 - FAMILY.tokens(1_000, 2, 4))
    assert way >= share


def test_what_is_off_by_more_than_half_is_left_out() -> None:
    """Cut answers, and answers into which a program wrote."""
    odd = [(1_500, 0, 0, 90), (1_200, 1, 2, 150), (20, 0, 0, 4_000)]
    plain = _samples(MADE_UP, 60)
    assert fit(FAMILY, [*plain, *odd]).tokens(1_000, 2, 4) == pytest.approx(
        fit(FAMILY, plain).tokens(1_000, 2, 4), rel=0.01
    )


def test_a_family_that_is_far_off_does_not_keep_the_truth_out() -> None:
    """Twice what the family says is off by half for each answer, and still what the log says."""
    twice = Ratio(*(2.5 * value for value in FAMILY))
    assert fit(FAMILY, _samples(twice, 100, least=800)).tokens(1_000, 0, 0) == pytest.approx(
        twice.tokens(1_000, 0, 0), rel=0.02
    )


def test_a_few_long_answers_do_not_decide_alone() -> None:
    """Six of 2,000 tokens for which less was counted than for the many short ones, which stay about right."""
    samples = [(100, 0, 0, 130)] * 60 + [(500, 0, 0, 650)] * 60 + [(2_000, 0, 0, 1_700)] * 6
    assert fit(FAMILY, samples).tokens(100, 0, 0) == pytest.approx(130, rel=0.15)


def test_the_order_of_samples_does_not_matter() -> None:
    samples = _samples(MADE_UP, 40, spread=0.1)
    assert fit(FAMILY, samples) == pytest.approx(fit(FAMILY, samples[::-1]))


def test_texts_without_tools_leave_the_familys_tool_calls_alone() -> None:
    learned = fit(FAMILY, [(tokens, 0, 0, round(1.3 * tokens + 7)) for tokens in range(100, 1_100, 20)])
    assert learned.text == pytest.approx(1.3, abs=0.01)
    assert (learned.tool_call, learned.parameter) == pytest.approx((27.0, 13.0))
