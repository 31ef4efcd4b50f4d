"""What a model makes of an o200k token, a tool call and a parameter, learned from the person's own log.

A least-squares fit that starts from the family's values; below 20 samples it is the family's ratio. Each counts by the
inverse of its size, so that a few long answers do not decide alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from app.tokenizers import Ratio

Sample = tuple[int, int, int, int]
"""(o200k tokens, tool calls, parameters, output as logged)."""
ENOUGH = 20
"""Samples below which a model has its family's ratio."""
_TRUST = (30.0, 0.02, 0.02, 0.02)
"""How firmly the family's four values hold, as weights of imagined samples."""


def fit(prior: Ratio, samples: Sequence[Sample]) -> Ratio:
    """The model's ratio. Answers off by more than half were cut, or had text injected: they are left out, at first by how
    the middle one relates to its family, which no minority of them can move.
    """
    if len(samples) < ENOUGH:
        return prior
    usual = median(output / prior.tokens(*sizes) for *sizes, output in samples)
    learned = Ratio(*(usual * value for value in prior))
    for _ in range(2):
        sound = [one for one in samples if not _is_off(learned, one)]
        learned = _solved(prior, sound)
    return learned


def _is_off(ratio: Ratio, sample: Sample) -> bool:
    return abs(ratio.tokens(*sample[:3]) - sample[3]) > 0.5 * sample[3] + 60


def _solved(prior: Ratio, samples: Iterable[Sample]) -> Ratio:
    matrix = [[trust if row == column else 0.0 for column in range(4)] for row, trust in enumerate(_TRUST)]
    wanted = [trust * value for trust, value in zip(_TRUST, prior, strict=True)]
    for *sizes, output in samples:
        vector, weight = (*sizes, 1), 1 / (output + 20)
        for row in range(4):
            wanted[row] += weight * output * vector[row]
            for column in range(4):
                matrix[row][column] += weight * vector[row] * vector[column]
    return Ratio(*_solution(matrix, wanted))


def _solution(matrix: list[list[float]], wanted: list[float]) -> list[float]:
    """Of a positive definite system, by Gauss's elimination: the prior keeps the diagonal above 0."""
    size = len(wanted)
    for pivot in range(size):
        for row in range(pivot + 1, size):
            share = matrix[row][pivot] / matrix[pivot][pivot]
            wanted[row] -= share * wanted[pivot]
            for column in range(pivot, size):
                matrix[row][column] -= share * matrix[pivot][column]
    found = [0.0] * size
    for row in reversed(range(size)):
        known = sum(matrix[row][column] * found[column] for column in range(row + 1, size))
        found[row] = (wanted[row] - known) / matrix[row][row]
    return found
