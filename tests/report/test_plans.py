"""How accounts are paid and what plans give, by hand: gpt-5.4 costs 2.50 a million tokens of input and 15 of output."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from zoneinfo import ZoneInfo

import pytest

from app import runtime
from app.machine import Machine
from app.report import plans
from app.report.period import Span
from app.report.plans import Line, Paid
from app.settings import Billing, Settings
from app.shapes.source import Account
from app.sources import BY_ID
from tests.builders import Thread, answer, limits, lines, meta, prompt, turn, usage
from tests.conftest import ROOT

DOLLAR = 1_000_000_000
UTC = ZoneInfo("UTC")
RESETS = 1_795_700_000
"""Two days after the fixed now, in seconds."""


@pytest.fixture
def here(machine: Machine) -> Machine:
    """A call of each agent this month and one of the last; the second's log names its plan and its limits."""
    folder = machine.home / ".codex/sessions/2026/11/20"
    folder.mkdir(parents=True)
    told = limits(
        41.0,
        primary={"used_percent": 41.0, "window_minutes": 300, "resets_at": RESETS},
        secondary={"used_percent": 58.0, "window_minutes": 10_080, "resets_at": RESETS},
    )
    thread = Thread()
    (folder / "rollout-2026-11-20T10-00-00-T1.jsonl").write_bytes(
        lines(
            meta(at="2026-10-30T10:00:00Z"),
            turn(at="2026-10-30T10:00:01Z"),
            thread.call("2026-10-30T10:00:05Z", 1_000_000, 0),
            turn("u2", at="2026-11-24T15:00:01Z"),
            thread.call("2026-11-24T15:00:05Z", 200_000, 100_000, limits=told),
        )
    )
    path = machine.home / ".claude/projects/p/S1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_bytes(lines(prompt(), answer(counts=usage(0, 100_000), at="2026-11-20T10:00:00Z")))
    return machine


@pytest.fixture
def store(here: Machine) -> Iterator[sqlite3.Connection]:
    with closing(runtime.reader(here)) as connection:
        runtime.read_new(here, connection)
        yield connection


def look(store: sqlite3.Connection, machine: Machine, **billing: Billing) -> dict[str, Line]:
    found = plans.look(store, machine, Settings(billing=billing), UTC)
    return {line.paid.source: line for line in found}


def test_what_the_log_names_is_a_plan_without_a_price(store: sqlite3.Connection, here: Machine) -> None:
    """200,000 × 2.50 + 100,000 × 15 a million are 2.00; October's call is no part of November."""
    line = look(store, here)["codex"]
    assert line.paid == Paid("codex", None, "plan", "Plus", None, "log")
    assert line.value is not None
    assert line.value.spent.cost == 2 * DOLLAR
    assert line.value.price is None, "a price is asked for, never assumed"
    assert (line.value.share, line.value.minutes, line.value.from_log) == (58.0, 10_080, True)


def test_what_nobody_says_is_not_known(store: sqlite3.Connection, here: Machine) -> None:
    line = look(store, here)["claude_code"]
    assert line.paid == Paid("claude_code", None, None) and line.value is None
    assert [one.id for one in line.offers] == ["pro", "max_5x", "max_20x"]


def test_the_users_word_comes_first(store: sqlite3.Connection, here: Machine) -> None:
    """24 of November's 30 days: 20 a month are 16.00 for the same days, and never added to anything."""
    found = look(store, here, codex=Billing(kind="plan", plan="plus", monthly=20 * DOLLAR))
    assert found["codex"].paid == Paid("codex", None, "plan", "Plus", 20 * DOLLAR, "user")
    assert found["codex"].value is not None and found["codex"].value.price == 16 * DOLLAR
    assert look(store, here, codex=Billing(kind="api"))["codex"] == Line(
        Paid("codex", None, "api", told_by="user"), "Codex", found["codex"].offers, None
    )
    own = look(store, here, claude_code=Billing(kind="plan", monthly=25 * DOLLAR))["claude_code"]
    assert own.paid.plan is None and own.value is not None and own.value.price == 20 * DOLLAR
    assert own.value.share is None


