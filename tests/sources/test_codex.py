"""Codex's rules one by one, each as a table: a few lines of a rollout beside what must come of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard
from builders import (
    Record,
    Thread,
    codex_usage,
    counted,
    envelope,
    event,
    limits,
    lines,
    meta,
    turn,
)

from app.model.instant import instant_of
from app.store import queries

from .home import Counts, Home

CODEX = "codex"


def instant(clock: str) -> int:
    """`10:00:05` on the day of these tests, ms since 1970 UTC."""
    found = instant_of(f"2026-06-01T{clock}.000Z")
    assert found is not None
    return found


def settings(at: str, **more: Any) -> Record:
    return event("thread_settings_applied", at, **more)


# --- what a token_count line adds


def three_calls(*, total: bool = True, last: bool = True) -> list[Record]:
    """1,000 sent and 100 out; then 1,500, of them 900 cached, and 150; with or without either kind of count."""
    thread, found = Thread(), []
    for at, sent, output, cached in (("10:00:05", 1000, 100, 0), ("10:00:15", 1500, 150, 900)):
        line = thread.call(at, sent, output, cached=cached)
        kept = [name for name, wanted in (("total_token_usage", total), ("last_token_usage", last)) if wanted]
        line["payload"]["info"] = {name: line["payload"]["info"][name] for name in kept}
        found.append(line)
    return found


T = Thread
FULL = codex_usage(0, total=258_400)
"""What the counter is replaced by when the context window is exceeded."""

ADDED: list[tuple[str, list[Record], Counts]] = [
    ("last and total", three_calls(), Counts(2, 1600, 900, 0, 0, 250)),
    ("only the last request", three_calls(total=False), Counts(2, 1600, 900, 0, 0, 250)),
    ("only running totals: their differences", three_calls(last=False), Counts(2, 1600, 900, 0, 0, 250)),
    ("the same announced again", [*three_calls(), three_calls()[1]], Counts(2, 1600, 900, 0, 0, 250)),
    ("again without last", [*three_calls(last=False), three_calls(last=False)[1]], Counts(2, 1600, 900, 0, 0, 250)),
    (
        "no info: rate limits only",
        [counted("10:00:02", None, limits=limits(5.0)), *three_calls()],
        Counts(2, 1600, 900, 0, 0, 250),
    ),
    (
        "after a compaction all zero",
        [
            *three_calls(),
            counted("10:01:00", three_calls()[1]["payload"]["info"]["total_token_usage"], codex_usage(0, total=3100)),
        ],
        Counts(2, 1600, 900, 0, 0, 250),
    ),
    (
        "window exceeded: the counter is replaced",
        [*three_calls(), counted("10:01:00", FULL, codex_usage(0, total=255_900))],
        Counts(2, 1600, 900, 0, 0, 250),
    ),
    ("replaced, without last", [*three_calls(last=False), counted("10:01:00", FULL)], Counts(2, 1600, 900, 0, 0, 250)),
    (
        "and counted on from there",
        [*three_calls(last=False), counted("10:01:00", FULL), counted("10:02:00", codex_usage(700, 30, total=259_130))],
        Counts(3, 2300, 900, 0, 0, 280),
    ),
    (
        "a fall with a last: the last counts",
        [*three_calls(), counted("10:01:00", codex_usage(70, 3), codex_usage(70, 3))],
        Counts(3, 1670, 900, 0, 0, 253),
    ),
    (
        "more cached than sent",
        [counted("10:00:05", codex_usage(100, 1, cached=500), codex_usage(100, 1, cached=500))],
        Counts(1, 0, 100, 0, 0, 1),
    ),
    (
        "cache writes stand inside the input",
        [counted("10:00:05", codex_usage(100, 1, cached=50, written=30), codex_usage(100, 1, cached=50, written=30))],
        Counts(1, 20, 50, 30, 0, 1),
    ),
    (
        "reasoning stands inside the output",
        [counted("10:00:05", codex_usage(100, 40, reasoning=25), codex_usage(100, 40, reasoning=25))],
        Counts(1, 100, 0, 0, 0, 40),
    ),
    (
        "null counts are 0",
        [counted("10:00:05", None, {"input_tokens": None, "output_tokens": 5, "total_tokens": 5})],
        Counts(1, 0, 0, 0, 0, 5),
    ),
    (
        "negative counts are 0",
        [counted("10:00:05", None, {"input_tokens": -4, "output_tokens": 5, "total_tokens": 1})],
        Counts(1, 0, 0, 0, 0, 5),
    ),
    (
        "two equal turns are two",
        [Thread().call("10:00:05", 100, 1), counted("10:00:15", codex_usage(200, 2), codex_usage(100, 1))],
        Counts(2, 200, 0, 0, 0, 2),
    ),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "expected"), [one[1:] for one in ADDED], ids=[one[0] for one in ADDED])
def test_added(records: list[Record], expected: Counts, restart: bool, home: Home) -> None:
    path = home.codex(meta(), turn())
    for record in records:
        home.append(path, record)
        if restart:
            home.read()
    assert home.read().total() == expected


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
def test_repeats_are_counted_as_folded(restart: bool, home: Home) -> None:
    """A user who checks us finds every announcement again, wherever reading was interrupted."""
    first, second = three_calls()
    path = home.codex(meta(), turn())
    for record in (first, first, first, second, second):
        home.append(path, record)
        if restart:
            home.read()
    assert (home.read().total().calls, home.folded) == (2, 3)
    assert home.connection.execute("SELECT count(*) FROM call").fetchall() == [(2,)]
    assert home.health(CODEX).skipped == {}


def test_reasoning_is_a_part_of_output(home: Home) -> None:
    home.codex(meta(), turn(), Thread().call("10:00:05", 100, 40, reasoning=25))
    tokens = home.read().call().tokens
    assert (tokens.output, tokens.reasoning) == (40, 25)


HUGE = [
    ("just under ten million", 9_999_999, 1),
    ("above", 10_000_001, 0),
    ("far beyond any integer", 10**30, 0),
    ("as a float", 1e30, 0),
]


@pytest.mark.parametrize(("sent", "calls"), [one[1:] for one in HUGE], ids=[one[0] for one in HUGE])
def test_a_corrupt_request_is_skipped_and_counted(sent: Any, calls: int, home: Home) -> None:
    home.codex(meta(), turn(), counted("10:00:05", codex_usage(sent), codex_usage(sent)))
    assert home.read().total().calls == calls
    assert home.health(CODEX).skipped == ({} if calls else {"more than 10 M tokens": 1})


def after_both(sent: int, output: int, **more: Any) -> Record:
    """Running totals that have grown by this much since `three_calls`."""
    return codex_usage(2500 + sent, 250 + output, cached=900 + more.pop("cached", 0), **more)


FIRST, SECOND = three_calls()
GAPS: list[tuple[str, list[Record], int]] = [
    ("every request has its line", [FIRST, SECOND], 0),
    ("two requests, one line", [FIRST, SECOND, counted("10:01:00", after_both(900, 90), codex_usage(500, 40))], 1),
    ("the first line of all", [counted("10:00:05", codex_usage(900, 90), codex_usage(500, 40))], 0),
    ("no last", [FIRST, SECOND, counted("10:01:00", after_both(900, 90))], 0),
    ("more sent, as much out", [FIRST, SECOND, counted("10:01:00", after_both(900, 40), codex_usage(500, 40))], 0),
    (
        "fewer of one kind",
        [FIRST, SECOND, counted("10:01:00", after_both(900, 90), codex_usage(500, 40, cached=10))],
        0,
    ),
    ("a reset", [FIRST, SECOND, counted("10:01:00", codex_usage(900, 90), codex_usage(500, 40))], 0),
    ("window exceeded", [FIRST, SECOND, counted("10:01:00", FULL, codex_usage(0, total=255_900))], 0),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "gaps"), [one[1:] for one in GAPS], ids=[one[0] for one in GAPS])
def test_requests_without_a_line_are_told(records: list[Record], gaps: int, restart: bool, home: Home) -> None:
    """The last request counts as it stands; that there was another is said."""
    path = home.codex(meta(), turn())
    for record in records:
        home.append(path, record)
        if restart:
            home.read()
    assert home.read().health(CODEX).skipped.get("requests the log does not tell apart", 0) == gaps
    if gaps:
        assert home.total() == Counts(3, 2100, 900, 0, 0, 290)


# --- whose model, which tier

MODELS: list[tuple[str, list[Record], list[tuple[str | None, str | None, str | None]]]] = [
    (
        "the latest turn's",
        [turn(), T().call("10:00:05", 10), turn("u2", "10:01:00", "gpt-5.5"), T(codex_usage(10)).call("10:01:05", 10)],
        [("gpt-5.4", None, None), ("gpt-5.5", None, None)],
    ),
    ("none was said: unknown", [T().call("10:00:05", 10)], [(None, None, None)]),
    (
        "a turn without a model changes none",
        [turn(), turn("u2", "10:00:03", None), T().call("10:00:05", 10)],
        [("gpt-5.4", None, None)],
    ),
    (
        "settings applied",
        [turn(), settings("10:00:03", model="gpt-6"), T().call("10:00:05", 10)],
        [("gpt-6", None, None)],
    ),
    (
        "fast",
        [turn(), settings("10:00:03", service_tier="fast"), T().call("10:00:05", 10)],
        [("gpt-5.4|fast", "fast", None)],
    ),
    (
        "priority",
        [turn(), settings("10:00:03", service_tier="priority"), T().call("10:00:05", 10)],
        [("gpt-5.4", None, "priority")],
    ),
    (
        "fast, and then no longer",
        [turn(), settings("10:00:03", service_tier="fast"), settings("10:00:04"), T().call("10:00:05", 10)],
        [("gpt-5.4", None, None)],
    ),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("records", "expected"), [one[1:] for one in MODELS], ids=[one[0] for one in MODELS])
def test_models(records: list[Record], expected: list[Any], restart: bool, home: Home) -> None:
    """(model as reports key it, speed, tier)."""
    path = home.codex(meta())
    for record in records:
        home.append(path, record)
        if restart:
            home.read()
    assert [(one.model, one.speed, one.tier) for one in home.read().calls()] == expected


def test_an_unknown_model_is_unpriced(home: Home) -> None:
    home.codex(meta(), T().call("10:00:05", 10))
    assert home.read().call().cost is None


# --- context and rate limits


def test_context_is_the_last_requests_total(home: Home) -> None:
    """Of the newest line with info; Codex counts the output in."""
    home.codex(meta(), turn(), *three_calls())
    assert home.read().context("T1").tokens == 1650


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
def test_after_a_compaction_its_estimate(restart: bool, home: Home) -> None:
    """And repeating the estimate is no second compaction."""
    total = three_calls()[1]["payload"]["info"]["total_token_usage"]
    estimate = [counted(at, total, codex_usage(0, total=3100)) for at in ("10:01:00", "10:01:09")]
    path = home.codex(meta(), turn())
    for record in (*three_calls(), *estimate):
        home.append(path, record)
        if restart:
            home.read()
    assert home.read().context("T1").tokens == 3100
    assert home.compactions() == [(1650, 3100)]


ABSURD: list[tuple[str, int | None, int, int | None]] = [
    ("beyond any request", 258_400, 10**15, 110),
    ("beyond the window", 258_400, 600_000, 110),
    ("a little beyond it", 258_400, 300_000, 300_000),
    ("twice the window", 258_400, 516_800, 516_800),
    ("more than twice", 258_400, 516_801, 110),
    ("no window said", None, 600_000, 600_000),
    ("no window said, beyond any request", None, 10**15, 110),
    ("an absurd window too", 10**15, 10**15, 110),
]


@pytest.mark.parametrize(("window", "total", "context"), [one[1:] for one in ABSURD], ids=[one[0] for one in ABSURD])
def test_an_absurd_total_is_no_context(window: int | None, total: int, context: int, home: Home) -> None:
    """The request's own counts stand in; and a window nobody has is unknown."""
    last = codex_usage(100, 10, total=total)
    home.codex(meta(), turn(), counted("10:00:05", codex_usage(100, 10), last, model_context_window=window))
    assert home.read().context("T1").tokens == context
    assert home.context("T1").window == (window if window == 258_400 else None)


