"""The drift alarm: what raises it, and what an agent may do without raising it. Each log is written by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app import runtime
from app.machine import Machine
from app.report import doctor, drift
from app.report.drift import Drift
from tests.builders import Record, answer, lines, usage

DAY = 86_400


class World:
    """A home with Claude Code's logs, written so many days before now."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._number = 0

    def log(self, days: float, *records: Record | str, size: int = 0) -> Path:
        """A session's file that was last written then; of `size` bytes at least."""
        self._number += 1
        path = self.machine.home / ".claude" / "projects" / "p" / f"S{self._number}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        padding = [{"type": "user", "text": "x" * size}] if size else []
        path.write_bytes(lines(*padding, *records))
        at = self.machine.clock() / 1000 - days * DAY
        os.utime(path, (at, at))
        return path

    def calls(self, days: float, many: int, **more: object) -> list[Record]:
        at = datetime.fromtimestamp(self.machine.clock() / 1000 - days * DAY, UTC)
        return [
            answer(f"m{days}-{one}", f"r{days}-{one}", at=f"{at:%Y-%m-%dT%H:%M}:{one % 60:02}.000Z", **more)
            for one in range(many)
        ]

    def signs(self) -> tuple[Drift, ...]:
        with closing(runtime.reader(self.machine)) as connection:
            runtime.read_new(self.machine, connection)
            return drift.signs(connection, self.machine.clock()).get("claude_code", ())


@pytest.fixture
def world(machine: Machine) -> Iterator[World]:
    yield World(machine)


def test_logs_as_they_always_were_raise_nothing(world: World) -> None:
    world.log(5, *world.calls(5, 30))
    world.log(0.1, *world.calls(0.1, 30))
    assert world.signs() == ()


def test_a_kind_nobody_knows_is_named_and_counted(world: World) -> None:
    strange = '{"type":"usage-v2","timestamp":"2026-11-24T10:00:01.000Z","usage":{"input_tokens":1}}'
    world.log(0.1, *world.calls(0.1, 3), strange, strange)
    world.log(9, *world.calls(9, 20), strange)
    [sign] = world.signs()
    assert sign == Drift("claude_code", "kind", "usage-v2", 3)
    assert sign.loses
    world.log(0.2, *[strange] * 12)
    assert world.signs() == (
        Drift("claude_code", "kind", "usage-v2", 15),
    )  # a sign of its own, and no share of skipped
    assert drift.words(sign) == "3 lines of the unknown kind usage-v2 hold usage."


def test_a_source_that_names_its_kinds_hears_of_others(world: World) -> None:
    """Of lines that may hold usage: others are nobody's business."""
    path = world.machine.home / ".pi" / "agent" / "sessions" / "p" / "s.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(lines({"type": "message"}, {"type": "turn-2", "usage": {}}, {"type": "turn-3"}, {"usage": {}}))
    with closing(runtime.reader(world.machine)) as connection:
        runtime.read_new(world.machine, connection)
        found = drift.signs(connection, world.machine.clock())["pi"]
    assert found == (Drift("pi", "kind", "no name", 1), Drift("pi", "kind", "turn-2", 1))


@pytest.mark.parametrize(
    ("more", "field", "loses"),
    [
        ({"model": None}, "model", False),
        ({"counts": usage(9)}, "output", True),
        ({"counts": usage(0, 9)}, "input", True),
    ],
)
def test_a_field_that_calls_had_and_have_no_more(world: World, more: Record, field: str, loses: bool) -> None:
    world.log(5, *world.calls(5, 20))
    world.log(0.1, *world.calls(0.1, 3), *world.calls(0.2, 3, **more))
    [sign] = world.signs()
    assert sign == Drift("claude_code", "field", field, 3, 6)
    assert sign.loses is loses


