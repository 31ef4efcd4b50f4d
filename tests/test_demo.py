"""The made-up logs: what the real readers make of them, against a small reader of the tests' own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from conftest import NOW, ROOT

from app.demo import write_logs
from app.machine import Machine
from app.model.instant import instant_of
from app.model.meters import Meters
from app.report import export, meters, overview
from app.runtime import read_new, reader
from app.shapes.finding import files_of
from app.sources import SOURCES
from app.store import queries

Line = dict[str, Any]
Counts = Counter[tuple[str, str]]
"""(model, kind of token) → how many."""

KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")


class World(NamedTuple):
    machine: Machine
    report: dict[str, Any]
    """By model."""
    sessions: dict[str, Any]
    days: dict[str, Any]
    agents: dict[str, Any]
    meters: Meters
    limits: list[queries.Limit]


def told(machine: Machine, now: str, zone: str) -> World:
    """What Cuenta says at that moment on a machine with made-up logs."""
    instant = instant_of(now)
    assert instant is not None
    machine = replace(machine, environment={"TZ": zone}, clock=lambda: instant)
    write_logs(machine.home, instant, ZoneInfo(zone))
    with closing(reader(machine)) as connection:
        read = read_new(machine, connection)
        assert read is not None
        assert not read.problems

        def by(what: str) -> dict[str, Any]:
            return export.as_json(overview.build(connection, overview.Question(ZoneInfo(zone), what)), machine)

        now_running, limits = meters.read(connection, machine), list(queries.limits(connection, instant))
        return World(machine, by("model"), by("session"), by("day"), by("agent"), now_running, limits)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("demo")
    return told(Machine(folder / "home", data=folder / "data"), NOW, "UTC")


# --- a reader of its own


def files(home: Path) -> list[Path]:
    return sorted(one for one in home.rglob("*") if one.is_file())


def lines(files: Iterable[Path]) -> Iterator[Line]:
    for file in files:
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def answers(home: Path) -> Counts:
    """Claude Code: of the lines with one id, the one with the largest output."""
    best: dict[str, tuple[int, str, Line]] = {}
    for line in lines((home / ".claude").rglob("*.jsonl")):
        message = line.get("message", {})
        if "usage" in message:
            found = (message["usage"]["output_tokens"], message["model"], message["usage"])
            best[message["id"]] = max(best.get(message["id"], found), found, key=lambda one: one[0])
    counts: Counts = Counter()
    for _, model, usage in best.values():
        split = usage["cache_creation"]
        assert sum(split.values()) == usage["cache_creation_input_tokens"]
        counts[model, "calls"] += 1
        counts[model, "input"] += usage["input_tokens"]
        counts[model, "cache_read"] += usage["cache_read_input_tokens"]
        counts[model, "cache_write_5m"] += split["ephemeral_5m_input_tokens"]
        counts[model, "cache_write_1h"] += split["ephemeral_1h_input_tokens"]
        counts[model, "output"] += usage["output_tokens"]
        counts[model, "reasoning"] += usage["output_tokens_details"]["thinking_tokens"]
    return counts


def responses(home: Path) -> Counts:
    """Codex: each turn's running totals once, whichever files repeat them."""
    counts: Counts = Counter()
    seen: set[tuple[str, int]] = set()
    turn = model = ""
    for line in lines((home / ".codex").rglob("*.jsonl")):
        payload = line["payload"]
        if line["type"] == "turn_context":
            turn, model = payload["turn_id"], payload["model"]
        info = payload.get("info")
        if not info or (turn, info["total_token_usage"]["total_tokens"]) in seen:
            continue
        seen.add((turn, info["total_token_usage"]["total_tokens"]))
        last = info["last_token_usage"]
        read, written = last["cached_input_tokens"], last["cache_write_input_tokens"]
        counts[model, "calls"] += 1
        counts[model, "input"] += last["input_tokens"] - read - written
        counts[model, "cache_read"] += read
        counts[model, "cache_write_5m"] += written
        counts[model, "output"] += last["output_tokens"]
        counts[model, "reasoning"] += last["reasoning_output_tokens"]
    return counts


def reported(report: dict[str, Any]) -> Counts:
    counts: Counts = Counter()
    for row in report["rows"]:
        model = row["key"].partition("|")[0]  # the fast mode has a row of its own
        counts[model, "calls"] += row["calls"]
        counts.update({(model, kind): row["tokens"][kind] for kind in KINDS})
    return counts