def test_a_single_token_is_a_context(home: Home) -> None:
    home.codex(meta(), turn(), counted("10:00:05", codex_usage(1), codex_usage(1, total=0)))
    assert home.read().context("T1").tokens == 1


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
def test_a_line_without_a_time_is_of_the_line_before(restart: bool, home: Home) -> None:
    """Whatever that line says: it need not be about usage."""
    untimed = T().call("10:09:00", 700, 30)
    del untimed["timestamp"]
    path = home.codex(meta(), turn())
    for record in (envelope("response_item", "10:05:00", {"type": "reasoning"}), untimed):
        home.append(path, record)
        if restart:
            home.read()
    assert home.read().connection.execute("SELECT at FROM call").fetchall() == [(instant("10:05:00"),)]


def test_nothing_is_billed_by_the_request(home: Home) -> None:
    home.codex(meta(), turn(), *three_calls())
    found = home.read().connection.execute("SELECT DISTINCT searches, requests, cost_requests FROM call").fetchall()
    assert found == [(0, 0, 0)]


def test_an_absurd_estimate_is_no_compaction(home: Home) -> None:
    total = three_calls()[1]["payload"]["info"]["total_token_usage"]
    home.codex(meta(), turn(), *three_calls(), counted("10:01:00", total, codex_usage(0, total=10**15)))
    assert home.read().compactions() == []
    assert home.context("T1").tokens == 1650


