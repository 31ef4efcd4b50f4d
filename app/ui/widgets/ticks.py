"""Round values for an axis from zero, and their words: the unit stands on the top tick only."""

from __future__ import annotations

from collections.abc import Callable

from app import formats

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


def money_ticks(values: list[int], locale: str = formats.ENGLISH) -> list[str]:
    """`0, 5, 10, $15`; `0, 0.50, $1.00`."""
    return _worded(values, lambda value: formats.money(value, locale))


def token_ticks(values: list[int], locale: str = formats.ENGLISH) -> list[str]:
    """`0, 50k, 100k`."""
    return ["0" if not value else _short(formats.tokens(value, locale)) for value in values]


def _short(text: str) -> str:
    number, letter = (text[:-1], text[-1]) if text[-1] in "kM" else (text, "")
    return number.removesuffix(".0").removesuffix(",0") + letter


def _worded(values: list[int], write: Callable[[int], str]) -> list[str]:
    whole = all(value % formats.NANO == 0 for value in values)
    words: list[str] = []
    for place, value in enumerate(values):
        text = write(value)
        if whole:
            text = text.replace(".00", "")
        elif len(text.partition(".")[2]) > 2:  # below a cent: no zeros at the end
            text = text.rstrip("0")
        if not value:
            text = "0"
        elif place < len(values) - 1:
            text = text.replace("$", "").strip()
        words.append(text)
    return words
