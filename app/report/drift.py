"""The drift alarm: a log that is not what it was. Each sign compares what is recent with what was usual before, so that no
agent's own way of leaving things out raises it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from app.shapes.source import Source
from app.sources import SOURCES
from app.store import drift, queries
from app.store.drift import FIELDS, Sides

Sign = Literal["kind", "field", "share", "silence", "version"]
_DAY = 86_400_000
LATELY = 14 * _DAY
"""What is recent is compared with so many ms before it."""
_LEAST_RECENT, _LEAST_BEFORE = 5, 20
"""Calls below which nothing is said of a field."""
_USUAL, _SELDOM = 0.95, 0.5
_FEW, _JUMP, _MANY = 10, 4, 0.2
"""A share of skipped lines is sudden from so many lines on, so many times what it was, and so much of all."""
_ALL_AT_FIRST = 0.9
"""Where there was nothing before: nearly all."""
_SIZE = 16_384
"""Bytes below which a log may well hold no call."""
_FILES = 2


class Drift(NamedTuple):
    """One sign of one source."""

    source: str
    sign: Sign
    what: str
    """`kind`: its name; `field`: one of `store.drift.FIELDS`; `version`: that of the agent; else empty."""
    number: int = 0
    """`kind`: lines; `field`: calls without it; `share`: lines left out; `silence`: files without a call."""
    of: int = 0
    """All that `number` is a part of; 0 where that says nothing."""

    @property
    def loses(self) -> bool:
        """Is something missing from the totals, as far as can be told?"""
        return self.sign in ("kind", "share", "silence") or (self.sign == "field" and self.what in ("input", "output"))


_FIELD_WORDS = {
    "model": "name no model",
    "input": "tell of nothing sent",
    "output": "tell of nothing written",
    "id": "have no id",
    "project": "name no project",
}


def words(one: Drift, say: Callable[[str], str] = str) -> str:
    """The sign as a sentence. English; a surface with a language of its own hands in `say`."""
    count, of = f"{one.number:,}", f"{one.of:,}"
    if one.sign == "kind":
        said = (
            "1 line of the unknown kind {what} holds usage"
            if one.number == 1
            else "{count} lines of the unknown kind {what} hold usage"
        )
        return say(said).format(count=count, what=one.what) + "."
    if one.sign == "field":
        return (
            say("{count} of the last {of} calls {lack}; before, nearly all said it").format(
                count=count, of=of, lack=say(_FIELD_WORDS[one.what])
            )
            + "."
        )
    if one.sign == "share":
        return (
            say("{count} of {of} recent records were left out, far more than before").format(count=count, of=of) + "."
        )
    if one.sign == "silence":
        return say("{count} logs were written in the last day and no call was found in them").format(count=count) + "."
    return say("Version {what} is newer than any this reader was tried on").format(what=one.what) + "."


def signs(connection: sqlite3.Connection, now: int) -> dict[str, tuple[Drift, ...]]:
    """Source → what has changed about its logs, the weightiest first; sources without any are left out. Reads two weeks of
    calls: not for each change of a log.
    """
    split = now - _DAY
    sides = drift.sides(connection, split - LATELY, split, _SIZE)
    versions = drift.versions(connection, split)
    kinds: dict[str, dict[str, int]] = {}
    for one in queries.unknown_kinds(connection):
        of_source = kinds.setdefault(one.source, {})
        of_source[one.kind] = of_source.get(one.kind, 0) + one.lines
    found: dict[str, tuple[Drift, ...]] = {}
    for source in SOURCES:
        of_kinds = (Drift(source.id, "kind", kind, lines) for kind, lines in sorted(kinds.get(source.id, {}).items()))
        told = (
            *of_kinds,
            *_between(source.id, sides.get(source.id, Sides())),
            *_newer(source, versions.get(source.id, ())),
        )
        if told:
            found[source.id] = told
    return found


def _between(source: str, sides: Sides) -> Iterator[Drift]:
    recent, before = sides
    if not recent.calls and recent.files >= _FILES and before.calls >= _LEAST_BEFORE:
        yield Drift(source, "silence", "", recent.files, recent.files)
    elif _is_sudden(sides):
        yield Drift(source, "share", "", recent.skipped, recent.skipped + recent.records)
    if recent.calls < _LEAST_RECENT or before.calls < _LEAST_BEFORE:
        return
    for name, now, then in zip(FIELDS, recent.held, before.held, strict=True):
        if then >= _USUAL * before.calls and now <= _SELDOM * recent.calls:
            yield Drift(source, "field", name, recent.calls - now, recent.calls)


def _is_sudden(sides: Sides) -> bool:
    recent, before = sides
    if recent.skipped < _FEW:
        return False
    share = recent.skipped / (recent.skipped + recent.records)
    usual = before.skipped + before.records
    if not usual:
        return share >= _ALL_AT_FIRST
    return share >= _MANY and share >= _JUMP * before.skipped / usual


def _newer(source: Source, versions: tuple[str, ...]) -> Iterator[Drift]:
    """The newest version that ran lately, where it is newer than every one whose logs the reader was tried on."""
    newest = max(versions, key=_numbers, default=None)
    if newest is not None and source.tried is not None and _numbers(newest) > _numbers(source.tried):
        yield Drift(source.id, "version", newest)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(one) for one in re.findall(r"\d{1,9}", version.partition("-")[0])[:4])