def test_too_few_calls_or_a_field_that_was_often_missing_prove_nothing(world: World) -> None:
    world.log(5, *world.calls(5, 19), *world.calls(6, 2, model=None))  # 19 of 21: seldom enough before
    world.log(0.1, *world.calls(0.1, 6, model=None))
    assert world.signs() == ()
    world.log(4, *world.calls(4, 40))  # 59 of 61
    assert [one.what for one in world.signs()] == ["model"]


def test_four_calls_are_too_few(world: World) -> None:
    world.log(5, *world.calls(5, 20))
    world.log(0.1, *world.calls(0.1, 4, model=None))
    assert world.signs() == ()


def test_a_sudden_share_of_skipped_records(world: World) -> None:
    world.log(5, *world.calls(5, 99), *world.calls(6, 1, counts=usage()))  # 1 % holds no tokens
    recent = [*world.calls(0.1, 40), *world.calls(0.2, 10, counts=usage())]
    log = world.log(0.1, *recent)
    [sign] = world.signs()  # 20 % now
    assert sign == Drift("claude_code", "share", "", 10, 50)
    assert sign.loses
    log.write_bytes(lines(*recent, *world.calls(0.3, 5)))
    assert world.signs() == ()  # 10 of 55 is less than a fifth


def test_what_was_always_skipped_is_nothing_new(world: World) -> None:
    world.log(5, *world.calls(5, 50), *world.calls(6, 50, counts=usage()))
    world.log(0.1, *world.calls(0.1, 10), *world.calls(0.2, 90, counts=usage()))
    assert world.signs() == ()


def test_of_a_new_agent_nearly_all_must_be_skipped(world: World) -> None:
    log = world.log(0.1, *world.calls(0.1, 1), *world.calls(0.2, 9, counts=usage()))
    assert world.signs() == ()
    log.write_bytes(log.read_bytes() + lines(*world.calls(0.3, 1, counts=usage())))
    assert world.signs() == (Drift("claude_code", "share", "", 10, 11),)


def test_logs_that_grow_and_hold_no_call_any_more(world: World) -> None:
    """Usage moved to where nobody looks for it: no line is even skipped."""
    world.log(5, *world.calls(5, 20))
    world.log(0.1, size=20_000)
    assert world.signs() == ()  # one may well be without
    world.log(0.2, size=20_000)
    world.log(0.2, size=10)
    assert world.signs() == (Drift("claude_code", "silence", "", 2, 2),)
    world.log(0.3, *world.calls(0.3, 1))
    assert world.signs() == ()


def test_a_version_newer_than_any_that_was_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.log(3, *world.calls(3, 2, version="99.0.0"))  # not of the last day
    world.log(0.1, *world.calls(0.1, 2, version="2.1.219"))
    assert world.signs() == ()
    world.log(0.2, *world.calls(0.2, 2, version="2.1.1000-beta.7"))
    [sign] = world.signs()
    assert sign == Drift("claude_code", "version", "2.1.1000-beta.7")
    assert not sign.loses


def test_the_doctor_tells_versions_levels_and_signs(world: World) -> None:
    world.log(3, *world.calls(3, 2, version="2.1.200"))
    world.log(0.1, *world.calls(0.1, 2, version="99.1"))
    with closing(runtime.reader(world.machine)) as connection:
        runtime.read_new(world.machine, connection)
        claude = next(one for one in doctor.examine(connection, world.machine) if one.source.id == "claude_code")
    assert claude.versions == ("99.1", "2.1.200")
    assert claude.levels == {"A": 4}
    assert [one.sign for one in claude.signs] == ["version"]


@pytest.mark.parametrize(
    ("levels", "told"),
    [({}, []), ({"A": 7}, ["A"]), ({"A": 96, "B": 4}, ["A 96%", "B 4%"]), ({"A": 999, "C": 1}, ["A 99%", "C <1%"])],
)
def test_shares_of_levels(levels: dict[str, int], told: list[str]) -> None:
    assert doctor.shares(levels) == told
