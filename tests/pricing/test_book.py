"""The book as it is written, where a row leaves out what is nearly always the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.pricing.book import BOTH, RESEARCH, SCHEMA, Book, Limits, Model, Row, Schedule, read_book

SMALL: dict[str, Any] = {
    "schema": "cuenta.book/1",
    "built": "2026-11-21",
    "packages": ["one 1.0", "other 2.0", "limits 3.0"],
    "corrections": "abc",
    "model_count": 1,
    "row_count": 1,
    "search": 10_000_000_000,
    "labels": ["auto"],
    "channels": {"claude": "anthropic"},
    "vendors": {"claude-": "anthropic"},
    "resellers": ["vertex"],
    "schedules": [
        {
            "channel": "deepseek",
            "since": "2026-08-16",
            "until": None,
            "hours": [[60, 240]],
            "weekdays_only": True,
            "holidays": ["2026-10-01"],
            "holiday_offset_hours": 8,
            "models": None,
            "factor": [2, 1],
            "source": "both",
        }
    ],
    "aliases": {"*/opus": "anthropic/claude-opus-5"},
    "models": {
        "anthropic/claude-opus-5": {
            "modes": {"standard": [[None, [5_000_000, None, None, None, 25_000_000], [], "both"]]},
            "limits": [[None, 200_000, None, "both"]],
        }
    },
}


@pytest.fixture
def small() -> Book:
    return read_book(json.dumps(SMALL).encode())


def test_what_a_row_leaves_out_is_the_usual(small: Book) -> None:
    """Undisputed, and where there is no cached price there is no discount: both are said only where it is otherwise."""
    model = small.models["anthropic/claude-opus-5"]
    (row,), (limits,) = model.modes["standard"], model.limits
    assert (row.disputed, row.cache_unknown, limits.disputed) == (False, False, False)
    assert (model.overruled, model.search, model.regional) == ({}, None, None)
    assert Model({}).limits == ()


def test_what_a_row_says_is_kept() -> None:
    changed = json.loads(json.dumps(SMALL))
    model = changed["models"]["anthropic/claude-opus-5"]
    model["modes"]["standard"][0] += [True, True]
    model["limits"][0] += [True]
    read = read_book(json.dumps(changed).encode()).models["anthropic/claude-opus-5"]
    assert read.modes["standard"] == (
        Row(None, (5_000_000, None, None, None, 25_000_000), (), "both", disputed=True, cache_unknown=True),
    )
    assert read.limits == (Limits(None, 200_000, None, "both", disputed=True),)


def test_a_book_has_a_name_and_knows_which_packages_were_compared(small: Book) -> None:
    assert small.id == "2026-11-21+abc"
    assert small.compared == ("one 1.0", "other 2.0")
    assert (BOTH, RESEARCH, SCHEMA) == ("both", "pricing.md §2", "cuenta.book/1")


def test_nothing_changes_a_book_that_threads_share(small: Book) -> None:
    (schedule,) = small.schedules
    model = small.models["anthropic/claude-opus-5"]
    parts: list[Book | Schedule | Model | Row | Limits] = [small, schedule, model]
    parts += [model.modes["standard"][0], model.limits[0]]
    for part in parts:
        name = part.__struct_fields__[0]
        with pytest.raises(AttributeError, match="immutable"):
            setattr(part, name, getattr(part, name))


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"prices", "this is no price book: "),
        (b"{}", "this is no price book: "),
        (json.dumps({**SMALL, "search": "dear"}).encode(), "this is no price book: "),
        (
            json.dumps({**SMALL, "models": {"a/b": {"modes": {"standard": [[None]]}}}}).encode(),
            "this is no price book: ",
        ),
        (
            json.dumps({**SMALL, "schema": "cuenta.book/2"}).encode(),
            "this price book has the schema 'cuenta.book/2', this version of Cuenta reads 'cuenta.book/1'",
        ),
        (json.dumps({**SMALL, "schema": "cuenta.book/0"}).encode(), "has the schema 'cuenta.book/0'"),
    ],
)
def test_what_is_no_book_is_refused_with_the_reason(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_book(raw)
