"""Sums as a person writes them: "1,000 × 5 × 1.25 + 100 × 25"."""

from __future__ import annotations

from fractions import Fraction
from math import prod


def worked_out(working: str) -> Fraction:
    """Millionths of a dollar. Raises ValueError where a number is none."""
    return sum((prod(map(_number, term.split("×"))) for term in working.split("+")), Fraction(0))


def _number(text: str) -> Fraction:
    return Fraction(text.strip().replace(",", ""))


def nano_of(working: str) -> int:
    """Nano-dollars, rounded half-even once."""
    return round(worked_out(working) * 1_000)
