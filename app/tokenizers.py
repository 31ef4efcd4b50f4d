"""How many tokens a text has: o200k from ranks that we ship, and what other models make of the same text, by their family.

tiktoken would fetch its ranks from the network, and does so again where a file of its cache is damaged. So nothing here asks
it for an encoding by name: it is given the ranks, checked by their hash, and a file that is missing or damaged is our own
error. Loading takes 0.3 s and some 60 MB: only the helpers of the content pass do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from app.diagnostics import KnownError

RANKS = "tokenizers/o200k_base.tiktoken.gz"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""Of the ranks unpacked, as tiktoken's own source has it."""
_UPPER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"
_LOWER = r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
_TAIL = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
_PATTERN = "|".join(
    [
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}*{_LOWER}+{_TAIL}",
        rf"[^\r\n\p{{L}}\p{{N}}]?{_UPPER}+{_LOWER}*{_TAIL}",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
_SLICE = 100_000
"""Letters counted at a time; a cut costs a token at most. A million blanks in a row overflow the stack of tiktoken's pattern
matcher, which comes here as a BaseException of Rust."""
Count = Callable[[str], int]
"""Tokens of a text."""


def load(resources: Path) -> Count:
    """Counts o200k tokens. Raises KnownError where the ranks are missing or damaged."""
    import base64
    import gzip
    from hashlib import sha256

    path = resources / RANKS
    try:
        raw = gzip.decompress(path.read_bytes())
    except (OSError, EOFError, ValueError) as error:  # gzip and zlib raise all of these
        raise _unusable(path) from error
    if sha256(raw).hexdigest() != SHA256:
        raise _unusable(path)
    from tiktoken import Encoding

    pairs = (line.split() for line in raw.splitlines())
    ranks = {base64.b64decode(token): int(rank) for token, rank in pairs}
    encode = Encoding("o200k_base", pat_str=_PATTERN, mergeable_ranks=ranks, special_tokens={}).encode_ordinary

    def count(text: str) -> int:
        if len(text) <= _SLICE:
            return len(encode(text))
        return sum(len(encode(text[start : start + _SLICE])) for start in range(0, len(text), _SLICE))

    return count


def _unusable(path: Path) -> KnownError:
    return KnownError(f"Tokens can't be counted: {path} is missing or damaged.", "Install Cuenta again.")


class Ratio(NamedTuple):
    """What a vendor counts for an output of so many o200k tokens, tool calls and parameters."""

    text: float
    tool_call: float
    parameter: float
    message: float

    def tokens(self, counted: int, tool_calls: int, parameters: int) -> float:
        return self.text * counted + self.tool_call * tool_calls + self.parameter * parameters + self.message


BARE = Ratio(1.0, 0.0, 0.0, 0.0)
"""o200k's own count."""


class Family(NamedTuple):
    """Models that share a tokenizer."""

    id: str
    ratio: Ratio
    exact: bool
    """o200k is its own tokenizer; what is counted for any other is an estimate."""


@cache
def _families(resources: Path) -> tuple[tuple[re.Pattern[str], Family], ...]:
    import tomllib

    path = resources / "tokenizers" / "families.toml"
    try:
        listed = tomllib.loads(path.read_text(encoding="utf-8"))["family"]
        return tuple(
            (
                re.compile(one["models"]),
                Family(one["id"], Ratio(*(one[name] for name in Ratio._fields)), one.get("exact", False)),
            )
            for one in listed
        )
    except (OSError, ValueError, KeyError, re.error) as error:
        raise _unusable(path) from error


def family_of(model: str | None, resources: Path) -> Family:
    """The family of a model by its name as logged; an unknown one gets bare o200k. Raises KnownError."""
    name = (model or "").lower()
    return next(family for pattern, family in _families(resources) if pattern.search(name))
