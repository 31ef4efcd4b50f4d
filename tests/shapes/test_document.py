"""One JSON document in a file that is rewritten: read again whenever it looks different, and never counted down."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from app.ingest.catch_up import CatchUp, survey
from app.machine import Machine
from app.model.usage import Cursor, Tokens
from app.runtime import writer
from app.shapes import document, stamp
from app.shapes.document import read_document
from app.shapes.fields import record_of
from app.shapes.gathering import Gathered, call
from app.sources import BY_ID, SOURCES

OLD = 1_700_000_000


def parse(found: dict[str, Any], gathered: Gathered) -> None:
    for ident, output in found.items():
        tokens = Tokens(output=output)
        gathered.add(call("test", ident, session="s", at=OLD * 1000, model="m", tokens=tokens))


def read(path: Path, cursor: Cursor | None = None) -> tuple[dict[int, int], Cursor]:
    (batch,) = read_document("test", 1, path, cursor, record_of, parse)
    return {one.group: one.tokens.output for one in batch.calls}, batch.end


def put(path: Path, text: str, at: float = OLD) -> Path:
    path.write_text(text)
    os.utime(path, (at, at))
    return path


def test_each_reading_is_a_generation_of_its_own(tmp_path: Path) -> None:
    """So that what is counted of its records replaces what was counted before; a thousand of them come round again."""
    path = put(tmp_path / "x.json", '{"a": 1}')
    _, cursor = read(path)
    _, again = read(path, cursor)
    assert again.generation == cursor.generation + 1
    assert read(path, again._replace(generation=1_999))[1].generation == 1_000
    (batch,) = read_document("test", 2, path, again, record_of, parse)
    assert batch.end.generation == 1_000


def test_half_a_document_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is known of it yet, and nothing that was known is lost; only one that stays so is damaged."""
    path = put(tmp_path / "x.json", '{"a": 1}')
    _, cursor = read(path)
    path.write_text('{"a": 1, "b"')
    found, end = read(path, cursor)
    assert found == {} and end == cursor._replace(modified=0)
    assert read(path)[1].reader == 1
    put(path, '{"a": 1, "b"')
    with pytest.raises(OSError, match="no JSON document"):
        read(path, cursor)


@pytest.mark.parametrize("text", ["", "\ufeff{}", "{}\0\0\0", '{"a": 1e400}'])
def test_odd_but_whole(tmp_path: Path, text: str) -> None:
    assert read(put(tmp_path / "x.json", text))[0] == {}


def test_a_document_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "LARGEST", 5)
    with pytest.raises(OSError, match="larger than"):
        read(put(tmp_path / "x.json", '{"a": 1}'))


def test_a_file_written_just_now_is_looked_at_once_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within one tick of the file system's clock it may be written twice and bear one time."""
    path = put(tmp_path / "x.json", '{"a": 1}')
    facts = stamp.stamp_of(path)
    monkeypatch.setattr(stamp.time, "time_ns", lambda: facts.modified + 1_000_000)
    assert read(path)[1].modified == 0
    monkeypatch.setattr(stamp.time, "time_ns", lambda: facts.modified + 1_000_000_000)
    assert read(path)[1].modified == facts.modified


class Store:
    """A home with one chat of the first source that keeps documents, read by the real path."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.path = machine.home / ".gemini" / "tmp" / "p" / "chats" / "session-1.json"
        self.path.parent.mkdir(parents=True)
        self.at = float(OLD)

    def chat(self, **answers: int) -> None:
        """Message → output."""
        tokens = {name: {"input": 10, "output": output, "total": 10 + output} for name, output in answers.items()}
        messages = [{"id": name, "type": "gemini", "model": "m", "tokens": each} for name, each in tokens.items()]
        self.put(json.dumps({"sessionId": "s", "messages": messages}))

    def put(self, text: str) -> None:
        self.at += 10
        beside = self.path.with_name("new")
        beside.write_text(text)
        os.utime(beside, (self.at, self.at))
        beside.replace(self.path)

    def read(self) -> tuple[int, int, int]:
        """(calls, output, folded), after reading what is new."""
        with writer(self.machine) as store:
            caught = CatchUp(store, self.machine.clock)
            caught.run(survey(SOURCES, self.machine, store.files))
            assert not caught.problems
            return store.connection.execute(
                "SELECT count(*), sum(output), sum(folded) FROM call WHERE kept = 1"
            ).fetchone()


def test_what_was_removed_was_paid_for(machine: Machine) -> None:
    store = Store(machine)
    store.chat(a=1, b=2)
    assert store.read() == (2, 3, 0)
    store.chat(b=2, c=4)
    assert store.read() == (3, 7, 0)
    store.put("{")
    os.utime(store.path)
    assert store.read() == (3, 7, 0)
    store.chat(b=2, c=40)
    assert store.read() == (3, 43, 0)


def test_reading_a_hundred_times_folds_nothing(machine: Machine) -> None:
    store = Store(machine)
    for _ in range(20):
        store.chat(a=1, b=2)
        assert store.read() == (2, 3, 0)
    with writer(machine) as opened:
        assert survey([BY_ID["gemini_cli"]], machine, opened.files) == []
