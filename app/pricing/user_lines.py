# pyright: strict
"""Reading a file that a person wrote: every complaint names the line, what is wrong there and the way out."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple, NoReturn

from app.model.instant import instant_of

DEAREST = 1_000_000
"""Dollars per million tokens above which a price is a slip of the pen, and its sums more than a database holds."""


class Lines(NamedTuple):
    """Where an entry stands in the file, for messages."""

    name: str
    text: str
    start: int
    end: int | None

    def line_of(self, key: str | None) -> int:
        """Line of the key within the entry, else the entry's first."""
        lines = self.text.splitlines()[self.start - 1 : self.end and self.end - 1]
        hits = [
            number for number, line in enumerate(lines, self.start) if key and re.match(rf"\s*\"?{key}\"?\s*=", line)
        ]
        return hits[0] if hits else self.start

    def refuse(self, key: str | None, what: str) -> NoReturn:
        refuse(self.name, self.line_of(key), what)


def refuse(name: str, line: int, what: str) -> NoReturn:
    raise ValueError(f"{name}, line {line}: {what}. Correct that line or delete the file")


def line_of_error(message: str, text: str) -> int:
    """tomllib ends its messages with "(at line 3, column 9)" or "(at end of document)"."""
    match = re.search(r"at line (\d+)", message)
    return int(match.group(1)) if match else max(1, len(text.splitlines()))


def instant(key: str, fields: dict[str, object], lines: Lines) -> int | None:
    """ms since 1970 UTC; None where the key is not there."""
    value = fields.get(key)
    if value is None:
        return None
    text = value.isoformat() if isinstance(value, date) else value
    found = instant_of(text) if isinstance(text, str) else None
    if found is None:
        lines.refuse(key, f'“{key}” is no time; write it like {key} = "2026-07-01T00:00:00Z"')
    return found


def number(key: str, fields: dict[str, object], lines: Lines, what: str, most: int) -> Decimal | None:
    """A number from 0 to `most`; None where the key is not there. `what` says what it is a number of."""
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or value < 0:
        lines.refuse(key, f"“{key}” must be a number of {what}, 0 or more")
    if value > most:
        lines.refuse(key, f"“{key}” is more than {most:,} {what}")
    return Decimal(value)


def text(key: str, fields: dict[str, object], lines: Lines, advice: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str) or not value.strip():
        lines.refuse(key, f'{key} = "…" is missing; write {advice}')
    return value


def pico(key: str, fields: dict[str, object], lines: Lines) -> int | None:
    """Pico-dollars a token of dollars per million tokens."""
    value = number(key, fields, lines, "dollars per million tokens", DEAREST)
    if value is None:
        return None
    exact = value * 1_000_000
    if exact != exact.to_integral_value():
        lines.refuse(key, f"“{key}” has more than six decimals; round it")
    return int(exact)


def pico_by_the_hour(per_hour: Decimal, per_second: Decimal) -> int:
    """Pico-dollars a token of a machine that costs so many dollars an hour and does so many tokens a second."""
    return round(Fraction(per_hour) * 10**12 / 3600 / Fraction(per_second))
