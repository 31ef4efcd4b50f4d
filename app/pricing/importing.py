# pyright: strict
"""A newer price book from a file: read, checked, taken, taken back. Nothing is ever fetched."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import instant_of, text_of
from app.pricing.book import Book, Rates, read_book
from app.pricing.catalog import imported_file
from app.pricing.genai_file import laid_over, unlisted

LARGEST = 64 << 20
"""Bytes above which a file is no price book."""
_DEAREST = 10**12
"""Pico-dollars a token, a million dollars per million: more is a slip."""


def before_file(machine: Machine) -> Path:
    """The imported book that was in use before this one."""
    return machine.data / "prices.before.json"


def book_from(path: Path, used: Book, now: int) -> Book:
    """The book that taking the file would bring: our own format, or the data file of genai-prices laid over `used`.

    Raises KnownError with what is wrong and what to do; the book in use stays in any case.
    """
    raw = _bytes_of(path)
    try:
        book = laid_over(raw, used, text_of(now)[:10]) if _is_genai(raw) else read_book(raw)
        check(book)
    except (ValueError, RecursionError) as error:
        raise KnownError(
            f"{path} can't be used: {error}.",
            "Name a price book of Cuenta (prices.json) or the data file of genai-prices; the prices in use stay.",
        ) from error
    if book.id == used.id or (_is_genai(raw) and book.models == used.models):
        raise KnownError(f"{path} says nothing that is not in use already.", "Nothing was changed.")
    if book.built < used.built:
        raise KnownError(
            f"{path} is of {book.built}, the book in use of {used.built}.", "Nothing was changed: name a newer one."
        )
    return book


def unlisted_in(path: Path, used: Book) -> tuple[str, ...]:
    """The models that came from genai-prices and that its data file no longer lists; they keep their prices."""
    raw = _bytes_of(path)
    return unlisted(raw, used) if _is_genai(raw) else ()


def _bytes_of(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            raise KnownError(f"{path} is too large for a price book.", "Nothing was changed.")
        return path.read_bytes()
    except OSError as error:
        raise KnownError(f"{path} can't be read: {error.strerror or error}.", "Nothing was changed.") from error


def _is_genai(raw: bytes) -> bool:
    """A list of providers, or an object that holds one; ours begins with its schema."""
    head = raw.lstrip()[:2_000]
    return head[:1] == b"[" or (head[:1] == b"{" and b'"schema"' not in head and b'"units"' in head)


def check(book: Book) -> None:
    """What the shape alone does not say. Raises ValueError with the model."""
    if not book.models:
        raise ValueError("it has no models")
    if instant_of(book.built) is None or len(book.built) != 10:
        raise ValueError(f"its date {book.built!r} is no day")
    for key, model in book.models.items():
        for mode, rows in model.modes.items():
            starts = [row.since or "" for row in rows]
            if starts != sorted(set(starts)) or any(one and instant_of(one) is None for one in starts):
                raise ValueError(f"{key}#{mode}: its rows are not in order of their dates")
            for row in rows:
                _check_rates(f"{key}#{mode}", row.rates)
                for tier in row.tiers:
                    _check_rates(f"{key}#{mode}", tier[1:])
    lost = next((name for name, key in book.aliases.items() if key not in book.models), None)
    if lost is not None:
        raise ValueError(f"its name {lost} leads to no model")


def _check_rates(where: str, rates: Rates | None) -> None:
    if rates is not None and any(one is not None and not 0 <= one <= _DEAREST for one in rates):
        raise ValueError(f"{where}: a price below 0 or above a million dollars")


def take(machine: Machine, book: Book) -> None:
    """Puts the book in use; the one before can be had back. Raises KnownError where the disk refuses."""
    target = imported_file(machine)
    beside = target.with_name(f"{target.name}.new")
    try:
        machine.data.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(msgspec.json.encode(book))
        if target.exists():
            os.replace(target, before_file(machine))
        os.replace(beside, target)
    except OSError as error:
        raise KnownError(f"{target} can't be written: {error.strerror or error}.", "Nothing was changed.") from error


def take_back(machine: Machine) -> None:
    """The book that was in use before the last import. Raises KnownError where there was none, or the disk refuses."""
    target, before = imported_file(machine), before_file(machine)
    if not target.exists():
        raise KnownError("No price book was imported.", "The prices that came with Cuenta are in use.")
    try:
        if before.exists():
            os.replace(before, target)
        else:
            target.unlink()
    except OSError as error:
        raise KnownError(f"{target} can't be changed: {error.strerror or error}.") from error
