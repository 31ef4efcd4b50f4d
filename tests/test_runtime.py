"""What the tray app runs: pauses that end, a database that can't be read, a greeting, and what another process reads too."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import app.__main__ as program
from app import runtime
from app.diagnostics import KnownError
from app.ingest.catch_up import CatchUp
from app.machine import Machine
from app.model.meters import Deleting, Meters
from app.model.usage import Batch, Changed
from app.store.database import VERSION
from app.store.writer import Writer
from app.ui.live import next_deadline
from tests import builders
from tests.ingest.world import World, answer, append, later, write
from tests.patience import PATIENCE

HOUR = 3_600_000


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine)


class Running:
    """A Core at work, read again at each notice."""

    def __init__(self, machine: Machine, greeting: str | None = None) -> None:
        self.news = threading.Event()
        self.core = runtime.Core(machine, greeting)

    def start(self) -> None:
        self.core.start(self.news.set)

    def until(self, true: Callable[[Meters], bool]) -> Meters:
        """The first reading of which it holds. Only notices bring new readings, as in the tray."""
        deadline = time.monotonic() + PATIENCE
        while not true(found := self.core.meters()):
            assert self.news.wait(max(0.0, deadline - time.monotonic())), found
            self.news.clear()
        return found


@pytest.fixture
def running(world: World) -> Iterator[Running]:
    one = Running(world.machine)
    yield one
    one.core.stop()


# --- pausing


def test_a_pause_ends_by_itself(world: World) -> None:
    """The clock alone ends it: the meters say so, and what was written meanwhile is read without anybody's word."""
    machine = replace(world.machine, clock=lambda: time.time_ns() // 1_000_000)
    one = Running(machine)
    one.start()
    try:
        write(world.claude("s.jsonl"), [answer("a")])
        one.core.pause(machine.clock() + 600)
        paused = one.core.meters()
        assert paused.paused
        assert paused.paused_until is not None
        one.until(lambda now: not now.paused and world.totals()["calls"] == 1)
        assert one.core.meters().paused_until is None
    finally:
        one.core.stop()


def test_a_pause_survives_a_restart_with_its_end(world: World) -> None:
    until = world.machine.clock() + HOUR
    first = Running(world.machine)
    first.start()
    first.core.pause(until)
    first.core.stop()
    second = Running(world.machine)
    second.start()
    try:
        now = second.core.meters()
        assert (now.paused, now.paused_until) == (True, until)
        second.core.pause(None)
        now = second.core.meters()
        assert (now.paused, now.paused_until) == (True, None)
    finally:
        second.core.stop()


@pytest.mark.parametrize(("until", "expected"), [(HOUR, HOUR), (30_000, 30_000), (None, 8 * HOUR + 18 * 60_000)])
def test_the_meters_are_read_again_when_a_pause_ends(machine: Machine, until: int | None, expected: int) -> None:
    from zoneinfo import ZoneInfo

    now = machine.clock()
    end = None if until is None else now + until
    reading = Meters(now, 0, 0, 0, "measured", None, paused=True, paused_until=end)
    assert next_deadline(reading, ZoneInfo("UTC")) == now + expected


# --- a database that can't be read


def _newer(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("PRAGMA user_version = 99")


def _no_database(database: Path) -> None:
    database.write_bytes(b"this is no database" * 1_000)


def _torn(database: Path) -> None:
    """The header is whole, so it opens; the pages are not."""
    size = database.stat().st_size
    with open(database, "r+b") as file:
        file.seek(100)
        file.write(b"\xff" * (size - 100))


@pytest.mark.parametrize(("harm", "told"), [(_newer, "newer Cuenta"), (_no_database, "can't"), (_torn, "can't")])
def test_the_gui_thread_is_told_not_thrown_at(
    world: World, running: Running, harm: Callable[[Path], None], told: str
) -> None:
    write(world.claude("s.jsonl"), [answer("a")])
    world.sync()
    with closing(sqlite3.connect(world.machine.database)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    harm(world.machine.database)
    now = running.core.meters()
    assert (now.today, now.calls, now.running) == (0, 0, ())
    assert told in now.problems[0]
    running.start()
    now = running.until(lambda now: told in " ".join(now.problems))
    assert len(set(now.problems)) == len(now.problems)


def test_a_database_mended_is_read_again(world: World, running: Running) -> None:
    write(world.claude("s.jsonl"), [answer("a")])
    world.sync()
    _newer(world.machine.database)
    assert running.core.meters().problems
    with closing(sqlite3.connect(world.machine.database)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION}")
    now = running.core.meters()
    assert (now.calls, now.problems) == (1, ())


def test_a_reading_that_failed_for_a_moment_is_not_the_last(
    world: World, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing else may happen for hours."""
    monkeypatch.setattr(runtime, "_READ_AGAIN", 0.3)
    write(world.claude("s.jsonl"), [answer("a")])
    running.start()
    running.until(lambda now: now.calls == 1)
    read = runtime.meters.read

    def locked(*_: object) -> Meters:
        monkeypatch.setattr(runtime.meters, "read", read)
        raise sqlite3.OperationalError("database is locked")

    monkeypatch.setattr(runtime.meters, "read", locked)
    now = running.core.meters()
    assert (now.calls, len(now.problems)) == (0, 1)
    assert "locked" in now.problems[0]
    running.news.clear()
    assert running.news.wait(PATIENCE)
    now = running.core.meters()
    assert (now.calls, now.problems) == (1, ())


def test_the_meters_follow_a_database_that_was_replaced(world: World, running: Running) -> None:
    """The reading connection would go on reading the file without a name."""
    log = write(world.claude("s.jsonl"), [answer("a")])
    running.start()
    running.until(lambda now: now.calls == 1)
    for one in world.machine.data.glob("cuenta.sqlite3*"):
        one.unlink()
    append(log, answer("b") + "\n")
    assert running.core._worker is not None
    running.core._worker.look_at_everything()
    running.until(lambda now: now.calls == 2 and world.machine.database.exists())
    append(log, answer("c") + "\n")
    running.until(lambda now: now.calls == 3)


def test_what_becomes_readable_is_told(world: World, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its problem goes with a notice of its own: nothing else may happen for hours."""
    damaged = world.codex("t").with_suffix(".jsonl.zst")
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"(\xb5/\xfd" + b"garbage" * 100)
    running.start()
    running.until(lambda now: bool(now.problems))
    damaged.unlink()
    assert running.core._worker is not None
    running.core._worker.look_at_everything()
    running.until(lambda now: not now.problems)


# --- what is missing from the figures


STRANGE = '{"type":"usage-v2","timestamp":"2026-11-24T10:00:01.000Z","usage":{"input_tokens":1}}'


def test_a_changed_format_is_told_and_the_total_is_a_lower_bound(world: World, running: Running) -> None:
    log = later(write(world.claude("s.jsonl"), [answer("a"), STRANGE, STRANGE]), 0)
    running.start()
    now = running.until(lambda now: now.calls == 1 and bool(now.problems))
    assert now.problems == ("Claude Code: log format not recognized. 2 entries of today's logs could not be read.",)
    assert now.at_least
    log.unlink()


def test_logs_that_say_less_than_before_are_told(world: World, running: Running) -> None:
    """Two weeks of calls with output, and today's without: nothing was skipped, and yet something is missing."""
    before = [json.dumps(builders.answer(f"m{n}", f"r{n}", at=f"2026-11-20T10:00:{n:02}.000Z")) for n in range(30)]
    lacking = builders.usage(9, 0)
    today = [json.dumps(builders.answer(f"t{n}", f"t{n}", lacking, at=f"2026-11-24T10:00:0{n}.000Z")) for n in range(6)]
    later(write(world.claude("old.jsonl"), before), -4 * 86_400)
    later(write(world.claude("s.jsonl"), today), 0)
    running.start()
    now = running.until(lambda now: now.calls == 6 and now.reading is None and bool(now.problems))
    assert now.problems[0].startswith("Claude Code: its logs are not what they were.")
    assert now.at_least


def test_what_was_strange_yesterday_troubles_no_today(world: World, running: Running) -> None:
    later(write(world.claude("s.jsonl"), [answer("a"), STRANGE]), -86_400)
    running.start()
    now = running.until(lambda now: now.calls == 1 and now.reading is None)
    assert (now.problems, now.at_least) == ((), False)


@pytest.mark.parametrize(("seconds", "at_least"), [(0, True), (-86_400, False)])
def test_an_unreadable_log_makes_the_total_a_lower_bound_if_it_is_of_today(
    world: World, running: Running, seconds: float, at_least: bool
) -> None:
    write(world.claude("s.jsonl"), [answer("a")])
    damaged = world.codex("t").with_suffix(".jsonl.zst")
    damaged.parent.mkdir(parents=True)
    damaged.write_bytes(b"(\xb5/\xfd" + b"garbage" * 100)
    later(damaged, seconds)
    running.start()
    now = running.until(lambda now: now.calls == 1 and bool(now.problems) and now.reading is None)
    assert now.at_least is at_least


def test_figures_are_stale_ten_minutes_after_a_log_changed_unread(world: World) -> None:
    """Paused: nobody reads. The first change counts, not the last; and reading makes them fresh."""
    clock = [world.machine.clock()]
    one = Running(replace(world.machine, clock=lambda: clock[0]))
    log = write(world.claude("s.jsonl"), [answer("a")])
    one.start()
    try:
        one.until(lambda now: now.calls == 1 and now.reading is None)
        one.core.pause(None)
        clock[0] += 60_000
        changed = clock[0]
        append(log, answer("b") + "\n")
        now = one.until(lambda now: now.behind_since is not None)
        assert (now.behind_since, now.as_of) == (changed, None)
        assert next_deadline(now) <= changed + 600_000
        clock[0] += 300_000
        append(log, answer("c") + "\n")
        clock[0] += 300_000
        assert one.core.meters().as_of == changed
        one.core.resume()
        now = one.until(lambda now: now.calls == 3)
        assert now.as_of is None
    finally:
        one.core.stop()


def test_what_could_not_be_stored_stays_unread(world: World, running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    log = write(world.claude("s.jsonl"), [answer("a")])
    running.start()
    running.until(lambda now: now.calls == 1 and now.reading is None)
    assert running.core.meters().behind_since is None

    def full(self: CatchUp, pending: list[object]) -> bool:
        raise KnownError("The disk is full.", "Free space.")

    monkeypatch.setattr(CatchUp, "run", full)
    append(log, answer("b") + "\n")
    now = running.until(lambda now: bool(now.problems))
    assert now.behind_since == world.machine.clock()


# --- a greeting


def test_a_greeting_is_shown_for_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "_GREETING", 0.4)
    one = Running(world.machine, "It crashed.")
    one.start()
    try:
        assert one.core.meters().problems == ("It crashed.",)
        one.until(lambda now: now.problems == ())
    finally:
        one.core.stop()


@pytest.mark.parametrize("crashed", [True, False])
def test_the_tray_is_told_of_a_crash(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], crashed: bool
) -> None:
    """At login nobody sees stderr."""
    machine.data.mkdir(parents=True)
    if crashed:
        (machine.data / "crash.txt").write_text("Traceback …\n")
    given: list[str | None] = []

    def tray(*, demo: bool, at_login: bool, greeting: str | None) -> int:
        given.append(greeting)
        return 0

    monkeypatch.setattr(program, "_tray", tray)
    assert program.main(["--at-login"]) == 0
    assert program.main(["--at-login"]) == 0
    told = str(machine.data / "crash.told.txt")
    assert [greeting is not None and told in greeting for greeting in given] == [crashed, False]
    assert (told in capsys.readouterr().err) == crashed


@pytest.mark.parametrize("frozen", [True, False])
def test_a_helper_of_a_bundled_program_is_sent_to_its_work_first(monkeypatch: pytest.MonkeyPatch, frozen: bool) -> None:
    calls: list[str] = []
    if frozen:
        monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("multiprocessing.freeze_support", lambda: calls.append("freeze_support"))
    monkeypatch.setattr("app.cli.run.main", lambda *_, **__: calls.append("main") or 0)
    assert program.main(["report"]) == 0
    assert calls == ["freeze_support", "main"][0 if frozen else 1 :]


# --- another process reads, too


def test_what_another_process_wrote_is_noticed_while_paused(world: World, running: Running) -> None:
    log = write(world.claude("s.jsonl"), [answer("a0")])
    world.sync()
    running.core.pause(None)
    running.start()
    in_step(running.core, 1)
    append(log, answer("a1") + "\n")
    world.sync()
    assert running.core.behind()
    in_step(running.core, 2)


def in_step(core: runtime.Core, calls: int) -> None:
    """Until the reading is of the newest. Not at the first one: our own writer opens while this is read, writes, and tells
    nobody, for nothing is shown of it.
    """
    deadline = time.monotonic() + PATIENCE
    while core.meters().calls != calls or core.behind():
        assert time.monotonic() < deadline, (core.meters(), core.behind())
        time.sleep(0.01)


def _racing(monkeypatch: pytest.MonkeyPatch, rival: Callable[[], None], times: int) -> None:
    """So many commits find that somebody else was quicker."""
    commit, left = Writer.commit, [times]

    def late(self: Writer, batches: list[Batch], now: int) -> Changed:
        if left[0]:
            left[0] -= 1
            rival()
        return commit(self, batches, now)

    monkeypatch.setattr(Writer, "commit", late)


@pytest.mark.parametrize("times", [1, 2])
def test_what_was_refused_is_surveyed_again(world: World, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The other read a part of it; what was written since is ours to read, in the same run."""
    log = write(world.claude("s.jsonl"), [answer("a0")])
    numbers = iter(range(1, 10))

    def rival() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(Writer, "commit", commit)
            world.sync()
        append(log, answer(f"a{next(numbers)}") + "\n")

    commit = Writer.commit
    _racing(monkeypatch, rival, times)
    with closing(runtime.reader(world.machine)) as connection:
        caught = runtime.read_new(world.machine, connection)
    assert caught is not None
    assert not caught.refused
    assert world.totals()["calls"] == times + 1
    assert (caught.read_files, caught.calls) == (1, 1)


def test_a_rival_that_never_rests_does_not_hold_us_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world.claude("s.jsonl"), [answer("a")])
    runs: list[int] = []
    run = CatchUp.run

    def refused(self: CatchUp, pending: list[object]) -> bool:
        runs.append(len(pending))
        done = run(self, pending)  # type: ignore[arg-type]
        self.refused = True
        return done

    monkeypatch.setattr(CatchUp, "run", refused)
    with closing(runtime.reader(world.machine)) as connection:
        assert runtime.read_new(world.machine, connection) is not None
    assert len(runs) == 3


def test_an_agent_installed_later_is_warned_of_during_a_pause(world: World, running: Running) -> None:
    """Only a pause without an end may outlast its logs."""
    running.start()
    running.core.pause(None)
    assert running.core.meters().deleting == ()
    write(world.claude("s.jsonl"), [answer("a")])
    assert running.core.meters().deleting == (Deleting("Claude Code", 30),)
    running.core.pause(world.machine.clock() + HOUR)
    assert running.core.meters().deleting == ()


def test_a_warning_is_told_until_it_is_taken_back(running: Running) -> None:
    running.core.warn("It is damaged.")
    assert running.core.meters().problems == ("It is damaged.",)
    running.core.warn(None)
    assert running.core.meters().problems == ()
