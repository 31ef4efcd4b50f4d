"""iFlow: tools that are called are counted by their words, whatever their ids are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.sources import BY_ID


def _log(tmp_path: Path, *idents: object) -> Path:
    tools = [{"type": "tool_use", "id": one, "name": "read", "input": {"file": "a.py"}} for one in idents]
    answer = {"type": "assistant", "uuid": "a", "timestamp": "2026-08-01T10:00:00Z", "message": {"content": tools}}
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(answer) + "\n")
    return path


def _output(path: Path) -> int:
    return sum(call.tokens.output for batch in BY_ID["iflow"].read(path, None) for call in batch.calls)


@pytest.mark.parametrize("odd", [None, 10**30, {"what": "somebody wrote"}])
def test_a_tool_without_a_proper_id_is_counted_and_nothing_of_it_kept(tmp_path: Path, odd: object) -> None:
    """Two tools are more than one, and the cursor remembers only ids that are words."""
    assert _output(_log(tmp_path, odd, odd)) > _output(_log(tmp_path, "t1", "t1")) > 0
    (batch,) = BY_ID["iflow"].read(_log(tmp_path, odd), None)
    assert b"somebody wrote" not in batch.end.memory
