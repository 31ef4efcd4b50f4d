"""The content pass: newest first, resumable, behind the usage pass; with its helper and without."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest

from app import runtime
from app.ingest import content_pass, measuring
from app.ingest.content_pass import ContentPass
from app.ingest.measuring import Result, Task
from app.sources import BY_ID, SOURCES
from app.store.database import open_reader
from tests.ingest.test_worker import Watched
from tests.ingest.world import World, append, later, write
from tests.patience import PATIENCE
from tests.store.test_repairs import VISIBLE, said


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting before the first look and between two."""
    monkeypatch.setattr(content_pass, "FIRST", 0.0)
    monkeypatch.setattr(content_pass, "AGAIN", 0.05)


@pytest.fixture
def watched(world: World, at_once: None) -> Iterator[Watched]:
    with runtime.writer(world.machine):
        pass
    one = Watched(world)
    yield one
    one.worker.stop()
    assert not one.worker._thread.is_alive()
    assert active_children() == []


def repaired(world: World) -> list[int]:
    return [row[0] for row in world.ask("SELECT repaired_output FROM call WHERE kept ORDER BY native")]


def measured(world: World) -> dict[str, int]:
    """Name of each file → how far its content has been measured."""
    rows = world.ask("SELECT file.path, content.position FROM content JOIN file ON file.id = content.file_id")
    return {Path(path).name: position for path, position in rows}


# --- beside a running worker


def test_a_placeholder_is_mended_by_itself_and_told(watched: Watched) -> None:
    write(watched.world.claude("session-1.jsonl"), [said("a")])
    watched.worker.start()
    watched.until(lambda: repaired(watched.world) == [VISIBLE - 2])
    watched.until(lambda: any(change.earliest is None for change in watched.changes), "it was never told")
    told = next(change for change in watched.changes if change.earliest is None)
    assert (told.sources, told.sessions) == ({"claude_code"}, {("claude_code", "session-1")})


def test_what_is_appended_is_measured_by_the_same_helper(watched: Watched) -> None:
    path = write(watched.world.claude("session-1.jsonl"), [said("a")])
    watched.worker.start()
    watched.until(lambda: repaired(watched.world) == [VISIBLE - 2])
    (helper,) = active_children()
    append(path, said("b", output=3) + "\n")
    watched.until(lambda: repaired(watched.world) == [VISIBLE - 2, VISIBLE - 3])
    assert [one.pid for one in active_children()] == [helper.pid]


def test_the_helper_gives_way(watched: Watched) -> None:
    write(watched.world.claude("session-1.jsonl"), [said("a")])
    watched.worker.start()
    watched.until(lambda: bool(repaired(watched.world)) and repaired(watched.world)[0] > 0)
    (helper,) = active_children()
    assert helper.pid is not None
    if hasattr(os, "getpriority"):
        assert os.getpriority(os.PRIO_PROCESS, helper.pid) >= min(19, os.getpriority(os.PRIO_PROCESS, 0) + 15)


