"""Which copy counts: the rules as a table, and the same verdict whatever came first."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.machine import Machine
from app.model.money import Money, Parts
from app.model.usage import READINGS, Batch, Call, Cursor, Search, Standing, Tokens
from app.runtime import writer
from app.store.database import prepare
from app.store.folding import Copy, hold_back, join, judge
from app.store.writer import Writer
from tests.store.copies import INHERITED, OWN, SIDE, batch, call, copy

HOUR = 3_600_000
SUM = Standing.SUM

# Each rule: the copies, then what each is judged to be: (kept, folded). Records of one file are one copy.
RULES: dict[str, tuple[list[Copy], list[tuple[bool, int]]]] = {
    "a call alone counts": ([copy()], [(True, 0)]),
    "its further records are folded": ([copy(records=3)], [(True, 2)]),
    "a side chain alone counts": ([copy(SIDE)], [(True, 0)]),
    "inherited history alone does not": ([copy(INHERITED, records=2)], [(False, 0)]),
    "the larger output wins": ([copy(output=5), copy(output=9, file=2)], [(False, 0), (True, 1)]),
    "what one agent counted exactly wins over another's estimate": (
        [copy(output=9, evidence="C"), copy(output=7, evidence="B", file=2), copy(output=5, file=3)],
        [(False, 0), (False, 0), (True, 2)],
    ),
    "then the larger sum": (
        [copy(tokens=Tokens(5, 0, 0, 0, 9)), copy(tokens=Tokens(6, 0, 0, 0, 9), file=2)],
        [(False, 0), (True, 1)],
    ),
    "then the larger bill": ([copy(), copy(credits=1, file=2)], [(False, 0), (True, 1)]),
    "then a known speed": ([copy(), copy(speed="standard", file=2)], [(False, 0), (True, 1)]),
    "then what is not marked as copied": ([copy(copied=True), copy(file=2, seen=9)], [(False, 0), (True, 1)]),
    "then the file that was there first": ([copy(seen=2), copy(file=2, seen=1)], [(False, 0), (True, 1)]),
    "at last the file that was read first": ([copy(file=2), copy(file=1)], [(False, 0), (True, 1)]),
    "the main chain beats a side chain, however large": (
        [copy(SIDE, 900, records=4), copy(OWN, 1, file=2)],
        [(False, 0), (True, 4)],
    ),
    "a side chain beats inherited history": ([copy(INHERITED, 900), copy(SIDE, 1, file=2)], [(False, 0), (True, 1)]),
    "history counts where its thread does": ([copy(INHERITED), copy(OWN, file=2)], [(False, 0), (True, 1)]),
    "two inherited copies count nowhere": ([copy(INHERITED), copy(INHERITED, file=2)], [(False, 0), (False, 0)]),
    "two requests of one message count both": ([copy(key=1), copy(key=2)], [(True, 0), (True, 0)]),
    "a side chain's replay under another request does not": (
        [copy(SIDE, 900, key=1, records=2), copy(OWN, 5, key=2)],
        [(False, 0), (True, 2)],
    ),
    "its records are booked on the best call of the message": (
        [copy(SIDE, key=1, records=2), copy(OWN, 5, key=2), copy(OWN, 50, key=3)],
        [(False, 0), (True, 0), (True, 2)],
    ),
    "side chains of a message without a main chain count each": (
        [copy(SIDE, key=1), copy(SIDE, key=2)],
        [(True, 0), (True, 0)],
    ),
    "an inherited request beside a side chain's is folded": (
        [copy(INHERITED, key=1, records=3), copy(SIDE, key=2)],
        [(False, 0), (True, 3)],
    ),
    "a sum of several requests alone counts": ([copy(SUM)], [(True, 0)]),
    "a sum gives way to a request that is known": ([copy(SUM, 900), copy(OWN, 1, file=2)], [(False, 0), (True, 1)]),
    "though it is a side chain's": ([copy(SUM, 900), copy(SIDE, 1, file=2)], [(False, 0), (True, 1)]),
    "and under another key": ([copy(SUM, 900, key=1, records=2), copy(OWN, 5, key=2)], [(False, 0), (True, 2)]),
    "a sum beats inherited history": ([copy(INHERITED, 900), copy(SUM, 1, file=2)], [(False, 0), (True, 1)]),
    "sums under two keys count each": ([copy(SUM, key=1), copy(SUM, key=2)], [(True, 0), (True, 0)]),
    "copies and replays are added up once each": (
        [
            copy(OWN, 9, key=1, records=2),
            copy(OWN, 9, key=1, file=2, seen=5, records=3),
            copy(SIDE, 99, key=2, records=4),
            copy(INHERITED, 99, key=1, file=3, records=5),
        ],
        [(True, 13), (False, 0), (False, 0), (False, 0)],
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_rule(rule: str) -> None:
    copies, wanted = RULES[rule]
    for order in permutations(range(len(copies))):
        judge([copies[index] for index in order])
        assert [(one.kept, one.folded) for one in copies] == wanted, order


@pytest.mark.parametrize("rule", RULES)
def test_each_record_is_kept_or_folded_once(rule: str) -> None:
    copies, _ = RULES[rule]
    judge(copies)
    records = sum(one.call.records for one in copies)
    kept = [one for one in copies if one.kept]
    if kept:
        assert len(kept) + sum(one.folded for one in kept) == records


def test_a_call_within_anothers_record_folds_nothing() -> None:
    """An advisor's answer has no records of its own."""
    alone, one, other = copy(records=0), copy(records=0), copy(records=0, file=2)
    judge([alone])
    judge([one, other])
    assert [(each.kept, each.folded) for each in (alone, one, other)] == [(True, 0), (True, 0), (False, 0)]


