"""`cuenta report`: sums worked out by hand, grouped, cut and filtered in every way."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from tests.builders import answer, codex_usage, counted, event, meta, prompt, usage
from tests.cli.conftest import Cuenta
from tests.cli.logs import CODEX, EXAMPLE, FAST, KINDS, MICRO, OPUS, STATED, THREAD, TOTAL, example, month, tokens

SUMS = {"calls", "tokens", "cost_nanousd", "label", "unpriced_calls", "folded_records"}
OF_A_SESSION = {
    *("agent", "project", "title", "started_at", "ended_at", "models", "peak_context_tokens"),
    *("context_window_tokens", "subagents"),
}
GROUPS = ("day", "week", "month", "agent", "model", "project", "session", "kind")


# --- the document


def test_the_example_of_the_contract(cuenta: Cuenta) -> None:
    cuenta.claude("S1", *example("2026-09-01"))
    sums = {
        "calls": 3,
        "tokens": {
            "input": 20,
            "cache_read": 28000,
            "cache_write_5m": 3000,
            "cache_write_1h": 12500,
            "output": 460,
            "reasoning": 0,
        },
        "cost_nanousd": 67740000,
        "label": "measured",
        "unpriced_calls": 0,
        "folded_records": 2,
    }
    asked = ("--since", "2026-09-01", "--until", "2026-09-30", "--timezone", "Europe/Madrid")
    assert cuenta.json("report", *asked) == {
        "schema": "cuenta.report/1",
        "generated_at": "2026-11-24T15:42:00Z",
        "timezone": "Europe/Madrid",
        "since": "2026-09-01",
        "until": "2026-09-30",
        "by": "day",
        "rows": [{"key": "2026-09-01", **sums}],
        "total": sums,
    }


def test_without_anything_asked_it_is_days_and_all_there_is(cuenta: Cuenta) -> None:
    month(cuenta)
    found = cuenta.json("report")
    assert (found["by"], found["since"], found["until"], found["timezone"]) == ("day", None, None, "UTC")
    assert found["total"] == {
        "calls": 9,
        "tokens": tokens(
            input=20 + 200 + 12 + 1 + 400,
            cache_read=28_000 + 600,
            cache_write_5m=3_000,
            cache_write_1h=12_500,
            output=460 + 20 + 5 + 1 + 100,
            reasoning=40,
        ),
        "cost_nanousd": TOTAL,
        "label": "measured",
        "unpriced_calls": 2,
        "folded_records": 2,
        "reported_cost_nanousd": STATED,
    }


def test_nothing_logged(cuenta: Cuenta) -> None:
    found = cuenta.json("report")
    assert found["rows"] == []
    assert found["total"] == {
        "calls": 0,
        "tokens": tokens(),
        "cost_nanousd": 0,
        "label": "measured",
        "unpriced_calls": 0,
        "folded_records": 0,
    }


@pytest.mark.parametrize("by", GROUPS)
def test_members_and_sums_of_every_grouping(cuenta: Cuenta, by: str) -> None:
    """Rows add up to the total, member by member; by kind only cost and tokens do."""
    month(cuenta)
    found = cuenta.json("report", "--by", by)
    assert found["by"] == by
    rows, total = found["rows"], found["total"]
    for row in rows:
        wanted = {"key", *SUMS} | (OF_A_SESSION if by == "session" else set())
        assert row.keys() - {"reported_cost_nanousd"} == wanted
        assert row.get("reported_cost_nanousd", 1) > 0
        assert row["tokens"].keys() == set(KINDS)
    assert sum(row["cost_nanousd"] for row in rows) == total["cost_nanousd"] == TOTAL
    assert sum(row.get("reported_cost_nanousd", 0) for row in rows) == total["reported_cost_nanousd"]
    added = {kind: sum(row["tokens"][kind] for row in rows) for kind in KINDS}
    if by == "kind":
        added["output"] += added["reasoning"]  # in this view alone output is without
    else:
        for name in ("calls", "unpriced_calls", "folded_records"):
            assert sum(row[name] for row in rows) == total[name]
    assert added == total["tokens"]


# --- keys and order


def keys(cuenta: Cuenta, by: str, *more: str) -> list[str | None]:
    return [row["key"] for row in cuenta.json("report", "--by", by, *more)["rows"]]


def test_periods_ascend_and_empty_ones_give_no_row(cuenta: Cuenta) -> None:
    month(cuenta)
    days = ["2026-06-01", "2026-06-08", "2026-06-09", "2026-06-10", "2026-06-15", "2026-06-30"]
    assert keys(cuenta, "day") == days
    assert keys(cuenta, "week") == ["2026-W23", "2026-W24", "2026-W25", "2026-W27"]
    assert keys(cuenta, "month") == ["2026-06"]


def test_other_rows_descend_by_cost_and_ties_go_by_key(cuenta: Cuenta) -> None:
    month(cuenta)
    assert keys(cuenta, "agent") == ["claude_code", "codex"]
    # gpt-5.4 2,650, fast 1,500, opus 750; the last has no price at all
    models = ["nobodys-model", "claude-sonnet-5", "gpt-5.4", "claude-opus-4-8|fast", "claude-opus-4-8", "no-such"]
    assert keys(cuenta, "model") == models
    assert keys(cuenta, "project") == ["/srv/app", "/home/me/app", "/home/me/other", None]
    assert keys(cuenta, "session") == ["S3", "S1", THREAD, "S2", "S4"]


def test_equal_costs_go_by_key(cuenta: Cuenta) -> None:
    for name in ("zeta", "alpha", "mid"):
        cuenta.claude(
            name,
            prompt(session=name, cwd=f"/w/{name}"),
            answer(name, name, usage(1, 1), session=name, model=f"x-{name}"),
        )
    assert keys(cuenta, "session") == ["alpha", "mid", "zeta"]
    assert keys(cuenta, "project") == ["/w/alpha", "/w/mid", "/w/zeta"]
    assert keys(cuenta, "model") == ["x-alpha", "x-mid", "x-zeta"]


def test_the_week_of_a_year_is_the_iso_one(cuenta: Cuenta) -> None:
    cuenta.claude("S1", *example("2027-01-01", session="S1"), *example("2024-12-30", session="S2"))
    assert keys(cuenta, "week") == ["2025-W01", "2026-W53"]


def test_fast_mode_has_a_key_and_a_price_of_its_own(cuenta: Cuenta) -> None:
    month(cuenta)
    rows = cuenta.rows("--by", "model")
    assert rows["claude-opus-4-8"]["cost_nanousd"] == OPUS
    assert rows["claude-opus-4-8|fast"]["cost_nanousd"] == FAST


def test_what_is_unknown_is_null(cuenta: Cuenta) -> None:
    cuenta.claude("S4", answer("h", "rh", session="S4"))
    cuenta.codex(
        THREAD,
        meta(THREAD, cwd=None),
        event("task_started", "10:00:02", turn_id="t1"),
        counted("10:00:05", codex_usage(10, 1), codex_usage(10, 1)),
    )
    assert keys(cuenta, "project") == [None]
    assert keys(cuenta, "model") == ["claude-sonnet-5", None]
    assert {row["key"]: row["project"] for row in cuenta.json("report", "--by", "session")["rows"]} == {
        "S4": None,
        THREAD: None,
    }


def test_a_row_of_a_session(cuenta: Cuenta) -> None:
    month(cuenta)
    rows = cuenta.rows("--by", "session")
    one = rows["S1"]
    assert one["peak_context_tokens"] == 6 + 10_000 + 12_500
    assert {name: one[name] for name in OF_A_SESSION - {"peak_context_tokens", "context_window_tokens"}} == {
        "agent": "claude_code",
        "project": "/home/me/app",
        "title": None,
        "started_at": "2026-06-01T10:00:00Z",
        "ended_at": "2026-06-01T10:02:00Z",
        "models": ["claude-sonnet-5"],
        "subagents": 0,
    }
    assert rows["S2"]["models"] == ["claude-opus-4-8", "claude-opus-4-8|fast"]
    assert rows[THREAD]["agent"] == "codex"
    assert rows[THREAD]["context_window_tokens"] == 258_400
    assert rows["S4"]["project"] is None


# --- by kind


def test_by_kind(cuenta: Cuenta) -> None:
    month(cuenta)
    rows = cuenta.rows("--by", "kind")
    seen = {key: (row["calls"], sum(row["tokens"].values()), row["cost_nanousd"] // MICRO) for key, row in rows.items()}
    assert seen == {
        # calls with any of it, its tokens, micro-dollars
        "unsplit": (1, 0, 500_000),
        "cache_write_1h": (1, 12_500, 50_000),
        "cache_write_5m": (1, 3_000, 7_500),
        "cache_read": (4, 28_600, 5_600 + 150),
        "output": (9, 460 + 20 + 5 + 1 + 60, 4_600 + 250 + 500 + 60 * 15),
        "input": (9, 633, 40 + 500 + 1_000 + 1_000),
        "reasoning": (1, 40, 600),
    }
    costs = [row["cost_nanousd"] for row in rows.values()]
    assert costs == sorted(costs, reverse=True)
    for key, row in rows.items():
        held = {kind for kind, count in row["tokens"].items() if count}
        assert held == ({key} if key in KINDS else set())
    assert rows["unsplit"]["reported_cost_nanousd"] == STATED
    assert rows["unsplit"]["unpriced_calls"] == 0
    assert rows["input"]["unpriced_calls"] == 2


def test_requests_are_a_kind(cuenta: Cuenta) -> None:
    searched = usage(1, 0, server_tool_use={"web_search_requests": 3})
    cuenta.claude("S1", answer(counts=searched))
    row = cuenta.rows("--by", "kind")["requests"]
    assert (row["calls"], row["cost_nanousd"]) == (1, 30_000 * MICRO)  # 10 dollars for a thousand
    assert row["tokens"] == tokens()


# --- cost, price, certainty


def test_a_stated_cost_counts_only_where_we_have_no_price(cuenta: Cuenta) -> None:
    month(cuenta)
    rows = cuenta.rows("--by", "model")
    stated, priced, neither = rows["nobodys-model"], rows["claude-opus-4-8"], rows["no-such"]
    assert (stated["calls"], stated["unpriced_calls"]) == (2, 1)
    assert stated["cost_nanousd"] == stated["reported_cost_nanousd"] == STATED
    assert priced["cost_nanousd"] == OPUS  # not the 9.99 that its record states
    assert "reported_cost_nanousd" not in priced
    assert (neither["cost_nanousd"], neither["unpriced_calls"], neither["calls"]) == (0, 1, 1)
    assert {row["label"] for row in rows.values()} == {"measured"}


def test_a_stated_zero_is_no_price(cuenta: Cuenta) -> None:
    cuenta.claude("S1", answer(model="nobodys-model", costUSD=0))
    total = cuenta.json("report")["total"]
    assert (total["cost_nanousd"], total["unpriced_calls"]) == (0, 1)
    assert "reported_cost_nanousd" not in total


def test_the_weakest_label_is_the_rows(cuenta: Cuenta) -> None:
    """Levels B and C are estimated, in their row and in the total, and nowhere else."""
    month(cuenta)
    cuenta.json("sync")
    with closing(sqlite3.connect(cuenta.data / "cuenta.sqlite3")) as store, store:
        store.execute("UPDATE call SET evidence = 'B' WHERE source = 'codex'")
        store.execute("UPDATE call SET evidence = 'C' WHERE model = 'no-such'")
    found = cuenta.json("report", "--by", "model", "--no-sync")
    assert {row["key"] for row in found["rows"] if row["label"] == "estimated"} == {"gpt-5.4", "no-such"}
    assert {row["label"] for row in found["rows"]} == {"measured", "estimated"}
    assert found["total"]["label"] == "estimated"
    days = {row["key"]: row["label"] for row in cuenta.json("report", "--no-sync")["rows"]}
    assert days["2026-06-09"] == days["2026-06-30"] == "estimated"
    assert days["2026-06-01"] == "measured"


def test_folded_records_are_booked_on_the_call_that_was_kept(cuenta: Cuenta) -> None:
    """A resumed session repeats another's history: its own day has nothing of it."""
    first = example("2026-06-01")
    cuenta.claude("S1", *first)
    copied = [{**line, "sessionId": "S9"} for line in first if line["type"] == "assistant"]
    cuenta.claude("S9", *copied, answer("new", "rnew", usage(1, 1), at="2026-06-05T10:00:00Z", session="S9"))
    rows = cuenta.rows()
    assert rows["2026-06-01"]["folded_records"] == 2 + 5
    assert rows["2026-06-05"]["folded_records"] == 0
    assert rows["2026-06-01"]["cost_nanousd"] == EXAMPLE