# --- the ordinary moment


def test_the_readers_count_what_a_plain_walk_counts(world: World) -> None:
    home = world.machine.home
    assert +reported(world.report) == +(answers(home) + responses(home))
    assert world.report["total"]["folded_records"] > 500


def test_every_file_is_read_and_nothing_is_skipped(world: World) -> None:
    read: set[str] = set()
    for source in SOURCES:
        for found in files_of(source, world.machine):
            read.add(found.path)
            for batch in source.read(Path(found.path), None):
                assert batch.skipped == {}
                assert batch.end.offset == os.path.getsize(found.path)
    assert read == {str(one) for one in files(world.machine.home)}


def test_some_120_sessions_in_six_projects_over_five_weeks(world: World) -> None:
    rows = world.sessions["rows"]
    own = [one for one in files(world.machine.home) if "subagents" not in one.parts]
    assert len(rows) == len(own)
    assert 100 <= len(rows) <= 145
    assert len({row["project"] for row in rows}) == 6
    assert {row["agent"] for row in rows} == {"claude_code", "codex"}
    days = [row["key"] for row in world.days["rows"]]
    assert days[0] >= "2026-10-20"
    assert days[-1] == "2026-11-24"
    assert len(days) >= 25


def test_the_sums_look_like_a_working_life(world: World) -> None:
    tokens = world.report["total"]["tokens"]
    prompt = sum(tokens[kind] for kind in KINDS[:4])
    assert 0.85 < tokens["cache_read"] / prompt < 0.98
    assert 10e9 < world.meters.today < 20e9
    assert all(row["cost_nanousd"] < 30e9 for row in world.days["rows"])
    claude, codex = (row["cost_nanousd"] for row in world.agents["rows"])
    assert 2 < claude / codex < 8


def test_three_sessions_run(world: World) -> None:
    running = world.meters.running
    assert [(one.source, one.name) for one in running] == [
        ("claude_code", "ledger-web"),
        ("claude_code", "atlas-api"),
        ("codex", "parser"),
    ]
    nearly, half, other = running
    assert nearly.fill == pytest.approx(0.85, abs=0.01)
    assert half.fill == pytest.approx(0.51, abs=0.01)
    assert other.window == 258_400
    assert world.meters.hourly


def test_one_day_has_calls_without_a_price(world: World) -> None:
    assert [row["unpriced_calls"] > 0 for row in world.days["rows"]].count(True) == 1


def test_the_fast_mode_has_a_price_of_its_own(world: World) -> None:
    (fast,) = [row for row in world.report["rows"] if row["key"].endswith("|fast")]
    (usual,) = [row for row in world.report["rows"] if row["key"] == fast["key"].partition("|")[0]]
    assert fast["unpriced_calls"] == 0
    assert fast["cost_nanousd"] / fast["calls"] > usual["cost_nanousd"] / usual["calls"]


def test_the_traps_of_real_logs_are_there(world: World) -> None:
    home = world.machine.home
    claude = list(lines((home / ".claude").rglob("*.jsonl")))
    assert sum(line.get("subtype") == "compact_boundary" for line in claude) == 1
    assert len({line["sessionId"] for line in claude if "forkedFrom" in line}) == 1
    side = [line["message"] for line in claude if line["isSidechain"] and line["type"] == "assistant"]
    assert any(message["stop_reason"] is None for message in side)
    assert all(not message["usage"]["cache_creation"]["ephemeral_1h_input_tokens"] for message in side)
    forked = [
        line["payload"]["id"]
        for line in lines((home / ".codex").rglob("*.jsonl"))
        if line["type"] == "session_meta" and "forked_from_id" in line["payload"]
    ]
    assert len(forked) == 1


def test_copied_history_stays_with_its_origin(world: World) -> None:
    """A session that begins with another's lines begins to count with its own."""
    home = world.machine.home
    for row in world.sessions["rows"]:
        (file,) = home.rglob(f"*{row['key']}.jsonl")
        own = [line for line in lines([file]) if "forkedFrom" not in line]
        assert row["started_at"] >= own[0]["timestamp"][:19]


def test_the_plan_windows_are_told(world: World) -> None:
    assert {(limit.source, limit.minutes) for limit in world.limits} == {("codex", 300), ("codex", 10_080)}
    for limit in world.limits:
        assert 0 < limit.used < 100
        assert limit.resets_at is not None
        assert limit.at < world.machine.clock() < limit.resets_at