def test_only_what_counts_is_billed_for_requests() -> None:
    best, lesser = copy(output=9, searches=3), copy(output=1, file=2, searches=2)
    judge([best, lesser])
    assert (best.requests, lesser.requests) == (3, 0)


def test_dollars_are_taken_from_copies_of_the_same_source_only() -> None:
    """The dearest of them; what another program states is its own estimate."""
    copies = [copy(output=99), copy(file=2, reported=3), copy(file=3, reported=2)]
    copies += [copy(file=4, reported=7), copy(file=5, reported=8)]
    copies[3].source, copies[4].source = "a_source", "z_source"
    judge(copies[:1] + copies[3:])
    assert copies[0].call.reported is None
    judge(copies)
    assert copies[0].call.reported == 3


def test_history_of_a_source_that_must_not_count_does_not_wait_either() -> None:
    """It would not count if the source did."""
    inherited, own = copy(INHERITED), copy(OWN)
    for one in (inherited, own):
        judge([one])
        hold_back([one], {"claude_code"})
    assert (inherited.kept, own.kept) == (0, 2)


def test_a_call_stands_at_the_earliest_instant_of_all_its_copies() -> None:
    copies = [copy(at=5 * HOUR), copy(INHERITED, file=2, at=2 * HOUR), copy(OWN, 99, file=3, at=9 * HOUR)]
    judge(copies)
    assert [one.counted_at for one in copies if one.kept] == [2 * HOUR]


def test_another_request_does_not_move_it() -> None:
    copies = [copy(key=1, at=5 * HOUR), copy(SIDE, key=2, at=2 * HOUR)]
    judge(copies)
    assert copies[0].counted_at == 5 * HOUR


def test_a_verdict_is_taken_back_when_a_better_copy_comes() -> None:
    first, second = copy(output=1, records=2), copy(output=2, file=2)
    judge([first])
    assert (first.kept, first.folded) == (True, 1)
    judge([first, second])
    assert [(one.kept, one.folded) for one in (first, second)] == [(False, 0), (True, 2)]


# --- join: what one file says


def test_more_of_the_same_reading_is_folded_in() -> None:
    better = join(copy(output=1, at=5, records=2, finished=False), copy(output=9, at=7, records=3))
    assert (better.call.tokens.output, better.call.at, better.call.records, better.call.finished) == (9, 5, 5, True)
    lesser = join(copy(output=9, at=7, records=3), copy(output=1, at=5, records=2, finished=False))
    assert (lesser.call.tokens.output, lesser.call.at, lesser.call.records, lesser.call.finished) == (9, 5, 5, True)


def test_of_equal_records_the_first_stays() -> None:
    assert join(copy(offset=1), copy(offset=2)).call.offset == 1


def test_a_new_reading_replaces_what_the_file_gave_but_no_call_by_a_poorer_one() -> None:
    """A log that was cut short must not make a call cheaper that is known whole; its repeats are counted anew."""
    again = join(copy(output=99, records=7, at=1), copy(output=2, at=3, generation=1))
    assert (again.call.tokens.output, again.call.records, again.call.at, again.generation) == (99, 1, 1, 1)
    richer = join(copy(output=2, records=7, at=1), copy(output=99, at=3, generation=1))
    assert (richer.call.tokens.output, richer.call.records, richer.call.at) == (99, 1, 1)