def test_the_window_is_the_logged_one(home: Home) -> None:
    home.codex(meta(), turn(), counted("10:00:05", codex_usage(10), codex_usage(10), model_context_window=128_000))
    assert home.read().window("T1") == 128_000


def test_no_window_is_unknown(home: Home) -> None:
    home.codex(meta(), turn(), counted("10:00:05", codex_usage(10), codex_usage(10), model_context_window=None))
    assert home.read().window("T1") is None


LIMITS: list[tuple[str, list[Any], list[tuple[str, int, float]]]] = [
    ("as announced", [limits(12.0, 40.0)], [("codex", 300, 12.0), ("codex", 10_080, 40.0)]),
    ("only changes", [limits(12.0), limits(12.0), limits(13.0)], [("codex", 300, 12.0), ("codex", 300, 13.0)]),
    (
        "one of two windows changes",
        [limits(1.0, 2.0), limits(1.0, 3.0)],
        [("codex", 300, 1.0), ("codex", 10_080, 2.0), ("codex", 300, 1.0), ("codex", 10_080, 3.0)],
    ),
    ("many times the same", [limits(12.0)] * 9, [("codex", 300, 12.0)] * 2),
    ("null between", [limits(12.0), None, limits(12.0)], [("codex", 300, 12.0)] * 2),
    (
        "two limits in turn",
        [limits(1.0, ident="a"), limits(2.0, ident="b"), limits(1.0, ident="a"), limits(2.0, ident="b")],
        [("a", 300, 1.0), ("b", 300, 2.0)] * 2,
    ),
    ("a window that is null", [limits(12.0) | {"secondary": None}], [("codex", 300, 12.0)]),
    ("no name", [limits(12.0, ident=None)], [("codex", 300, 12.0)]),
    (
        "side by side, as first written",
        [
            {"primary_used_percent": 12.5, "primary_window_minutes": 300}
            | {"secondary_used_percent": 40.0, "secondary_window_minutes": 10_080}
            | {"primary_to_secondary_ratio_percent": 20.0}
        ],
        [("codex", 300, 12.5), ("codex", 10_080, 40.0)],
    ),
    (
        "and before that",
        [
            {"primary_used_percent": 12.5, "primary_window_minutes": 300}
            | {"weekly_used_percent": 40.0, "weekly_window_minutes": 10_080}
        ],
        [("codex", 300, 12.5), ("codex", 10_080, 40.0)],
    ),
    ("side by side without their lengths", [{"primary_used_percent": 12.5, "secondary_used_percent": 40.0}], []),
    (
        "nonsense",
        [
            "x",
            5,
            [],
            {"primary": []},
            {"primary": {"used_percent": "much", "window_minutes": 300}},
            {"primary": {"used_percent": 10**400, "window_minutes": 300}},
        ],
        [],
    ),
]


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize(("announced", "stored"), [one[1:] for one in LIMITS], ids=[one[0] for one in LIMITS])
def test_limits(announced: list[Any], stored: list[Any], restart: bool, home: Home) -> None:
    """(name, minutes, percent used): stored when they change, however often they are repeated, and the last of them."""
    path = home.codex(meta(), turn())
    for second, one in enumerate(announced):
        home.append(path, counted(f"10:00:{second + 10}", None, limits=one))
        if restart:
            home.read()
    assert home.read().quotas() == stored


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "in reverse"])
@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "one by one"])
def test_the_newest_word_on_a_limit_is_shown(restart: bool, order: int, home: Home) -> None:
    """Of all threads, by time; also where its own thread has said the same before."""
    said = {
        "A": [("10:00:00", 40.0), ("10:20:00", 40.0), ("10:40:00", 40.0)],
        "B": [("10:10:00", 3.0), ("10:30:00", 3.0)],
    }
    for thread in sorted(said)[::order]:
        path = home.codex(meta(thread, "09:59:00"), thread=thread)
        for at, used in said[thread]:
            home.append(path, counted(at, None, limits=limits(used)))
            if restart:
                home.read()
    (limit,) = queries.limits(home.read().connection, instant("10:50:00"))
    assert (limit.used, limit.at) == (40.0, instant("10:40:00"))


