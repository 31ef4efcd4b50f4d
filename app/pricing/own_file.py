# pyright: strict
"""Changing `prices.user.toml` for the user: an entry more or less, everything else in it untouched, comments too."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

from app.diagnostics import KnownError
from app.machine import Machine
from app.pricing.catalog import user_file
from app.pricing.user import Discount, Own, UserPrice, parse_user_prices

_HEAD = re.compile(r"\s*\[\[\s*(price|discount|local)\s*\]\]")


def entry(kind: str, fields: Mapping[str, str | Decimal]) -> str:
    """The entry as it stands in the file. Raises ValueError with what is wrong in it."""
    lines = [f"[[{kind}]]"]
    for key, value in fields.items():
        # A JSON string is a TOML string.
        lines.append(f"{key} = {json.dumps(value, ensure_ascii=False) if isinstance(value, str) else f'{value:f}'}")
    text = "\n".join(lines) + "\n"
    try:
        parse_user_prices(text, "")
    except ValueError as error:
        raise ValueError(re.sub(r"^, line \d+: |\. Correct that line.*$", "", str(error))) from error
    return text


def add(machine: Machine, kind: str, fields: Mapping[str, str | Decimal]) -> UserPrice | Discount:
    """Puts the entry behind the others and gives back what it says now.

    Raises ValueError where the entry is wrong, KnownError where the file is, or the disk refuses; nothing is written then.
    """
    text = entry(kind, fields)
    before = _text(machine)
    after = f"{before.rstrip()}\n\n{text}" if before.strip() else text
    _parsed(before)
    try:
        parse_user_prices(after)
    except ValueError as error:  # each is right for itself: two discounts at the same time
        raise ValueError(re.sub(r"^[^:]*: |\. Correct that line.*$", "", str(error))) from error
    _write(machine, after)
    own = parse_user_prices(text)
    return (*own.prices, *own.discounts)[0]


def drop(machine: Machine, name: str) -> int:
    """Takes out all entries of the model or provider; how many there were. Raises KnownError as `add` does."""
    before = _text(machine)
    _parsed(before)
    blocks = _blocks(before)
    left = [block for block in blocks if not _is_of(block, name)]
    if len(left) < len(blocks):
        _write(machine, "".join(left))
    return len(blocks) - len(left)


def _blocks(text: str) -> list[str]:
    """The file cut before each entry, and before the comments that stand above it."""
    cuts: list[int] = []
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        if _HEAD.match(line):
            while number and lines[number - 1].lstrip().startswith("#"):
                number -= 1
            cuts.append(number)
    edges = [0, *cuts, len(lines)]
    return [block for start, end in pairwise(edges) if (block := "".join(lines[start:end]))]


def _is_of(block: str, name: str) -> bool:
    if not any(_HEAD.match(line) for line in block.splitlines()):
        return False
    own = parse_user_prices(block)
    return any(one.model == name for one in own.prices) or any(
        one.provider == name.strip().lower() for one in own.discounts
    )


def _text(machine: Machine) -> str:
    path = user_file(machine)
    try:
        return path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise KnownError(f"{path} can't be read: {error}.", "Nothing was changed.") from error


def _parsed(text: str) -> Own:
    try:
        return parse_user_prices(text)
    except ValueError as error:
        raise KnownError(f"{error}; until then nothing is written into it.") from error


def _write(machine: Machine, text: str) -> None:
    path = user_file(machine)
    beside = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    except OSError as error:
        raise KnownError(f"{path} can't be written: {error.strerror or error}.", "Nothing was changed.") from error
