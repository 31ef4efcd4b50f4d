"""A pass over many files: in which order, in which steps, and what is left of it when it is stopped half-way."""

from __future__ import annotations

import errno
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import runtime
from app.diagnostics import KnownError
from app.ingest import catch_up as catch_up_module
from app.ingest import reading
from app.ingest.catch_up import CatchUp, Progress, survey
from app.ingest.reading import Result
from app.model.usage import READINGS, Changed
from app.shapes import lines as lines_module
from app.shapes.finding import files_of
from app.sources import BY_ID, SOURCES, claude_code
from app.store import database
from tests.ingest.world import World, answer, append, expected, generate, later, said, write
from tests.patience import PATIENCE

HOUR = 3_600


@pytest.fixture
def in_small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task a file, a commit a task."""
    monkeypatch.setattr(reading, "_TASK", 1)
    monkeypatch.setattr(catch_up_module, "_ENOUGH_CALLS", 1)


def history(world: World, days: int = 6) -> list[Path]:
    """A file a day, the newest first; today's three."""
    paths: list[Path] = []
    for day in range(days):
        for number in range(3 if day == 0 else 1):
            name = f"d{day}-{number}"
            stamp = f"2026-11-{24 - day:02d}T1{number}:00:00.000Z"
            path = write(world.claude(f"{name}.jsonl"), [answer(name, output=10 + day, at=stamp, session=name)])
            paths.append(later(path, -day * 24 * HOUR - number * 60 - 5))
    return paths


# --- order and progress


