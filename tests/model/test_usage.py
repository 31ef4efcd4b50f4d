"""What stands in stored rows and in other modules' arithmetic."""

from __future__ import annotations

from app.model.usage import CREDIT, NOTHING_CHANGED, READINGS, Cursor, Standing, Tokens


def test_what_was_sent_decides_the_tier_and_reasoning_is_no_sixth_kind() -> None:
    tokens = Tokens(1, 20, 300, 4_000, 50_000, 600_000)
    assert tokens.prompt == 4_321
    assert tokens.total == 54_321


def test_nothing_said_is_nothing() -> None:
    assert Tokens() == (0, 0, 0, 0, 0, 0)
    assert Cursor() == (0, 0, 0, 0, 0, 0, b"", 0, 0, b"")
    assert (frozenset(), frozenset(), None, 0, frozenset()) == NOTHING_CHANGED


def test_numbers_in_the_database_never_change() -> None:
    assert {one.name: int(one) for one in Standing} == {"OWN": 0, "SIDE": 1, "INHERITED": 2, "SUM": 3}
    assert (CREDIT, READINGS) == (1_000_000, 1_000)
