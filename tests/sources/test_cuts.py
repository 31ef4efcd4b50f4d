"""However a log comes into being, byte by byte, in halves, damaged or rewritten: what is made of it is the same.

The examples are chosen by hypothesis without chance, so that a failure is the same everywhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from builders import (
    Record,
    Thread,
    answer,
    codex_usage,
    compacted,
    counted,
    dumps,
    event,
    limits,
    lines,
    meta,
    mirrored,
    model_chosen,
    prompt,
    tool_result,
    turn,
    usage,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.machine import Machine

from .home import Home


def examples(number: int) -> settings:
    calm = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=number, derandomize=True, database=None, deadline=None, suppress_health_check=calm)


CLAUDE, CODEX = (
    ".claude/projects/-home-me-app/S1.jsonl",
    ".codex/sessions/2026/06/01/rollout-2026-06-01T10-00-00-T1.jsonl",
)
WRITTEN = 1_780_300_000
MakeHome = Callable[[], Any]


@pytest.fixture
def new_home(machine: Machine, tmp_path: Path) -> MakeHome:
    """Homes that know nothing of each other, one an example and one to compare with."""
    numbers = count()

    @contextmanager
    def make() -> Iterator[Home]:
        folder = tmp_path / f"example-{next(numbers)}"
        folder.mkdir()
        made = Home(replace(machine, home=folder / "home", data=folder / "data"))
        try:
            yield made
        finally:
            made.close()

    return make


def grow(home: Home, path: str, data: bytes) -> None:
    """The file as it is now, its time unchanged: only its size tells that there is more."""
    file = home.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    known = file.stat().st_size if file.exists() else 0
    with open(file, "ab") as out:
        out.write(data[known:])
    os.utime(file, (WRITTEN, WRITTEN))


def everything(home: Home) -> dict[str, Any]:
    """All that anyone is ever shown of what was read."""
    calls = home.calls()
    return {
        "calls": [
            (
                one.native,
                one.at,
                one.model,
                one.subagent,
                one.tokens,
                one.searches,
                one.reported,
                one.context,
                one.window,
                one.speed,
                one.tier,
                one.geo,
                one.effort,
                one.finished,
                one.folded,
                one.position,
                one.cost,
            )
            for one in calls
        ],
        "sessions": {
            name: (one.project, one.branch, one.version, one.started_at, one.ended_at, one.models, one.peak)
            for name, one in home.sessions().items()
        },
        "contexts": {name: home.context(name) for name in home.sessions()},
        "compactions": home.compactions(),
        "quotas": home.quotas(),
        "skipped": {agent: home.health(agent).skipped for agent in ("claude_code", "codex")},
    }


# --- logs to cut


def without_time(line: Record) -> Record:
    return {name: value for name, value in line.items() if name != "timestamp"}


SEARCHED = usage(3, 4, server_tool_use={"web_search_requests": 2})
ADVISED = usage(
    5,
    6,
    iterations=[
        {"type": "message"} | usage(5, 6),
        {"type": "advisor_message", "model": "claude-opus-5"} | usage(70, 8),
    ],
)
MOVED = {"cwd": "/home/me/app/b", "gitBranch": "dev", "version": "2.1.221"}
TRANSCRIPT: list[bytes] = [
    lines({"type": "summary", "summary": "x"}),
    lines(prompt()),
    lines(prompt("10:02:00", cwd="/home/me/app/deep")),
    lines(without_time(prompt())),
    lines(answer("m1", "r1", usage(1, 1), stop=None, uuid="a1")),
    lines(answer("m1", "r1", usage(1, 90, read=7), at="10:00:09", uuid="a2")),
    lines(answer("m1", "r1", usage(1, 90, read=7), at="09:59:59")),
    lines(answer("m1", "r9", usage(1, 95, read=900), side=True, agentId="x1", at="10:00:12")),
    lines(answer("m2", "r2", usage(4, 20, hour=300), at="10:01:00", uuid="b", **MOVED)),
    lines(answer("m3", None, usage(2, 3), at="10:03:00")),
    lines(without_time(answer("m4", "r4", usage(2, 30)))),
    lines(without_time(answer(None, None, usage(2, 31), uuid="c"))),
    lines(answer(None, None, usage(2, 32), at="10:04:00")),
    lines(answer("m5", "r5", SEARCHED, at="10:05:00", uuid="d")),
    lines(answer("m6", "r6", ADVISED, at="10:06:00")),
    lines(answer("m7", "r7", model="<synthetic>")),
    lines(answer("m8", "r8", usage(10_000_001, 1))),
    lines(mirrored(answer("m9", "r9", usage(8, 9), at="10:00:31"), "x2")),
    lines(compacted("10:02:30")),
    lines(compacted("10:07:00", after=None)),
    lines(model_chosen("claude-sonnet-5[1m]")),
    lines(model_chosen("claude-sonnet-5", "10:06:30")),
    lines(tool_result("a2", searchCount=1)),
    lines(tool_result("b", searchCount=2)),
    lines(tool_result("d", searchCount=4)),
    lines(answer("ü", "é", usage(6, 7), at="10:08:00")),
    lines(answer("m10", "r10", usage(6, 7), at="10:09:00"))[:-1] + b"\r\n",
]  # fmt: skip
NOISE: list[bytes] = [
    b"\n",
    b"\r\n",
    b"  \t\n",
    b"\0\0\0\0\n",
    b'{"usage":\n',
    b"[1,2]\n",
    b'"usage"\n',
    b"\xff\xfe{\n",
    b'{"type":"new-kind","x":1}\n',
    b"\xef\xbb\xbf\n",
]


@st.composite
def transcripts(draw: st.DrawFn) -> bytes:
    """Any lines in any order, except that no tool answers before it was asked."""
    found = draw(st.sampled_from([b"", b"\xef\xbb\xbf", b"\0\0"]))
    for one in draw(st.lists(st.sampled_from(TRANSCRIPT + NOISE[:6]), min_size=1, max_size=14)):
        asker = json.loads(one)["parentUuid"] if b'"searchCount"' in one else None
        if asker is None or b'"uuid":"%s"' % asker.encode() in found:
            found += one
    return found


CODEX_EVENTS = [
    "call",
    "call",
    "repeat",
    "compaction",
    "overflow",
    "turn",
    "model",
    "fast",
    "limits",
    "null",
    "total",
    "meta",
    "noise",
]


@st.composite
def rollouts(draw: st.DrawFn) -> bytes:
    """A thread that lives through anything a thread can live through, perhaps after a copied history."""
    parts: list[bytes] = []
    counter, last, now = Thread(), codex_usage(0), 36_000_000
    fork = draw(st.booleans())
    parts.append(lines(meta("T1", forked_from_id="T0" if fork else None)))
    if fork:
        parts.append(lines(meta("T0", "2026-06-01T10:00:00.001Z")))
    for number, kind in enumerate(draw(st.lists(st.sampled_from(CODEX_EVENTS), min_size=1, max_size=14))):
        now += draw(st.sampled_from([1, 3, 400, 999, 1000, 5000]))
        seconds = now // 1000
        at = f"2026-06-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{now % 1000:03}Z"
        if kind == "call":
            last = codex_usage(draw(st.integers(1, 999)), draw(st.integers(0, 99)), cached=draw(st.integers(0, 1)))
            counter._add(last)
        records: dict[str, Callable[[], Record]] = {
            "call": lambda at=at, last=last: counted(at, dict(counter.sums), last),
            "repeat": lambda at=at, last=last: counted(at, dict(counter.sums), last, limits=limits(5.0)),
            "compaction": lambda at=at: counted(at, dict(counter.sums), codex_usage(0, total=3100)),
            "overflow": lambda at=at: counted(at, codex_usage(0, total=258_400), codex_usage(0, total=99)),
            "turn": lambda at=at, number=number: turn(f"u{number}", at),
            "model": lambda at=at, number=number: turn(f"u{number}", at, "gpt-5.5"),
            "fast": lambda at=at: event("thread_settings_applied", at, service_tier="fast"),
            "limits": lambda at=at, number=number: counted(at, None, limits=limits(float(number % 3), 1.0)),
            "null": lambda at=at: counted(at, None),
            "total": lambda at=at: counted(at, dict(counter.sums)),
            "meta": lambda at=at: meta("T1", at),
        }
        if kind == "overflow":
            counter.sums = codex_usage(0, total=258_400)
        parts.append(draw(st.sampled_from(NOISE[:6])) if kind == "noise" else lines(records[kind]()))
    return b"".join(parts)


def cuts(data: bytes) -> st.SearchStrategy[list[int]]:
    """Where reading is interrupted: anywhere, also inside a line, a character or a byte order mark."""
    return st.lists(st.integers(0, len(data)), min_size=1, max_size=4).map(sorted)


# --- cut anywhere


def fed(home: Home, path: str, data: bytes, places: list[int]) -> dict[str, Any]:
    for place in (*places, len(data)):
        grow(home, path, data[:place])
        home.read()
    return everything(home)


@examples(60)
@given(data=st.data())
def test_a_transcript_cut_anywhere(new_home: MakeHome, data: st.DataObject) -> None:
    """Read in slices or in one go: the same calls, tokens, folded records, sessions, contexts and skipped lines."""
    log = data.draw(transcripts())
    places = data.draw(cuts(log))
    with new_home() as sliced, new_home() as whole:
        assert fed(sliced, CLAUDE, log, places) == fed(whole, CLAUDE, log, [])


@examples(60)
@given(data=st.data())
def test_a_rollout_cut_anywhere(new_home: MakeHome, data: st.DataObject) -> None:
    log = data.draw(rollouts())
    places = data.draw(cuts(log))
    with new_home() as sliced, new_home() as whole:
        assert fed(sliced, CODEX, log, places) == fed(whole, CODEX, log, [])


@pytest.mark.parametrize(("path", "log"), [(CLAUDE, b"".join(TRANSCRIPT))], ids=["all lines there are"])
def test_cut_at_every_line_and_half_line(path: str, log: bytes, new_home: MakeHome) -> None:
    """Every line by itself, first its half and then the rest."""
    ends = [place + 1 for place, byte in enumerate(log) if byte == 10]
    places = sorted({*ends, *(end - 40 for end in ends)})
    with new_home() as sliced, new_home() as whole:
        assert fed(sliced, path, log, places) == fed(whole, path, log, [])


# --- noise between the lines


@examples(30)
@given(data=st.data())
def test_noise_changes_nothing(new_home: MakeHome, data: st.DataObject) -> None:
    """Blank lines, NULs, a byte order mark, CRLF and broken lines between good ones cost no call and make none."""
    clean = [
        b for b in data.draw(st.lists(st.sampled_from(TRANSCRIPT[1:]), min_size=1, max_size=10)) if b'"timestamp"' in b
    ]
    noisy = b"".join(
        b"".join(data.draw(st.lists(st.sampled_from(NOISE), max_size=2)))
        + (one.rstrip(b"\r\n") + b"\r\n" if data.draw(st.booleans()) else one)
        for one in clean
    )
    noisy = data.draw(st.sampled_from([b"", b"\xef\xbb\xbf"])) + noisy + data.draw(st.sampled_from([b"", b"\0" * 100]))
    with new_home() as one, new_home() as other:
        found, expected = fed(one, CLAUDE, noisy, []), fed(other, CLAUDE, b"".join(clean), [])
    places = [[call[:15] + call[16:] for call in each["calls"]] for each in (found, expected)]
    assert places[0] == places[1]
    assert (found["sessions"], found["contexts"]) == (expected["sessions"], expected["contexts"])


# --- truncated and rewritten

VERSIONS = [one for one in TRANSCRIPT if b'"m1","model"' not in one and b'"timestamp"' in one]


@examples(30)
@given(
    versions=st.lists(st.lists(st.sampled_from(VERSIONS), min_size=1, max_size=6), min_size=2, max_size=4),
    cut=st.integers(0, 400),
    anew=st.booleans(),
)
def test_a_file_that_is_rewritten(new_home: MakeHome, versions: list[list[bytes]], cut: int, anew: bool) -> None:
    """In place or as a new file, shorter or longer: what the last one says counts as it says, and nothing seen is lost."""
    seen: set[str | None] = set()
    with new_home() as home, new_home() as last:
        for number, version in enumerate(versions):
            rewritten(home, b"".join(version)[: -cut or None] if number % 2 == 0 else b"".join(version), anew)
            home.read()
            seen |= {one.native for one in home.calls()}
        final = (home.root / CLAUDE).read_bytes()
        fed(last, CLAUDE, final, [])
        now = {one.native: one for one in home.calls()}
        assert now.keys() == seen
        for one in last.calls():
            assert now[one.native].tokens.total >= one.tokens.total
        assert home.output >= last.output
        assert home.folded >= last.folded


def rewritten(home: Home, data: bytes, anew: bool) -> None:
    file = home.root / CLAUDE
    if anew and file.exists():
        fresh = file.with_suffix(".new")
        fresh.write_bytes(data)
        fresh.replace(file)
        home.touch(file)
    else:
        home.write(CLAUDE, data)


@examples(25)
@given(data=st.data())
def test_a_rollout_that_is_cut_off(new_home: MakeHome, data: st.DataObject) -> None:
    """Truncated anywhere and written on: nothing that was counted is lost, nothing is counted twice."""
    log = data.draw(rollouts())
    place = data.draw(st.integers(0, len(log)))
    with new_home() as home, new_home() as whole:
        before = fed(home, CODEX, log, [])
        home.write(CODEX, log[:place])
        home.read()
        assert [one[4] for one in everything(home)["calls"]] == [one[4] for one in before["calls"]]
        home.write(CODEX, log)
        home.read()
        assert everything(home)["calls"] == fed(whole, CODEX, log, [])["calls"]


# --- any value anywhere

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**40), 10**40)
    | st.integers(-5, 5)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from([10_000_001, 2**63, 2**64, -1, 1e18, 1e300, "12", "", "NaN", "\ud800"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "type", "input_tokens"]), inner, max_size=2)
    ),
    max_leaves=4,
)
CLAUDE_FIELDS = {
    "input_tokens": (), "output_tokens": (), "cache_read_input_tokens": (), "cache_creation_input_tokens": (),
    "cache_creation": ("ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"),
    "output_tokens_details": ("thinking_tokens",), "server_tool_use": ("web_search_requests",),
    "service_tier": (), "speed": (), "inference_geo": (), "iterations": (),
}  # fmt: skip
ADVISOR = st.lists(
    st.fixed_dictionaries(
        {"type": st.just("advisor_message"), "input_tokens": JSON, "output_tokens": JSON, "model": JSON}
    ),
    max_size=2,
)


@st.composite
def any_usage(draw: st.DrawFn) -> Record:
    """An ordinary usage with one or two fields holding anything."""
    found = usage(3, 4, write=9, read=5, five=4, hour=5)
    for field in draw(st.lists(st.sampled_from(sorted(CLAUDE_FIELDS)), min_size=1, max_size=2)):
        inner = CLAUDE_FIELDS[field]
        if field == "iterations" and draw(st.booleans()):
            found[field] = draw(ADVISOR)
        elif inner and draw(st.booleans()):
            found[field] = {name: draw(JSON) for name in inner}
        else:
            found[field] = draw(JSON)
    return found


def escaped(record: Record) -> bytes:
    """Lone surrogates as JSON escapes, as a careless writer leaves them."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def sound(home: Home) -> None:
    """No negative count, none above what a request can have, and totals that add up and can be shown."""
    for one in home.calls():
        assert all(0 <= each <= 10_000_000 for each in (*one.tokens, one.tokens.total))
        assert one.tokens.reasoning <= one.tokens.output
        assert one.searches >= 0
        assert one.cost is None or one.cost >= 0
    assert sum(one.tokens.output for one in home.calls()) == home.output
    everything(home)


