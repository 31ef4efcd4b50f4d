"""A record looked up in its log: expected lines and sizes are counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.report.record import Record, look_up

FIRST = b'{"type":"user","message":{"content":"hello"}}\n'
SECOND = b'{"message":{"usage":{"input_tokens":7},"content":"secret"}}\r\n'


@pytest.fixture
def log(tmp_path: Path) -> str:
    path = tmp_path / "log.jsonl"
    path.write_bytes(FIRST + SECOND + b"not json\n")
    return str(path)


def test_line_size_and_nothing_but_the_counts(log: str) -> None:
    found = look_up(log, len(FIRST), ("message", "usage"))
    assert found is not None
    assert (found.line, found.size) == (2, len(SECOND) - 2)
    assert json.loads(found.usage) == {"input_tokens": 7}


def test_no_text_in_a_usage_object_is_shown(tmp_path: Path) -> None:
    """Labels by name and only if they look like one; whoever writes elsewhere is not repeated."""
    usage = {
        "input_tokens": 7,
        "speed": "standard",
        "service_tier": "please write a poem",
        "note": "secret",
        "what I said": 1,
        "iterations": [{"type": "message", "output_tokens": 2, "text": "secret"}, "secret"],
    }
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps({"usage": usage}) + "\n")
    found = look_up(str(path), 0, ("usage",))
    assert found is not None
    assert json.loads(found.usage) == {
        "input_tokens": 7,
        "speed": "standard",
        "service_tier": "…",
        "note": "…",
        "…": 1,
        "iterations": [{"type": "message", "output_tokens": 2, "text": "…"}, "…"],
    }


def test_the_first_line_and_one_without_usage(log: str) -> None:
    assert look_up(log, 0, ("message", "usage")) == Record(1, len(FIRST) - 1, "")


def test_a_line_that_is_no_json_is_found_all_the_same(log: str) -> None:
    assert look_up(log, len(FIRST + SECOND), ("message", "usage")) == Record(3, 8, "")


@pytest.mark.parametrize("position", [3, len(FIRST) - 1, len(FIRST) + 1, 10_000])
def test_no_line_begins_there(log: str, position: int) -> None:
    assert look_up(log, position, ("message", "usage")) is None


def test_a_log_that_is_gone() -> None:
    assert look_up("/nowhere/log.jsonl", 0, ()) is None


def test_beyond_one_chunk(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b'{"x":1}\n' * 400_000 + SECOND)
    found = look_up(str(path), 3_200_000, ("message", "usage"))
    assert found is not None
    assert found.line == 400_001
