"""The ingest thread on a real watcher: what is written shows up, whatever happens to files, folders and the database."""

from __future__ import annotations

import itertools
import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from app import runtime, settings
from app.diagnostics import KnownError
from app.ingest import reading
from app.ingest import worker as worker_module
from app.ingest.catch_up import Progress
from app.ingest.worker import Worker
from app.machine import Machine
from app.model.usage import Changed
from app.sources import SOURCES
from app.store import database
from app.store.writer import Writer
from tests.ingest.world import World, answer, append, counted, generate, rollout, said, turn, write
from tests.patience import PATIENCE


class Watched:
    """A worker at work, and what it has told so far."""

    def __init__(self, world: World, machine: Machine | None = None) -> None:
        self.world = world
        self.machine = machine or world.machine
        self.changes: list[Changed] = []
        self.progress: list[Progress | None] = []
        self._news = threading.Condition()
        self.worker = Worker(
            self.machine,
            SOURCES,
            lambda: runtime.writer(world.machine),
            changed=self._changed,
            progress=self._progressed,
            today_from=lambda: runtime.today_from(world.machine),
        )

    def _changed(self, changed: Changed) -> None:
        with self._news:
            self.changes.append(changed)
            self._news.notify_all()

    def _progressed(self, progress: Progress | None) -> None:
        with self._news:
            self.progress.append(progress)
            self._news.notify_all()

    def until(self, true: Callable[[], bool], what: str = "it never came") -> None:
        """Waits for a condition, woken by every notice; asks again each 20 ms for what sends none."""
        deadline = time.monotonic() + PATIENCE
        with self._news:
            while not true():
                assert time.monotonic() < deadline, what
                self._news.wait(0.02)

    def settled(self) -> None:
        """Waits until the first look at everything is over."""
        self.until(lambda: None in self.progress, "the first look never ended")

    def calls(self, wanted: int) -> None:
        self.until(lambda: self.world.totals()["calls"] >= wanted, f"{wanted} calls never came")
        assert self.world.totals()["calls"] == wanted


@pytest.fixture
def watched(world: World) -> Iterator[Watched]:
    """Started by the test, stopped behind it: quickly, whatever it was doing."""
    with runtime.writer(world.machine):
        pass  # so that the test can ask the database at once
    one = Watched(world)
    yield one
    began = time.monotonic()
    one.worker.stop()
    assert time.monotonic() - began < 3
    assert not one.worker._thread.is_alive()


@pytest.fixture
def log(world: World) -> Path:
    return write(world.claude("session-1.jsonl"), [answer("a")])