def test_a_limit_that_stays_was_seen_last_when_it_was_said_last(home: Home) -> None:
    home.codex(meta(), *(counted(f"10:{minute:02}:00", None, limits=limits(12.0, 40.0)) for minute in range(40)))
    found = queries.limits(home.read().connection, instant("10:50:00"))
    assert [(one.minutes, one.at) for one in found] == [(300, instant("10:39:00")), (10_080, instant("10:39:00"))]
    assert len(home.quotas()) == 4


def test_a_reset_in_seconds_is_from_the_lines_time(home: Home) -> None:
    """As older builds say it."""
    old = {"primary": {"used_percent": 5.0, "window_minutes": 300, "resets_in_seconds": 3600}}
    home.codex(meta(), counted("2026-06-01T10:00:00.000Z", None, limits=old))
    ((resets,),) = home.read().connection.execute("SELECT resets_at FROM quota").fetchall()
    assert resets == 1_780_308_000_000 + 3_600_000


@pytest.mark.parametrize(
    ("said", "resets"),
    [
        ({"resets_at": 1_780_400_000, "resets_in_seconds": 3600}, 1_780_400_000_000),
        ({"resets_in_seconds": 0}, None),
        ({}, None),
    ],
)
def test_a_reset_that_has_a_time_needs_no_seconds(said: dict[str, Any], resets: int | None, home: Home) -> None:
    announced = {"primary": {"used_percent": 5.0, "window_minutes": 300, **said}}
    home.codex(meta(), counted("2026-06-01T10:00:00.000Z", None, limits=announced))
    assert home.read().connection.execute("SELECT resets_at FROM quota").fetchall() == [(resets,)]


# --- forks and sub-agents


class Parent:
    """T1 with two calls; `copy` is what a fork or a sub-agent begins with, stamped anew in a millisecond each."""

    def __init__(self, thread: str = "T1", ident: str = "u1") -> None:
        counter = Thread()
        self.calls = [codex_usage(1000, 100), codex_usage(1500, 150, cached=900)]
        first = counter.call("10:00:05", 1000, 100)
        self.records = [meta(thread), turn(ident), first, counter.call("10:00:15", 1500, 150, cached=900)]

    def copy(self, at: str = "11:00:00") -> list[Record]:
        return stamped(self.records, at)

    def counter(self) -> Thread:
        return Thread(*self.calls)


