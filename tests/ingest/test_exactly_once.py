"""Made-up logs of real shape, fed in every way the world has: each call counts once, whole, on its day.

The generator says what a right reader must find; `tests/corpus/gen_corpus.py` knows nothing of this program.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from app import runtime
from app.__main__ import main
from app.ingest.worker import Worker
from app.machine import Machine
from app.report.overview import Question, build
from app.report.zone import zone_named
from app.sources import SOURCES
from tests.ingest.world import World, expected, generate

SEEDS = {"claude": 3, "codex": 6}
"""Chosen for their traps: resumed sessions, truncated last lines, mirrors, no request ids; forks, archives, repeats."""
AGENTS = tuple(SEEDS)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Agent → a home of 6 MB."""
    homes: dict[str, Path] = {}
    for agent, seed in SEEDS.items():
        homes[agent] = tmp_path_factory.mktemp("corpus") / agent
        generate(homes[agent], agent, "6M", seed=seed, sessions=60)
    return homes


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """Agent → a home of 200 MB."""
    import shutil

    homes: dict[str, Path] = {}
    for agent, seed in SEEDS.items():
        homes[agent] = tmp_path_factory.mktemp("corpus") / agent
        generate(homes[agent], agent, "200M", seed=seed)
    yield homes
    for home in homes.values():
        shutil.rmtree(home)


def world_of(home: Path, machine: Machine, name: str = "data") -> World:
    return World(replace(machine, home=home, data=machine.data.with_name(name)))


def by_command(world: World, monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[int, ...]]:
    """`model|day` → figures, as `cuenta report --by model` tells each day; fast mode is the same model."""
    for name, value in world.environment().items():
        monkeypatch.setenv(name, value)
    days = {key.partition("|")[2] for key in expected(world.machine.home)} | {
        (date(2026, 4, 30) + timedelta(days=number)).isoformat() for number in range(0, 40, 3)
    }
    found: dict[str, tuple[int, ...]] = {}
    for day in sorted(days):
        out = TextIOWrapper(BytesIO())
        with redirect_stdout(out):
            words = ["--by", "model", "--json", "--timezone", "UTC", "--since", day, "--until", day, "--no-sync"]
            assert main(["report", *words]) == 0
        for row in json.loads(out.buffer.getvalue())["rows"]:  # type: ignore[attr-defined]
            key = f"{row['key'].removesuffix('|fast')}|{day}"
            figures = (row["calls"], *row["tokens"].values())
            found[key] = tuple(a + b for a, b in zip(found.get(key, (0,) * 7), figures, strict=True))
    return found


def assert_exact(world: World) -> None:
    wanted, found = expected(world.machine.home), world.by_model_and_day()
    wrong = {key: (wanted.get(key), found.get(key)) for key in wanted.keys() | found.keys()}
    assert {key: both for key, both in wrong.items() if both[0] != both[1]} == {}


# --- (a) a cold run


