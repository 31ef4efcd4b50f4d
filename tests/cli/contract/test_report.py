"""`cuenta report` at its edges: wrong words, narrow paper, and times that no calendar holds."""

from __future__ import annotations

import pytest

from tests.cli.contract.conftest import Cuenta
from tests.ingest.world import World, answer, write

BY = ["day", "week", "month", "agent", "model", "project", "session", "kind"]


@pytest.mark.parametrize("by", BY[:-1])
def test_rows_add_up_to_the_total(told: World, cuenta: Cuenta, by: str) -> None:
    document = cuenta("report", "--by", by, "--json").json
    total = document["total"]
    assert (total["calls"], total["unpriced_calls"], total["folded_records"]) == (10, 2, 2)
    assert total["reported_cost_nanousd"] == 500_000_000
    for name in ("calls", "cost_nanousd", "unpriced_calls", "folded_records"):
        assert sum(one[name] for one in document["rows"]) == total[name]
    for name, count in total["tokens"].items():
        assert sum(one["tokens"][name] for one in document["rows"]) == count


def test_kinds_add_up_to_the_total(told: World, cuenta: Cuenta) -> None:
    document = cuenta("report", "--by", "kind", "--json").json
    assert sum(one["cost_nanousd"] for one in document["rows"]) == document["total"]["cost_nanousd"]
    tokens = {one["key"]: one["tokens"] for one in document["rows"] if one["key"] in document["total"]["tokens"]}
    for key, counts in tokens.items():
        assert {name for name, count in counts.items() if count} == {key}
    assert tokens["output"]["output"] + tokens["reasoning"]["reasoning"] == document["total"]["tokens"]["output"]


@pytest.mark.parametrize(
    "words",
    [
        ["--by", "class"],
        ["--by", "outcome"],
        ["--by", "nothing"],
        ["--by"],
        ["--by", ""],
        ["--since", "yesterday"],
        ["--until", "2026-02-30"],
        ["--no-such-option"],
        ["surplus"],
        ["--json=yes"],
    ],
    ids=" ".join,
)
def test_wrong_usage(told: World, cuenta: Cuenta, words: list[str]) -> None:
    done = cuenta("report", "--json", *words)
    assert done.status == 2
    assert done.out == ""
    assert done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("zone", ["Europe/Madrid", "America/Havana", "Africa/Cairo", "Asia/Kathmandu"])
def test_days_lose_and_double_nothing(world: World, cuenta: Cuenta, zone: str) -> None:
    """A call each quarter of an hour around every change of the clocks: the days add up, and bounds agree with them."""
    lines = [
        answer(f"{month}{day}{quarter}", at=f"2026-{month:02d}-{day:02d}T{quarter // 4:02d}:{quarter % 4 * 15:02d}:00Z")
        for month, day in ((3, 28), (3, 29), (4, 23), (4, 24), (10, 31), (11, 1))
        for quarter in range(96)
    ]
    write(world.claude("a.jsonl"), lines)
    document = cuenta("report", "--timezone", zone, "--json").json
    assert document["total"]["calls"] == len(lines)
    for one in document["rows"]:
        bounds = ("--since", one["key"], "--until", one["key"])
        alone = cuenta("report", "--timezone", zone, *bounds, "--json", "--no-sync").json
        assert [alone["rows"], alone["total"]["calls"]] == [[one], one["calls"]]


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("by", ["day", "week", "month", "session"])
def test_times_at_the_ends_of_the_calendar_are_no_crash(world: World, cuenta: Cuenta, zone: str, by: str) -> None:
    """One damaged time must not take every report away."""
    odd = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
    lines = [answer(f"odd{number}", at=at) for number, at in enumerate(odd)]
    write(world.claude("a.jsonl"), [answer("good"), *lines, answer("late")])
    assert cuenta("report", "--timezone", zone, "--by", by, "--json").json["total"]["calls"] == 6
    assert cuenta("report", "--timezone", zone, "--by", by).status == 0
    assert cuenta("session", "a", "--json").json["total"]["calls"] == 6


@pytest.mark.parametrize("columns", [60, 80, 104, 200])
@pytest.mark.parametrize("by", BY)
def test_no_figure_is_cut_on_paper(
    told: World, cuenta: Cuenta, by: str, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names give way in a narrow terminal; every call count and every cost stands there whole."""
    from app import formats

    long = "/home/dev/" + "a-very-long-name-" * 12
    many = [answer(f"m{one}", session="long", cwd=long, read=9_000_000, output=900_000) for one in range(1_234)]
    write(told.claude("long.jsonl", "-long"), many)
    monkeypatch.setenv("COLUMNS", str(columns))
    document = cuenta("report", "--by", by, "--json").json
    shown = cuenta("report", "--by", by, "--no-sync").out
    for one in [*document["rows"], *([document["total"]] if by != "kind" else [])]:
        assert formats.amount(one["cost_nanousd"], one["unpriced_calls"], one["label"]) in shown
        assert f"{one['calls']:,}" in shown
        count = one["tokens"][one["key"]] if by == "kind" and one["key"] in one["tokens"] else one["tokens"]["output"]
        assert (columns < 80 and "output" not in shown.splitlines()[0]) or formats.tokens(count) in shown


def test_nothing_on_stdout_but_the_document(told: World, cuenta: Cuenta) -> None:
    write(told.claude("broken.jsonl"), ["{broken usage", '{"usage": 1}'])
    done = cuenta("report", "--json")
    assert done.out.startswith("{")
    assert done.out.endswith("}\n")
    assert done.err == ""
