"""Round values for an axis from zero, and their words: the unit stands on the top tick only."""

from __future__ import annotations

from app import formats
from app.model.money import half_even

_STEPS = (1, 2, 2.5, 5, 10)


def ticks(most: int, least_step: int = 1, intervals: int = 5) -> list[int]:
    """At most so many round steps from 0 to at least `most`. `[0, 5, 10, 15, 20, 25]` for 23."""
    if most <= 0:
        return [0, least_step]
    power = 1
    while power * 10 * intervals < most:
        power *= 10
    for factor in (*_STEPS, 20, 25, 50, 100):
        step = factor * power
        if step != int(step) or step < least_step:
            continue
        count = -(-most // int(step))
        if count <= intervals:
            return [int(step) * place for place in range(count + 1)]
    return [0, most]


def money_values(most: int, intervals: int = 5) -> list[int]:
    """`ticks` for nano-dollars, round in the currency that figures are written in."""
    above, below = formats.scale()
    values = ticks(-(-most * above // below), 100_000 if most else formats.NANO, intervals)
    return [-(-value * below // above) for value in values]


def money_ticks(values: list[int], locale: str = formats.ENGLISH) -> list[str]:
    """`0, 5, 10, $15`; `0, 0.50, $1.00`; `0, 0.025, $0.050`: as many decimals as tell each value exactly."""
    above, below = formats.scale()
    shown = [half_even(value * above, below) for value in values]
    loss = 0 if above == below else above // below + 1  # of a round value that became whole nano-dollars
    places = next((few for few in (0, 2, 3, 4) if all(_is_round(value, few, loss) for value in shown)), 5)
    words = [formats.money_to(places, value, locale) if value else "0" for value in values]
    return [*(word.replace(formats.symbol(), "").strip() for word in words[:-1]), words[-1]]


def _is_round(value: int, places: int, loss: int) -> bool:
    rest = value * 10**places % formats.NANO
    return min(rest, formats.NANO - rest) <= loss * 10**places


def token_ticks(values: list[int], locale: str = formats.ENGLISH) -> list[str]:
    """`0, 50k, 100k`."""
    return ["0" if not value else _short(formats.tokens(value, locale)) for value in values]


def _short(text: str) -> str:
    number, letter = (text[:-1], text[-1]) if text[-1] in "kM" else (text, "")
    return number.removesuffix(".0").removesuffix(",0") + letter