@pytest.mark.parametrize("agent", AGENTS)
def test_a_cold_run(short: dict[str, Path], machine: Machine, agent: str, monkeypatch: pytest.MonkeyPatch) -> None:
    world = world_of(short[agent], machine)
    world.sync()
    assert_exact(world)
    assert by_command(world, monkeypatch) == expected(world.machine.home)
    before = world.totals(), world.rows()
    world.sync()
    assert (world.totals(), world.rows()) == before
    assert world.ask("PRAGMA foreign_key_check") == []
    assert world.ask("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("agent", AGENTS)
def test_every_grouping_adds_up_to_the_same(short: dict[str, Path], machine: Machine, agent: str) -> None:
    world = world_of(short[agent], machine)
    world.sync()
    connection = runtime.reader(world.machine)
    zone = zone_named("UTC")
    total = build(connection, Question(zone)).total
    for by in ("week", "month", "agent", "model", "project", "session"):
        assert build(connection, Question(zone, by)).total == total, by
    kinds = build(connection, Question(zone, "kind"))
    assert sum(row.sums.cost for row in kinds.rows) == total.cost
    assert kinds.total == total
    connection.close()


# --- (b) killed


def killed_and_finished(world: World, kills: int, seed: int) -> int:
    """Starts `cuenta sync`, ends it by force at random moments, then lets one finish; how many were really killed."""
    random_ = random.Random(seed)
    began = time.monotonic()
    world_of(world.machine.home, world.machine, "timed").run("sync", "--json", timeout=600)
    whole = time.monotonic() - began
    hit = 0
    for _ in range(kills):
        process = world.start("sync", "--json", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(random_.uniform(0.05, max(0.25, 2 * whole / kills)))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            hit += 1
            process.wait()
        if world.machine.database.exists() and world.ask("SELECT 1 FROM sqlite_master WHERE name = 'call'"):
            assert_no_call_twice(world)
    done = world.run("sync", "--json", timeout=600)
    assert done.returncode == 0, done.stderr
    return hit


def assert_no_call_twice(world: World) -> None:
    assert world.ask("SELECT key FROM call WHERE kept = 1 GROUP BY source, message, key HAVING count(*) > 1") == []
    wanted = expected(world.machine.home)
    for key, figures in world.by_model_and_day().items():
        assert figures[0] <= wanted[key][0], key


@pytest.mark.parametrize("agent", AGENTS)
def test_killed_at_random_moments(
    short: dict[str, Path], machine: Machine, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(short[agent], machine)
    killed_and_finished(world, kills=5, seed=1)
    assert by_command(world, monkeypatch) == expected(world.machine.home)
    cold = world_of(short[agent], machine, "cold")
    cold.sync()
    assert (world.totals(), world.figures()) == (cold.totals(), cold.figures())


# --- (c) fed while it is watched


def fed(source: Path, target: Path, random_: random.Random, largest: int) -> Iterator[None]:
    """Makes the home anew by appending slices of random length to its files, in random order."""
    waiting: dict[Path, bytes] = {}
    for path in sorted(source.rglob("*.jsonl")):
        waiting[target / path.relative_to(source)] = path.read_bytes()
    while waiting:
        path = random_.choice(list(waiting))
        rest = waiting[path]
        length = random_.choice((random_.randint(1, 40), random_.randint(1, largest), len(rest)))
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "ab") as file:
            file.write(rest[:length])
        if rest[length:]:
            waiting[path] = rest[length:]
        else:
            del waiting[path]
        yield


@pytest.mark.parametrize("agent", AGENTS)
def test_fed_in_slices_between_readings(short: dict[str, Path], machine: Machine, agent: str) -> None:
    random_ = random.Random(7)
    world = world_of(machine.home, machine)
    for number, _ in enumerate(fed(short[agent], machine.home, random_, 400_000)):
        if number % 9 == 0:
            world.sync()
    world.sync()
    cold = world_of(short[agent], machine, "cold")
    cold.sync()
    assert_exact_as(world, short[agent])
    assert (world.totals(), world.figures()) == (cold.totals(), cold.figures())


def assert_exact_as(world: World, home: Path) -> None:
    assert world.by_model_and_day() == expected(home)


def feed_under_a_watcher(world: World, home: Path, seed: int, largest: int) -> None:
    for root in (world.projects, world.rollouts):
        root.mkdir(parents=True)
    worker = Worker(
        world.machine,
        SOURCES,
        lambda: runtime.writer(world.machine),
        changed=lambda changed: None,
        progress=lambda progress: None,
        today_from=lambda: 0,
    )
    worker.start()
    random_ = random.Random(seed)
    try:
        for number, _ in enumerate(fed(home, world.machine.home, random_, largest)):
            if number % 5 == 0:
                time.sleep(random_.uniform(0, 0.02))
        deadline = time.monotonic() + 60
        while world.by_model_and_day() != expected(home) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert worker.trouble is None
    finally:
        worker.stop()


@pytest.mark.parametrize("agent", AGENTS)
def test_fed_in_slices_under_a_watcher(short: dict[str, Path], machine: Machine, agent: str) -> None:
    world = world_of(machine.home, machine)
    with runtime.writer(world.machine):
        pass
    feed_under_a_watcher(world, short[agent], seed=11, largest=600_000)
    assert_exact_as(world, short[agent])
    cold = world_of(short[agent], machine, "cold")
    cold.sync()
    assert (world.totals(), world.figures()) == (cold.totals(), cold.figures())


@pytest.mark.parametrize("agent", AGENTS)
def test_moved_about_between_readings(short: dict[str, Path], machine: Machine, agent: str) -> None:
    """Files are renamed, archived, replaced by a copy of themselves and cut, while reading goes on."""
    random_ = random.Random(5)
    world = world_of(machine.home, machine)
    for number, _ in enumerate(fed(short[agent], machine.home, random_, 300_000)):
        if number % 40 == 0:
            world.sync()
    world.sync()
    before = world.totals(), world.rows()
    files = sorted(machine.home.rglob("*.jsonl"))
    for path in files:
        match random_.randrange(4):
            case 0:
                path.rename(path.with_name(f"x{path.name}"))
            case 1:
                copy = path.with_name("copy.tmp")
                copy.write_bytes(path.read_bytes())
                os.replace(copy, path)
            case 2:
                os.truncate(path, random_.randint(0, path.stat().st_size))
            case _:
                path.unlink()
        if random_.random() < 0.2:
            world.sync()
    world.sync()
    assert (world.totals(), world.rows()) == before
    assert_exact_as(world, short[agent])


# --- large


@pytest.mark.long
@pytest.mark.parametrize("agent", AGENTS)
def test_200_mb_killed_ten_times(
    large: dict[str, Path], machine: Machine, agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = world_of(large[agent], machine)
    assert killed_and_finished(world, kills=10, seed=2) >= 5
    assert by_command(world, monkeypatch) == expected(world.machine.home)
    cold = world_of(large[agent], machine, "cold")
    cold.sync()
    assert (world.totals(), world.figures()) == (cold.totals(), cold.figures())


@pytest.mark.long
@pytest.mark.parametrize("agent", AGENTS)
def test_200_mb_fed_under_a_watcher(large: dict[str, Path], machine: Machine, agent: str) -> None:
    world = world_of(machine.home, machine)
    with runtime.writer(world.machine):
        pass
    feed_under_a_watcher(world, large[agent], seed=13, largest=8_000_000)
    assert_exact_as(world, large[agent])
