"""What a folder of cases can't show: a bill that grows while it is looked at, a database that another agent took over."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from app import runtime, settings
from app.model.usage import CREDIT
from app.sources.kiro_cli import AMAZON_Q, SOURCE

from .home import Home

AT = 1_785_578_400_000


def entry(number: int, said: str) -> dict[str, Any]:
    return {
        "user": {"content": {"Prompt": {"prompt": said}}},
        "assistant": {"Response": {"message_id": f"m{number}", "content": "yes"}},
        "request_metadata": {"request_id": f"q{number}", "message_id": f"m{number}", "request_start_timestamp_ms": AT},
    }


def conversation(entries: list[dict[str, Any]], *credits: float, first: str = "q1") -> str:
    usage = [{"value": one, "unit": "credit"} for one in credits]
    turn = {"continuation_id": "k", "requests": [{"request_id": first}], "usage_info": usage}
    return json.dumps({"conversation_id": "c", "history": entries, "user_turn_metadata": turn})


def saved(file: Path, value: str, updated: int) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("CREATE TABLE IF NOT EXISTS conversations_v2 (key, conversation_id, value, updated_at)")
        base.execute("DELETE FROM conversations_v2")
        base.execute("INSERT INTO conversations_v2 VALUES ('/w', 'c', ?, ?)", (value, updated))


def test_a_turns_credits_grow_and_stay(home: Home) -> None:
    """0.1, then 0.1 + 0.2 for the same turn; then the next turn's 0.5, which says nothing of the first any more."""
    settings.save(home.machine, settings.Settings(confirmed=("kiro_cli",)))
    file = home.root / ".local/share/kiro-cli/data.sqlite3"
    one, two, three = (entry(number, said) for number, said in ((1, "a"), (2, "b"), (3, "c")))
    seen: list[float] = []
    for step, value in enumerate(
        (
            conversation([one], 0.1),
            conversation([one, two], 0.1, 0.2),
            conversation([one, two, three], 0.5, first="q3"),
        )
    ):
        saved(file, value, AT + step)
        home.touch(file)
        runtime.read_new(home.machine, home.connection)
        seen.append(sum(call.credits or 0 for call in home.calls()) / CREDIT)
    assert seen == [0.1, 0.3, 0.8]
    assert len(home.calls()) == 3


def test_a_request_is_the_same_in_the_database_it_was_brought_over_from(tmp_path: Path) -> None:
    old, new = tmp_path / "amazon-q" / "data.sqlite3", tmp_path / "kiro-cli" / "data.sqlite3"
    both = [entry(1, "a"), entry(2, "b")]
    saved(new, conversation([*both, entry(3, "c")]), AT)
    old.parent.mkdir()
    with closing(sqlite3.connect(old)) as base, base:
        base.execute("CREATE TABLE conversations (key, value)")
        base.execute("INSERT INTO conversations VALUES ('/w', ?)", (conversation(both),))
    before, after = (
        {call.group for batch in source.read(file, None) for call in batch.calls}
        for source, file in ((AMAZON_Q, old), (SOURCE, new))
    )
    assert len(before) == 2 and len(after) == 3 and before < after


def test_a_turn_that_has_no_name_yet_is_counted_once_when_it_has_ended(tmp_path: Path) -> None:
    """100 sent and 10 answered, seen while the turn goes on and after it: 110, not 220."""
    file = tmp_path / "u.json"
    running = {"model": "claude-sonnet-4.5", "input_token_count": 100, "output_token_count": 10}
    ended = {**running, "end_timestamp": "2026-08-01T10:00:20Z", "result": {"Ok": {"id": "r1"}}}
    calls, cursor = dict[tuple[int, int], int](), None
    for turn in (running, ended):
        state = {"conversation_metadata": {"user_turn_metadatas": [turn]}}
        file.write_text(json.dumps({"session_id": "u", "created_at": "2026-08-01T10:00:00Z", "session_state": state}))
        for batch in SOURCE.read(file, cursor):
            cursor = batch.end
            calls |= {(call.group, call.key): call.tokens.total for call in batch.calls}
    assert list(calls.values()) == [110]
