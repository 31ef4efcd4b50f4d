"""How much output of each answer can be seen: what a placeholder count is told by, and repaired with."""

from __future__ import annotations

from collections.abc import Iterable

from app.content.size import Consumer, Size
from app.model.content import Answer, Row


def _rows(answer: Answer, size: Size) -> Iterable[Row]:
    """(message, tokens, tool calls, parameters, was it reasoned about)."""
    if size.tokens:
        yield answer.group, *size, int(answer.thought)


CONSUMER = Consumer("visible", _rows)
