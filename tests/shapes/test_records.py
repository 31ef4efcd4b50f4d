"""JSON lines that each say everything about a call: whatever stands in one of them, the others are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.model.usage import UNKNOWN_KIND
from app.sources import BY_ID

ANSWER = {
    "type": "message",
    "timestamp": "2026-08-01T10:00:06.000Z",
    "message": {"role": "assistant", "model": "claude-sonnet-5", "usage": {"input": 20, "output": 110}},
}


@pytest.mark.parametrize("kind", [["message"], {"is": "message"}, 7, None])
def test_a_kind_that_is_no_word_costs_its_own_line_only(tmp_path: Path, kind: object) -> None:
    log = tmp_path / "2026-08-01T10-00-00-000Z_s1.jsonl"
    log.write_text("".join(json.dumps(one) + "\n" for one in ({**ANSWER, "type": kind}, ANSWER)))
    batches = list(BY_ID["pi"].read(log, None))
    assert [call.tokens.output for batch in batches for call in batch.calls] == [110]
    assert [dict(batch.skipped) for batch in batches] == [{f"{UNKNOWN_KIND}no name": 1}]
