"""Agents that only keep running totals: each growth is a call, whatever is read again."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from app.model.usage import Batch, Cursor, Tokens
from app.shapes.document import read_document
from app.shapes.fields import record_of
from app.shapes.gathering import Gathered, call

OLD = 1_700_000_000


def parse(found: dict[str, Any], gathered: Gathered) -> None:
    for session, (sent, output) in found.items():
        total = Tokens(sent, output=output)
        grown = gathered.growth(session, total)
        if grown is not None:
            said = call("test", session, *total, session=session, at=gathered.written, model="m", tokens=grown)
            gathered.add(said)


def write(path: Path, at: float, **totals: tuple[int, int]) -> Path:
    path.write_text(json.dumps(totals))
    os.utime(path, (at, at))
    return path


def read(path: Path, cursor: Cursor | None = None, version: int = 1) -> Batch:
    (batch,) = read_document("test", version, path, cursor, record_of, parse)
    return batch


def told(batch: Batch) -> list[tuple[str, int, int, int]]:
    return [(one.session, one.tokens.input, one.tokens.output, one.at // 1000) for one in batch.calls]


def test_what_was_added_is_a_call_at_its_own_time(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", OLD, a=(100, 10))
    first = read(path)
    assert told(first) == [("a", 100, 10, OLD)]
    second = read(write(path, OLD + 60, a=(250, 30), b=(7, 1)), first.end)
    assert told(second) == [("a", 150, 20, OLD + 60), ("b", 7, 1, OLD + 60)]
    assert told(read(write(path, OLD + 90, a=(250, 30), b=(7, 1)), second.end)) == []


def test_a_total_that_fell_began_anew(tmp_path: Path) -> None:
    path = write(tmp_path / "t.json", OLD, a=(100, 10))
    first = read(path)
    assert told(read(write(path, OLD + 60, a=(40, 20)), first.end)) == [("a", 40, 20, OLD + 60)]


def test_a_total_known_in_part_never_falls(tmp_path: Path) -> None:
    """What is no longer in the log was used all the same, and what comes back is not used twice."""

    def in_part(found: dict[str, Any], gathered: Gathered) -> None:
        parse(
            {name: gathered.most(name, Tokens(sent, output=output))[::4] for name, (sent, output) in found.items()},
            gathered,
        )

    path, batch = tmp_path / "t.json", None
    for second, (total, expected) in enumerate([((100, 10), (100, 10)), ((40, 20), (0, 10)), ((120, 15), (20, 0))]):
        write(path, OLD + second, a=total)
        (batch,) = read_document("test", 1, path, batch.end if batch else None, record_of, in_part)
        assert [call[1:3] for call in told(batch)] == [expected]


def test_a_newer_reader_books_nothing_twice(tmp_path: Path) -> None:
    """It begins anew and forgets all else, but what is stored as calls already."""
    path = write(tmp_path / "t.json", OLD, a=(100, 10))
    first = read(path)
    again = read(write(path, OLD + 60, a=(130, 11)), first.end, version=2)
    assert told(again) == [("a", 30, 1, OLD + 60)]
    assert again.end.generation == 1_000


def test_a_reading_that_came_to_nothing_books_nothing(tmp_path: Path) -> None:
    """Refused by the store, it is done again from where reading stood, and says the same of the same call."""
    path = write(tmp_path / "t.json", OLD, a=(100, 10))
    assert read(path).calls == read(path).calls


def test_what_no_request_can_have_a_sum_of_many_has(tmp_path: Path) -> None:
    """12 M tokens are a day's work; 12 G are nobody's."""

    def sums(found: dict[str, Any], gathered: Gathered) -> None:
        for session, sent in found.items():
            said = call("test", session, session=session, at=1, model="m", tokens=Tokens(sent), evidence=session[0])
            gathered.add(said)

    path = tmp_path / "t.json"
    path.write_text(json.dumps({"C1": 12_000_000, "C2": 12_000_000_000, "A1": 12_000_000, "B1": 12_000_000}))
    (batch,) = read_document("test", 1, path, None, record_of, sums)
    assert [one.session for one in batch.calls] == ["C1"]
    assert batch.skipped == {"more than 10 M tokens": 2, "more than 10,000 M tokens": 1}
