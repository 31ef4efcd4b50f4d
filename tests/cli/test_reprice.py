"""`cuenta reprice`: nothing changes by itself; what would change is told, by model and reason; and all of it can go back.

The month of `logs.py`: 2 calls of claude-opus-4-8 at $0.00075 (one fast, twice that), one of a model that nobody prices,
whose record states half a dollar, 3 calls of claude-sonnet-5, one of gpt-5.4.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app import runtime
from app.machine import Machine
from app.pricing.catalog import load_catalog
from app.report import repricing
from tests.cli.conftest import Cuenta
from tests.cli.logs import CODEX, EXAMPLE, FAST, MICRO, OPUS, STATED, TOTAL, month

OWN = '[[price]]\nmodel = "claude-opus-4-8"\ninput = 10\noutput = 50\n'
STANDARD = "anthropic/claude-opus-4-8@#standard"


@pytest.fixture
def told(cuenta: Cuenta) -> Cuenta:
    """A month that was read with the shipped prices."""
    month(cuenta)
    assert cuenta.json("report")["total"]["cost_nanousd"] == TOTAL
    return cuenta


def own(cuenta: Cuenta, text: str) -> None:
    cuenta.data.joinpath("prices.user.toml").write_text(text)


def spent(cuenta: Cuenta) -> int:
    return cuenta.json("report")["total"]["cost_nanousd"]


def stored(cuenta: Cuenta) -> list[Any]:
    """The cost of every call, all its parts, and the price it was computed with."""
    with closing(sqlite3.connect(cuenta.data / "cuenta.sqlite3")) as connection:
        return connection.execute(
            "SELECT call.id, cost, cost_input, cost_cache_read, cost_cache_write_5m, cost_cache_write_1h, cost_output,"
            " cost_reasoning, cost_requests, price.name, price.match, price.book FROM call"
            " LEFT JOIN price ON price.id = price_id ORDER BY call.id"
        ).fetchall()


def test_prices_that_say_the_same_change_nothing(told: Cuenta) -> None:
    found = told.json("reprice")
    assert (found["schema"], found["applied"], found["calls"], found["changes"]) == ("cuenta.reprice/1", False, 0, [])
    assert found["calls_looked_at"] == told.json("report")["total"]["calls"]
    assert found["can_take_back"] is None
    assert "cost what today's prices say" in told("reprice").out


def test_a_new_price_changes_nothing_by_itself(told: Cuenta) -> None:
    before = stored(told)
    own(told, OWN)
    assert spent(told) == TOTAL
    told.json("reprice")
    assert stored(told) == before


def test_what_would_change_is_told_by_model_and_reason(told: Cuenta) -> None:
    own(told, OWN)
    found = told.json("reprice")
    assert (found["calls"], found["before_nanousd"], found["after_nanousd"]) == (1, OPUS, 2 * OPUS)
    assert found["changes"] == [
        {
            "model": "claude-opus-4-8",
            "why": "own_price",
            "calls": 1,
            "before_nanousd": OPUS,
            "after_nanousd": 2 * OPUS,
            "row_before": STANDARD,
            "row_after": "user/claude-opus-4-8@#standard",
        }
    ]
    shown = told("reprice").out
    for word in ("claude-opus-4-8", "your own price", "$0.0008", "$0.0015", "Nothing was changed"):
        assert word in shown


def test_it_is_written_on_the_users_word_and_can_go_back(told: Cuenta) -> None:
    before = stored(told)
    own(told, OWN)
    done = told.json("reprice", "--apply")
    assert (done["applied"], done["calls"], done["can_take_back"]["calls"]) == (True, 1, 1)
    assert spent(told) == TOTAL + OPUS
    changed = [(old, new) for old, new in zip(before, stored(told), strict=True) if old != new]
    ((old, new),) = changed
    assert old[1:9] == (OPUS, 500 * MICRO, 0, 0, 0, 250 * MICRO, 0, 0)
    assert new[1:9] == (2 * OPUS, 1_000 * MICRO, 0, 0, 0, 500 * MICRO, 0, 0)
    assert new[9:11] == ("user/claude-opus-4-8@#standard", "user")
    assert told.json("reprice")["calls"] == 0
    assert told.json("reprice", "--undo")["taken_back"] == 1
    assert (stored(told), spent(told)) == (before, TOTAL)
    assert told.json("reprice", "--undo")["taken_back"] == 0


def test_each_repricing_goes_back_for_itself(told: Cuenta) -> None:
    states = [stored(told)]
    for price in ("10", "20"):
        own(told, OWN.replace("input = 10", f"input = {price}"))
        told.json("reprice", "--apply")
        states.append(stored(told))
    assert states[0] != states[1] != states[2]
    for before in states[1::-1]:
        told.json("reprice", "--undo")
        assert stored(told) == before


def test_it_can_be_done_and_taken_back_again_and_again(told: Cuenta) -> None:
    before = stored(told)
    own(told, OWN)
    for _ in range(3):
        assert told.json("reprice", "--apply")["calls"] == 1
        assert told.json("reprice", "--undo")["taken_back"] == 1
        assert stored(told) == before


def test_a_discount_has_its_own_reason(told: Cuenta) -> None:
    own(told, '[[discount]]\nprovider = "anthropic"\npercent = 20\n')
    found = told.json("reprice", "--apply")
    assert {one["why"] for one in found["changes"]} == {"own_discount"}
    assert {one["model"] for one in found["changes"]} == {"claude-sonnet-5", "claude-opus-4-8", "claude-opus-4-8|fast"}
    assert spent(told) == (EXAMPLE + OPUS + FAST) * 4 // 5 + STATED + CODEX
    row = told("session", "S1", "--trace", "1").out.partition("Price row")[2]
    assert "standard, 20% off, no tier" in row and "factor" not in row
    assert "genai-prices 0.2.3 and model-prices 0.0.5 agree" in " ".join(row.split())


def test_a_price_that_is_gone_is_told_and_taken_away(told: Cuenta) -> None:
    """Whoever takes a price of their own back wants it taken back: two calls of 10 and 7 tokens, one of a stated cost."""
    own(told, '[[price]]\nmodel = "nobodys-model"\ninput = 1\noutput = 1\n')
    assert spent(told) == TOTAL - STATED + 17 * MICRO
    own(told, "")
    assert spent(told) == TOTAL - STATED + 17 * MICRO
    (change,) = told.json("reprice", "--apply")["changes"]
    assert (change["why"], change["calls"], change["row_after"]) == ("no_price_any_more", 2, None)
    assert (change["before_nanousd"], change["after_nanousd"]) == (17 * MICRO, STATED)
    assert spent(told) == TOTAL


def test_one_word_or_the_other(told: Cuenta) -> None:
    done = told("reprice", "--apply", "--undo")
    assert (done.status, done.out) == (2, "")


def test_a_failure_in_between_changes_nothing(told: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    """All or none: the second of two statements fails."""
    own(told, OWN)
    before = stored(told)
    monkeypatch.setattr("app.store.rows.SET_KEPT_COST", "UPDATE no_such_table SET x = ?" + ", y = ?" * 13)
    done = told("reprice", "--apply")
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert stored(told) == before
    monkeypatch.undo()
    with closing(sqlite3.connect(told.data / "cuenta.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM repricing").fetchone() == (0,)


def test_a_call_that_was_priced_anew_meanwhile_is_left_alone(told: Cuenta, tmp_path: Path) -> None:
    """Between the look and the writing another process may have been at work; and between the writing and its undoing."""
    own(told, OWN)
    machine = Machine(tmp_path / "home", data=told.data)
    with closing(runtime.reader(machine)) as connection:
        plan = repricing.plan(connection, load_catalog(machine))
    assert len(plan.calls) == 1
    with runtime.writer(machine) as writer:
        assert writer.reprice(plan.calls, 1) == 1
        assert writer.reprice(plan.calls, 2) == 0
        now = stored(told)
        assert writer.take_back() == 0  # the second, which changed nothing
        assert stored(told) == now
        own_row = "(SELECT id FROM price WHERE match = 'user')"
        writer.connection.execute(f"UPDATE call SET cost = cost + 1 WHERE price_id = {own_row}")
        assert writer.take_back() == 0
    assert spent(told) == TOTAL + OPUS + 1


def test_the_same_cost_by_another_row_is_another_price(told: Cuenta, tmp_path: Path) -> None:
    own(told, OWN)
    told.json("reprice", "--apply")
    with closing(sqlite3.connect(told.data / "cuenta.sqlite3")) as connection:
        connection.execute("INSERT INTO price (name, match, book) VALUES ('x', 'user', 'y')")
        own_row = "(SELECT id FROM price WHERE name LIKE 'user/%')"
        connection.execute(f"UPDATE call SET price_id = (SELECT max(id) FROM price) WHERE price_id = {own_row}")
        connection.commit()
    assert told.json("reprice", "--undo")["taken_back"] == 0
