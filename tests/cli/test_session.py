"""`cuenta session`: one session taken apart, and where a call's figure comes from."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import Thread, answer, limits, meta, prompt, turn, usage
from tests.cli.conftest import Cuenta
from tests.cli.logs import EXAMPLE, KINDS, MICRO, STATED, THREAD, example, month, tokens


def test_the_document(cuenta: Cuenta) -> None:
    month(cuenta)
    found = cuenta.json("session", "S1")
    assert (found["schema"], found["id"], found["agent"]) == ("cuenta.session/1", "S1", "claude_code")
    assert (found["project"], found["branch"], found["title"]) == ("/home/me/app", "main", None)
    assert (found["started_at"], found["ended_at"]) == ("2026-06-01T10:00:00Z", "2026-06-01T10:02:00Z")
    assert found["context_tokens"] == 4 + 10_000
    assert found["peak_context_tokens"] == 22_506
    assert found["total"] == {
        "calls": 3,
        "tokens": tokens(input=20, cache_read=28_000, cache_write_5m=3_000, cache_write_1h=12_500, output=460),
        "cost_nanousd": EXAMPLE,
        "label": "measured",
        "unpriced_calls": 0,
        "folded_records": 2,
    }
    first, second, third = found["calls"]
    assert [call["cost_nanousd"] // MICRO for call in found["calls"]] == [10_720, 54_012, 3_008]
    assert [call["call"] for call in found["calls"]] == [1, 2, 3]
    assert first["at"] == "2026-06-01T10:00:00Z"
    assert first["folded_records"] == 2
    assert second["tokens"] == tokens(input=6, cache_read=10_000, cache_write_1h=12_500, output=200)
    assert third["ids"].split() == ["c-S1", "r-c-S1"]


def with_helper(cuenta: Cuenta) -> None:
    cuenta.claude("S1", *example())
    side: dict[str, Any] = {"side": True, "agentId": "ab12"}
    cuenta.claude(
        "agent-ab12", answer("s1", "rs1", usage(100, 100), at="2026-06-01T10:01:30Z", model="claude-opus-4-8", **side)
    )


@pytest.mark.parametrize("ident", ["S1", "S2", "S3", "S4", THREAD])
def test_every_part_adds_up(cuenta: Cuenta, ident: str) -> None:
    month(cuenta)
    with_helper(cuenta)
    found = cuenta.json("session", ident)
    total = found["total"]
    for name in ("by_model", "by_subagent"):
        parts = found[name]
        for member in ("calls", "cost_nanousd", "unpriced_calls", "folded_records"):
            assert sum(part[member] for part in parts) == total[member], (name, member)
        for kind in KINDS:
            assert sum(part["tokens"][kind] for part in parts) == total["tokens"][kind]
    costs = [part["cost_nanousd"] for part in found["by_model"]]
    assert costs == sorted(costs, reverse=True)
    assert [part["number"] for part in found["by_subagent"]] in ([None], [None, 1])
    assert sum(part["cost_nanousd"] for part in found["by_kind"]) == total["cost_nanousd"]
    assert sum(call["cost_nanousd"] or 0 for call in found["calls"]) == total["cost_nanousd"]
    assert len(found["calls"]) == total["calls"]
    assert all(
        {*total} - {"reported_cost_nanousd"} <= {*part}
        for name in ("by_model", "by_subagent", "by_kind")
        for part in found[name]
    )
    counts = {part["key"]: part["tokens"].get(part["key"]) for part in found["by_kind"]}
    split = {**total["tokens"], "output": total["tokens"]["output"] - total["tokens"]["reasoning"]}
    assert {kind: counts.get(kind, 0) for kind in KINDS} == split
    row = cuenta.rows("--by", "session")[ident]
    assert {name: row[name] for name in total} == total
    for call in found["calls"]:
        traced = cuenta.json("session", ident, "--trace", str(call["call"]))
        assert traced["cost_nanousd"] == call["cost_nanousd"]
        if traced["price_row"] is not None:
            assert sum(line["cost_nanousd"] for line in traced["amount"]) == call["cost_nanousd"]


def test_sub_agents_are_told_apart(cuenta: Cuenta) -> None:
    with_helper(cuenta)
    found = cuenta.json("session", "S1")
    assert found["subagents"] == 1
    parts = {part["key"]: part["cost_nanousd"] for part in found["by_subagent"]}
    assert parts.pop("main") == EXAMPLE
    assert list(parts.values()) == [3_000 * MICRO]  # 100 × 5 + 100 × 25
    assert {part["key"] for part in found["by_model"]} == {"claude-sonnet-5", "claude-opus-4-8"}
    assert found["context_tokens"] == 10_004  # the helper's context is its own


# --- which session


def test_a_unique_beginning_is_enough(cuenta: Cuenta) -> None:
    month(cuenta)
    assert cuenta.json("session", THREAD[:4])["id"] == THREAD


def test_an_exact_id_stands_alone(cuenta: Cuenta) -> None:
    for name in ("S1", "S1-b"):
        cuenta.claude(name, prompt(session=name), answer(name, name, session=name))
    assert cuenta.json("session", "S1")["id"] == "S1"
    assert cuenta.json("session", "S1-")["id"] == "S1-b"


@pytest.mark.parametrize("ident", ["S", "", "nothing-like-it", "%", "_", "S1'--", "\udcff"])
def test_none_or_several_is_one_sentence(cuenta: Cuenta, ident: str) -> None:
    month(cuenta)
    for more in ((), ("--json",), ("--trace", "1")):
        status, out, err = cuenta("session", ident, *more)
        assert (status, out, err.count("\n")) == (1, "", 1), err
        assert "Traceback" not in err


def test_what_is_ambiguous_is_named(cuenta: Cuenta) -> None:
    month(cuenta)
    err = cuenta("session", "S").err
    assert "4 sessions" in err
    assert "S1" in err


# --- traces


@pytest.mark.parametrize("which", ["2", "b-S1", "r-b-S1"])
def test_a_trace_by_number_and_by_the_vendors_id(cuenta: Cuenta, which: str) -> None:
    cuenta.claude("S1", *example())
    found = cuenta.json("session", "S1", "--trace", which)
    assert (found["schema"], found["call"], found["model"]) == ("cuenta.trace/1", 2, "claude-sonnet-5")
    assert found["cost_nanousd"] == 54_012 * MICRO
    lines = {line["kind"]: (line["count"], line["cost_nanousd"] // MICRO) for line in found["amount"]}
    assert lines["input"] == (6, 12)
    assert lines["cache_read"] == (10_000, 2_000)
    assert lines["cache_write_1h"] == (12_500, 50_000)
    assert lines["output"] == (200, 2_000)
    assert found["match"] == "exact"
    assert found["price_row"]
    assert found["book"]
    assert [copy["kept"] for copy in found["copies"]] == [True]


def test_a_trace_points_at_the_record(cuenta: Cuenta) -> None:
    path = cuenta.claude("S1", *example())
    found = cuenta.json("session", "S1", "--trace", "3")
    assert found["file"] == str(path)
    line = path.read_bytes()[found["byte"] :].splitlines()[0]
    assert b'"id":"c-S1"' in line


def test_a_trace_of_calls_without_our_price(cuenta: Cuenta) -> None:
    month(cuenta)
    stated, unknown = (cuenta.json("session", "S3", "--trace", number) for number in "12")
    assert (stated["cost_nanousd"], stated["reported_cost_nanousd"], stated["price_row"]) == (STATED, STATED, None)
    assert (unknown["cost_nanousd"], unknown["price_row"]) == (None, None)
    assert "$0.500000" in cuenta("session", "S3", "--trace", "1").out
    assert "no price" in cuenta("session", "S3", "--trace", "2").out


@pytest.mark.parametrize("which", ["0", "4", "-1", "msg_none", ""])
def test_a_call_that_is_not_there(cuenta: Cuenta, which: str) -> None:
    cuenta.claude("S1", *example())
    status, out, err = cuenta("session", "S1", "--trace", which, "--json")
    assert (status, out, err.count("\n")) == (1, "", 1)


# --- Codex


def test_a_thread(cuenta: Cuenta) -> None:
    thread = Thread()
    cuenta.codex(
        THREAD,
        meta(THREAD),
        turn("t1"),
        thread.call("10:00:05", 1_000, 100, cached=600, reasoning=40),
        turn("t2", "10:01:00"),
        thread.call("10:01:05", 2_000, 10, cached=1_000, limits=limits(3.0)),
    )
    found = cuenta.json("session", THREAD)
    assert [call["cost_nanousd"] // MICRO for call in found["calls"]] == [2_650, 2_500 + 250 + 150]
    assert found["calls"][0]["tokens"] == tokens(input=400, cache_read=600, output=100, reasoning=40)
    assert found["context_window_tokens"] == 258_400


# --- traces for people


def test_a_trace_reads_like_an_invoice(cuenta: Cuenta) -> None:
    path = cuenta.claude("S1", *example())
    out = cuenta("session", "S1", "--trace", "2").out
    parts = ["Record", "Folded", "Amount", "Cache read", "Total", "Price row"]
    places = [out.index(f"\n{' ' * (2 if part in ('Cache read', 'Total') else 0)}{part}") for part in parts]
    assert places == sorted(places)
    assert [line[:1] for line in out.splitlines() if "kept: " in line] == [">"]
    assert "of 3   $0.05 ●" in out.splitlines()[0]
    byte = cuenta.json("session", "S1", "--trace", "2")["byte"]
    line = path.read_bytes()[:byte].count(b"\n") + 1
    size = len(path.read_bytes()[byte:].splitlines()[0])
    assert f"byte {byte:,}, line {line}, {size} bytes" in out
    assert "10,000  ×     0.20 =      $0.002000  ●" in out
    assert "no tier, no factor" in out
    assert "genai-prices" in out
    assert max(len(line) for line in out.splitlines() if "/" not in line) <= 72


def test_a_trace_of_a_log_that_is_gone_says_so(cuenta: Cuenta) -> None:
    path = cuenta.claude("S1", *example())
    cuenta("session", "S1", "--trace", "2")
    path.unlink()
    out = cuenta("session", "S1", "--trace", "2").out
    assert "The log is gone; this is what was kept." in out
    assert ", line " not in out


def test_a_trace_says_where_copies_lie(cuenta: Cuenta) -> None:
    """Whole and openable, with `~` for the home; and that the kept record is one of the count."""
    cuenta.claude("S1", *example())
    copy = cuenta.claude("S1-copy", *example(), folder="-home-me-a-folder-with-a-long-name")
    for name in ("S1", "S1-copy"):
        done = cuenta("session", name, "--trace", "2")
        if done.status == 0:
            break
    files = [line.strip() for line in done.out.splitlines() if line.startswith(" " * 15 + "~")]
    kept = next(line.split()[1] for line in done.out.splitlines() if line.startswith("  File"))
    both = {str(cuenta.home / ".claude/projects/project/S1.jsonl"), str(copy)}
    assert {kept, *files} == {one.replace(str(cuenta.home), "~") for one in both}
    assert "Folded  2 records, 1 of them kept" in done.out


def test_a_trace_says_what_was_taken_off_the_name(cuenta: Cuenta) -> None:
    """A date here; nothing where the name is the book's own."""
    for name, told in (
        ("claude-opus-4-8-20260528", "claude-opus-4-8, the logged name without “-20260528”"),
        ("claude-opus-4-8", "claude-opus-4-8, exact as logged"),
    ):
        cuenta.claude(name, answer(name, f"r{name}", at="2026-06-20T08:00:00Z", session=name, model=name))
        shown = cuenta("session", name, "--trace", "1").out
        assert told in " ".join(shown.split()), shown