def test_the_agents_own_settings_come_last(store: sqlite3.Connection, here: Machine) -> None:
    """Their limits are told with their age, while they hold."""
    at = here.clock() - 7_200_000
    account = {"organizationRateLimitTier": "default_claude_max_5x", "hasExtraUsageEnabled": True}
    week = {"utilization": 33.0, "resets_at": "2026-11-27T00:00:00Z"}
    over = {"utilization": 90.0, "resets_at": "2026-11-24T15:00:00Z"}
    kept = {"fetchedAtMs": at, "utilization": {"five_hour": over, "seven_day": week}}
    path = here.home / ".claude.json"
    path.write_text(json.dumps({"oauthAccount": account, "cachedUsageUtilization": kept}))
    line = look(store, here)["claude_code"]
    assert line.paid == Paid("claude_code", None, "plan", "Max 5x", None, "settings", True)
    assert line.value is not None
    assert (line.value.share, line.value.seen_at, line.value.from_log) == (33.0, at, False)
    said = look(store, here, claude_code=Billing(kind="api"))["claude_code"]
    assert said.paid.kind == "api" and not said.paid.extra


def test_a_limit_that_was_reset_since_says_nothing(store: sqlite3.Connection, here: Machine) -> None:
    over = {"utilization": 90.0, "resets_at": "2026-11-24T15:00:00Z"}
    kept = {"fetchedAtMs": here.clock() - 7_200_000, "utilization": {"five_hour": over}}
    told = {"oauthAccount": {"organizationType": "claude_pro"}, "cachedUsageUtilization": kept}
    (here.home / ".claude.json").write_text(json.dumps(told))
    line = look(store, here)["claude_code"]
    assert line.value is not None and line.value.share is None


def test_another_machines_home_is_an_account_of_its_own(store: sqlite3.Connection, here: Machine) -> None:
    (here.home / ".claude.json").write_text(json.dumps({"oauthAccount": {"organizationType": "claude_pro"}}))
    with closing(sqlite3.connect(here.database)) as writing:
        writing.execute("UPDATE call SET home = 'box' WHERE source = 'claude_code'")
        writing.commit()
    billing = {"claude_code@box": Billing(kind="plan", monthly=30 * DOLLAR)}
    found = [line for line in plans.look(store, here, Settings(billing=billing), UTC) if line.paid.source != "codex"]
    assert [(line.title, line.paid.kind, line.paid.told_by) for line in found] == [
        ("Claude Code", "plan", "settings"),
        ("Claude Code, box", "plan", "user"),
    ]
    assert [line.value.spent.calls for line in found if line.value] == [0, 1]


@pytest.mark.parametrize(
    ("monthly", "since", "until", "price"),
    [
        (20 * DOLLAR, date(2026, 11, 1), date(2026, 11, 20), 13_333_333_333),  # 13.3333…
        (20 * DOLLAR, date(2026, 11, 1), date(2026, 11, 30), 20 * DOLLAR),
        (100 * DOLLAR, date(2026, 2, 1), date(2026, 2, 7), 25 * DOLLAR),
        (1, date(2026, 11, 1), date(2026, 11, 15), 0),  # half a nano-dollar, to even
        (3, date(2026, 11, 1), date(2026, 11, 15), 2),  # one and a half
    ],
)
def test_a_price_for_some_days_of_a_month(monthly: int, since: date, until: date, price: int) -> None:
    assert plans.price_of(monthly, Span(since, until, UTC)) == price


def test_kinds_open_no_file(store: sqlite3.Connection, here: Machine) -> None:
    known = plans.offers(here.resources)
    assert plans.kinds(store, Settings(), known) == {"codex": "plan"}
    chosen = Settings(billing={"claude_code": Billing(kind="api"), "codex": Billing(kind="api")})
    assert plans.kinds(store, chosen, known) == {"claude_code": "api", "codex": "api"}


def test_a_plan_nobody_has_a_price_of_keeps_its_name(here: Machine) -> None:
    known = plans.offers(here.resources)
    assert plans.how_paid("codex", None, {}, "team", None, known).plan == "Team"
    assert plans.how_paid("codex", None, {}, "pro", None, known).plan == "Pro"
    assert plans.how_paid("claude_code", None, {}, None, Account("enterprise"), known).plan == "Enterprise"


def test_every_price_is_what_its_source_says() -> None:
    """Each row against the package that it names; and each belongs to an agent that we know."""
    import model_prices

    vendors = {"claude_code": "anthropic", "codex": "openai"}
    rows = plans.offers(ROOT / "resources")
    assert len({(one.agent, one.id) for one in rows}) == len(rows) == 8
    for one in rows:
        listed = model_prices.plan(vendors[one.agent], one.id, at="2026-10-23T00:00:00Z")
        assert listed is not None and f"{listed.usd_per_month:g}" == one.usd_per_month
        assert one.source == "model-prices 0.0.5" and one.agent in BY_ID
        assert one.monthly == int(one.usd_per_month) * DOLLAR
