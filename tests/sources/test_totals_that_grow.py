"""Logs that only hold a total so far: what is added between two readings is a call, at the price of what was added."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import runtime, settings
from app.model.money import NANO
from app.model.usage import Tokens

from .home import Home

ZEROSTACK = ".local/share/zerostack/sessions/z1.json"
WARP = ".local/state/warp-terminal/warp.sqlite"


@pytest.fixture
def trusting(home: Home) -> Home:
    settings.save(home.machine, settings.Settings(confirmed=("zerostack", "warp")))
    return home


def seen(home: Home, file: Path) -> list[tuple[Tokens, int | None]]:
    home.touch(file)
    runtime.read_new(home.machine, home.connection)
    return [(call.tokens, call.reported) for call in sorted(home.calls(), key=lambda call: call.at)]


def test_a_document(trusting: Home) -> None:
    """1,000 / 50 for $0.01, then 3,000 / 80 for $0.025; then the session begins anew at 200 / 10, and is cheaper."""

    def written(second: int, sent: int, output: int, cost: float) -> Path:
        at = f"2026-08-01T10:00:{second:02}Z"
        said = {"id": "z1", "model": "m", "updated_at": at, "total_cost": cost}
        return trusting.write(
            ZEROSTACK, json.dumps({**said, "total_input_tokens": sent, "total_output_tokens": output})
        )

    first = (Tokens(input=1_000, output=50), NANO // 100)
    second = (Tokens(input=2_000, output=30), NANO * 15 // 1_000)
    assert seen(trusting, written(1, 1_000, 50, 0.01)) == [first]
    assert seen(trusting, written(1, 1_000, 50, 0.01)) == [first]
    assert seen(trusting, written(2, 3_000, 80, 0.025)) == [first, second]
    assert seen(trusting, written(3, 200, 10, 0.001)) == [first, second, (Tokens(input=200, output=10), NANO // 1_000)]


def test_rows_that_are_written_again(trusting: Home) -> None:
    """A conversation's 100 become 150, of which another model has 20 more."""
    file = trusting.root / WARP
    file.parent.mkdir(parents=True)

    def saved(changed: str, **totals: int) -> Path:
        usage = [{"model_id": model, "warp_tokens": total, "byok_tokens": 0} for model, total in totals.items()]
        said = json.dumps({"conversation_usage_metadata": {"token_usage": usage}})
        with closing(sqlite3.connect(file)) as base, base:
            base.execute(
                "CREATE TABLE IF NOT EXISTS agent_conversations (conversation_id, conversation_data, last_modified_at)"
            )
            base.execute("DELETE FROM agent_conversations")
            base.execute("INSERT INTO agent_conversations VALUES ('c', ?, ?)", (said, changed))
        return file

    assert seen(trusting, saved("2026-08-01 10:00:00", a=100)) == [(Tokens(input=100), None)]
    found = seen(trusting, saved("2026-08-01 10:01:00", a=150, b=20))
    assert sorted(tokens.input for tokens, _ in found) == [20, 50, 100]
