"""What the content pass measures: texts in, rows of numbers out. A new measurement is a file here and its line in CONSUMERS.

Nothing here opens a file or knows an agent or a database; a consumer's rows are stored under its name by `store.content`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from app.content import samples, visible
from app.content.size import size_of
from app.model.content import Answer, Row

CONSUMERS = (visible.CONSUMER, samples.CONSUMER)


def measure(answers: Iterable[Answer], count: Callable[[str], int]) -> Mapping[str, tuple[Row, ...]]:
    """Name of each consumer → its rows of these answers, where there are any. `count` tells the tokens of a text."""
    sized = [(answer, size_of(answer, count)) for answer in answers]
    found = {name: tuple(row for one in sized for row in rows(*one)) for name, rows in CONSUMERS}
    return {name: rows for name, rows in found.items() if rows}
