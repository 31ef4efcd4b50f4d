"""Placeholder counts: told by the record alone, mended beside what was logged, and taken back when the log knows better."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from app import runtime
from app.cli import run as cli
from app.machine import Machine
from app.store.repairs import missing
from tests.ingest.world import World, answer, append, write

WORDS = "The quick brown fox jumps over the lazy dog. " * 20
"""201 tokens in o200k: ten words and a full stop are ten tokens, twenty times, and a blank at the end."""
VISIBLE = 244
"""Claude 4.5 makes of them 1.18 × 201 + 7 = 244.18."""
OUTPUT_NANO = 15_000
"""Of claude-sonnet-4-5: 15 dollars a million, in nano-dollars a token."""


def said(ident: str, *, output: int = 2, stop: str | None = None, text: str = WORDS, **more: Any) -> str:
    """An answer's line with that text."""
    line = json.loads(answer(ident, output=output, **more))
    line["message"]["content"] = [{"type": "text", "text": text}]
    line["message"]["stop_reason"] = stop
    return json.dumps(line)


class Figures(NamedTuple):
    output: int
    repaired: int
    cost: int
    repaired_cost: int


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine)


@pytest.fixture
def figures(world: World) -> Callable[[], Figures]:
    """After both passes."""

    def read() -> Figures:
        world.sync()
        runtime.measure_new(world.machine)
        return Figures(
            *world.ask("SELECT sum(output), sum(repaired_output), sum(cost), sum(repaired_cost) FROM call WHERE kept")[
                0
            ]
        )

    return read


Read = Callable[[], Figures]


@pytest.mark.parametrize(
    ("output", "visible", "expected"),
    [
        (2, 244.18, 242),
        (121, 244.18, 123),
        (122, 244.18, 122),
        (123, 244.18, 0),
        (244, 244.18, 0),
        (900, 244.18, 0),
        (0, 0.0, 0),
    ],
)
def test_less_than_half_is_a_placeholder(output: int, visible: float, expected: int) -> None:
    assert missing(output, visible) == expected


def test_the_sizes_this_file_counts_on() -> None:
    from app.tokenizers import load
    from tests.conftest import ROOT

    assert load(ROOT / "resources")(WORDS) == 201


def test_a_placeholder_is_mended_beside_the_logged_count(world: World, figures: Read) -> None:
    """244 visible, 2 logged: 242 × 15,000 nano-dollars; the logged cost is what it was before."""
    write(world.claude("a.jsonl"), [said("a")])
    world.sync()
    (before,) = world.ask("SELECT cost FROM call")[0]
    assert figures() == Figures(2, VISIBLE - 2, before, (VISIBLE - 2) * OUTPUT_NANO)


@pytest.mark.parametrize(
    ("why", "line"),
    [
        ("finished", said("a", stop="end_turn")),
        ("at least half is logged", said("a", output=130)),
        ("nothing to be seen", answer("a", output=2)),
        ("a word", said("a", output=5, text="Ok")),
    ],
)
def test_what_is_no_placeholder_is_left_alone(why: str, line: str, world: World, figures: Read) -> None:
    write(world.claude("a.jsonl"), [line])
    assert figures()[1::2] == (0, 0), why


def test_the_version_says_nothing(world: World, figures: Read) -> None:
    """A new version's unfinished answer is mended, an old version's finished one is not."""
    write(world.claude("a.jsonl"), [said("a", version="2.1.300"), said("b", version="2.1.12", stop="end_turn")])
    assert figures().repaired == VISIBLE - 2


def test_the_repair_goes_when_the_log_is_finished(world: World, figures: Read) -> None:
    path = write(world.claude("a.jsonl"), [said("a")])
    assert figures().repaired == VISIBLE - 2
    append(path, said("a", output=250, stop="end_turn") + "\n")
    world.sync()  # the usage pass alone
    assert world.ask("SELECT output, repaired_output, repaired_cost FROM call") == [(250, 0, 0)]
    assert figures()[:2] == (250, 0)


def test_the_repair_shrinks_as_the_logged_count_grows(world: World, figures: Read) -> None:
    path = write(world.claude("a.jsonl"), [said("a")])
    figures()
    append(path, said("a", output=100) + "\n")
    world.sync()
    assert world.ask("SELECT output, repaired_output, repaired_cost FROM call") == [(100, 144, 144 * OUTPUT_NANO)]


def test_a_finished_copy_elsewhere_is_believed(world: World, figures: Read) -> None:
    """A resumed session holds the whole answer."""
    write(world.claude("a.jsonl"), [said("a")])
    write(world.claude("b.jsonl"), [said("a", output=3, stop="end_turn", session="session-2")])
    assert figures()[1::2] == (0, 0)