@examples(40)
@given(usages=st.lists(any_usage(), min_size=6, max_size=12), beside=st.lists(JSON, min_size=4, max_size=4))
def test_any_usage_of_claude(new_home: MakeHome, usages: list[Record], beside: list[Any]) -> None:
    """Whatever stands in any field of a usage: no error, no negative, and the line before and after it count."""
    records = [answer(f"m{index}", f"r{index}", one) for index, one in enumerate(usages)]
    odd = [
        compacted() | {"compactMetadata": beside[0]},
        compacted("10:31:00")
        | {"compactMetadata": {"preTokens": beside[1], "postTokens": beside[2], "trigger": beside[3]}},
        tool_result("a", searchCount=beside[0]) | {"toolUseResult": beside[1]},
        tool_result("a", searchCount=beside[2]),
        model_chosen("x") | {"attachment": {"type": "model", "identity": {"modelId": beside[3]}}},
        {"type": "assistant", "message": beside[0], "x": {"usage": 1}},
        {"type": "progress", "data": beside[1], "x": {"usage": 1}},
    ]
    with new_home() as home:
        home.claude(answer("first", "f", usage(0, 50), uuid="a"), *(escaped(one) for one in (*records, *odd)))
        home.append(CLAUDE, answer("last", "l", usage(0, 60)))
        home.read()
        sound(home)
        natives = {one.native for one in home.calls()}
        assert {"first f", "last l"} <= natives


