"""How large a text is where a log has words and no counts."""

from __future__ import annotations

from functools import cache

from app import tokenizers
from app.machine import shipped


def words(text: str) -> int:
    """o200k tokens. Raises KnownError where the ranks are damaged."""
    return _count()(text)


@cache
def _count() -> tokenizers.Count:
    """Made when the first such text is read: it takes 0.3 s and 60 MB, which nobody without such an agent pays."""
    return tokenizers.load(shipped())