def test_a_newer_reader_knows_better() -> None:
    again = join(copy(output=99, records=7, at=1), copy(output=2, at=3, generation=READINGS))
    assert (again.call.tokens.output, again.call.records, again.call.at) == (2, 1, 3)


def test_the_session_of_the_stored_copy_stays() -> None:
    stored, found = copy(output=1), copy(output=9)
    stored.session, found.session = 4, 5
    assert join(stored, found).session == 4


# --- order never matters


def tokens() -> st.SearchStrategy[Tokens]:
    some = st.integers(0, 3)
    return st.builds(Tokens, some, some, some, some, some, st.just(0)).filter(lambda one: one.total > 0)


@st.composite
def records(draw: st.DrawFn) -> Call:
    return call(
        draw(st.sampled_from([OWN, SIDE, INHERITED])),
        group=draw(st.integers(1, 2)),
        key=draw(st.integers(0, 2)),
        tokens=draw(tokens()),
        at=draw(st.integers(0, 4)) * HOUR,
        speed=draw(st.sampled_from([None, "standard"])),
        copied=draw(st.booleans()),
        records=draw(st.integers(1, 3)),
    )


FILES = st.lists(st.lists(records(), min_size=1, max_size=5), min_size=1, max_size=4)


def _cut(calls: list[Call], path: str, seen: int, random_: random.Random) -> list[Batch]:
    """The file's records in stretches cut at random; each stretch follows the one before."""
    batches: list[Batch] = []
    rest, start = calls, None
    while rest:
        length = random_.randint(1, len(rest))
        one = batch(path, *_folded(rest[:length], len(calls) - len(rest)), start=start, seen=seen)
        batches.append(one)
        rest, start = rest[length:], one.end
    return batches


def _folded(calls: list[Call], offset: int) -> list[Call]:
    """What a parser makes of the records of one stretch: one call a request, its best record kept."""
    found: dict[tuple[int, int], Copy] = {}
    for number, one in enumerate(calls):
        here = Copy("claude_code", one._replace(offset=offset + number), 1, 0, 0, 1)
        place = (one.group, one.key)
        found[place] = join(found[place], here) if place in found else here
    return [one.call for one in found.values()]


def _shuffled(per_file: list[list[Batch]], random_: random.Random) -> list[list[Batch]]:
    """All batches, those of a file in their order, otherwise in any; several to a commit."""
    waiting = [list(one) for one in per_file]
    commits: list[list[Batch]] = []
    while any(waiting):
        batches = random_.choice([one for one in waiting if one])
        if not commits or random_.random() < 0.5:
            commits.append([])
        commits[-1].append(batches.pop(0))
    return commits


def _price(call: Call) -> Money:
    """Any price will do here, if only it follows from the call."""
    return Money(call.tokens.total, Parts(input=call.tokens.total), "row", "exact")


def _stored(commits: list[list[Batch]], machine: Machine) -> list[tuple[Any, ...]]:
    prepare(machine.database, machine.resources)
    with Writer(machine.database, _price, "book") as store:
        for number, batches in enumerate(commits):
            store.commit(batches, number)
        rows = store.connection.execute(
            "SELECT message, key, file.path, kept, counted_at, quarter, folded, cost, input, cache_read, cache_write_5m,"
            " cache_write_1h, output, records, at, call.position FROM call JOIN file ON file.id = file_id"
            " ORDER BY message, key, file.path"
        ).fetchall()
        assert store.connection.execute("PRAGMA foreign_key_check").fetchall() == []
    return rows


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, seed=st.integers(0, 2**32))
def test_the_order_of_batches_never_changes_the_result(files: list[list[Call]], seed: int) -> None:
    random_ = random.Random(seed)
    results: list[list[tuple[Any, ...]]] = []
    with TemporaryDirectory() as folder:
        for turn in range(3):
            per_file = [_cut(calls, f"/f{number}", 100 - number, random_) for number, calls in enumerate(files)]
            commits = _shuffled(per_file, random_) if turn else [[one for batches in per_file for one in batches]]
            results.append(_stored(commits, Machine(Path(folder), {"TZ": "UTC"}, data=Path(folder, str(turn)))))
    assert results[1] == results[0]
    assert results[2] == results[0]
    _keeps_every_record(files, results[0])