def test_an_append_is_told(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    watched.changes.clear()
    began = time.monotonic()
    append(log, answer("b", output=3) + "\n")
    watched.until(lambda: bool(watched.changes))
    assert time.monotonic() - began < 2
    change = watched.changes[0]
    assert (change.sources, change.sessions) == ({"claude_code"}, {("claude_code", "session-1")})
    assert change.calls == 1
    assert change.earliest == 1_795_514_400_000
    watched.calls(2)


def test_a_line_without_usage_is_not_told(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    watched.changes.clear()
    append(log, '{"type":"user"}\n')
    append(log, answer("b") + "\n")
    watched.calls(2)
    assert all(change.calls for change in watched.changes)


def test_a_new_file_and_a_new_folder(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    write(watched.world.claude("session-2.jsonl"), [answer("b", session="session-2")])
    watched.calls(2)
    write(watched.world.claude("session-3.jsonl", "-home-dev-new/deeper"), [answer("c", session="session-3")])
    watched.calls(3)
    append(watched.world.claude("session-3.jsonl", "-home-dev-new/deeper"), answer("d", session="session-3") + "\n")
    watched.calls(4)


def test_many_folders_at_once(watched: Watched, log: Path) -> None:
    """Faster than any watch can be set: the look at everything behind each new folder finds the rest."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    for number in range(60):
        place = watched.world.claude("x.jsonl", f"-p{number}/a/b")
        write(place, [answer(f"p{number}", session=f"p{number}")])
    watched.calls(61)


def test_a_rename_is_no_news(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    moved = log.with_name("moved.jsonl")
    log.rename(moved)
    append(moved, answer("b") + "\n")
    watched.calls(2)
    folder = watched.world.projects / "-home-dev-renamed"
    moved.parent.rename(folder)
    append(folder / "moved.jsonl", answer("c") + "\n")
    watched.calls(3)
    assert watched.world.totals()["folded"] == 0
    assert watched.world.ask("SELECT path FROM file") == [(str(folder / "moved.jsonl"),)]


def test_replaced_and_rewritten(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    write(log.with_name("new.tmp"), [answer("a"), answer("b")]).replace(log)
    watched.calls(2)
    write(log, [answer("a"), answer("b"), answer("c")])
    watched.calls(3)
    assert watched.world.totals()["folded"] == 0


def test_a_root_that_appears_later(watched: Watched) -> None:
    watched.worker.start()
    watched.settled()
    write(watched.world.claude("session-1.jsonl"), [answer("a")])
    watched.worker.look_at_everything()
    watched.calls(1)
    append(watched.world.claude("session-1.jsonl"), answer("b") + "\n")  # from now on it is watched
    watched.calls(2)


def test_a_root_deleted_and_made_anew(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    shutil.rmtree(watched.world.machine.home / ".claude")
    watched.worker.look_at_everything()
    write(watched.world.claude("session-2.jsonl"), [answer("b", session="session-2")])
    watched.worker.look_at_everything()
    watched.calls(2)
    append(watched.world.claude("session-2.jsonl"), answer("c", session="session-2") + "\n")
    watched.calls(3)


def test_a_root_replaced_by_another(watched: Watched, log: Path) -> None:
    """`mv projects away; mkdir projects`: the watch must follow the name, not the folder."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    watched.world.projects.rename(watched.world.projects.with_name("away"))
    write(watched.world.claude("session-2.jsonl"), [answer("b", session="session-2")])
    watched.worker.look_at_everything()
    watched.calls(2)
    append(watched.world.claude("session-2.jsonl"), answer("c", session="session-2") + "\n")
    watched.calls(3)


def test_a_change_that_no_notice_told_is_found(
    watched: Watched, log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log behind a link to elsewhere sends no notice; the look at everything now and then finds it."""
    monkeypatch.setattr(worker_module, "EVERYTHING_EVERY", 0.2)
    outside = write(tmp_path / "outside" / "x.jsonl", [answer("b", session="x")])
    (watched.world.projects / "-linked").symlink_to(outside.parent)
    watched.worker.start()
    watched.calls(2)
    watched.settled()
    append(outside, answer("c", session="x") + "\n")
    watched.calls(3)


def test_a_database_of_two_agents_is_read_for_both(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A notice says nothing of agents: extensions of an editor keep what they remember in one file."""
    monkeypatch.setattr(worker_module, "EVERYTHING_EVERY", 600.0)
    settings.save(watched.machine, settings.Settings(confirmed=("cody", "void")))
    storage = watched.machine.home / ".config" / "Void" / "User" / "globalStorage"
    (storage / "sourcegraph.cody-ai").mkdir(parents=True)
    said = {"humanMessage": {"text": "hello"}, "assistantMessage": {"text": "yes"}}
    thread = {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "displayContent": "yes"}]}
    with closing(sqlite3.connect(storage / "state.vscdb")) as connection:
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)")
        watched.worker.start()
        watched.calls(1)
        watched.settled()
        chats = {"cody-local-chatHistory-v2": {"me": {"chat": {"c": {"interactions": [said]}}}}}
        values = {"sourcegraph.cody-ai": chats, "void.chatThreadStorageII": {"t": thread}}
        rows = [(key, json.dumps(value)) for key, value in values.items()]
        with connection:
            connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", rows)
    watched.calls(3)


def test_paused_reads_nothing_and_resumed_reads_all(watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    watched.worker.pause(True)
    append(log, answer("b") + "\n")
    write(watched.world.claude("new.jsonl"), [answer("c", session="new")])
    time.sleep(0.3)
    assert watched.world.totals()["calls"] == 1
    watched.worker.pause(False)
    watched.calls(3)


def test_started_while_paused(watched: Watched, log: Path) -> None:
    watched.worker.pause(True)
    watched.worker.start()
    time.sleep(0.3)
    assert watched.world.totals()["calls"] == 0
    watched.worker.pause(False)
    watched.calls(1)


def test_stops_in_the_middle_of_much(watched: Watched) -> None:
    """What was committed stays, and the next start goes on from there."""
    generate(watched.world.machine.home, "claude", "12M", seed=3, sessions=60)
    watched.worker.start()
    watched.until(lambda: bool(watched.changes))
    began = time.monotonic()
    watched.worker.stop()
    assert time.monotonic() - began < 3
    watched.world.sync()
    cold = World(replace(watched.world.machine, data=watched.world.machine.data.with_name("cold")))
    cold.sync()
    assert (watched.world.totals(), watched.world.rows()) == (cold.totals(), cold.rows())


def test_stops_before_it_has_begun(watched: Watched) -> None:
    watched.worker.start()


def test_much_to_read_is_shown_and_the_end_of_it_too(watched: Watched) -> None:
    generate(watched.world.machine.home, "claude", "6M", seed=3, sessions=20)
    watched.worker.start()
    watched.settled()
    told = [one for one in watched.progress if one is not None]
    assert told
    assert told[0].files == 0
    assert told[-1].files == told[-1].of_files
    assert told[-1].bytes == told[-1].of_bytes
    assert watched.progress[-1] is None


# --- waiting


def test_a_pause_ends_by_itself(world: World, log: Path) -> None:
    """Nobody wakes the worker at that moment but its own timeout."""
    watched = Watched(world, replace(world.machine, clock=lambda: time.time_ns() // 1_000_000))
    watched.worker.pause(True, watched.machine.clock() + 500)
    watched.worker.start()
    try:
        time.sleep(0.25)
        assert world.totals()["calls"] == 0
        watched.calls(1)
        append(log, answer("b") + "\n")
        watched.calls(2)
    finally:
        watched.worker.stop()


def test_resumed_before_the_pause_ends(watched: Watched, log: Path) -> None:
    watched.worker.pause(True, watched.machine.clock() + 3_600_000)
    watched.worker.start()
    time.sleep(0.2)
    assert watched.world.totals()["calls"] == 0
    watched.worker.pause(False)
    watched.calls(1)


def test_a_busy_log_does_not_put_off_the_look_at_everything(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What no notice told must be found although notices of something else never cease."""
    monkeypatch.setattr(worker_module, "EVERYTHING_EVERY", 0.5)
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    write(watched.world.codex("t1"), [rollout("t1"), turn("u1"), counted((100, 0, 10, 0), (100, 0, 10, 0))])
    deadline = time.monotonic() + PATIENCE
    while watched.world.totals()["calls"] < 2:
        assert time.monotonic() < deadline
        append(log, said("x") + "\n")
        time.sleep(0.1)


def test_notices_do_not_shorten_the_wait_after_trouble(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk while a log grows: each line of it would be another try."""
    monkeypatch.setattr(worker_module, "_AFTER_TROUBLE", (0.5,))
    watched.worker.start()
    watched.calls(1)
    tries: list[float] = []

    def full(*_: object) -> None:
        tries.append(time.monotonic())
        raise KnownError("There is no room left.")

    monkeypatch.setattr(Writer, "commit", full)
    for _ in range(60):
        append(log, said("x") + "\n")
        time.sleep(0.02)
    assert 1 <= len(tries) <= 4


def test_a_damaged_archive_is_tried_once(watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cursor is kept of it, so it is new at every look; once it has changed it is tried again."""
    bad = watched.world.codex("t1").with_suffix(".jsonl.zst")
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"(\xb5/\xfd" + b"garbage" * 100)
    tried: list[str] = []
    read = reading.read_task

    def counting(task: reading.Task) -> reading.Result:
        tried.extend(path for _, path, _ in task.files if path.endswith(".zst"))
        return read(task)

    monkeypatch.setattr(reading, "read_task", counting)
    watched.worker.start()
    watched.until(lambda: str(bad) in watched.worker.unreadable)
    watched.calls(1)
    for number in range(2, 5):
        watched.worker.look_at_everything()
        append(log, answer(f"n{number}") + "\n")
        watched.calls(number)
    assert tried == [str(bad)]
    assert str(bad) in watched.worker.unreadable
    bad.write_bytes(zstandard.compress((rollout("t1") + "\n" + turn("u1") + "\n").encode()))
    watched.until(lambda: not watched.worker.unreadable)
    assert tried == [str(bad)] * 2


def test_a_file_that_cannot_be_read_is_tried_again_some_time(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock or a network that failed for a moment leaves no mark on the file."""
    monkeypatch.setattr(worker_module, "_TRY_AGAIN", 0.3)
    broken = threading.Event()
    broken.set()
    opened = open

    def refusing(path: Path, *rest: object, **named: object) -> object:
        if broken.is_set():
            raise OSError(5, "Input/output error")
        return opened(path, *rest, **named)  # type: ignore[call-overload]

    monkeypatch.setattr("app.shapes.lines.open", refusing, raising=False)
    watched.worker.start()
    watched.until(lambda: bool(watched.worker.unreadable))
    broken.clear()
    time.sleep(0.4)
    watched.worker.look_at_everything()
    watched.calls(1)


def test_a_damaged_file_on_a_network_mount_lets_the_looks_become_rare(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = watched.world.codex("t1").with_suffix(".jsonl.zst")
    bad.parent.mkdir(parents=True)
    bad.write_bytes(b"(\xb5/\xfd" + b"garbage" * 100)
    looks: list[float] = []
    survey = worker_module.survey

    def counting(*given: object) -> object:
        looks.append(time.monotonic())
        return survey(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module, "survey", counting)
    monkeypatch.setattr(worker_module, "is_remote", lambda *_: True)
    monkeypatch.setattr(worker_module, "REMOTE_FIRST", 0.1)
    watched.worker._wait_remote = 0.1
    watched.worker.start()
    time.sleep(1.6)
    assert 3 <= len(looks) <= 5  # after 0.2, 0.4, 0.8 … seconds


def test_half_a_line_is_not_read_at_each_piece(watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reading starts over at the line's beginning. What comes whole afterwards is read at once."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    began: list[float] = []
    read = reading.read_task

    def counting(task: reading.Task) -> reading.Result:
        began.append(time.monotonic())
        return read(task)

    monkeypatch.setattr(reading, "read_task", counting)
    line = answer("b", padding="x" * 40_000) + "\n"
    for place in range(0, len(line), 1_000):
        append(log, line[place : place + 1_000])
        time.sleep(0.025)
    watched.calls(2)
    gaps = [later - earlier for earlier, later in itertools.pairwise(began)]
    assert 3 <= len(began) <= 8
    assert min(gaps) > 0.2


def test_a_quiet_minute_is_not_told(watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call is a reading of the meters."""
    monkeypatch.setattr(worker_module, "EVERYTHING_EVERY", 0.05)
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    time.sleep(0.5)
    assert watched.progress.count(None) == 1


# --- trouble


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PATIENCE_MS", 50)
    monkeypatch.setattr(worker_module, "_AFTER_TROUBLE", (0.1,))


def test_a_lock_is_told_and_got_over(hasty: None, watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    with closing(sqlite3.connect(watched.world.machine.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        append(log, answer("b") + "\n")
        watched.until(lambda: watched.worker.trouble is not None)
        assert "locked" in str(watched.worker.trouble)
        other.execute("ROLLBACK")
    watched.calls(2)
    watched.until(lambda: watched.worker.trouble is None)
    append(log, answer("c") + "\n")  # and it still watches
    watched.calls(3)


def test_a_lock_at_the_start_is_got_over(hasty: None, watched: Watched, log: Path) -> None:
    with closing(sqlite3.connect(watched.world.machine.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        watched.worker.start()
        watched.until(lambda: watched.worker.trouble is not None)
        other.execute("ROLLBACK")
    watched.calls(1)
    watched.until(lambda: watched.worker.trouble is None)


def test_a_database_taken_away_is_told(hasty: None, watched: Watched, log: Path) -> None:
    """Replaced by something that is no database: a sentence, not a dead thread; and all is well when it is gone."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    watched.worker.stop()
    for one in watched.world.machine.data.glob("cuenta.sqlite3*"):
        one.unlink()
    watched.world.machine.database.write_bytes(b"this is no database" * 1_000)
    again = Watched(watched.world)
    again.worker.start()
    try:
        again.until(lambda: again.worker.trouble is not None)
        assert again.worker.trouble is not None
        assert again.worker.trouble.hint
        watched.world.machine.database.unlink()
        again.until(lambda: again.worker.trouble is None)
        again.until(lambda: watched.world.machine.database.exists())
        again.calls(1)
    finally:
        again.worker.stop()


@pytest.mark.parametrize("log_stays", [False, True])
def test_a_database_deleted_under_it_is_made_anew(watched: Watched, log: Path, log_stays: bool) -> None:
    """What was in it and is in no log is gone; the log that SQLite left beside it must not bring it back by halves."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    database_path = watched.world.machine.database
    with closing(database.open_reader(database_path)) as reader:  # as the tray has one
        assert reader.execute("SELECT count(*) FROM call").fetchone() == (1,)
        log.unlink()
        write(watched.world.claude("session-2.jsonl"), [answer("b", session="session-2")])
        watched.calls(2)
        for one in [database_path] if log_stays else [*watched.world.machine.data.glob("cuenta.sqlite3*")]:
            one.unlink()
        watched.worker.look_at_everything()
        watched.until(database_path.exists)
        watched.until(lambda: watched.world.ask("SELECT native FROM session") == [("session-2",)])
    append(watched.world.claude("session-2.jsonl"), answer("c", session="session-2") + "\n")
    watched.calls(2)
    assert watched.world.ask("PRAGMA integrity_check") == [("ok",)]


def test_a_database_replaced_under_it_is_taken_up(watched: Watched, log: Path) -> None:
    """A copy from elsewhere laid in its place, as after a restore: what it holds counts, whole."""
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    other = World(replace(watched.world.machine, data=watched.world.machine.data.with_name("other")))
    gone = write(log.with_name("gone.jsonl"), [answer("g", session="gone")])
    watched.calls(2)
    other.sync()
    gone.unlink()
    append(log, answer("b") + "\n")
    watched.calls(3)
    opened = threading.Event()
    open_writer = watched.worker._open_writer

    def opening() -> Writer:
        opened.set()
        return open_writer()

    watched.worker._open_writer = opening
    with closing(database.open_reader(watched.world.machine.database)) as reader:  # as the tray has one
        reader.execute("SELECT count(*) FROM call").fetchone()
        with closing(sqlite3.connect(other.machine.database)) as connection:
            connection.execute("CREATE TABLE theirs (x)")
        other.machine.database.replace(watched.world.machine.database)
        watched.worker.look_at_everything()
        assert opened.wait(PATIENCE)
        watched.calls(3)
    append(log, answer("c") + "\n")
    watched.calls(4)
    assert watched.world.ask("SELECT name FROM sqlite_master WHERE name = 'theirs'") == [("theirs",)]
    assert watched.world.ask("PRAGMA integrity_check") == [("ok",)]
    assert watched.worker.trouble is None


def test_a_database_that_cannot_be_made_anew_is_told(hasty: None, watched: Watched, log: Path) -> None:
    watched.worker.start()
    watched.calls(1)
    watched.settled()
    for one in watched.world.machine.data.glob("cuenta.sqlite3*"):
        one.unlink()
    watched.world.machine.database.mkdir()
    watched.worker.look_at_everything()
    watched.until(lambda: watched.worker.trouble is not None)
    watched.world.machine.database.rmdir()
    watched.until(lambda: watched.worker.trouble is None)
    watched.calls(1)


def test_after_getting_over_it_trouble_is_met_with_the_first_patience(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four short locks in a month must not make the fifth cost a minute."""
    monkeypatch.setattr(database, "_PATIENCE_MS", 50)
    # A second: on a busy machine the lock below is not let go within a tenth, and a second refusal costs the minute.
    monkeypatch.setattr(worker_module, "_AFTER_TROUBLE", (1.0, 60.0))
    watched.worker.start()
    watched.calls(1)
    for number in range(2, 5):
        watched.until(lambda: watched.worker.trouble is None and watched.progress[-1:] == [None])
        with closing(sqlite3.connect(watched.world.machine.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            append(log, answer(f"n{number}") + "\n")
            watched.until(lambda: watched.worker.trouble is not None)
            other.execute("ROLLBACK")
        watched.calls(number)


def test_an_unreadable_file_is_told_until_it_is_readable(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.shapes import lines as lines_module

    opened = open
    refused = threading.Event()
    refused.set()

    def refusing(path: Path, *rest: object, **named: object) -> object:
        if refused.is_set() and Path(path).name == "bad.jsonl":
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(lines_module, "open", refusing, raising=False)
    bad = write(watched.world.claude("bad.jsonl"), [answer("b", session="bad")])
    watched.worker.start()
    watched.until(lambda: str(bad) in watched.worker.unreadable)
    watched.calls(1)
    assert watched.worker.unreadable == {str(bad): ("claude_code", "no permission to read it")}
    refused.clear()
    bad.chmod(0o600)
    watched.worker.look_at_everything()
    watched.calls(2)
    watched.until(lambda: not watched.worker.unreadable)


def test_an_unreadable_file_that_is_deleted_is_no_longer_told(
    watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = watched.world.claude("bad.jsonl")
    if not Path("/proc/self/mem").exists():
        pytest.skip("Linux has a file that no one can read from its start")
    bad.symlink_to("/proc/self/mem")
    watched.worker.start()
    watched.until(lambda: str(bad) in watched.worker.unreadable)
    bad.unlink()
    watched.worker.look_at_everything()
    watched.until(lambda: not watched.worker.unreadable)


def test_a_fault_of_ours_is_told_and_tried_again(
    hasty: None, watched: Watched, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that ended unseen would leave old figures standing for ever."""
    survey, faults = worker_module.survey, [RuntimeError("ours")]
    noted: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", noted.append)

    def faulty(*given: object) -> object:
        if faults:
            raise faults.pop()
        return survey(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(worker_module, "survey", faulty)
    watched.worker.start()
    watched.until(lambda: bool(noted))
    watched.calls(1)
    watched.until(lambda: watched.worker.trouble is None)
    assert [one.exc_type for one in noted] == [RuntimeError]


def test_a_command_beside_it(watched: Watched, log: Path) -> None:
    """`cuenta sync` while the tray app runs: each call once, whoever is quicker."""
    watched.worker.start()
    watched.calls(1)
    for number in range(2, 8):
        append(log, answer(f"n{number}") + "\n")
        assert watched.world.run("sync", "--json").returncode == 0
        watched.calls(number)
    assert watched.world.totals()["folded"] == 0


def test_core_tells_trouble_in_the_meters(hasty: None, world: World, log: Path) -> None:
    core = runtime.Core(world.machine)
    news = threading.Event()
    core.start(news.set)
    try:
        deadline = time.monotonic() + PATIENCE
        while core.meters().calls != 1:
            assert time.monotonic() < deadline
            news.wait(0.05)
        with closing(sqlite3.connect(world.machine.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            append(log, answer("b") + "\n")
            while not core.meters().problems:
                assert time.monotonic() < deadline
                news.wait(0.05)
            other.execute("ROLLBACK")
        while core.meters().problems or core.meters().calls != 2:
            assert time.monotonic() < deadline
            news.wait(0.05)
    finally:
        core.stop()
