"""Cline's sums of what is gone: they count as far as the requests were not seen before they went, whatever was seen when."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from app import settings
from app.model.money import NANO
from app.model.usage import Cursor
from app.sources import cline

from .home import Home

TASK = ".cline/data/tasks/1750000000000/ui_messages.json"
SESSION = ".cline/data/sessions/s1/s1.messages.json"


@pytest.fixture
def trusting(home: Home) -> Home:
    settings.save(home.machine, settings.Settings(confirmed=("cline",)))
    return home


def shown(place: int, sent: int, cost: float = 0.01, say: str = "api_req_started") -> dict[str, Any]:
    counts = {"tokensIn": sent, "tokensOut": 10, "cacheReads": 5, "cacheWrites": 0, "cost": cost}
    return {"ts": 1_750_000_000_000 + place, "type": "say", "say": say, "text": json.dumps(counts)}


def removed(place: int, *those: dict[str, Any]) -> dict[str, Any]:
    counts = [json.loads(one["text"]) for one in those]
    sums = {name: sum(one[name] for one in counts) for name in counts[0]}
    return {**shown(place, 0, say="deleted_api_reqs"), "text": json.dumps(sums)}


def answered(place: int, sent: int, cost: float = 0.01, **said: Any) -> dict[str, Any]:
    metrics = {"inputTokens": sent, "outputTokens": 10, "cacheReadTokens": 5, "cacheWriteTokens": 0, "cost": cost}
    plain = {"id": f"a{place}", "role": "assistant", "ts": 1_785_000_000_000 + place, "metrics": metrics}
    return {**plain, "modelInfo": {"id": "m", "provider": "anthropic"}, **said}


def compacted(*those: dict[str, Any]) -> dict[str, Any]:
    counts = [one["metrics"] for one in those]
    usage = {name: sum(one[name] for one in counts) for name in counts[0]}
    return {"id": "u1", "role": "user", "metadata": {"kind": "compaction", "usageBefore": usage}}


def sums(home: Home) -> tuple[int, int, float]:
    """Calls, tokens and dollars that records state."""
    home.read()
    calls = home.calls()
    return len(calls), sum(one.tokens.total for one in calls), sum(one.reported or 0 for one in calls) / NANO


def task(home: Home, *messages: dict[str, Any]) -> tuple[int, int, float]:
    home.write(TASK, json.dumps(messages))
    return sums(home)


def session(home: Home, *messages: dict[str, Any]) -> tuple[int, int, float]:
    home.write(SESSION, json.dumps({"sessionId": "s1", "messages": messages}))
    return sums(home)


ONE, TWO, THREE = shown(1_000, 100), shown(2_000, 200), shown(3_000, 300)


def test_requests_that_were_seen_before_they_went(trusting: Home) -> None:
    """100 + 200 + 300 sent, 15 each beside it; their sum adds nothing, nor does it at the next reading."""
    assert task(trusting, ONE, TWO, THREE) == (3, 645, 0.03)
    after = [ONE, removed(4_000, TWO, THREE)]
    assert task(trusting, *after) == (3, 645, 0.03)
    assert task(trusting, *after, shown(5_000, 400)) == (4, 1_060, 0.04)


def test_requests_of_which_one_was_seen(trusting: Home) -> None:
    """TWO was; THREE came and went between two readings."""
    assert task(trusting, ONE, TWO) == (2, 330, 0.02)
    assert task(trusting, ONE, removed(4_000, TWO, THREE)) == (3, 645, 0.03)


def test_requests_that_went_in_two_steps(trusting: Home) -> None:
    assert task(trusting, ONE, TWO, THREE) == (3, 645, 0.03)
    first = removed(4_000, THREE)
    assert task(trusting, ONE, TWO, first) == (3, 645, 0.03)
    assert task(trusting, ONE, first, removed(5_000, TWO)) == (3, 645, 0.03)


def test_one_that_went_and_one_that_came_at_once(trusting: Home) -> None:
    assert task(trusting, ONE, TWO) == (2, 330, 0.02)
    assert task(trusting, ONE, removed(4_000, TWO), shown(5_000, 1_000)) == (3, 1_345, 0.03)


def test_requests_that_nobody_saw(trusting: Home) -> None:
    assert task(trusting, ONE, removed(4_000, TWO, THREE)) == (2, 645, 0.03)


A1, A2, A3 = answered(1, 105), answered(2, 205), answered(3, 305)


def bare(message: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name != "metrics"}


def test_messages_that_were_seen_before_they_were_compacted(trusting: Home) -> None:
    assert session(trusting, A1, A2) == (2, 330, 0.02)
    assert session(trusting, compacted(A1, A2), bare(A2)) == (2, 330, 0.02)
    assert session(trusting, compacted(A1, A2), bare(A2), A3) == (3, 645, 0.03)
    assert session(trusting, compacted(A1, A2, A3), bare(A3)) == (3, 645, 0.03)


def test_messages_of_which_one_was_seen(trusting: Home) -> None:
    assert session(trusting, A1) == (1, 115, 0.01)
    assert session(trusting, compacted(A1, A2), A3) == (3, 645, 0.03)


def test_a_newer_reader_does_not_count_them_again(trusting: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert session(trusting, A1, A2) == (2, 330, 0.02)
    task(trusting, ONE, TWO)
    monkeypatch.setattr(cline, "VERSION", 2)
    monkeypatch.setattr("app.sources.SOURCES", (replace(cline.SOURCE, version=2),))
    monkeypatch.setattr("app.sources.BY_ID", {"cline": replace(cline.SOURCE, version=2)})
    trusting.write(TASK, json.dumps([removed(4_000, ONE, TWO)]))
    assert session(trusting, compacted(A1, A2)) == (4, 660, 0.04)


def test_no_cursor_is_needed_to_read_a_file_once(trusting: Home) -> None:
    """As `doctor --try` does."""
    path = trusting.write(TASK, json.dumps([ONE, removed(4_000, TWO)]))
    (batch,) = cline.SOURCE.read(path, None)
    assert [one.tokens.input for one in batch.calls] == [100, 200] and isinstance(batch.end, Cursor)