def test_newest_first(world: World, in_small_steps: None) -> None:
    history(world)
    seen: list[int] = []
    world.sync(notify=lambda changed: seen.append(changed.earliest or 0))
    assert len(seen) == 8
    assert seen == sorted(seen, key=lambda at: (at // 86_400_000, -at), reverse=True)


def test_today_is_complete_first_and_says_so(world: World, in_small_steps: None) -> None:
    history(world)
    told: list[tuple[Progress, int, int]] = []

    def report(progress: Progress) -> None:
        today = world.ask("SELECT count(*) FROM call WHERE kept = 1 AND counted_at >= 1795478400000")[0][0]
        told.append((progress, today, world.totals()["calls"]))

    world.sync(report=report)
    assert [progress.today for progress, _, _ in told] == sorted(progress.today for progress, _, _ in told)
    first = next(one for one in told if one[0].today)
    assert first[1:] == (3, 3), "today is whole, and nothing older was read before"
    assert not told[0][0].today
    assert told[-1][0] == Progress(8, 8, first[0].of_bytes, first[0].of_bytes, True)
    assert all(progress.files <= progress.of_files for progress, _, _ in told)


def test_today_is_told_as_complete_in_usual_steps(world: World) -> None:
    """All files in one task: today must not stay "being read" for ever."""
    history(world)
    told: list[Progress] = []
    world.sync(report=told.append)
    assert told[-1].today
    assert told[-1].files == told[-1].of_files == 8


def test_today_is_complete_where_nothing_is_of_today(world: World) -> None:
    later(write(world.claude("old.jsonl"), [answer("a", at="2026-10-01T10:00:00.000Z")]), -30 * 24 * HOUR)
    told: list[Progress] = []
    world.sync(report=told.append)
    assert all(progress.today for progress in told)


# --- stopped half-way


@pytest.mark.parametrize("after", range(9))
def test_cancel_keeps_what_was_committed(world: World, in_small_steps: None, after: int) -> None:
    history(world)
    commits: list[Changed] = []
    catch_up = world.sync(notify=commits.append, cancelled=lambda: len(commits) >= after)
    assert world.totals()["calls"] == sum(one.calls for one in commits) == catch_up.calls
    assert after <= world.totals()["calls"] <= after + 1
    world.sync()
    assert world.totals()["calls"] == 8
    assert world.pending() == []


@contextmanager
def _kept_from(world: World, writer_statement: str) -> Iterator[Callable[[], CatchUp]]:
    """A sync whose writing connection was first told the statement."""
    with runtime.writer(world.machine) as writer:

        def sync() -> CatchUp:
            pending = survey(SOURCES, world.machine, writer.files)
            found = CatchUp(writer, world.machine.clock)
            found.run(pending)
            return found

        writer.connection.execute(writer_statement)
        yield sync


def test_a_full_disk_loses_nothing(world: World, in_small_steps: None) -> None:
    many = [answer(f"m{number}", output=1, session="big") for number in range(3_000)]
    later(write(world.claude("first.jsonl"), [answer("a")]), -1)
    later(write(world.claude("big.jsonl"), many), -100)
    with closing(runtime.reader(world.machine)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    with _kept_from(world, f"PRAGMA max_page_count={pages + 20}") as sync:
        with pytest.raises(KnownError, match="no room left") as found:
            sync()
        assert "Free some disk space" in found.value.hint
        before = world.totals()
        assert before["calls"] == 1
        with pytest.raises(KnownError):  # the same connection again: no half transaction is left open
            sync()
        assert world.totals() == before
    world.sync()
    assert world.totals()["calls"] == 3_001
    assert world.ask("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has a device that is always full")
def test_a_full_disk_in_one_sentence(world: World) -> None:
    """Even standard output may be on a full disk."""
    write(world.claude("a.jsonl"), [answer("a")])
    with open("/dev/full", "wb") as full:
        process = world.start("report", "--json", stdout=full)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert b"Traceback" not in err


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE_MS", 50)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")


def test_a_locked_database_loses_nothing(world: World, impatient: None) -> None:
    write(world.claude("a.jsonl"), [answer("a")])
    world.sync()
    append(world.claude("a.jsonl"), answer("b") + "\n")
    with locked(world.machine.database), pytest.raises(KnownError, match="locked") as found:
        world.sync()
    assert found.value.hint
    assert world.totals()["calls"] == 1
    world.sync()
    assert world.totals()["calls"] == 2


def test_a_lock_while_it_is_read(world: World, impatient: None, in_small_steps: None) -> None:
    """The lock comes between two commits of one pass: the first stays, the rest comes with the next."""
    history(world)
    world.sync(cancelled=lambda: True)
    other = sqlite3.connect(world.machine.database, isolation_level=None)

    def lock(changed: Changed) -> None:
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")

    with closing(other):
        with pytest.raises(KnownError, match="locked"):
            world.sync(notify=lock)
        other.execute("ROLLBACK")
    assert world.totals()["calls"] == 1
    world.sync()
    assert world.totals()["calls"] == 8


def test_a_locked_file_where_there_is_no_database_yet(world: World, impatient: None) -> None:
    write(world.claude("a.jsonl"), [answer("a")])
    world.machine.data.mkdir()
    with closing(sqlite3.connect(world.machine.database)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(KnownError) as found:
            world.sync()
        other.rollback()
    assert found.value.hint
    world.sync()
    assert world.totals()["calls"] == 1


def _connect_read_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a folder or a disk that may not be written; the tests may run as root, whom nothing forbids."""
    connect = database.connect
    monkeypatch.setattr(database, "connect", lambda path, read_only=False: connect(path, read_only=path.exists()))


def test_a_read_only_database_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    write(world.claude("a.jsonl"), [answer("a")])
    world.sync()
    append(world.claude("a.jsonl"), answer("b") + "\n")
    with monkeypatch.context() as patch:
        _connect_read_only(patch)
        with pytest.raises(KnownError) as found:
            world.sync()
    assert found.value.hint
    assert world.totals()["calls"] == 1
    world.sync()
    assert world.totals()["calls"] == 2


@pytest.mark.skipif(sys.platform != "linux", reason="needs a mount that forbids writing")
def test_a_folder_that_can_not_be_written(world: World) -> None:
    """`/proc` refuses new files even to root."""
    machine = replace(world.machine, data=Path("/proc/cuenta"))
    with pytest.raises(KnownError) as found, runtime.writer(machine):
        pass
    assert "CUENTA_HOME" in found.value.hint


def test_an_error_of_the_disk_is_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever SQLite says of the file, looking for what is new raises nothing but sentences."""
    write(world.claude("a.jsonl"), [answer("a")])
    world.sync()
    blocks = bytearray(world.machine.database.read_bytes())
    for page in range(1, len(blocks) // 4096):
        blocks[page * 4096 : page * 4096 + 64] = b"\xee" * 64
    for aside in world.machine.data.glob("*-wal"):
        aside.unlink()
    world.machine.database.write_bytes(blocks)
    with pytest.raises(KnownError) as found:
        world.sync()
    assert found.value.hint


# --- refused, read again


def _dump(world: World) -> list[str]:
    with closing(sqlite3.connect(world.machine.database)) as connection:
        return list(connection.iterdump())


def test_a_refused_batch_changes_nothing(world: World) -> None:
    path = write(world.claude("a.jsonl"), [answer("a"), said("hello")])
    source = BY_ID["claude_code"]
    with runtime.writer(world.machine) as writer:
        batch = next(source.read(path, None))
        assert writer.commit([batch], 1).refused == frozenset()
        before = _dump(world)
        assert writer.commit([batch], 2) == Changed(frozenset(), frozenset(), None, 0, frozenset({str(path)}))
        assert _dump(world) == before
        append(path, answer("b") + "\n")
        following = next(source.read(path, batch.end))
        for stale in (
            following._replace(start=None),
            following._replace(start=batch.end._replace(offset=1)),
            following._replace(start=batch.end._replace(generation=1)),
            following._replace(start=batch.end._replace(reader=9)),
        ):
            assert writer.commit([stale], 3).refused == {str(path)}
        assert _dump(world) == before
        assert writer.commit([following], 4).calls == 1
        assert writer.commit([following], 5).refused == {str(path)}
    assert world.totals()["calls"] == 2


def test_a_refused_batch_beside_good_ones(world: World) -> None:
    one = write(world.claude("a.jsonl"), [answer("a", session="one")])
    two = write(world.claude("b.jsonl"), [answer("b", session="two")])
    source = BY_ID["claude_code"]
    with runtime.writer(world.machine) as writer:
        batch, other = next(source.read(one, None)), next(source.read(two, None))
        writer.commit([batch], 1)
        assert writer.commit([batch, other], 2).refused == {str(one)}
    assert (world.totals()["calls"], world.totals()["folded"]) == (2, 0)


def test_a_newer_reader_reads_again_and_replaces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [answer("a"), answer("b", output=1), answer("b", output=9), "{broken", answer("c")]
    write(world.claude("a.jsonl"), ['{"usage" broken', *lines])
    write(world.claude("gone.jsonl"), [answer("g", session="gone")])
    world.sync()
    world.claude("gone.jsonl").unlink()
    before = world.totals(), world.rows(), world.skipped()
    for version in (2, 3):
        monkeypatch.setattr(claude_code, "VERSION", version)
        newer = replace(BY_ID["claude_code"], version=version)
        monkeypatch.setitem(BY_ID, "claude_code", newer)
        assert world.pending([newer]) == [str(world.claude("a.jsonl"))]
        world.sync([newer])
        assert (world.totals(), world.rows(), world.skipped()) == before
        assert world.pending([newer]) == []


def test_a_newer_reader_that_finds_other_figures_replaces_them(world: World) -> None:
    path = write(world.claude("a.jsonl"), [answer("a", output=5), answer("a", output=50)])
    world.sync()
    with runtime.writer(world.machine) as writer:
        stored = writer.cursor("claude_code", str(path))
        assert stored is not None
        batch = next(claude_code.SOURCE.read(path, None))
        call = batch.calls[0]._replace(tokens=batch.calls[0].tokens._replace(output=7), records=1)
        end = batch.end._replace(generation=stored.generation + READINGS, reader=2)
        writer.commit([batch._replace(start=stored, end=end, calls=(call,))], 1)
    assert (world.totals()["output"], world.totals()["folded"]) == (7, 0)


def test_a_reader_that_cuts_differently_reads_the_same(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a long file is cut into stretches and chunks, the calls are the same."""
    from app.shapes import lines as lines_module

    generate(world.machine.home, "codex", "2M", seed=5, sessions=4)
    world.sync()
    wanted = world.totals(), world.rows()
    assert expected(world.machine.home) == world.by_model_and_day()
    for chunk, stretch in ((1 << 16, 1 << 17), (1 << 12, 1 << 12), (50_000, 70_001)):
        monkeypatch.setattr(lines_module, "CHUNK", chunk)
        monkeypatch.setattr(lines_module, "STRETCH", stretch)
        monkeypatch.setattr(reading, "_TASK", 1 << 15)
        other = World(replace(world.machine, data=world.machine.data.with_name(f"cut{chunk}")))
        other.sync()
        assert (other.totals(), other.rows()) == wanted


# --- several processes


def test_two_processes_at_once(world: World) -> None:
    generate(world.machine.home, "mixed", "8M", seed=3, sessions=40)
    both = [world.start("sync", "--json") for _ in range(2)]
    for process in both:
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        assert json.loads(out)["problems"] == []
    world.sync()
    assert world.by_model_and_day() == _known(world)
    cold = World(replace(world.machine, data=world.machine.data.with_name("cold")))
    cold.sync()
    assert (cold.totals(), cold.rows()) == (world.totals(), world.rows())


def _known(world: World) -> dict[str, tuple[int, ...]]:
    return expected(world.machine.home)


@pytest.mark.parametrize("round_", range(2))
def test_many_processes_make_the_database_at_once(world: World, round_: int) -> None:
    write(world.claude("a.jsonl"), [answer("a")])
    all_of_them = [world.start("report", "--json") for _ in range(6)]
    for process in all_of_them:
        out, err = process.communicate(timeout=90)
        assert process.returncode == 0, err
        assert json.loads(out)["total"]["calls"] in (0, 1)
        assert err == b""
    assert {one.name.partition("-")[0] for one in world.machine.data.iterdir()} <= {"cuenta.sqlite3", "cuenta.log"}
    world.sync()
    assert world.totals()["calls"] == 1


def _filler(world: World, megabytes: int = 30) -> None:
    """Enough for helper processes, in lines that say nothing and a call at each megabyte."""
    lines: list[str] = []
    for number in range(megabytes):
        lines += [said("x" * 100_000)] * 10
        lines.append(answer(f"f{number}", output=1, session="filler"))
    write(world.claude("filler.jsonl"), lines)
    write(world.claude("other.jsonl"), [answer("o", output=1, session="other"), *lines[: len(lines) // 4]])


def _helpers_of(parent: int) -> set[int]:
    found: set[int] = set()
    for one in Path("/proc").iterdir():
        if one.name.isdigit():
            try:
                if int((one / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                    found.add(int(one.name))
            except OSError:
                continue
    return found


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the helpers in /proc")
def test_helpers_end_with_their_parent(world: World) -> None:
    """A sync that is killed must not leave its helpers behind, waiting for ever."""
    _filler(world, 60)
    process = world.start("sync", "--json", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    helpers: set[int] = set()
    deadline = time.monotonic() + PATIENCE
    while len(helpers) < 2 and time.monotonic() < deadline and process.poll() is None:
        helpers = _helpers_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE)
    assert helpers, "none was seen: the corpus is too small for this machine"
    deadline = time.monotonic() + PATIENCE
    while any(map(_alive, helpers)) and time.monotonic() < deadline:
        time.sleep(0.05)
    left = {pid for pid in helpers if _alive(pid)}
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left
    world.sync()
    assert world.totals()["calls"] == 61


def test_a_helper_that_is_killed_is_no_crash(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the system runs out of memory: a sentence, nothing lost, and the next run completes."""
    _filler(world)
    monkeypatch.setattr(reading, "_read_packed", _die)
    with pytest.raises(KnownError) as found:
        world.sync()
    assert found.value.hint
    monkeypatch.undo()
    world.sync()
    assert world.totals()["calls"] == 31


def _die(task: reading.Task) -> bytes:
    os._exit(9)


def test_helpers_give_what_one_process_gives(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    generate(world.machine.home, "mixed", "6M", seed=2, sessions=40)
    world.sync()
    monkeypatch.setattr(catch_up_module, "MANY", 1)
    other = World(replace(world.machine, data=world.machine.data.with_name("helped")))
    other.sync()
    assert (other.totals(), other.rows()) == (world.totals(), world.rows())


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a name be any bytes")
def test_helpers_hand_over_strange_names(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catch_up_module, "MANY", 1)
    path = write(world.claude(os.fsdecode(b"bytes \xff.jsonl")), [answer("a", session="")])
    bad = world.claude(os.fsdecode(b"bad \xfe.jsonl"))
    os.symlink("/proc/self/mem", bad)
    catch_up = world.sync()
    assert world.totals()["calls"] == 1
    assert [problem.what for problem in catch_up.problems] == [os.strerror(errno.EIO)]
    assert path.exists()


# --- everything there is to look at


def test_a_survey_reads_no_file(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    history(world)

    def forbidden(*_: Any, **__: Any) -> Any:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("builtins.open", forbidden)
    found = list(files_of(BY_ID["claude_code"], world.machine))
    assert len(found) == 8


def test_sync_with_a_home_that_does_not_exist(world: World, tmp_path: Path) -> None:
    nowhere = World(replace(world.machine, home=tmp_path / "nowhere"))
    nowhere.sync()
    assert nowhere.totals()["calls"] == 0


def test_reading_leaves_the_logs_alone(world: World) -> None:
    """Neither content nor time nor rights of a log change, and nothing is put beside it."""
    history(world)
    before = _state(world.machine.home)
    done = subprocess.run(
        [sys.executable, "-m", "app", "sync", "--json"], env=world.environment(), capture_output=True, check=True
    )
    assert json.loads(done.stdout)["files_read"] == 8
    assert _state(world.machine.home) == before


def _state(folder: Path) -> dict[str, tuple[int, ...]]:
    facts = {str(path): path.lstat() for path in folder.rglob("*")}
    return {path: (one.st_mode, one.st_size, one.st_mtime_ns, one.st_ino) for path, one in facts.items()}


def test_two_writers_share_what_they_learn_of_a_session(world: World) -> None:
    """The tray's writer lives long: it must not write what it once knew over what another process has learnt."""
    sub = write(world.projects / "-p" / "main" / "subagents" / "agent-x.jsonl", [_sub("s1")])
    source = BY_ID["claude_code"]
    with runtime.writer(world.machine) as tray, runtime.writer(world.machine) as command:
        tray.commit([next(source.read(sub, None))], 1)
        main = write(world.projects / "-p" / "main.jsonl", [answer("m", session="main", cwd="/home/dev/main")])
        command.commit([next(source.read(main, None))], 2)
        stored = tray.cursor("claude_code", str(sub))
        append(sub, _sub("s2", gitBranch="other") + "\n")
        tray.commit([next(source.read(sub, stored))], 3)
    assert world.ask("SELECT native, project, main FROM session") == [("main", "/home/dev/main", 1)]


def _sub(ident: str, **more: Any) -> str:
    return answer(ident, session="main", cwd="/home/dev/sub", isSidechain=True, agentId="x", **more)


# --- what is asked of the store, and what is left behind


def test_a_file_whose_reading_was_cancelled_is_read_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two stretches of it: it has not changed since, and must not look as if it had been read."""
    monkeypatch.setattr(lines_module, "STRETCH", 1 << 20)
    lines = [said("x" * 200_000) if number % 4 else answer(f"a{number}") for number in range(80)]
    path = write(world.claude("long.jsonl"), lines)
    asked: list[int] = []
    world.sync(cancelled=lambda: len(asked.append(1) or asked) > 2)
    assert 0 < world.totals()["calls"] < 20
    assert world.pending() == [str(path)]
    world.sync()
    assert world.totals()["calls"] == 20
    assert world.pending() == []
    assert world.ask("SELECT generation FROM file") == [(0,)]


def test_a_problem_found_late_in_a_file_has_its_own_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = world.machine.clock()
    unfinished = Result((), (), (), (("claude_code", "x", None),))
    given: list[int] = []

    def reading_on(task: reading.Task) -> Result:
        given.append(task.now)
        return unfinished if len(given) < 3 else Result((), (), ("x",), ())

    monkeypatch.setattr(reading, "read_task", reading_on)
    list(reading.read_here([reading.Task((("claude_code", "x", None),), now)], lambda: False))
    assert given == [now] * 3


def test_a_survey_asks_for_no_parsers_memory(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only of the files that will be read; and a new file costs no look at every inode ever seen."""
    for name in "abc":
        write(world.claude(f"{name}.jsonl"), [answer(name, session=name)])
    world.sync()
    append(world.claude("b.jsonl"), answer("b2", session="b") + "\n")
    write(world.claude("d.jsonl"), [answer("d", session="d")])
    asked: list[str] = []
    with runtime.writer(world.machine) as writer:
        writer.connection.set_trace_callback(asked.append)
        pending = survey(SOURCES, world.machine, writer.files)
        CatchUp(writer, world.machine.clock).run(pending)
    found = {Path(one.found.path).name: one.cursor for one in pending}
    assert found.keys() == {"b.jsonl", "d.jsonl"}
    assert found["d.jsonl"] is None
    whole = found["b.jsonl"]
    assert whole is not None
    assert whole.head
    whole_table = [one for one in asked if "FROM file" in one and "path" not in one.partition("WHERE")[2]]
    assert whole_table
    assert not [one for one in whole_table if "memory" in one or "inode FROM file" in one]
    assert world.totals()["calls"] == 5


def test_the_store_knows_the_places_it_is_asked_for(world: World) -> None:
    path = write(world.claude("a.jsonl"), [answer("a")])
    world.sync()
    facts = path.stat()
    here = ("claude_code", facts.st_dev, facts.st_ino)
    others = [("codex", *here[1:]), ("claude_code", facts.st_dev + 1, facts.st_ino), ("claude_code", facts.st_dev, 1)]
    beyond = ("claude_code", facts.st_dev, 1 << 100)  # as some network file systems number
    with runtime.writer(world.machine) as writer:
        assert writer.files.known([here, *others, beyond]) == {here}
        assert writer.files.known([]) == set()
        plan = writer.connection.execute
        steps: list[str] = []
        writer.connection.set_trace_callback(steps.append)
        writer.files.known([here])
        writer.connection.set_trace_callback(None)
        assert "INDEX file_by_inode" in str(plan(f"EXPLAIN QUERY PLAN {steps[0]}").fetchall())


@pytest.mark.skipif(sys.platform != "linux", reason="looks for the helpers in /proc")
def test_nothing_of_the_helpers_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the tray, which has several threads: the sweeper of crashed helpers' leavings was 12 MB for nothing."""
    monkeypatch.setattr(catch_up_module, "MANY", 1)
    monkeypatch.setattr(reading, "_alone", lambda: False)
    before = _helpers_of(os.getpid())
    for round_ in range(2):
        write(world.claude(f"{round_}.jsonl"), [answer(f"a{round_}")])
        world.sync()
        assert world.totals()["calls"] == round_ + 1
        assert _helpers_of(os.getpid()) == before


@pytest.mark.parametrize("alone", [True, False])
def test_a_cancelled_reading_does_not_wait_for_what_helpers_have_in_hand(
    world: World, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    """Two stretches of a long log can take ten seconds; a user who quits waits for none of it."""
    if sys.platform != "linux":
        pytest.skip("looks for the helpers in /proc")
    monkeypatch.setattr(catch_up_module, "MANY", 1)
    monkeypatch.setattr(reading, "_alone", lambda: alone)
    monkeypatch.setattr(reading, "_read_packed", _dawdle)
    write(world.claude("a.jsonl"), [answer("a")])
    before = _helpers_of(os.getpid())
    began = time.monotonic()
    assert not world.sync(cancelled=lambda: time.monotonic() - began > 1).read_files
    assert time.monotonic() - began < 5
    assert _helpers_of(os.getpid()) == before


def _dawdle(task: reading.Task) -> bytes:
    time.sleep(30)
    return b""
