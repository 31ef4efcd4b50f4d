"""What a newer book says otherwise, of books made up of a few rows."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.pricing.book import Book, Model, Rates, Row, Tier
from app.pricing.catalog import Catalog
from app.pricing.changes import Change, Difference, difference

ONE: Rates = (1_000_000, None, None, None, 2_000_000)
TWO: Rates = (2_000_000, None, None, None, 4_000_000)
LONG: Tier = (200_000, 3_000_000, None, None, None, 6_000_000)
MARCH, JUNE = "2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z"


def row(rates: Rates | None, since: str | None = None, *tiers: Tier, source: str = "a") -> Row:
    return Row(since, rates, tiers, source)


def between(
    shipped: Catalog,
    before: Mapping[str, Mapping[str, tuple[Row, ...]]],
    after: Mapping[str, Mapping[str, tuple[Row, ...]]],
) -> Difference:
    def book(models: Mapping[str, Mapping[str, tuple[Row, ...]]]) -> Book:
        return msgspec.structs.replace(shipped.book, models={key: Model(dict(modes)) for key, modes in models.items()})

    return difference(book(before), book(after))


def test_models_that_come_and_go_are_named_in_order(shipped: Catalog) -> None:
    same = {"standard": (row(ONE),)}
    found = between(shipped, {"b/x": same, "a/y": same, "c/z": same}, {"c/z": same, "e/n": same, "d/m": same})
    assert found == Difference(new=("d/m", "e/n"), gone=("a/y", "b/x"))


def test_a_change_tells_the_last_price_of_both_books(shipped: Catalog) -> None:
    before = {"a/x": {"standard": (row(ONE), row(TWO, MARCH))}}
    after = {"a/x": {"standard": (row(ONE), row(TWO, MARCH), row(ONE, JUNE, source="b"))}}
    assert between(shipped, before, after).changed == (Change("a/x", "standard", TWO, ONE, JUNE, "b"),)
    assert between(shipped, after, before).changed == (Change("a/x", "standard", ONE, TWO, MARCH, "a"),)


def test_a_mode_that_comes_has_no_price_before_and_one_that_goes_has_none_after(shipped: Catalog) -> None:
    before, after = {"a/x": {"standard": (row(ONE),)}}, {"a/x": {"standard": (row(ONE),), "batch": (row(TWO, MARCH),)}}
    assert between(shipped, before, after).changed == (Change("a/x", "batch", None, TWO, MARCH, "a"),)
    assert between(shipped, after, before).changed == (Change("a/x", "batch", TWO, None, None, ""),)


def test_a_price_that_ends_is_a_change(shipped: Catalog) -> None:
    before, after = {"a/x": {"standard": (row(ONE),)}}, {"a/x": {"standard": (row(ONE), row(None, JUNE, source=""))}}
    assert between(shipped, before, after).changed == (Change("a/x", "standard", ONE, None, JUNE, ""),)


def test_the_standard_comes_first_then_the_modes_by_name(shipped: Catalog) -> None:
    modes = ("priority", "standard", "batch", "zeal")
    before = {key: {mode: (row(ONE),) for mode in modes} for key in ("b/x", "a/x")}
    after = {key: {mode: (row(TWO),) for mode in modes} for key in ("b/x", "a/x")}
    assert [(one.key, one.mode) for one in between(shipped, before, after).changed] == [
        (key, mode) for key in ("a/x", "b/x") for mode in ("standard", "batch", "priority", "zeal")
    ]


def test_what_was_is_told_from_what_is(shipped: Catalog) -> None:
    """Another tier, another date or another old price: today's list is the same, and that is said."""
    now = {"a/x": {"standard": (row(ONE), row(TWO, JUNE))}}
    for rows in (
        (row(ONE), row(TWO, JUNE, LONG)),
        (row(ONE), row(TWO, MARCH)),
        (row(TWO), row(TWO, JUNE)),
    ):
        (change,) = between(shipped, now, {"a/x": {"standard": rows}}).changed
        assert change.only_history
    (change,) = between(shipped, now, {"a/x": {"standard": (row(ONE), row(ONE, JUNE))}}).changed
    assert not change.only_history


def test_another_source_is_no_change(shipped: Catalog) -> None:
    before, after = {"a/x": {"standard": (row(ONE),)}}, {"a/x": {"standard": (row(ONE, source="b"),)}}
    assert between(shipped, before, after) == Difference()
