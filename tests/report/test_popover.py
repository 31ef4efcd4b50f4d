"""What the popover shows, as a value, of made-up logs that go through the real readers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.demo import write_logs
from app.machine import Machine
from app.model.instant import instant_of
from app.model.meters import Deleting, Meters
from app.pricing.catalog import load_catalog
from app.report import meters, popover
from app.report.names import model_name
from app.report.usual import Today
from app.runtime import read_new, reader
from tests.builders import answer, lines, usage

ZONE = ZoneInfo("Europe/Madrid")
HOUR = 3_600_000
DAY = 24 * HOUR


def instant(text: str) -> int:
    found = instant_of(text)
    assert found is not None
    return found


NOW = instant("2026-11-20T14:42:00Z")
"""A Friday."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Machine, sqlite3.Connection]]:
    """Five weeks of work, read."""
    folder = tmp_path_factory.mktemp("demo")
    write_logs(folder / "home", NOW, ZONE)
    environment = {"TZ": ZONE.key}
    machine = Machine(folder / "home", environment, clock=lambda: NOW, data=folder / "data")
    with closing(reader(machine)) as connection:
        read_new(machine, connection)
        yield machine, connection


def later(machine: Machine, by: int) -> Machine:
    """The same machine, so much later."""
    return replace(machine, clock=lambda: NOW + by)


