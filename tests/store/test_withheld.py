"""Calls of an unverified source are stored and count nowhere, until its owner says so; then they count, and back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import runtime
from app.machine import Machine
from app.model.money import Money, Parts
from app.model.usage import Batch, Call, Tokens
from app.store import database, queries
from app.store.queries import Filter
from app.store.writer import Writer
from tests.store.copies import batch, call

NEW, OLD = "newcomer", "claude_code"


def price(one: Call) -> Money:
    return Money(one.tokens.output, Parts(output=one.tokens.output), "row", "exact")


@pytest.fixture
def store(machine: Machine) -> Iterator[Writer]:
    runtime.reader(machine).close()
    with Writer(machine.database, price, "book") as opened:
        yield opened


def of(source: str, *calls: Call) -> Batch:
    return batch(f"/{source}", *calls)._replace(source=source, start=None)


def total(store: Writer) -> tuple[int, int]:
    sums = queries.total(store.connection, Filter())
    return sums.calls, sums.cost


def test_they_count_when_they_are_confirmed(store: Writer) -> None:
    store.withhold([NEW])
    changed = store.commit([of(NEW, call(output=5), call(output=7, group=2)), of(OLD, call(output=100, group=3))], 1)
    assert total(store) == (1, 100)
    assert changed.calls == 1 and changed.sources == {OLD}
    assert queries.health(store.connection, NEW).withheld == 2
    store.withhold([])
    assert total(store) == (3, 112)
    store.withhold([NEW])
    assert total(store) == (1, 100)


def test_nothing_of_them_shows(store: Writer) -> None:
    store.withhold([NEW])
    store.commit([of(NEW, call(output=5))], 1)
    reader = store.connection
    assert queries.so_far(reader, 0, 1 << 40).calls == 0
    assert queries.running(reader, 0, 1 << 45) == []
    assert queries.list_sessions(reader, Filter()) == [] == queries.find_sessions(reader, "s")
    assert queries.by_kind(reader, Filter()) == []
    last = queries.last_withheld(reader, NEW)
    assert last is not None and (last.native, last.calls, last.cost) == ("s", 1, 5)


def test_another_connection_hears_of_it(store: Writer, machine: Machine) -> None:
    """`cuenta doctor --confirm` beside the tray app, which goes on writing."""
    store.withhold([NEW])
    store.commit([of(NEW, call(output=5))], 1)
    with Writer(machine.database, price, "book") as other:
        other.withhold([])
    store.commit([batch("/later", call(output=9, group=2))._replace(source=NEW, start=None)], 2)
    assert total(store) == (2, 14)


def test_they_take_nobodys_place(store: Writer) -> None:
    """The same request in a verified log counts there, however much better the other's record looks."""
    store.withhold([NEW])
    store.commit([of(OLD, call(output=10))], 1)
    store.commit([of(NEW, call(output=50))], 2)
    assert total(store) == (1, 10)
    store.withhold([])
    assert total(store) == (1, 50)
    store.withhold([NEW])
    assert total(store) == (1, 10)


def test_a_cost_once_stored_stays(store: Writer) -> None:
    store.withhold([NEW])
    store.commit([of(NEW, call(output=5))], 1)
    store.price = lambda one: Money(999, Parts(output=999), "row", "exact")
    store.withhold([])
    assert total(store) == (1, 5)


def test_a_change_that_fails_changes_nothing(store: Writer, monkeypatch: pytest.MonkeyPatch) -> None:
    store.withhold([NEW])
    store.commit([of(NEW, call(output=5))], 1)
    with monkeypatch.context() as patch:
        patch.setattr(store, "_judged", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            store.withhold([])
    store.commit([batch("/later", call(output=9, group=2))._replace(source=NEW, start=None)], 2)
    assert total(store) == (0, 0)
    assert queries.withheld(store.connection) == [NEW]


def test_a_high_end_is_summed(store: Writer, machine: Machine) -> None:
    """Where the log has no cache split the cost is the least, and the sum says what it is at most."""
    store.price = lambda one: Money(3, Parts(input=3), "row", "exact", 30 if one.evidence == "B" else None)
    unsplit = call(group=2, tokens=Tokens(input=9), evidence="B")
    store.commit([of(OLD, call(output=5), unsplit)], 1)
    sums = queries.total(store.connection, Filter())
    assert (sums.cost, sums.high, sums.label, sums.at_least) == (6, 33, "estimated", True)
    kinds = {one.key: (one.cost, one.high) for one in queries.by_kind(store.connection, Filter())}
    assert kinds["input"] == (6, 33)
    assert queries.so_far(store.connection, 0, 1 << 40).at_least
    assert queries.list_sessions(store.connection, Filter())[0].at_least
    assert Path(machine.database).exists() and database.ready(machine.database)
