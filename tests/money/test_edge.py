"""Every log of `fixtures/edge` costs what is worked out by hand beside it, read by the real path."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app import runtime
from app.machine import Machine
from tests.conftest import FIXTURES
from tests.money.working import nano_of
from tests.sources.home import copied_home
from tests.sources.test_fixtures import inflate

EDGE: dict[str, Any] = json.loads((FIXTURES / "edge/cases.json").read_text())
COSTS = tomllib.loads((FIXTURES / "edge/costs.toml").read_text(encoding="utf-8"))["cost"]
BY_CASE = {case: cost for cost in COSTS for case in cost["cases"]}


def test_every_case_has_its_cost() -> None:
    assert sorted(BY_CASE) == sorted(EDGE)
    assert len(BY_CASE) == sum(len(cost["cases"]) for cost in COSTS)


@pytest.mark.parametrize("cost", COSTS, ids=lambda cost: cost["cases"][0])
def test_the_sum_on_paper_is_the_figure(cost: dict[str, Any]) -> None:
    assert cost["nano"] == (nano_of(cost["working"]) if "working" in cost else "no price")


@pytest.mark.parametrize("case", EDGE)
def test_the_sum_on_paper_is_of_the_logs_tokens(case: str) -> None:
    """The counts in `working` add up to what `cases.json` states, which nobody's reader computed."""
    if "working" in BY_CASE[case]:
        counted = sum(int(term.split("×")[0].replace(",", "")) for term in BY_CASE[case]["working"].split("+"))
        assert counted == sum(EDGE[case]["expect"])


def read(machine: Machine) -> None:
    with closing(runtime.reader(machine)) as connection:
        runtime.read_new(machine, connection)


def spent(machine: Machine) -> tuple[int | None, bool]:
    """(nano-dollars, whether any call has no price)."""
    with closing(sqlite3.connect(machine.database)) as connection:
        cost, unpriced = connection.execute("SELECT sum(cost), sum(cost IS NULL) FROM call WHERE kept = 1").fetchone()
    return cost, unpriced > 0


def expected(case: str) -> tuple[int | None, bool]:
    nano = BY_CASE[case]["nano"]
    return (None, True) if nano == "no price" else (nano, False)


@pytest.mark.parametrize("case", EDGE)
def test_the_program_says_the_figure(case: str, machine: Machine) -> None:
    files = copied_home(FIXTURES / "edge" / case / "home", machine.home)
    if case == "line_20MB":
        inflate(files[0])
    read(machine)
    assert spent(machine) == expected(case)


@pytest.mark.parametrize("case", [case for case in EDGE if case != "line_20MB"])
def test_a_log_cut_at_any_bytes_costs_the_same(case: str, machine: Machine) -> None:
    """Every file grows in four pieces, cut wherever it falls, and what there is is read each time."""
    whole = {file: file.read_bytes() for file in copied_home(FIXTURES / "edge" / case / "home", machine.home)}
    draw = Random(case)
    cuts = {file: sorted(draw.randrange(len(data) + 1) for _ in range(3)) for file, data in whole.items()}
    for step in range(4):
        for file, data in whole.items():
            file.write_bytes(data[: [*cuts[file], len(data)][step]])
        read(machine)
    assert spent(machine) == expected(case)


def test_the_paths_are_there() -> None:
    """A case that is renamed must not leave its cost behind."""
    assert all((Path(FIXTURES) / "edge" / case).is_dir() for case in BY_CASE)
