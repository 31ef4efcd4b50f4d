# pyright: strict
"""The data file of the genai-prices project as a newer book: what it changes is laid over the book in use, by date.

The file knows few dates and repeats its own slips, so it never replaces a row. A price that differs from the one in
force gets a row of its own, from the date it states or else from the day it was imported; what the book had settled
otherwise stays, unless the file has changed its mind since.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import msgspec

from app.pricing.agreement import agree
from app.pricing.book import Book, Limits, Model, Row, Settled
from app.pricing.genai_format import Entry, Offer, entries_in, offers_of, read_genai

_FEW = 20
"""Models that a project may take off its list between two files."""


def laid_over(raw: bytes, book: Book, day: str) -> Book:
    """The book with what the file changes. `day` (ISO, UTC) dates what the file leaves undated."""
    source = f"genai-prices file of {day}"
    models = dict(book.models)
    listed = dict(entries_in(read_genai(raw), book))
    _refuse_older(listed.keys(), book)
    for key, model in listed.items():
        known = models.get(key)
        offers = dict(offers_of(model, day))
        if "standard" not in offers or key in book.aliases:
            continue
        models[key] = (
            _new(offers, model, source) if known is None else _changed(known, offers, model, book, day, source)
        )
    rows = sum(len(rows) for model in models.values() for rows in model.modes.values())
    return msgspec.structs.replace(
        book,
        built=max(day, book.built),
        packages=(*(one for one in book.packages if not one.startswith("genai-prices file")), source),
        corrections=f"{book.corrections[:16]}-{hashlib.sha256(raw).hexdigest()[:8]}",
        model_count=len(models),
        row_count=rows,
        models=models,
    )


def unlisted(raw: bytes, book: Book) -> tuple[str, ...]:
    """The models of the book that came from this project and are no longer in the file. They keep what they cost."""
    return _missing(dict(entries_in(read_genai(raw), book)).keys(), book)


def _missing(listed: Collection[str], book: Book) -> tuple[str, ...]:
    return tuple(key for key, model in book.models.items() if key not in listed and _from_here(model))


def _from_here(model: Model) -> bool:
    rows = model.modes.get("standard", ())
    return bool(rows) and rows[-1].source.startswith("genai-prices")


def _refuse_older(listed: Collection[str], book: Book) -> None:
    """The file has no date of its own. One that lacks what its project knew long ago is older than the book."""
    known = sum(map(_from_here, book.models.values()))
    missing = len(_missing(listed, book))
    if missing > max(_FEW, known // 10):
        raise ValueError(
            f"it lacks {missing} of the {known} models that the book in use has from there, so it is older, or a part"
        )


def _new(offers: dict[str, Offer], model: Entry, source: str) -> Model:
    modes = {mode: (Row(None, one.rates, one.tiers, source),) for mode, one in offers.items()}
    limits = (Limits(None, model.context_window, None, source),) if model.context_window else ()
    return Model(modes, limits)


def _changed(known: Model, offers: dict[str, Offer], model: Entry, book: Book, day: str, source: str) -> Model:
    """The model with a row behind those that the file says otherwise; the same object where it says nothing new."""
    modes = dict(known.modes)
    for mode, offer in offers.items():
        rows = modes.get(mode, ())
        in_force = [row for row in rows if (row.since or "")[:10] <= day]
        if _says_the_same(offer, in_force, known.overruled.get(mode), mode):
            continue
        since = offer.since if offer.since and offer.since > book.built else day
        modes[mode] = _with(rows, Row(f"{since}T00:00:00Z" if rows else None, offer.rates, offer.tiers, source))
    if modes.get("standard") is not known.modes.get("standard"):
        for mode in modes.keys() - offers.keys():  # a multiple of a price that holds no more
            modes[mode] = _with(modes[mode], Row(f"{day}T00:00:00Z", None, (), source))
    before = known.limits[-1] if known.limits else Limits(None, None, None, source)
    limits = known.limits
    if model.context_window and model.context_window != before.context:
        limits = (*limits, Limits(f"{day}T00:00:00Z" if limits else None, model.context_window, before.output, source))
    if all(modes[mode] is known.modes.get(mode) for mode in modes) and limits is known.limits:
        return known
    return msgspec.structs.replace(known, modes=modes, limits=limits)


def _with(rows: tuple[Row, ...], new: Row) -> tuple[Row, ...]:
    """The rows with one more at its date; one of the same instant gives way, and one to come stays to come."""
    kept = [row for row in rows if (row.since or "") != (new.since or "")]
    return tuple(sorted([*kept, new], key=lambda row: row.since or ""))


def _says_the_same(offer: Offer, rows: Sequence[Row], settled: Settled | None, mode: str) -> bool:
    last = rows[-1] if rows else None
    if last is None:
        return False
    if settled and agree(offer.rates, offer.tiers, *settled):
        return True
    return last.rates is not None and agree(
        offer.rates, offer.tiers, last.rates, last.tiers, lenient=mode != "standard"
    )