COUNTS = [
    "input_tokens",
    "cached_input_tokens",
    "cache_write_input_tokens",
    "output_tokens",
    "reasoning_output_tokens",
    "total_tokens",
]
VECTOR = JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(COUNTS, JSON | st.integers(0, 9)))
LIMIT = JSON | st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["used_percent", "window_minutes", "resets_at", "resets_in_seconds"], JSON)
)
INFO = JSON | st.fixed_dictionaries(
    {"total_token_usage": VECTOR, "last_token_usage": VECTOR, "model_context_window": JSON}
)
LIMITS = JSON | st.fixed_dictionaries({"primary": LIMIT, "secondary": LIMIT, "limit_id": JSON, "plan_type": JSON})


@examples(40)
@given(infos=st.lists(st.tuples(INFO, LIMITS), min_size=6, max_size=12), beside=st.lists(JSON, min_size=4, max_size=4))
def test_any_count_of_codex(new_home: MakeHome, infos: list[tuple[Any, Any]], beside: list[Any]) -> None:
    from app.store import queries

    path = CODEX
    with new_home() as home:
        home.write(path, meta(), turn(), Thread().call("10:00:05", 50, 5))
        for number, (info, announced) in enumerate(infos):
            home.append(path, escaped(event("token_count", f"10:01:{number:02}", info=info, rate_limits=announced)))
        home.append(path, escaped(event("task_started", "10:02:00", started_at=beside[0], turn_id=beside[1])))
        home.append(
            path, escaped(event("thread_settings_applied", "10:02:01", service_tier=beside[2], model=beside[3]))
        )
        home.append(path, turn("u9", "10:03:00"), counted("10:03:05", None, codex_usage(7, 1)))
        home.read()
        sound(home)
        assert {one.tokens.prompt for one in home.calls()} >= {50, 7}
        queries.limits(home.connection, home.machine.clock())


def test_the_examples_say_what_they_are() -> None:
    """A pool whose lines were not read would prove nothing: each good line is valid JSON, each noise is none of ours."""
    assert all(isinstance(json.loads(one), dict) for one in TRANSCRIPT)
    assert dumps({"a": 1}) == '{"a":1}'