# --- bounds and filters


def test_bounds_are_inclusive_local_days(cuenta: Cuenta) -> None:
    month(cuenta)
    assert keys(cuenta, "day", "--since", "2026-06-08", "--until", "2026-06-10") == [
        "2026-06-08",
        "2026-06-09",
        "2026-06-10",
    ]
    only_since = cuenta.json("report", "--since", "2026-06-15")
    assert (only_since["since"], only_since["until"]) == ("2026-06-15", None)
    assert [row["key"] for row in only_since["rows"]] == ["2026-06-15", "2026-06-30"]
    only_until = cuenta.json("report", "--until", "2026-06-08")
    assert (only_until["since"], only_until["until"]) == (None, "2026-06-08")
    assert [row["key"] for row in only_until["rows"]] == ["2026-06-01", "2026-06-08"]
    assert keys(cuenta, "day", "--since", "2026-06-02", "--until", "2026-06-07") == []
    assert cuenta("report", "--since", "2026-06-09", "--until", "2026-06-08")[0] == 2


def test_weeks_and_months_are_cut_at_the_bounds(cuenta: Cuenta) -> None:
    month(cuenta)
    bounds = ("--since", "2026-06-09", "--until", "2026-06-15")
    rows = cuenta.rows("--by", "week", *bounds)
    assert {key: row["cost_nanousd"] for key, row in rows.items()} == {"2026-W24": CODEX + FAST, "2026-W25": STATED}
    assert cuenta.rows("--by", "month", *bounds)["2026-06"]["cost_nanousd"] == CODEX + FAST + STATED


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_first_and_last_day_there_are(cuenta: Cuenta, zone: str) -> None:
    cuenta.claude("S1", *example())
    every = ("--since", "0001-01-01", "--until", "9999-12-31", "--timezone", zone)
    assert cuenta.json("report", *every)["total"]["calls"] == 3
    assert cuenta.json("report", "--since", "9999-12-31", "--timezone", zone)["rows"] == []
    assert cuenta.json("report", "--until", "0001-01-01", "--timezone", zone)["rows"] == []