def _keeps_every_record(files: list[list[Call]], rows: list[tuple[Any, ...]]) -> None:
    """What is neither kept nor folded is history whose thread is nowhere."""
    records = sum(one.records for calls in files for one in calls)
    kept = {(row[0], row[1]) for row in rows if row[3]}
    assert len(kept) == sum(row[3] for row in rows), "a request is kept twice"
    of_kept_messages = sum(row[13] for row in rows if row[0] in {message for message, _ in kept})
    assert len(kept) + sum(row[6] for row in rows) == of_kept_messages
    assert sum(row[13] for row in rows) == records


@settings(max_examples=25, deadline=None)
@given(files=FILES, seed=st.integers(0, 2**32))
def test_reading_all_of_it_again_changes_nothing(files: list[list[Call]], seed: int) -> None:
    random_ = random.Random(seed)
    with TemporaryDirectory() as folder:
        machine = Machine(Path(folder), {"TZ": "UTC"}, data=Path(folder, "data"))
        per_file = [_cut(calls, f"/f{number}", 100 - number, random_) for number, calls in enumerate(files)]
        before = _stored(_shuffled(per_file, random_), machine)
        again: list[list[Batch]] = []
        for number, calls in enumerate(files):
            start: Cursor | None = per_file[number][-1].end
            anew = _cut(calls, f"/f{number}", 100 - number, random_)
            ends = [one.end._replace(generation=1) for one in anew]
            starts = [start, *ends[:-1]]
            again.append(
                [one._replace(start=begun, end=end) for one, begun, end in zip(anew, starts, ends, strict=True)]
            )
        assert _stored(_shuffled(again, random_), machine) == before


def test_searches_of_a_tool_count_once(machine: Machine) -> None:
    """A tool's result may come with a later stretch than the call that asked; read again, it counts no second time."""
    first = batch("/a", call(group=7))
    second = batch("/a", start=first.end)._replace(searches=(Search(7, 0, 2),))
    with writer(machine) as store:
        store.commit([first], 1)
        store.commit([second], 2)
        assert store.connection.execute("SELECT tool_searches, cost_requests > 0 FROM call").fetchall() == [(2, 1)]
        again = first.end._replace(offset=9, generation=1)
        whole = batch("/a", call(group=7), start=second.end)._replace(searches=(Search(7, 0, 2),), end=again)
        store.commit([whole], 3)
        assert store.connection.execute("SELECT tool_searches FROM call").fetchall() == [(2,)]


def test_an_own_search_counter_outranks_what_tools_admit(machine: Machine) -> None:
    one = batch("/a", call(group=7, searches=3))._replace(searches=(Search(7, 0, 2),))
    with writer(machine) as store:
        store.commit([one], 1)
        cost = store.connection.execute("SELECT cost_requests FROM call").fetchone()[0]
        store.commit([batch("/b", call(group=8, searches=3))], 2)
        assert store.connection.execute("SELECT cost_requests FROM call WHERE message = 8").fetchone()[0] == cost


def test_figures_beyond_what_a_database_holds_are_no_crash(machine: Machine) -> None:
    """Sums stay whole numbers up to what 64 bits hold; a million calls of the dearest kind come nowhere near."""
    huge = [call(group=number, tokens=Tokens(9_000_000, 0, 0, 0, 900_000)) for number in range(50)]
    with writer(machine) as store:
        store.commit([batch("/a", *huge)], 1)
        total = store.connection.execute("SELECT sum(cost) FROM call").fetchone()[0]
    assert isinstance(total, int)
    assert total * 1_000_000 < 2**63


def test_standings_are_in_the_order_the_schema_holds() -> None:
    """Numbers in the database: they never change."""
    assert [int(one) for one in (Standing.OWN, Standing.SIDE, Standing.INHERITED)] == [0, 1, 2]


def test_only_the_best_copy_has_a_cost(machine: Machine) -> None:
    one, two = batch("/a", call(output=5), seen=1), batch("/b", call(output=50), seen=2)
    with writer(machine) as store:
        store.commit([one], 1)
        store.commit([two], 2)
    with closing(sqlite3.connect(machine.database)) as connection:
        rows = connection.execute("SELECT kept, cost IS NULL, folded, price_id IS NULL FROM call ORDER BY file_id")
        assert rows.fetchall() == [(0, 1, 0, 1), (1, 0, 1, 0)]