def test_a_finished_copy_is_believed_though_another_counts(world: World, figures: Read) -> None:
    write(world.claude("a.jsonl"), [said("a", output=4)])
    write(world.claude("b.jsonl"), [said("a", output=3, stop="end_turn", session="session-2")])
    assert figures() == Figures(4, 0, *world.ask("SELECT cost FROM call WHERE kept")[0], 0)


def test_a_copy_that_shows_more_is_what_counts(world: World, figures: Read) -> None:
    """One file has the first words only. Read in either order."""
    write(world.claude("a.jsonl"), [said("a", text="The quick")])
    write(world.claude("b.jsonl"), [said("a", session="session-2")])
    assert figures().repaired == VISIBLE - 2


def test_reasoning_is_not_added(world: World, figures: Read) -> None:
    line = json.loads(said("a"))
    line["message"]["content"].insert(0, {"type": "thinking", "thinking": WORDS * 3, "signature": "x"})
    write(world.claude("a.jsonl"), [json.dumps(line)])
    assert figures().repaired == VISIBLE - 2


def test_an_unpriced_call_has_tokens_to_add_and_no_dollars(world: World, figures: Read) -> None:
    write(world.claude("a.jsonl"), [said("a", model="house-coder-1")])
    found = figures()
    assert found.repaired == 201 + 8 - 2  # a family nobody measured: 1.0 × 201 + 8
    assert (found.cost, found.repaired_cost) == (None, 0)
    prices = '[[price]]\nmodel = "house-coder-1"\ninput = 1.0\noutput = 10.0\n'
    (world.machine.data / "prices.user.toml").write_text(prices)
    assert figures().repaired_cost == 207 * 10_000


def test_repaired_tokens_cost_what_the_logged_ones_do_after_a_repricing(world: World, figures: Read) -> None:
    """At 30 dollars a million instead of 15; and back."""
    write(world.claude("a.jsonl"), [said("a")])
    before = figures()
    prices = '[[price]]\nmodel = "claude-sonnet-4-5-20250929"\ninput = 3.0\noutput = 30.0\n'
    (world.machine.data / "prices.user.toml").write_text(prices)
    assert figures() == before, "prices are frozen"
    assert cli.main(["reprice", "--apply"]) == 0
    assert figures().repaired_cost == 2 * before.repaired_cost
    assert cli.main(["reprice", "--undo"]) == 0
    assert figures() == before


def test_a_call_that_counted_no_output_at_all(world: World, figures: Read) -> None:
    write(world.claude("a.jsonl"), [said("a", output=0)])
    assert figures()[1::2] == (VISIBLE, VISIBLE * OUTPUT_NANO)


def test_reading_it_all_again_changes_nothing(world: World, figures: Read) -> None:
    path = write(world.claude("a.jsonl"), [said("a"), said("b", stop="end_turn", output=250)])
    before = figures()
    tables = {name: world.ask(f"SELECT * FROM {name} ORDER BY 1") for name in ("visible", "sample", "calibration")}
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)  # another inode: it is read from the start
    assert figures() == before
    assert {name: world.ask(f"SELECT * FROM {name} ORDER BY 1") for name in tables} == tables


def test_what_was_learned_changes_the_repair(world: World, figures: Read) -> None:
    """Two hundred finished answers of which the vendor counts 1.5 for each o200k token."""
    finished = [said(f"f{one}", stop="end_turn", output=round(1.5 * 201 + 7)) for one in range(200)]
    write(world.claude("a.jsonl"), [said("a"), *finished])
    found = figures()
    assert abs(found.repaired - (round(1.5 * 201 + 7) - 2)) <= 3
    assert world.ask("SELECT model, samples FROM calibration") == [("claude-sonnet-4-5-20250929", 200)]
    assert found.repaired_cost == found.repaired * OUTPUT_NANO


def test_what_was_learned_stays_until_there_is_much_more(world: World, figures: Read) -> None:
    """Thirty samples say 1.5 tokens for one, five more say 2.5: a figure of last month does not move with each answer."""
    finished = [said(f"f{one}", stop="end_turn", output=round(1.5 * 201 + 7)) for one in range(30)]
    path = write(world.claude("a.jsonl"), [said("a"), *finished])
    before = figures()
    for one in range(5):
        append(path, said(f"g{one}", stop="end_turn", output=round(2.5 * 201 + 7)) + "\n")
    assert figures().repaired == before.repaired
    assert world.ask("SELECT samples FROM calibration") == [(30,)]
    for one in range(40):
        append(path, said(f"h{one}", stop="end_turn", output=round(2.5 * 201 + 7)) + "\n")
    assert figures().repaired > before.repaired
    assert world.ask("SELECT samples FROM calibration") == [(75,)]