def test_filters_can_be_repeated_and_combined(cuenta: Cuenta) -> None:
    month(cuenta)

    def cost(*words: str) -> int:
        done = cuenta("report", *words, "--json")
        assert done.status == 0
        return json.loads(done.out)["total"]["cost_nanousd"]

    assert cost("--agent", "codex") == CODEX
    assert cost("--agent", "codex", "--agent", "claude_code") == TOTAL
    assert cost("--model", "claude-opus-4-8") == OPUS
    assert cost("--model", "claude-opus-4-8|fast") == FAST
    assert cost("--model", "claude-opus-4-8", "--model", "claude-opus-4-8|fast") == OPUS + FAST
    assert cost("--model", "gpt-5.4", "--agent", "claude_code") == 0
    assert cost("--model", "opus") == 0  # a filter matches the key, no part of it
    assert cost("--project", "/home/me/app") == EXAMPLE + CODEX
    assert cost("--project", "app") == EXAMPLE + CODEX + STATED
    assert cost("--project", "app", "--project", "/home/me/other") == TOTAL
    assert (
        cost("--project", "pp") == cost("--project", "/srv") == cost("--project", "%") == cost("--project", "_pp") == 0
    )


def test_filters_hold_for_every_grouping(cuenta: Cuenta) -> None:
    month(cuenta)
    for by in GROUPS:
        found = cuenta.json("report", "--by", by, "--agent", "codex", "--since", "2026-06-09", "--until", "2026-06-09")
        assert found["total"]["cost_nanousd"] == CODEX
        assert sum(row["cost_nanousd"] for row in found["rows"]) == CODEX


