"""One thing of ours in an agent's file, as a value: every source may name one, so nothing is imported here."""

from __future__ import annotations

from typing import Any, NamedTuple


class Edit(NamedTuple):
    """One thing of ours in an agent's file."""

    at: tuple[str, ...]
    """Names that lead to it."""
    value: Any
    """Plain data."""
    joins: bool = False
    """It is one more of a list, behind those that are there; else it is the value itself, and what stood there before is put
    back when it is undone."""


class Done(NamedTuple):
    """An edit as it was made, with what undoing it takes."""

    edit: Edit
    before: Any = None
    """What stood in its place; None where nothing did."""
    made: int = 0
    """How many of the names that lead to it came with it, the last ones."""
