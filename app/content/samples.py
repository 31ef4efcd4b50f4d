"""Answers whose logged count can be trusted and is all for what can be seen: the calibrator learns from them."""

from __future__ import annotations

from collections.abc import Iterable

from app.content.size import Consumer, Size
from app.model.content import Answer, Row


def _rows(answer: Answer, size: Size) -> Iterable[Row]:
    """(message, model, when, tokens, tool calls, parameters, output as logged)."""
    trusted = answer.finished and answer.whole and not answer.thought and answer.output > 0
    if trusted and size.tokens and answer.model:
        yield answer.group, answer.model, answer.at, *size, answer.output


CONSUMER = Consumer("sample", _rows)