def stamped(records: list[Record], at: str) -> list[Record]:
    """The records as the copying program writes them: a millisecond each, one behind the other."""
    copied = json.loads(json.dumps(records))
    for index, one in enumerate(copied):
        one["timestamp"] = f"2026-06-01T{at}.{index + 1:03d}Z"
    return copied


PARENT = Parent()
ONCE = Counts(2, 1600, 900, 0, 0, 250)
SPAWN = {
    "subagent": {
        "thread_spawn": {"parent_thread_id": "T1", "depth": 1, "agent_nickname": "Ada", "agent_role": "worker"}
    }
}


def forked(thread: str = "T2", at: str = "11:00:00", of: str = "T1", own: str = "u2", sent: int = 700) -> list[Record]:
    """A fork: its own meta, the copied history, a turn of its own with one call."""
    half_minute = f"{at[:6]}30"
    return [
        meta(thread, at, forked_from_id=of),
        *PARENT.copy(at),
        turn(own, half_minute),
        PARENT.counter().call(f"{at[:6]}40", sent, 30),
    ]


def spawned(thread: str, at: str, own: str = "u2", sent: int = 700) -> list[Record]:
    """A sub-agent that was given its parent's history."""
    begin = meta(thread, at, source=SPAWN, parent_thread_id="T1", thread_source="subagent")
    return [begin, *forked(thread, at, own=own, sent=sent)[1:]]


FAMILIES: list[tuple[str, dict[str, list[Record]], Counts]] = [
    ("a fork and its parent", {"T1": PARENT.records, "T2": forked()}, Counts(3, 2300, 900, 0, 0, 280)),
    ("a fork whose parent is gone", {"T2": forked()}, Counts(1, 700, 0, 0, 0, 30)),
    (
        "two forks and their parent",
        {"T1": PARENT.records, "T2": forked(), "T3": forked("T3", "12:00:00", own="u3")},
        Counts(4, 3000, 900, 0, 0, 310),
    ),
    ("two forks, no parent", {"T2": forked(), "T3": forked("T3", "12:00:00", own="u3")}, Counts(2, 1400, 0, 0, 0, 60)),
    (
        "a sub-agent with its parent's history",
        {"T1": PARENT.records, "T2": spawned("T2", "11:00:00")},
        Counts(3, 2300, 900, 0, 0, 280),
    ),
    ("such a sub-agent alone", {"T2": spawned("T2", "11:00:00")}, Counts(1, 700, 0, 0, 0, 30)),
    (
        "two sub-agents with equal turns",
        {"T1": PARENT.records, "T2": spawned("T2", "11:00:00"), "T3": spawned("T3", "11:00:00", own="u3")},
        Counts(4, 3000, 900, 0, 0, 310),
    ),
    (
        "sub-agents without history, with equal turns",
        {
            name: [meta(name, source=SPAWN, parent_thread_id="T1"), turn(own), T().call("10:00:05", 700, 30)]
            for name, own in (("T2", "u2"), ("T3", "u3"))
        },
        Counts(2, 1400, 0, 0, 0, 60),
    ),
    (
        "two threads with equal turns and one turn's id",
        {name: [meta(name), turn("u1"), T().call("10:00:05", 700, 30)] for name in ("T2", "T3")},
        Counts(2, 1400, 0, 0, 0, 60),
    ),
]


def fork_of_fork() -> dict[str, list[Record]]:
    """T3 forks T2, which forks T1: T3 holds the metas and the calls of both."""
    second = forked()
    counter = PARENT.counter()
    counter.call("", 700, 30)
    own = [turn("u3", "12:00:30"), counter.call("12:00:40", 50, 5)]
    return {
        "T1": PARENT.records,
        "T2": second,
        "T3": [meta("T3", "12:00:00", forked_from_id="T2"), *stamped(second, "12:00:00"), *own],
    }


FAMILIES += [
    ("a fork of a fork", fork_of_fork(), Counts(4, 2350, 900, 0, 0, 285)),
    (
        "a fork of a fork, the first parent gone",
        {name: one for name, one in fork_of_fork().items() if name != "T1"},
        Counts(2, 750, 0, 0, 0, 35),
    ),
    ("a fork of a fork alone", {"T3": fork_of_fork()["T3"]}, Counts(1, 50, 0, 0, 0, 5)),
]


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "in reverse"])
@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "one by one"])
@pytest.mark.parametrize(("threads", "expected"), [one[1:] for one in FAMILIES], ids=[one[0] for one in FAMILIES])
def test_families(threads: dict[str, list[Record]], expected: Counts, restart: bool, order: int, home: Home) -> None:
    """What a fork or a sub-agent copied counts once, where it was made; its own turns count too."""
    for thread in sorted(threads)[::order]:
        home.codex(*threads[thread], thread=thread)
        if restart:
            home.read()
    assert home.read().total() == expected