def test_a_helper_without_work_ends(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(content_pass, "_LINGER", 0.2)
    write(watched.world.claude("session-1.jsonl"), [said("a")])
    watched.worker.start()
    watched.until(lambda: repaired(watched.world) == [VISIBLE - 2])
    watched.until(lambda: not active_children(), "the helper stayed")


def _slow(task: Task) -> bytes:
    time.sleep(30)
    return measuring.measure_packed(task)


def test_the_usage_pass_goes_on_while_the_helper_is_at_work(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "measure_packed", _slow)
    path = write(watched.world.claude("session-1.jsonl"), [said("a")])
    watched.worker.start()
    watched.calls(1)
    watched.until(lambda: bool(active_children()), "no helper")
    append(path, said("b") + "\n")
    watched.calls(2)
    assert repaired(watched.world) == [0, 0]


@pytest.mark.parametrize("how", ["pause", "killed"])
def test_work_that_is_broken_off_is_done_later(how: str, watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as slowly:
        slowly.setattr(measuring, "measure_packed", _slow)
        write(watched.world.claude("session-1.jsonl"), [said("a")])
        watched.worker.start()
        watched.until(lambda: bool(active_children()), "no helper")
    if how == "pause":
        watched.worker.pause(True)
        watched.until(lambda: not active_children(), "it went on while paused")
        assert repaired(watched.world) == [0]
        watched.worker.pause(False)
    else:
        for helper in active_children():
            helper.kill()
    watched.until(lambda: repaired(watched.world) == [VISIBLE - 2])


def test_damaged_ranks_are_told_and_cost_no_figure(world: World, at_once: None, tmp_path: Path) -> None:
    resources = tmp_path / "resources"
    shutil.copytree(world.machine.resources, resources)
    (resources / "tokenizers" / "o200k_base.tiktoken.gz").write_bytes(b"damaged")
    write(world.claude("session-1.jsonl"), [said("a")])
    core = runtime.Core(replace(world.machine, resources=resources))
    try:
        core.start(lambda: None)
        deadline = time.monotonic() + PATIENCE
        while not core.meters().problems and time.monotonic() < deadline:
            time.sleep(0.05)
        now = core.meters()
        assert now.calls == 1
        assert len(now.problems) == 1
        assert "Tokens can't be counted" in now.problems[0]
    finally:
        core.stop()


# --- step by step, with a helper that is done at once


class _AtOnce:
    """Stands for the helper's pool."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def submit(self, work: Any, task: Task) -> Future[bytes]:
        self.tasks.append(task)
        done: Future[bytes] = Future()
        done.set_result(work(task))
        return done


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch, at_once: None) -> _AtOnce:
    made = _AtOnce()
    monkeypatch.setattr(measuring, "patient_pool", lambda: made)
    monkeypatch.setattr(measuring, "end", lambda pool: None)
    monkeypatch.setattr(measuring, "_FILES", 1)
    return made


def test_it_is_due_only_where_there_is_something_to_do(
    world: World, pool: _AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When nothing is noticed it asks for nothing, ever: an idle program sleeps."""
    monkeypatch.setattr(content_pass, "_LINGER", 0.0)
    write(world.claude("a.jsonl"), [said("a")])
    world.sync()
    one = ContentPass(world.machine, lambda: None)
    with runtime.writer(world.machine) as writer:
        steps = 0
        while one.due_in() is not None and steps < 50:
            time.sleep(one.due_in() or 0)
            one.step(writer, SOURCES)
            steps += 1
        assert 0 < steps < 10
        assert repaired(world) == [VISIBLE - 2]
        assert not one.is_alive
        one.noticed()
        assert one.due_in() is not None


def test_a_fault_of_ours_is_told_and_nothing_else_happens(
    world: World, pool: _AtOnce, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(task: Task) -> bytes:
        return b"no result"

    monkeypatch.setattr(measuring, "measure_packed", fails)
    write(world.claude("a.jsonl"), [said("a")])
    world.sync()
    one = ContentPass(world.machine, lambda: None)
    with runtime.writer(world.machine) as writer:
        one.step(writer, SOURCES)
        one.step(writer, SOURCES)
    assert one.trouble is not None and "cuenta.log" in one.trouble.hint
    due = one.due_in()
    assert due is not None and due > 60


def test_what_waits_of_a_source_that_is_switched_off_is_left(world: World, pool: _AtOnce) -> None:
    for name in ("a", "b", "c"):
        write(world.claude(f"{name}.jsonl"), [said(name)])
    world.sync()
    one = ContentPass(world.machine, lambda: None)
    with runtime.writer(world.machine) as writer:
        one.step(writer, SOURCES)
        one.step(writer, ())
        time.sleep(0.1)
        one.step(writer, ())
    assert len(pool.tasks) == 1


# --- what it does, without a helper


def test_it_back_fills_what_the_usage_pass_has_read_and_nothing_else(world: World) -> None:
    write(world.claude("a.jsonl"), [said("a")])
    world.sync()
    write(world.claude("b.jsonl"), [said("b")])
    assert runtime.measure_new(world.machine) == 1
    assert measured(world).keys() == {"a.jsonl"}
    assert runtime.measure_new(world.machine) == 0


def test_the_newest_comes_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, age in (("old", -900), ("new", -10), ("older", -5_000)):
        later(write(world.claude(f"{name}.jsonl"), [said(name)]), age)
    world.sync()
    order: list[str] = []
    read = measuring.measure_task

    def noted(task: Task) -> Result:
        order.extend(Path(path).stem for _, path, _ in task.files)
        return read(task)

    monkeypatch.setattr(measuring, "measure_task", noted)
    runtime.measure_new(world.machine)
    assert order == ["new", "old", "older"]


def test_it_goes_on_where_it_was_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled after each task: every step is kept, and no file is begun anew."""
    monkeypatch.setattr("app.shapes.content.STRETCH", 1)
    monkeypatch.setattr("app.shapes.lines.CHUNK", 20_000)
    lines = [said(f"m{number:03}") for number in range(120)]
    path = write(world.claude("a.jsonl"), lines)
    world.sync()
    positions: list[int] = []
    for _ in range(40):
        asked = iter([False, True])
        runtime.measure_new(world.machine, cancelled=lambda asked=asked: next(asked, True))
        positions.append(measured(world)["a.jsonl"])
        if world.ask("SELECT count(*) FROM content WHERE modified > 0") == [(1,)]:
            break
    assert positions == sorted(positions)
    assert len(set(positions)) > 3
    assert path.stat().st_size - positions[-1] < 20_000
    assert repaired(world) == [VISIBLE - 2] * 120


def test_a_newer_reader_reads_again_what_still_exists(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = write(world.claude("gone.jsonl"), [said("a")])
    write(world.claude("there.jsonl"), [said("b")])
    world.sync()
    runtime.measure_new(world.machine)
    gone.unlink()
    source = BY_ID["claude_code"]
    assert source.content is not None
    read = source.content.read
    newer = replace(
        source, content=source.content._replace(version=2, read=lambda path, cursor: _as_version_2(read, path, cursor))
    )
    monkeypatch.setitem(BY_ID, "claude_code", newer)
    monkeypatch.setattr("app.ingest.measuring.SOURCES", (newer,))
    monkeypatch.setattr("app.runtime.sources_of", lambda machine: (newer,))
    assert runtime.measure_new(world.machine) == 2
    assert world.ask("SELECT reader, count(*) FROM content GROUP BY 1") == [(2, 2)]
    assert world.ask("SELECT reader, count(*) FROM visible GROUP BY 1 ORDER BY 1") == [(1, 1), (2, 1)]
    assert repaired(world) == [VISIBLE - 2] * 2
    assert runtime.measure_new(world.machine) == 0


def _as_version_2(read: Any, path: Path, cursor: Any) -> Any:
    for name, told, end in read(path, cursor if cursor is not None and cursor.reader == 1 else None):
        yield name, told, end._replace(reader=2)


def test_a_file_that_goes_wrong_keeps_no_other_from_being_measured(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        write(world.claude(f"{name}.jsonl"), [said(name)])
    world.sync()
    world.claude("a.jsonl").unlink()
    source = BY_ID["claude_code"]
    assert source.content is not None
    read = source.content.read

    def fails(path: Path, cursor: Any) -> Any:
        if path.stem == "b":
            raise RuntimeError("a fault of ours")
        return read(path, cursor)

    monkeypatch.setitem(BY_ID, "claude_code", replace(source, content=source.content._replace(read=fails)))
    assert runtime.measure_new(world.machine) == 3
    assert repaired(world) == [0, 0, VISIBLE - 2]
    assert runtime.measure_new(world.machine) == 0, "it is not tried for ever"
    monkeypatch.undo()
    append(world.claude("b.jsonl"), said("b2") + "\n")
    world.sync()
    assert runtime.measure_new(world.machine) == 1, "but when it looks different"
    assert repaired(world) == [0, VISIBLE - 2, VISIBLE - 2, VISIBLE - 2]


def test_a_moved_file_is_not_measured_again(world: World) -> None:
    path = write(world.claude("a.jsonl"), [said("a")])
    world.sync()
    runtime.measure_new(world.machine)
    path.rename(path.with_name("moved.jsonl"))
    world.sync()
    assert runtime.measure_new(world.machine) == 0


def test_many_files_are_measured_by_helpers_to_the_same_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(12):
        write(world.claude(f"{number}.jsonl"), [said(f"{number}-{one}") for one in range(20)])
    world.sync()
    monkeypatch.setattr(measuring, "_MANY", 1)
    monkeypatch.setattr(measuring, "_TASK", 20_000)
    assert runtime.measure_new(world.machine) == 12
    assert repaired(world) == [VISIBLE - 2] * 240


def test_the_usage_pass_asks_for_no_tokens(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cold sync neither loads ranks nor looks at what is visible."""

    def refused(*_: object) -> Any:
        raise AssertionError("ranks were loaded")

    monkeypatch.setattr("app.tokenizers.load", refused)
    monkeypatch.setattr("app.tokenizers.family_of", refused)
    write(world.claude("a.jsonl"), [said("a"), said("b", stop="end_turn", output=300)])
    world.sync()
    assert world.totals()["calls"] == 2


def test_the_command(world: World) -> None:
    write(world.claude("session-1.jsonl"), [said("a")])
    assert b"Sized what was said in 1 file." in world.run("sync", "--content").stdout
    assert repaired(world) == [VISIBLE - 2]
    with closing(open_reader(world.machine.database)) as connection:
        assert connection.execute("SELECT count(*) FROM content").fetchone() == (1,)
    assert b'"files_measured": 0' in world.run("sync", "--content", "--json").stdout
    assert b"files_measured" not in world.run("sync", "--json").stdout
