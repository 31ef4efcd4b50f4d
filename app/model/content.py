"""What a log says in words, while it is measured: texts live here and nowhere else, and none of them outlives its measuring.

What is kept of it are `Rows`: numbers, ids and names of kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from app.model.usage import Cursor


class ToolCall(NamedTuple):
    """A tool that a model asked for."""

    name: str
    parameters: tuple[tuple[str, str], ...]
    """(name, value as plain text)."""


class Answer(NamedTuple):
    """One response of a model as a file holds it: the union of all lines that carry a part of it."""

    group: int
    """Its identity, that of its call (`model.usage.Call.group`)."""
    at: int
    """Milliseconds since 1970 UTC of its first line here."""
    model: str | None
    texts: tuple[str, ...]
    tools: tuple[ToolCall, ...]
    thought: bool
    """It was reasoned about; what the log shows of that says nothing of its size."""
    whole: bool
    """Nothing in it was added by the program, and nothing but reasoning was left out."""
    finished: bool
    """A stop reason was logged."""
    output: int
    """Tokens as logged, reasoning included."""


Row = tuple[int | float | str | None, ...]


class Measured(NamedTuple):
    """What one stretch of one file gave."""

    source: str
    path: str
    end: Cursor
    rows: Mapping[str, tuple[Row, ...]] = {}
    """Name of what was measured (`content.CONSUMERS`) → its rows."""