def test_files_are_as_old_as_their_last_line(world: World) -> None:
    for file in files(world.machine.home):
        stamps = [line["timestamp"] for line in lines([file])]
        assert instant_of(stamps[-1]) == file.stat().st_mtime_ns // 1_000_000
        assert instant_of(max(stamps)) <= world.machine.clock()  # type: ignore[operator]


def test_no_text_that_could_be_anyones(world: World) -> None:
    """Every text is the same filler."""
    texts: set[str] = set()
    for line in lines(files(world.machine.home)):
        message = line.get("message") or {}
        content = message.get("content", [])
        texts |= {content} if isinstance(content, str) else {one.get("text", "…") for one in content}
        texts.add(line.get("payload", {}).get("message", "…"))
    assert texts == {"…"}


# --- other moments


MOMENTS = [
    ("2026-11-24T05:05:00Z", "America/New_York"),  # 00:05 in the morning
    ("2026-11-23T23:05:00Z", "Europe/Madrid"),  # 00:05 on a Tuesday
    ("2026-10-25T16:00:00Z", "Europe/Madrid"),  # a Sunday of 25 hours
    ("2026-10-24T22:05:00Z", "Europe/Madrid"),  # its first minutes
    ("2027-03-14T20:00:00Z", "America/New_York"),  # a Sunday of 23 hours
    ("2027-04-04T03:00:00Z", "Australia/Lord_Howe"),  # clocks go back by half an hour
    ("2026-11-24T18:10:00Z", "Asia/Kathmandu"),  # 23:55, 5 h 45 min east
    ("2026-12-31T10:00:00Z", "Pacific/Kiritimati"),  # 00:00 of a new year
]


@pytest.mark.parametrize(("now", "zone"), MOMENTS)
def test_at_any_moment(machine: Machine, now: str, zone: str) -> None:
    world = told(machine, now, zone)
    instant, home = world.machine.clock(), world.machine.home
    assert +reported(world.report) == +(answers(home) + responses(home))
    assert [round(one.fill or 0, 2) for one in world.meters.running][:2] == [0.85, 0.51]
    assert len(world.meters.running) == 3
    assert 100 <= len(world.sessions["rows"]) <= 145
    assert all(instant_of(line["timestamp"]) <= instant for line in lines(files(home)))  # type: ignore[operator]
    running = {one.session for one in world.meters.running}
    for row in world.sessions["rows"]:
        began = datetime.fromisoformat(row["started_at"])
        assert began.timestamp() * 1000 > instant - 37 * 86_400_000
        assert row["key"] in running or 8 <= began.astimezone(ZoneInfo(zone)).hour < 18


@pytest.mark.parametrize(("now", "zone"), MOMENTS[:3])
def test_the_same_moment_gives_the_same_bytes(tmp_path: Path, now: str, zone: str) -> None:
    instant = instant_of(now)
    assert instant is not None
    for name in ("one", "other"):
        write_logs(tmp_path / name, instant, ZoneInfo(zone))
    one, other = files(tmp_path / "one"), files(tmp_path / "other")
    assert [file.relative_to(tmp_path / "one") for file in one] == [
        file.relative_to(tmp_path / "other") for file in other
    ]
    for mine, yours in zip(one, other, strict=True):
        assert mine.read_bytes() == yours.read_bytes()
        assert mine.stat().st_mtime_ns == yours.stat().st_mtime_ns


def test_it_is_quick_and_small(tmp_path: Path, now: int) -> None:
    taken: list[float] = []
    for number in range(3):
        begin = time.process_time()
        write_logs(tmp_path / str(number), now, ZoneInfo("UTC"))
        taken.append(time.process_time() - begin)
    assert min(taken) < 0.8  # 0.15 to 0.3 s; a busy machine must not fail this
    assert sum(file.stat().st_size for file in files(tmp_path / "0")) < 8_000_000


# --- as the user starts it


def test_report_of_the_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "app", "report", "--demo", "--json"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(temporary), "TEMP": str(temporary), "TMP": str(temporary)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["total"]["calls"] > 2_000
    assert report["generated_at"] == NOW
    assert files(temporary) == []
    assert list(temporary.iterdir()) == []
    assert files(tmp_path) == []  # neither home nor CUENTA_HOME got a file
