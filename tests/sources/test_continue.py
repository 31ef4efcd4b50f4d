"""Continue's command line keeps a session's running total: what it grew by is a call, its cost as well."""

from __future__ import annotations

import json
from pathlib import Path

from app.sources.continue_dev import SOURCE


def test_a_session_that_grows(tmp_path: Path) -> None:
    path, cursor, told = tmp_path / "s.json", None, []
    for sent, cached, cost in ((100, 0, 0.01), (100, 0, 0.01), (300, 5_000, 0.04)):
        usage = {"promptTokens": sent, "promptTokensDetails": {"cachedTokens": cached}, "totalCost": cost}
        path.write_text(json.dumps({"sessionId": "s", "usage": usage}))
        (batch,) = SOURCE.read(path, cursor)
        cursor = batch.end
        told.append([(one.tokens.input, one.tokens.cache_read, one.reported) for one in batch.calls])
    assert told == [[(100, 0, 10_000_000)], [], [(200, 5_000, 30_000_000)]]