def test_a_fork_leaves_its_parents_calls_on_their_day_and_session(home: Home) -> None:
    home.codex(*forked(at="11:00:00"), thread="T2")
    home.read()
    home.codex(*PARENT.records, thread="T1")
    assert home.read().by_session() == {"T1": 2, "T2": 1}


def test_a_fork_read_line_by_line(home: Home) -> None:
    """The copy is recognised however often reading is interrupted in it."""
    home.codex(*PARENT.records, thread="T1")
    path = home.codex(thread="T2")
    for record in forked():
        home.append(path, record)
        home.read()
    assert home.total() == Counts(3, 2300, 900, 0, 0, 280)
    assert home.folded == 2


def test_limits_that_a_fork_copied_are_not_news(home: Home) -> None:
    """They stand under a new time with an old figure."""
    line = counted("10:00:05", codex_usage(10), codex_usage(10), limits=limits(12.0))
    home.codex(meta("T2", "11:00:00", forked_from_id="T1"), *stamped([meta("T1"), line], "11:00:00"))
    assert home.read().quotas() == []


NAMES: list[tuple[str, dict[str, Any], str | None]] = [
    ("a user's thread", {}, None),
    ("its nickname", {"source": SPAWN}, "Ada"),
    ("the nickname beside the source", {"source": SPAWN, "agent_nickname": "Grace"}, "Grace"),
    ("its role", {"thread_source": "subagent", "agent_role": "worker"}, "worker"),
    ("a review", {"source": {"subagent": "review"}}, "review"),
    ("no name: its thread", {"thread_source": "subagent"}, "T1"),
    ("another program's thread", {"source": {"custom": "my-editor"}}, None),
]


@pytest.mark.parametrize(("facts", "name"), [one[1:] for one in NAMES], ids=[one[0] for one in NAMES])
def test_names_of_subagents(facts: dict[str, Any], name: str | None, home: Home) -> None:
    home.codex(meta(**facts), turn(), T().call("10:00:05", 10))
    assert home.read().call().subagent == name


BARE_SPAWN = {"subagent": {"thread_spawn": {"parent_thread_id": "T1", "depth": 1}}}
ROOTS: list[tuple[str, dict[str, Any]]] = [
    ("its root named", {"source": BARE_SPAWN, "session_id": "T1", "parent_thread_id": "T8"}),
    ("its parent named", {"thread_source": "subagent", "parent_thread_id": "T1"}),
    ("its parent named in the source", {"source": BARE_SPAWN}),
    ("itself named as its session, as of old", {"source": BARE_SPAWN, "session_id": "T2"}),
]


@pytest.mark.parametrize("order", [1, -1], ids=["in order", "in reverse"])
@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
@pytest.mark.parametrize("facts", [one[1] for one in ROOTS], ids=[one[0] for one in ROOTS])
def test_a_subagent_works_for_its_roots_session(facts: dict[str, Any], restart: bool, order: int, home: Home) -> None:
    """One session, its facts and its context the root's own, whichever file is read first."""
    root = [meta(git={"branch": "main"}), turn(), T().call("10:00:05", 100, 10)]
    asked = T()
    child = [
        meta("T2", "10:01:00", cwd="/elsewhere", git={"branch": "side"}, **facts),
        turn("u2", "10:01:01"),
        asked.call("10:01:05", 5000, 500),
        counted("10:01:09", dict(asked.sums), codex_usage(0, total=77)),
        asked.call("10:01:15", 6000, 600),
    ]
    for thread, records in [("T1", root), ("T2", child)][::order]:
        path = home.codex(thread=thread)
        for record in records:
            home.append(path, record)
            if restart:
                home.read()
    home.read()
    assert home.by_session() == {"T1": 3}
    assert [one.subagent for one in home.calls()] == [None, "T2", "T2"]
    known = home.sessions()["T1"]
    assert (known.subagents, known.project, known.branch, known.peak) == (1, "/home/me/app", "main", 110)
    assert home.context("T1").tokens == 110


def test_a_subagent_whose_root_is_not_known_is_a_session(home: Home) -> None:
    home.codex(meta(thread_source="subagent", agent_role="worker"), turn(), T().call("10:00:05", 100, 10))
    assert home.read().by_session() == {"T1": 1}
    assert home.sessions()["T1"].project == "/home/me/app"


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
def test_a_pause_between_our_lines_ends_a_copy(restart: bool, home: Home) -> None:
    """Lines that say nothing of usage, written meanwhile, are seen or not as reading was cut: they decide nothing."""
    quiet = [envelope("response_item", f"2026-06-01T11:00:0{at}Z", {"type": "reasoning"}) for at in ("0.900", "1.800")]
    path = home.codex(meta("T2", "11:00:00", forked_from_id="T1"), thread="T2")
    own = PARENT.counter().call("2026-06-01T11:00:02.500Z", 700, 30)
    for record in (*PARENT.copy(), turn("u2", "2026-06-01T11:00:00.050Z"), *quiet, own):
        home.append(path, record)
        if restart:
            home.read()
    assert home.read().total() == Counts(1, 700, 0, 0, 0, 30)


