"""Several home folders, each with a label: one total, and nothing twice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app import runtime
from app.cli import homes
from app.diagnostics import KnownError
from app.machine import Machine
from app.settings import Settings, load
from tests.ingest.world import World, answer, write


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine)


def other(world: World, name: str) -> Path:
    """A home folder beside the user's, with one Claude session of three calls of which one is the user's own, copied."""
    folder = world.machine.home.parent / name
    write(folder / ".claude/projects/-work/s2.jsonl", [answer("a0"), answer("b0"), answer("b1")])
    return folder


def run(world: World, action: str, label: str | None = None, folder: Path | None = None) -> int:
    given = None if folder is None else str(folder)
    return homes.run(world.machine, action=action, label=label, folder=given, json=False)


def test_a_copied_history_counts_once(world: World) -> None:
    write(world.claude("s1.jsonl"), [answer("a0"), answer("a1")])
    assert run(world, "add", "laptop", other(world, "laptop")) == 0
    world.sync(runtime.sources_of(world.machine))
    assert world.totals()["calls"] == 4  # a0 stands in both


def test_two_homes_do_not_hide_each_other(world: World) -> None:
    """The same session and file name in each."""
    for name, calls in (("wsl", ["w0"]), ("container", ["c0", "c1"])):
        folder = world.machine.home.parent / name
        write(folder / ".claude/projects/-work/s.jsonl", [answer(call) for call in calls])
        assert run(world, "add", name, folder) == 0
    world.sync(runtime.sources_of(world.machine))
    assert world.totals()["calls"] == 3


def test_a_home_that_is_unmounted_keeps_what_was_read(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    folder = other(world, "laptop")
    run(world, "add", "laptop", folder)
    world.sync(runtime.sources_of(world.machine))
    shutil.rmtree(folder)
    world.sync(runtime.sources_of(world.machine))
    assert world.totals()["calls"] == 3
    capsys.readouterr()
    assert run(world, "list") == 0
    assert "not there now" in capsys.readouterr().out
    assert run(world, "drop", "laptop") == 0
    assert load(world.machine, Settings).homes == {}
    assert world.totals()["calls"] == 3


def test_variables_of_this_machine_move_nothing_in_another_home(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = Machine(world.machine.home, {"CLAUDE_CONFIG_DIR": "/elsewhere"}, data=world.machine.data)
    folder = other(world, "laptop")
    homes.run(moved, action="add", label="laptop", folder=str(folder), json=False)
    (claude, *_) = runtime.sources_of(moved)
    assert folder / ".claude/projects" in list(claude.roots(moved))


def test_what_lies_there_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    folder = other(world, "laptop")
    run(world, "add", "laptop", folder)
    capsys.readouterr()
    homes.run(world.machine, action="list", label=None, folder=None, json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["homes"] == [{"label": "laptop", "folder": str(folder), "files": {"Claude Code": 1}}]


@pytest.mark.parametrize("which", ["own", "missing", "taken"])
def test_what_is_no_other_home(world: World, which: str) -> None:
    world.machine.home.mkdir(parents=True, exist_ok=True)
    run(world, "add", "laptop", other(world, "laptop"))
    folders = {"own": world.machine.home, "missing": Path("/nowhere"), "taken": other(world, "second")}
    with pytest.raises(KnownError) as refused:
        run(world, "add", "laptop", folders[which])
    assert refused.value.hint
    assert list(load(world.machine, Settings).homes) == ["laptop"]


@pytest.mark.parametrize("words", [("add",), ("drop",), ("list", "x"), ("what",), ("add", "x")])
def test_wrong_usage(world: World, words: tuple[str, ...]) -> None:
    assert run(world, *words) == 2


@pytest.mark.parametrize(
    ("folder", "system"), [("AppData", "win32"), ("Library/Application Support", "darwin"), ("x", "linux")]
)
def test_a_home_shows_whose_system_it_is(machine: Machine, folder: str, system: str) -> None:
    home = machine.home.parent / "other"
    (home / folder).mkdir(parents=True)
    assert machine.at_home(home).system == system