def test_a_day_at_work(told: tuple[Machine, sqlite3.Connection]) -> None:
    """Meters, curve and plan are of one moment and agree; what an empty day would show is not asked."""
    machine, connection = told
    facts = popover.read(connection, machine, load_catalog(machine))
    assert len(facts.meters.running) == 3
    assert all(one.cold_extra for one in facts.meters.running)
    assert facts.today.day == date(2026, 11, 20)
    assert facts.today.spent[-1] == facts.meters.today
    assert facts.today.usual is not None
    assert facts.last_day is None
    assert facts.zone == ZONE

    (plan,) = facts.plans
    assert [one.minutes for one in plan.windows] == [300, 10_080]
    assert (plan.name, plan.plan) == ("", "plus")
    assert NOW - 5 * 60_000 < plan.seen_at < NOW
    codex = sum(
        cost
        for (cost,) in connection.execute(
            "SELECT cost FROM call WHERE kept = 1 AND source = 'codex' AND quarter >= ?",
            (instant("2026-11-19T23:00:00Z") // 900_000,),
        )
    )
    assert plan.today == codex > 0


@pytest.mark.parametrize("by", [0, 5 * 60_000, HOUR, 9 * HOUR, DAY, -DAY])
def test_a_later_reading_is_the_same_with_and_without_an_earlier_one(
    told: tuple[Machine, sqlite3.Connection], by: int
) -> None:
    """What is taken over saves the eight weeks, and changes nothing."""
    machine, connection = told
    before = popover.read(connection, machine)
    fresh = popover.read(connection, later(machine, by))
    reused = popover.read(connection, later(machine, by), before=before)
    assert reused._replace(compared_at=0) == fresh._replace(compared_at=0)
    assert (reused.compared_at == before.compared_at) == (0 <= by < 600_000)


def test_while_history_is_read_the_usual_day_is_worked_out_more_often(
    told: tuple[Machine, sqlite3.Connection],
) -> None:
    machine, connection = told
    before = popover.read(connection, machine)
    reading = before._replace(meters=before.meters._replace(reading=(1, 2)))
    after = later(machine, 11_000)
    assert popover.read(connection, after, before=before).compared_at == NOW
    assert popover.read(connection, after, before=reading).compared_at == NOW + 11_000


def test_without_a_price_book_nothing_is_said_of_a_cold_cache(told: tuple[Machine, sqlite3.Connection]) -> None:
    machine, connection = told
    assert {one.cold_extra for one in popover.read(connection, machine).meters.running} == {None}


def test_a_session_that_began_before_today_is_told_from_one_of_today(machine: Machine) -> None:
    folder = machine.home / ".claude/projects/-home-me-app"
    folder.mkdir(parents=True)
    for session, begun in (("S1", "2026-11-23T23:50:00Z"), ("S2", "2026-11-24T00:10:00Z")):
        calls = [(f"{session}-1", begun), (f"{session}-2", "2026-11-24T15:41:00Z")]
        said = [answer(name, name, usage(6, 400), at=at, session=session) for name, at in calls]
        (folder / f"{session}.jsonl").write_bytes(lines(*said))
    with closing(reader(machine)) as connection:
        read_new(machine, connection)
        found = {one.session: one.of_more_days for one in meters.read(connection, machine).running}
    assert found == {"S1": True, "S2": False}


def test_a_window_that_was_reset_is_gone(told: tuple[Machine, sqlite3.Connection]) -> None:
    """First the short one, at last the plan; an age is told, not hidden."""
    machine, connection = told
    (before,) = popover.read(connection, machine).plans
    hours = before.windows[0].resets_at
    assert hours is not None
    (after,) = popover.read(connection, later(machine, hours - NOW + 1)).plans
    assert [one.minutes for one in after.windows] == [10_080]
    assert after.seen_at == before.seen_at
    assert popover.read(connection, later(machine, 8 * DAY)).plans == ()


def test_an_empty_day_knows_the_last_one_that_was_not(told: tuple[Machine, sqlite3.Connection]) -> None:
    """Two days later nothing runs and nothing was spent; the Friday is what is known."""
    machine, connection = told
    friday = popover.read(connection, later(machine, 4 * HOUR))
    facts = popover.read(connection, later(machine, 2 * DAY))
    assert facts.meters.calls == 0
    assert facts.meters.running == ()
    assert facts.last_day is not None
    assert facts.last_day.day == date(2026, 11, 20)
    assert facts.last_day.cost == friday.meters.today
    assert facts.last_day.sessions >= 3
    long_after = popover.read(connection, later(machine, 300 * DAY))
    assert long_after.last_day == facts.last_day


def test_an_empty_store(machine: Machine) -> None:
    """Nothing is made up: no usual day, no plan, no last day."""
    with closing(reader(machine)) as connection:
        facts = popover.read(connection, machine)
    assert (facts.meters.today, facts.plans, facts.last_day, facts.today.usual) == (0, (), None, None)


def test_a_store_that_cannot_be_read(machine: Machine) -> None:
    """The meters that say why, and an empty day."""
    why = Meters(NOW, 0, 0, 0, "measured", None, problems=("The database can't be read.",))
    facts = popover.nothing(why, machine)
    assert facts.meters is why
    assert facts.today == Today(date(2026, 11, 20), (), None)


def test_agents_that_delete_their_logs(tmp_path: Path) -> None:
    """Only those that are here."""
    machine = Machine(tmp_path)
    assert meters.deleting(machine) == ()
    (tmp_path / ".claude/projects").mkdir(parents=True)
    (tmp_path / ".codex/sessions").mkdir(parents=True)
    assert meters.deleting(machine) == (Deleting("Claude Code", 30),)


@pytest.mark.parametrize(
    ("model", "source", "words"),
    [
        ("claude-opus-4-6", "claude_code", "Opus 4.6"),
        ("claude-haiku-4-5-20251001", "claude_code", "Haiku 4.5"),
        ("claude-3-5-sonnet-20241022", "claude_code", "3.5 Sonnet"),
        ("claude-opus-4-6[1m]", "claude_code", "Opus 4.6"),
        ("anthropic/claude-opus-5", "claude_code", "Opus 5"),
        ("claude-opus-5", "codex", "Claude Opus 5"),
        ("gpt-5.6-sol", "codex", "GPT-5.6 Sol"),
        ("gpt-5.3-codex-2026-01-02", "codex", "GPT-5.3 Codex"),
        ("gpt-4o", "codex", "GPT-4o"),
        ("o3", "codex", "o3"),
        ("house-coder-1", "claude_code", "House Coder 1"),
        ("eu.anthropic.claude-opus-4-6-v1:0", "claude_code", "eu.anthropic.claude-opus-4-6-v1:0"),
        ("<synthetic>", "claude_code", "<synthetic>"),
        ("My Model", "nobody", "My Model"),
        ("", "codex", ""),
    ],
)
def test_model_name(model: str, source: str, words: str) -> None:
    """Short where the name is made of small words and hyphens; never guessed at where it is not."""
    assert model_name(model, source) == words