@pytest.mark.parametrize(("began", "calls"), [("11:00:00", 1), ("10:00:00", 0)], ids=["here", "in the parent"])
def test_a_turn_that_began_in_this_file_ends_a_copy_after_a_second(began: str, calls: int, home: Home) -> None:
    """No pause is as long. A turn that began an hour before is a copied one, though its line is stamped anew."""
    home.codex(
        meta("T2", "11:00:00", forked_from_id="T1"),
        *PARENT.copy(),
        event("task_started", "2026-06-01T11:00:00.100Z", turn_id="u2", started_at=instant(began)),
        turn("u2", "2026-06-01T11:00:00.200Z"),
        settings("2026-06-01T11:00:00.600Z"),
        settings("2026-06-01T11:00:01.050Z"),
        PARENT.counter().call("2026-06-01T11:00:01.300Z", 700, 30),
        thread="T2",
    )
    assert home.read().total() == Counts(calls, 700 * calls, 0, 0, 0, 30 * calls)


def test_every_copy_of_a_fork_of_a_fork_meets_its_original(home: Home) -> None:
    """Two calls of T1, three lines of T2 of which two are copies, four of T3 of which three are."""
    for thread, records in fork_of_fork().items():
        home.codex(*records, thread=thread)
    assert home.read().folded == 5


# --- the session's facts


@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "a restart after each line"])
def test_the_first_folder_is_the_project(restart: bool, home: Home) -> None:
    """Where the thread's first line names none, a turn does."""
    path = home.codex()
    for record in (
        meta(cwd=None, git={"branch": "dev"}),
        turn(None, "10:00:01", cwd=None),
        turn("u1", "10:00:02", cwd="/home/me/first"),
        T().call("10:00:05", 10),
        turn("u2", "10:00:06", cwd="/home/me/second"),
        T(codex_usage(10)).call("10:00:07", 10),
    ):
        home.append(path, record)
        if restart:
            home.read()
    known = home.read().sessions()["T1"]
    assert (known.project, known.branch, known.version) == ("/home/me/first", "dev", "0.145.0")


def test_a_copied_turns_folder_is_the_parents(home: Home) -> None:
    copied = stamped([meta("T1"), turn("u1", cwd="/home/parents"), T().call("10:00:05", 10)], "11:00:00")
    own = [turn("u2", "11:00:30", cwd="/home/mine"), T(codex_usage(10)).call("11:00:40", 10)]
    home.codex(meta("T2", "11:00:00", cwd=None, forked_from_id="T1"), *copied, *own, thread="T2")
    assert home.read().sessions()["T2"].project == "/home/mine"


def test_the_first_meta_is_the_files_own(home: Home) -> None:
    again = meta("T1", "10:05:00", cwd="/elsewhere", cli_version="9")
    home.codex(
        meta(git={"branch": "dev"}), turn(), T().call("10:00:05", 10), again, T(codex_usage(10)).call("10:06:00", 10)
    )
    facts = home.read().sessions()["T1"]
    assert (facts.project, facts.branch, facts.version, facts.entrypoint) == (
        "/home/me/app",
        "dev",
        "0.145.0",
        "codex-tui",
    )


# --- files


def packed(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=3).compress(data)


def rollout(*, ident: bool = True) -> bytes:
    """Without `ident`, as from a builder that wrote no thread id."""
    first = meta()
    if not ident:
        del first["payload"]["id"]
    return lines(first, turn(), *three_calls(), three_calls()[1])


LIVE = ".codex/sessions/2026/06/01/rollout-2026-06-01T10-00-00-T1.jsonl"
ARCHIVED = ".codex/archived_sessions/rollout-2026-06-01T10-00-00-T1.jsonl"
FILES: list[tuple[str, dict[str, bool]]] = [
    ("live", {LIVE: False}),
    ("archived", {ARCHIVED: False}),
    ("packed", {f"{LIVE}.zst": True}),
    ("packed in the archive", {f"{ARCHIVED}.zst": True}),
    ("live and archived", {LIVE: False, ARCHIVED: False}),
    ("plain and packed", {LIVE: False, f"{LIVE}.zst": True}),
    ("all four", {LIVE: False, ARCHIVED: False, f"{LIVE}.zst": True, f"{ARCHIVED}.zst": True}),
]


@pytest.mark.parametrize("ident", [True, False], ids=["with thread id", "without"])
@pytest.mark.parametrize("restart", [False, True], ids=["in one go", "one by one"])
@pytest.mark.parametrize("files", [one[1] for one in FILES], ids=[one[0] for one in FILES])
def test_files(files: dict[str, bool], restart: bool, ident: bool, home: Home) -> None:
    """A rollout counts once, live, archived, packed, or all of these."""
    for path, pack in files.items():
        home.write(path, packed(rollout(ident=ident)) if pack else rollout(ident=ident))
        if restart:
            home.read()
    assert home.read().total() == ONCE
    assert home.folded == 3 * len(files) - 2
    assert len(home.sessions()) == 1