def test_folders_differ_by_case(cuenta: Cuenta) -> None:
    for name in ("app", "App"):
        cuenta.claude(name, prompt(session=name, cwd=f"/w/{name}"), answer(name, name, session=name))
    assert keys(cuenta, "project", "--project", "app") == ["/w/app"]


def test_a_windows_folder_has_a_last_part_too(cuenta: Cuenta) -> None:
    cuenta.claude("S1", prompt(cwd="C:\\Users\\me\\app"), answer())
    assert keys(cuenta, "project", "--project", "app") == ["C:\\Users\\me\\app"]


# --- days


def test_a_late_call_belongs_to_the_day_of_the_zone(cuenta: Cuenta) -> None:
    cuenta.claude("S1", answer(at="2026-06-01T23:30:00Z"))
    for zone, day in (
        ("UTC", "2026-06-01"),
        ("Europe/Madrid", "2026-06-02"),
        ("America/New_York", "2026-06-01"),
        ("Pacific/Kiritimati", "2026-06-02"),
    ):
        assert keys(cuenta, "day", "--timezone", zone) == [day]
        assert keys(cuenta, "day", "--timezone", zone, "--since", day, "--until", day) == [day]
        other = "2026-06-02" if day == "2026-06-01" else "2026-06-01"
        assert keys(cuenta, "day", "--timezone", zone, "--since", other, "--until", other) == []


