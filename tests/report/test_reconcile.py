"""A typed total beside ours: every figure worked out by hand.

claude-sonnet-5 costs 2 dollars a million tokens of input and 10 of output; claude-haiku-4-5, which titles are asked of,
1 and 5. Europe/Madrid is two hours before UTC in June, New York four behind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import runtime
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.money import Currency
from app.pricing.catalog import load_catalog
from app.report import reconcile
from app.report.reasons import Edge, Looked
from app.report.reconcile import Given, Reconciled
from app.report.vendors import Payee, payee_named, payees
from app.report.zone import start_of
from app.settings import Billing, Settings, save
from app.store import invoices, queries
from app.store.invoices import Invoice
from app.store.queries import Filter
from tests.builders import Record, Thread, answer, lines, meta, prompt, turn, usage

MADRID, NEW_YORK, UTC = ZoneInfo("Europe/Madrid"), ZoneInfo("America/New_York"), ZoneInfo("UTC")
DOLLAR = 1_000_000_000
CENT = DOLLAR // 100
TODAY = date(2026, 11, 24)
JUNE = Invoice("anthropic", "", date(2026, 6, 1), date(2026, 6, 30), 2 * DOLLAR, None, True, 0)


def call(name: str, at: str, output: int, **more: Any) -> Record:
    """So many tokens of output at 10 dollars a million: 1,000 are a cent."""
    return answer(name, f"r-{name}", usage(0, output), at=at, **more)


@pytest.fixture
def here(machine: Machine) -> Machine:
    """A dollar in the middle of June, ten cents in the first and twenty in the last hours around its ends."""
    path = machine.home / ".claude/projects/p/S1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(
        lines(
            prompt("2026-05-31T20:00:00Z"),
            call("b", "2026-05-31T23:30:00Z", 10_000),
            call("a", "2026-06-15T10:00:00Z", 100_000),
            call("c", "2026-06-30T23:00:00Z", 20_000),
        )
    )
    return machine


def read(machine: Machine) -> sqlite3.Connection:
    connection = runtime.reader(machine)
    runtime.read_new(machine, connection)
    return connection


@pytest.fixture
def store(here: Machine) -> Iterator[sqlite3.Connection]:
    with closing(read(here)) as connection:
        yield connection


def built(store: sqlite3.Connection, machine: Machine, invoice: Invoice, zone: ZoneInfo = MADRID) -> Reconciled:
    return reconcile.build(store, invoice, Given(load_catalog(machine), zone, TODAY))


def test_calls_between_ones_own_days_and_the_vendors(store: sqlite3.Connection, here: Machine) -> None:
    """01:30 on June 1 in Madrid is May 31 for the vendor, 01:00 on July 1 its June 30.

    Ours 1.00 + 0.10, so 0.90 are missing: 0.20 − 0.10 for the days, 0.009175 for what leaves no log (one session, half
    way from 300 × 1 + 10 × 5 to 15,000 × 1 + 600 × 5 micro-dollars), 0.790825 for nothing that is known.
    """
    found = built(store, here, JUNE)
    assert (found.ours.cost, found.ours.calls, found.difference) == (110 * CENT, 2, 90 * CENT)
    unlogged, days = found.reasons
    assert days.key == "utc_days" and (days.amount, days.label, days.calls) == (10 * CENT, "measured", 2)
    assert days.edges == (Edge(date(2026, 6, 1), False, 1, 10 * CENT), Edge(date(2026, 7, 1), True, 1, 20 * CENT))
    assert unlogged.key == "unlogged" and unlogged.label == "estimated"
    assert (unlogged.low, unlogged.amount, unlogged.high) == (350_000, 9_175_000, 18_000_000)
    assert (found.known, found.unexplained) == (109_175_000, 790_825_000)
    assert found.looked == (Looked("placeholder"), Looked("unpriced"), Looked("tiers"))


def test_west_of_utc_the_edges_are_the_other_way_round(store: sqlite3.Connection, here: Machine) -> None:
    """19:30 on May 31 in New York and 19:00 on June 30: the same days there and here."""
    found = built(store, here, JUNE, NEW_YORK)
    assert found.ours.cost == 120 * CENT
    assert [one.key for one in found.reasons] == ["unlogged"]
    assert Looked("utc_days") in found.looked
    july = JUNE._replace(since=date(2026, 7, 1), until=date(2026, 7, 31))
    assert built(store, here, july, MADRID).ours.cost == 20 * CENT
    days = built(store, here, july, MADRID).reasons[-1]
    assert days.edges == (Edge(date(2026, 7, 1), False, 1, 20 * CENT),) and days.amount == -20 * CENT


def test_in_utc_no_day_differs(store: sqlite3.Connection, here: Machine) -> None:
    found = built(store, here, JUNE, UTC)
    assert found.ours.cost == 120 * CENT and Looked("utc_days") in found.looked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    zone=st.sampled_from(
        ["Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/St_Johns", "Asia/Tokyo"]
    ),
    first=st.integers(0, 3),
    days=st.integers(0, 3),
)
def test_ours_and_the_edges_are_the_vendors_days_exactly(
    store: sqlite3.Connection, here: Machine, zone: str, first: int, days: int
) -> None:
    """Whatever the zone: what is ours, less and plus the edges, is the sum over UTC days, to the nano-dollar."""
    for begin in (date(2026, 5, 30), date(2026, 6, 14), date(2026, 6, 29)):
        since = date.fromordinal(begin.toordinal() + first)
        until = date.fromordinal(since.toordinal() + days)
        found = built(store, here, JUNE._replace(since=since, until=until, total=10**15), ZoneInfo(zone))
        there = Filter(since=start_of(since, UTC), until=start_of(date.fromordinal(until.toordinal() + 1), UTC))
        edges = next((one.amount or 0 for one in found.reasons if one.key == "utc_days"), 0)
        assert found.ours.cost + edges == queries.total(store, there).cost


@pytest.mark.parametrize(
    ("total", "agrees"),
    [
        (120 * CENT, True),
        (120 * CENT + 6_000_000, True),  # 0.006 of 1.206 is 0.4975 %
        (120 * CENT + 6_100_000, False),  # 0.0061 of 1.2061 is 0.5058 %
        (120 * CENT - 5_900_000, True),
        (120 * CENT - 6_000_000, False),  # 0.006 of 1.194
        (0, False),
    ],
)
def test_what_agrees(store: sqlite3.Connection, here: Machine, total: int, agrees: bool) -> None:
    """Under 0.5 % of the invoice; then nothing is left to explain."""
    found = built(store, here, JUNE._replace(total=total), UTC)
    assert found.agrees is agrees
    assert bool(found.looked) is not agrees
    if agrees:
        assert (found.reasons, found.unexplained) == ((), 0)


def test_a_dollar_never_agrees() -> None:
    assert reconcile.agree(999_999_999, 1_000 * DOLLAR)
    assert not reconcile.agree(DOLLAR, 1_000 * DOLLAR)
    assert not reconcile.agree(-DOLLAR, 1_000 * DOLLAR)
    assert reconcile.agree(0, 0)


def test_a_reason_larger_than_what_is_left_does_not_fit(store: sqlite3.Connection, here: Machine) -> None:
    """Ours is more than the invoice: nothing that was not counted explains that."""
    found = built(store, here, JUNE._replace(total=50 * CENT), UTC)
    assert found.difference == found.unexplained == -70 * CENT
    assert found.reasons == ()
    assert Looked("unlogged", 1) in found.looked


def test_an_assumption_explains_no_more_than_is_missing(store: sqlite3.Connection, here: Machine) -> None:
    """Of 0.007 that are missing it takes 0.007, though half way would be 0.009175."""
    found = built(store, here, JUNE._replace(total=120 * CENT + 7_000_000), UTC)
    assert [one.amount for one in found.reasons] == [7_000_000] and found.unexplained == 0


def test_what_was_measured_comes_off_first(store: sqlite3.Connection, here: Machine) -> None:
    """Ours 1.10, the days 0.10 more: of the 0.107 that are missing, 0.007 are left for what nobody logged."""
    found = built(store, here, JUNE._replace(total=120 * CENT + 7_000_000))
    assert [one.amount for one in found.reasons] == [7_000_000, 10 * CENT] and found.unexplained == 0


def test_placeholder_counts_are_a_lower_bound(store: sqlite3.Connection, here: Machine) -> None:
    """Half a dollar is left out of June's one call: of the 0.80 that are missing it takes that, and no more is claimed.
    Where less is missing than it is at least, it does not fit. Calls outside the period are not asked.
    """
    with closing(sqlite3.connect(here.database)) as writing:
        writing.execute("UPDATE call SET repaired_output = 50000, repaired_cost = 500000000 WHERE output = 100000")
        writing.execute("UPDATE call SET repaired_output = 1, repaired_cost = 1 WHERE counted_at < 1780272000000")
        writing.commit()
    found = built(store, here, JUNE._replace(total=2 * DOLLAR), UTC)
    reason = next(one for one in found.reasons if one.key == "placeholder")
    assert (reason.amount, reason.low, reason.high, reason.calls) == (50 * CENT, 50 * CENT, None, 1)
    assert reason.sign == "≥ " and found.ours.cost == 120 * CENT
    assert found.unexplained == 80 * CENT - 50 * CENT - 9_175_000
    less = built(store, here, JUNE._replace(total=150 * CENT), UTC)
    assert Looked("placeholder", 1) in less.looked


def test_models_without_a_price_fit_by_an_amount_that_nobody_knows(here: Machine) -> None:
    path = here.home / ".claude/projects/p/S2.jsonl"
    nobody = {"model": "nobodys-model", "session": "S2"}
    path.write_bytes(
        lines(*(call(f"n{place}", f"2026-06-1{place}T10:00:00Z", 5, **nobody) for place in range(3)))
        + lines(call("t", "2026-06-20T10:00:00Z", 1_000, session="S2"))
    )
    with closing(read(here)) as store:
        found = built(store, here, JUNE, UTC)
        reason = next(one for one in found.reasons if one.key == "unpriced")
        assert (reason.amount, reason.calls, reason.names) == (None, 3, ("nobodys-model",))
        assert found.ours.unpriced == 3
        less = built(store, here, JUNE._replace(total=CENT), UTC)
        assert Looked("unpriced", 3) in less.looked, "an invoice below ours is not explained by calls that cost more"


def test_tax_in_the_total_fits_only_where_it_is_in_there(store: sqlite3.Connection, here: Machine) -> None:
    found = built(store, here, JUNE._replace(before_tax=False), UTC)
    assert [one.key for one in found.reasons] == ["unlogged", "tax"] and found.reasons[1].amount is None
    assert "tax" not in [one.key for one in found.looked]


def test_tiers_in_the_log_are_looked_at(here: Machine) -> None:
    path = here.home / ".claude/projects/p/S2.jsonl"
    counts = usage(0, 1_000, service_tier="Batch")
    path.write_bytes(lines(answer("t", "rt", counts, at="2026-06-20T10:00:00Z", session="S2")))
    with closing(read(here)) as store:
        assert built(store, here, JUNE, UTC).looked[-1] == Looked("tiers", 1)


def test_each_vendor_has_its_own_calls(here: Machine) -> None:
    """What the log says comes first: a thread of another provider is not on the agent's own vendor's bill."""
    folder = here.home / ".codex/sessions/2026/06/01"
    folder.mkdir(parents=True)
    for thread, provider in (("T1", "openai"), ("T2", "corner-shop")):
        at = "2026-06-02T10:00:0"
        more = Thread().call(f"{at}5Z", 1_000, 100)
        (folder / f"rollout-2026-06-02T10-00-00-{thread}.jsonl").write_bytes(
            lines(meta(thread, f"{at}0Z", model_provider=provider), turn(f"u{thread}", f"{at}1Z"), more)
        )
    with closing(read(here)) as store:
        assert payees(store)[:3] == [Payee("anthropic"), Payee("corner-shop"), Payee("openai")]
        calls = {
            vendor: built(store, here, JUNE._replace(vendor=vendor, total=10**12), UTC).ours.calls
            for vendor in ("anthropic", "openai", "corner-shop")
        }
        assert calls == {"anthropic": 2, "openai": 1, "corner-shop": 1}
        for name in ("OpenAI", "openai", "codex", "Codex"):
            assert payee_named(store, name) == Payee("openai")
        with pytest.raises(KnownError, match="anthropic, corner-shop, openai"):
            payee_named(store, "nobody")
        with pytest.raises(KnownError, match="names an account"):
            payee_named(store, "openai", "work")


def test_accounts_are_told_apart_where_the_log_does(store: sqlite3.Connection, here: Machine) -> None:
    with closing(sqlite3.connect(here.database)) as writing:
        writing.execute("UPDATE call SET account = 'work' WHERE counted_at > 1780500000000")
        writing.commit()
    assert payees(store)[:2] == [Payee("anthropic"), Payee("anthropic", "work")]
    assert payee_named(store, "claude_code", "work").title == "Anthropic, work"
    assert built(store, here, JUNE._replace(account="work"), UTC).ours.calls == 2
    assert built(store, here, JUNE, UTC).ours.calls == 2


def test_a_total_in_another_currency_becomes_dollars_once(store: sqlite3.Connection, here: Machine) -> None:
    """11.40 / 0.92 = 12.391304347826…"""
    euros = JUNE._replace(total=11_400_000_000, currency=Currency("EUR", "0.92", "2026-07-01"))
    assert built(store, here, euros, UTC).difference == 12_391_304_348 - 120 * CENT


def test_what_is_typed_is_kept_and_changes_nothing_else(store: sqlite3.Connection, here: Machine) -> None:
    """A second total for the same days takes the first one's place; no row of what was counted is touched."""
    tables = ("call", "file", "session", "price", "meta", "quota", "occurrence")
    before = {name: store.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    euros = JUNE._replace(currency=Currency("EUR", "0.9200", "2026-07-01"), typed_at=7)
    for one in (JUNE, JUNE._replace(vendor="openai"), JUNE._replace(until=date(2026, 6, 15)), euros):
        invoices.save(here.database, one)
    kept = invoices.invoices(store)
    assert [one._replace(ident=0) for one in kept] == [
        euros,
        JUNE._replace(vendor="openai"),
        JUNE._replace(until=date(2026, 6, 15)),
    ]
    assert len(reconcile.every(store, Given(load_catalog(here), MADRID, TODAY))) == 3
    invoices.remove(here.database, kept[0].ident)
    invoices.remove(here.database, 4711)
    assert [one.ident for one in invoices.invoices(store)] == [one.ident for one in kept[1:]]
    assert {name: store.execute(f"SELECT * FROM {name}").fetchall() for name in tables} == before


def test_a_period_that_is_not_over_says_so(store: sqlite3.Connection, here: Machine) -> None:
    assert not built(store, here, JUNE).open
    assert reconcile.build(store, JUNE, Given(load_catalog(here), MADRID, date(2026, 6, 30))).open


def test_an_agent_on_a_plan_is_named(store: sqlite3.Connection, here: Machine) -> None:
    """What a plan pays for stands on no bill; of other vendors' plans nothing is said."""
    known = Given(load_catalog(here), MADRID, TODAY, frozenset({"claude_code", "codex"}))
    assert reconcile.build(store, JUNE, known).on_plan == ("Claude Code",)
    assert built(store, here, JUNE).on_plan == ()
    save(here, Settings(billing={"claude_code": Billing(kind="plan")}))
    assert reconcile.given(store, here, known.catalog).on_plan == {"claude_code"}


def test_a_full_disk_is_a_sentence(here: Machine) -> None:
    with closing(read(here)):
        pass
    with pytest.raises(KnownError):
        invoices.save(replace(here, data=here.data / "nowhere").database, JUNE)
