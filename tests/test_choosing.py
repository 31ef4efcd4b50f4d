"""Which agents are read, and from where: what is chosen in the settings changes what is read, by every reader there is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import runtime, settings
from app.__main__ import main
from app.machine import Machine
from app.settings import Notes, Settings
from app.sources import SOURCES, chosen
from tests.builders import Thread, answer, lines, meta, prompt, turn, usage


@pytest.fixture
def here(machine: Machine) -> Machine:
    """One call of either agent, unread."""
    _write_first(machine.home / ".claude/projects/-home-me-app/S1.jsonl")
    _write_second(machine.home / ".codex/sessions/2026/11/24/rollout-2026-11-24T10-00-00-T1.jsonl")
    return machine


def _write_first(path: Path, session: str = "S1") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = answer(f"m-{session}", f"r-{session}", usage(100, 20), at="2026-11-24T15:41:00.000Z", session=session)
    path.write_bytes(lines(prompt(session=session), said))


def _write_second(path: Path, thread: str = "T1") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lines(meta(thread), turn(), Thread().call("2026-11-24T10:00:05.000Z", 100, 5)))


def calls(machine: Machine) -> dict[str, int]:
    with closing(runtime.reader(machine)) as connection:
        return dict(connection.execute("SELECT source, count(*) FROM call WHERE kept = 1 GROUP BY source").fetchall())


def test_nothing_chosen_reads_everything() -> None:
    assert chosen((), {}) == SOURCES


def test_the_command_line_obeys_it(here: Machine) -> None:
    """A switched-off agent stays unread until it is switched on again; a folder is read once it is added."""
    elsewhere = here.home / "backup" / "projects"
    _write_first(elsewhere / "-x" / "S7.jsonl", "S7")
    settings.save(here, Settings(sources_off=("codex",)))
    assert main(["sync"]) == 0
    assert calls(here) == {"claude_code": 1}
    settings.save(here, Settings(folders={"claude_code": ("~/backup/projects",)}))
    assert main(["sync"]) == 0
    assert calls(here) == {"claude_code": 2, "codex": 1}


def test_what_was_read_stays_when_its_agent_is_switched_off(here: Machine) -> None:
    assert main(["sync"]) == 0
    settings.save(here, Settings(sources_off=("codex", "claude_code")))
    assert main(["sync"]) == 0
    assert calls(here) == {"claude_code": 1, "codex": 1}


def test_a_damaged_choice_is_said_and_nothing_is_read_behind_it(
    here: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    here.data.mkdir(parents=True)
    (here.data / "settings.json").write_text("{")
    assert main(["sync"]) == 1
    assert "settings.json is damaged" in capsys.readouterr().err
    assert calls(here) == {}


@pytest.fixture
def core(here: Machine) -> Iterator[runtime.Core]:
    with closing(runtime.reader(here)):  # the database is there, and stays open, while another thread begins to write
        one = runtime.Core(here)
        yield one
        one.stop()


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_the_running_program_obeys_at_once(here: Machine, core: runtime.Core) -> None:
    """Off, what an agent writes is not read; on again, it is, and so is a folder that was added."""
    settings.save(here, Settings(sources_off=("codex",)))
    core.start(lambda: None)
    until(lambda: calls(here) == {"claude_code": 1})
    core.choose(Settings())
    until(lambda: calls(here) == {"claude_code": 1, "codex": 1})
    core.choose(Settings(sources_off=("claude_code",)))
    _write_first(here.home / ".claude/projects/-home-me-app/S2.jsonl", "S2")
    _write_second(here.home / ".codex/sessions/2026/11/24/rollout-2026-11-24T11-00-00-T2.jsonl", "T2")
    until(lambda: calls(here).get("codex") == 2)
    assert calls(here) == {"claude_code": 1, "codex": 2}
    elsewhere = here.home / "backup"
    _write_first(elsewhere / "S9.jsonl", "S9")
    core.choose(Settings(folders={"claude_code": (str(elsewhere),)}))
    until(lambda: calls(here) == {"claude_code": 3, "codex": 2})


def test_a_pause_keeps_what_windows_noted(here: Machine, core: runtime.Core) -> None:
    core.start(lambda: None)
    settings.change(here, Notes, welcomed=True)
    core.pause(None)
    assert settings.load(here, Notes) == Notes(paused=True, welcomed=True)
    core.resume()
    assert settings.load(here, Notes) == Notes(welcomed=True)


def test_choosing_ends_what_is_being_read(here: Machine, core: runtime.Core, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first reading can take minutes; the agent that was just switched off is not read to its end."""
    from app.ingest import catch_up

    reading, chose = threading.Event(), threading.Event()
    ended: list[bool] = []
    plain = catch_up.read_here

    def waiting(tasks: Any, cancelled: Callable[[], bool]) -> Iterator[Any]:
        reading.set()
        chose.wait(10)
        ended.append(cancelled())
        yield from plain(tasks, cancelled)

    monkeypatch.setattr(catch_up, "read_here", waiting)
    core.start(lambda: None)
    assert reading.wait(10)
    core.choose(Settings(sources_off=("codex",)))
    chose.set()
    until(lambda: calls(here) == {"claude_code": 1})
    assert ended[:2] == [True, False]