def test_learning_looks_only_at_what_is_unfinished(world: World, figures: Read) -> None:
    """By an index: a million finished calls are not walked through for it."""
    write(world.claude("a.jsonl"), [said("a")])
    figures()
    from app.store import repairs

    for statement in (repairs._OF_MODELS.replace("?", "'[]'"), repairs._REPAIRED):
        plan = " ".join(row[3] for row in world.ask(f"EXPLAIN QUERY PLAN {statement}"))
        assert "SCAN call USING INDEX call_unfinished" in plan, plan


def test_of_a_model_the_newest_samples_are_kept(world: World, figures: Read) -> None:
    times = [
        f"2026-11-{day:02}T{hour:02}:{minute:02}:00.000Z"
        for day in (20, 21)
        for hour in range(24)
        for minute in range(0, 60, 5)
    ]
    write(world.claude("a.jsonl"), [said(f"m{at}", stop="end_turn", output=244, at=at) for at in times])
    figures()
    ((count, earliest),) = world.ask(
        "SELECT count(*), strftime('%Y-%m-%dT%H:%M', min(at) / 1000, 'unixepoch') FROM sample"
    )
    assert count == 400 < len(times)
    assert earliest == sorted(times)[-400][:16]


# --- what is shown


@pytest.fixture
def shown(world: World, figures: Read, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """What `cuenta WORDS` prints of one placeholder and one finished answer, in two sessions."""
    write(world.claude("session-1.jsonl"), [said("a"), said("b", output=300, stop="end_turn")])
    write(world.claude("session-2.jsonl"), [said("c", output=5, stop="end_turn", text="Ok")])
    figures()

    def ask(*words: str) -> Any:
        capsys.readouterr()
        assert cli.main([*words, "--no-sync"]) == 0
        out = capsys.readouterr().out
        return json.loads(out) if "--json" in words else out

    return ask


def test_report_carries_both_parts(shown: Callable[..., Any]) -> None:
    total = shown("report", "--json")["total"]
    assert total["tokens"]["output"] == 307
    assert total["repaired_output"] == VISIBLE - 2
    assert total["repaired_cost_nanousd"] == (VISIBLE - 2) * OUTPUT_NANO
    assert total["label"] == "measured"


@pytest.mark.parametrize("by", ["day", "week", "month", "agent", "model", "project", "session", "kind"])
def test_each_part_is_conserved_for_itself(by: str, shown: Callable[..., Any]) -> None:
    report = shown("report", "--by", by, "--json")
    for part in ("cost_nanousd", "repaired_output", "repaired_cost_nanousd"):
        assert sum(row.get(part, 0) for row in report["rows"]) == report["total"][part], part


def test_rows_without_a_repair_have_no_such_members(shown: Callable[..., Any]) -> None:
    rows = {row["key"]: row for row in shown("report", "--by", "session", "--json")["rows"]}
    assert "repaired_output" in rows["session-1"]
    assert not {"repaired_output", "repaired_cost_nanousd"} & rows["session-2"].keys()


def test_logged_alone(shown: Callable[..., Any]) -> None:
    both, logged = shown("report", "--json"), shown("report", "--json", "--logged")
    assert "repaired" not in json.dumps(logged)
    assert {name: value for name, value in both["total"].items() if "repaired" not in name} == logged["total"]


def test_people_see_the_sum_with_its_sign_and_both_parts(shown: Callable[..., Any]) -> None:
    told = " ".join(shown("report").split())
    assert "≈ 549" in told  # 307 + 242
    assert "≈ $0.0" in told
    assert "placeholder counts leave out" in told
    assert "≈" not in shown("report", "--logged")


def test_the_switch_in_the_settings(shown: Callable[..., Any], world: World) -> None:
    """It is for what people see; scripts say `--logged`."""
    (world.machine.data / "settings.json").write_text('{"repaired": false}')
    assert "≈" not in shown("report")
    assert "≈" not in shown("session", "session-1")
    assert shown("report", "--json")["total"]["repaired_output"] == VISIBLE - 2


def test_a_session_its_calls_and_a_trace_carry_both(shown: Callable[..., Any]) -> None:
    found = shown("session", "session-1", "--json")
    calls = [one.get("repaired_output", 0) for one in found["calls"]]
    assert sum(calls) == found["total"]["repaired_output"] == VISIBLE - 2
    assert sum(one.get("repaired_output", 0) for one in found["by_kind"]) == VISIBLE - 2
    number = str(calls.index(VISIBLE - 2) + 1)
    assert shown("session", "session-1", "--trace", number, "--json")["repaired_output"] == VISIBLE - 2
    assert "no stop reason" in " ".join(shown("session", "session-1", "--trace", number).split())
    assert "≈" in shown("session", "session-1")
