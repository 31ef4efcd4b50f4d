"""How large an answer is: what every consumer starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from app.model.content import Answer, Row


class Size(NamedTuple):
    """Of what can be seen of an answer, in o200k tokens and counts."""

    tokens: int
    """Texts, tools' names, their parameters' names and values; no reasoning."""
    tools: int
    parameters: int


class Consumer(NamedTuple):
    name: str
    """Of the table its rows go to."""
    rows: Callable[[Answer, Size], Iterable[Row]]


def size_of(answer: Answer, count: Callable[[str], int]) -> Size:
    tokens = sum(map(count, answer.texts))
    parameters = 0
    for tool in answer.tools:
        tokens += count(tool.name)
        parameters += len(tool.parameters)
        tokens += sum(count(name) + count(value) for name, value in tool.parameters)
    return Size(tokens, len(answer.tools), parameters)