def test_archiving_moves_a_file_and_reading_goes_on(home: Home) -> None:
    path = home.write(LIVE, rollout())
    home.read()
    moved = home.root / ARCHIVED
    moved.parent.mkdir(parents=True)
    path.rename(moved)
    home.append(ARCHIVED, PARENT.counter().call("10:05:00", 700, 30))
    assert home.read().total() == Counts(3, 2300, 900, 0, 0, 280)
    assert {one.path for one in home.calls()} == {str(moved)}


def test_packing_a_file_that_was_read_changes_nothing(home: Home) -> None:
    path = home.write(LIVE, rollout())
    home.read()
    home.write(f"{LIVE}.zst", packed(path.read_bytes()))
    path.unlink()
    assert home.read().total() == ONCE


def test_a_damaged_pack_is_a_problem_and_not_the_end(home: Home) -> None:
    from app import runtime

    home.write(f"{LIVE}.zst", b"no zstd at all, however long it is")
    home.write(ARCHIVED.replace("T1", "T9"), rollout().replace(b"T1", b"T9"))
    caught = runtime.read_new(home.machine, home.connection)
    assert caught is not None
    assert [Path(one.path).name for one in caught.problems] == [Path(f"{LIVE}.zst").name]
    assert home.total().calls == 2


def test_a_pack_that_is_still_being_written(home: Home) -> None:
    """What is there counts; the rest follows, and nothing twice."""
    home.write(f"{LIVE}.zst", packed(rollout())[:-20])
    assert home.read().total().calls <= 2
    home.write(f"{LIVE}.zst", packed(rollout()))
    assert home.read().total() == ONCE


BARE = [
    {"id": "T0", "timestamp": "2025-07-01T10:00:00.000Z", "instructions": None, "git": {}},
    {"record_type": "state"},
    {
        "type": "message",
        "role": "user",
        "content": [{"type": "input_text", "text": '"token_count" and "session_meta"'}],
    },
    {"type": "function_call", "name": "shell", "arguments": "{}", "call_id": "c"},
]


def test_old_bare_files_hold_no_tokens(home: Home) -> None:
    """Before September 2025 there was no envelope, and nothing was counted: no call, and no harm."""
    home.codex(*BARE, thread="T0")
    home.codex(*PARENT.records, thread="T1")
    assert home.read().total() == ONCE


def test_a_stream_of_exec_is_no_rollout(home: Home) -> None:
    home.codex({"type": "turn.completed", "usage": {"input_tokens": 5, "output_tokens": 6}})
    assert home.read().total().calls == 0


def test_quoted_token_counts_are_no_token_counts(home: Home) -> None:
    """A tool printed another rollout."""
    quoted = json.dumps(three_calls()[0])
    home.codex(
        *PARENT.records, envelope("response_item", "10:00:20", {"type": "function_call_output", "output": quoted})
    )
    assert home.read().total() == ONCE


ODD: list[tuple[str, bytes]] = [
    ("half a last line", rollout() + rollout()[:333].splitlines()[-1]),
    ("no line end", rollout()[:-1]),
    ("CRLF", rollout().replace(b"\n", b"\r\n")),
    ("a byte order mark", b"\xef\xbb\xbf" + rollout()),
    ("NULs behind", rollout() + b"\0" * 512),
    ("blank and broken lines", rollout().replace(b"\n", b'\n\n{"token_count"\n[1]\n\xff\n')),
    (
        "payloads that are no objects",
        rollout()
        + b"".join(
            b'{"type":"event_msg","payload":%s,"x":"token_count"}\n' % one for one in (b"null", b"5", b"[]", b'"x"')
        ),
    ),
]


@pytest.mark.parametrize("data", [one[1] for one in ODD], ids=[one[0] for one in ODD])
def test_odd_files(data: bytes, home: Home) -> None:
    home.codex(data)
    assert home.read().total() == ONCE


FIELDS = {
    "session_meta": [
        "id",
        "forked_from_id",
        "parent_thread_id",
        "timestamp",
        "cwd",
        "cli_version",
        "source",
        "git",
        "model_provider",
        "agent_nickname",
    ],
    "turn_context": ["turn_id", "model", "effort", "cwd"],
    "token_count": ["rate_limits"],
}


@pytest.mark.parametrize("odd", [7, -1.5, [1], {"a": {}}, "", None, 10**40], ids=repr)
@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_an_odd_field_never_costs_the_line(kind: str, field: str, odd: Any, home: Home) -> None:
    """Whatever any field beside the counts holds, the tokens count."""
    records = json.loads(json.dumps(PARENT.records))
    for one in records:
        if kind in (one["type"], one["payload"].get("type")):
            one["payload"][field] = odd
    home.codex(*records, T(*PARENT.calls).call("10:00:40", 7, 1))
    assert home.read().total() == Counts(3, 1607, 900, 0, 0, 251)