EDGES: list[tuple[str, str, list[str]]] = [
    # first ms of the day, its last second, first of the next
    ("Europe/Madrid", "2026-03-29", ["2026-03-28T23:00:00Z", "2026-03-29T21:59:59Z", "2026-03-29T22:00:00Z"]),
    ("Europe/Madrid", "2026-10-25", ["2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"]),
    ("America/New_York", "2026-11-01", ["2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"]),
    ("Australia/Lord_Howe", "2026-04-05", ["2026-04-04T13:00:00Z", "2026-04-05T13:29:59Z", "2026-04-05T13:30:00Z"]),
    ("America/Havana", "2026-03-08", ["2026-03-08T05:00:00Z", "2026-03-09T03:59:59Z", "2026-03-09T04:00:00Z"]),
    ("America/Havana", "2026-11-01", ["2026-11-01T04:00:00Z", "2026-11-02T04:59:59Z", "2026-11-02T05:00:00Z"]),
    ("Asia/Kolkata", "2026-06-02", ["2026-06-01T18:30:00Z", "2026-06-02T18:29:59Z", "2026-06-02T18:30:00Z"]),
    ("Asia/Kathmandu", "2026-06-02", ["2026-06-01T18:15:00Z", "2026-06-02T18:14:59Z", "2026-06-02T18:15:00Z"]),
    ("Pacific/Chatham", "2026-06-02", ["2026-06-01T11:15:00Z", "2026-06-02T11:14:59Z", "2026-06-02T11:15:00Z"]),
]


@pytest.mark.parametrize(("zone", "day", "instants"), EDGES, ids=[f"{zone} {day}" for zone, day, _ in EDGES])
def test_days_of_23_and_25_hours_and_odd_offsets(cuenta: Cuenta, zone: str, day: str, instants: list[str]) -> None:
    cuenta.claude("S1", *(answer(f"m{at}", f"r{at}", at=at) for at in instants))
    rows = cuenta.rows("--timezone", zone)
    assert {key: row["calls"] for key, row in rows.items()} == {day: 2} | {key: 1 for key in rows if key != day}
    assert next(iter(rows)) == day
    assert cuenta.rows("--timezone", zone, "--since", day, "--until", day)[day]["calls"] == 2


def test_the_machines_zone_without_one_asked_for(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    cuenta.claude("S1", answer(at="2026-06-01T18:15:00Z"))
    found = cuenta.json("report")
    assert found["timezone"] == "Asia/Kathmandu"
    assert [row["key"] for row in found["rows"]] == ["2026-06-02"]


def test_a_call_belongs_to_the_day_of_its_earliest_record(cuenta: Cuenta) -> None:
    cuenta.claude(
        "S1",
        answer(counts=usage(10, 1), at="2026-06-01T23:59:59Z", stop=None),
        answer(counts=usage(10, 9), at="2026-06-02T00:00:05Z"),
    )
    (row,) = cuenta.json("report")["rows"]
    assert (row["key"], row["tokens"]["output"], row["folded_records"]) == ("2026-06-01", 9, 1)


# --- sync and no sync


def test_reads_first_unless_told_not_to(cuenta: Cuenta) -> None:
    month(cuenta)
    assert cuenta.json("report", "--no-sync")["rows"] == []
    assert cuenta.json("report")["total"]["calls"] == 9
    assert cuenta.json("report", "--no-sync")["total"]["calls"] == 9


# --- CSV


def table(cuenta: Cuenta, *words: str) -> list[dict[str, str]]:
    done = cuenta("report", "--csv", *words)
    assert (done.status, done.err) == (0, "")
    return list(csv.DictReader(io.StringIO(done.out)))


def flat(row: dict[str, Any]) -> dict[str, str]:
    found = {f"tokens_{kind}": row["tokens"][kind] for kind in KINDS} | row
    del found["tokens"]
    words = {name: " ".join(value) if isinstance(value, list) else value for name, value in found.items()}
    return {name: "" if value is None else str(value) for name, value in words.items()}


@pytest.mark.parametrize("by", GROUPS)
def test_csv_is_the_rows_flattened(cuenta: Cuenta, by: str) -> None:
    month(cuenta)
    rows = table(cuenta, "--by", by)
    wanted = [flat(row) for row in cuenta.json("report", "--by", by)["rows"]]
    names = {name for row in wanted for name in row}
    assert rows == [{name: row.get(name, "") for name in names} for row in wanted]


def test_csv_guards_a_spreadsheet_and_keeps_any_name(cuenta: Cuenta) -> None:
    for number, folder in enumerate(('=HYPERLINK("x")', 'a,"b"\nc', "проект")):
        name = f"s{number}"
        cuenta.claude(name, prompt(session=name, cwd=folder), answer(name, name, session=name))
    assert {row["key"] for row in table(cuenta, "--by", "project")} == {'\'=HYPERLINK("x")', 'a,"b"\nc', "проект"}


def test_csv_of_nothing_is_a_head(cuenta: Cuenta) -> None:
    assert cuenta("report", "--csv").out == "key\n"
