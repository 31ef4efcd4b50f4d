"""Whole homes, read by the real path in three orders: each has one right answer, whichever file is read first.

`edge/` holds one trap a home, `samples/` the worked examples of the formats' description, `real/` slices of logs that public
projects published (see `real/SOURCES.md`).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import reference

from app.machine import Machine

from .home import AGENTS, FIXTURES, Counts, Home, copied_home

EDGE: dict[str, Any] = json.loads((FIXTURES / "edge" / "cases.json").read_text())
REAL: dict[str, dict[str, list[int]]] = json.loads((FIXTURES / "real" / "expected.json").read_text())["cases"]

# Worked out by hand; `uncached input` and the like as the description states them.
SAMPLES = {
    "claude": {"claude_code claude-sonnet-5 2026-08-01": Counts(3, 20, 28_000, 3_000, 12_500, 460)},
    "codex": {"codex gpt-5.4 2026-08-01": Counts(2, 12_400, 9_600, 0, 0, 700)},
    "codex_with_fork": {"codex gpt-5.4 2026-08-01": Counts(3, 13_400, 16_600, 0, 0, 800)},
    "codex_fork_alone": {"codex gpt-5.4 2026-08-01": Counts(1, 1_000, 7_000, 0, 0, 100)},
}
# Where the reference reader takes no part: times with an offset, nesting without its own recursion limit, and forks.
EDGE_BY_HAND = {
    "timestamps": {
        "claude_code claude-opus-4-6 2026-06-01": Counts(3, 3, 3, 3, 0, 3),
        "claude_code claude-opus-4-6 2026-06-02": Counts(1, 1, 1, 1, 0, 1),
    },
    "deep_nesting": {"claude_code claude-opus-4-6 2026-06-01": Counts(2, 11, 44, 33, 0, 22)},
    "cx_fork": {"codex gpt-5.5 2026-06-01": Counts(3, 2_100, 2_400, 0, 0, 300)},
}
TWENTY_MEGABYTES = b"TWENTY MEGABYTES"
Read = Callable[[Home, list[Path]], None]


def all_at_once(home: Home, files: list[Path]) -> None:
    """As a first run: the newest file first."""
    home.read()


def one_by_one(home: Home, files: list[Path]) -> None:
    """As if each file had appeared after the last was read."""
    aside = {file: file.with_name(f"{file.name}.aside") for file in files}
    for file, elsewhere in aside.items():
        file.rename(elsewhere)
    for file, elsewhere in aside.items():
        elsewhere.rename(file)
        home.read()


def in_reverse(home: Home, files: list[Path]) -> None:
    one_by_one(home, files[::-1])


ORDERS: dict[str, Read] = {"newest first": all_at_once, "one by one": one_by_one, "in reverse": in_reverse}


def by_reference(home: Path) -> dict[str, Counts]:
    """What the independent reader makes of a home."""
    found: dict[str, Counts] = {}
    for key, (calls, given, output, five, hour, read) in reference.by_model_and_day(reference.claude(home)).items():
        found[f"claude_code {key}"] = Counts(calls, given, read, five, hour, output)
    for key, (calls, given, read, output) in reference.by_model_and_day(reference.codex(home)).items():
        found[f"codex {key}"] = Counts(calls, given, read, 0, 0, output)
    return found


def edge(case: str) -> dict[str, Counts]:
    return EDGE_BY_HAND[case] if case in EDGE_BY_HAND else by_reference(FIXTURES / "edge" / case / "home")


def real(case: str) -> dict[str, Counts]:
    return {key: Counts(*numbers) for key, numbers in REAL[case].items()}


CASES = (
    [("edge", case, edge) for case in EDGE]
    + [("samples", case, SAMPLES.__getitem__) for case in SAMPLES]
    + [("real", case, real) for case in REAL]
)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("family", "case", "expected"), CASES, ids=[f"{one[0]}/{one[1]}" for one in CASES])
def test_home(family: str, case: str, expected: Callable[[str], Any], order: str, home: Home) -> None:
    """Every case gives the expected calls and tokens by agent, model and UTC day, in any order of its files."""
    files = copied_home(FIXTURES / family / case / "home", home.root)
    if case == "line_20MB":
        inflate(files[0])
    ORDERS[order](home, files)
    assert home.table() == expected(case)


@pytest.mark.parametrize("case", EDGE)
def test_edge_totals(case: str, home: Home) -> None:
    """The totals that `cases.json` states, which nobody's reader computed."""
    files = copied_home(FIXTURES / "edge" / case / "home", home.root)
    if case == "line_20MB":
        inflate(files[0])
    facts = EDGE[case]
    _, given, read, five, hour, output = home.read().total(AGENTS[facts["agent"]])
    found = [given, output, five + hour, read] if facts["agent"] == "claude" else [given, read, output]
    assert found == facts["expect"], facts["why"]


def inflate(file: Path) -> None:
    """The one line of 20 MB is made here: no repository wants it."""
    data = file.read_bytes()
    assert data.count(TWENTY_MEGABYTES) == 1
    file.write_bytes(data.replace(TWENTY_MEGABYTES, b"x" * 20_000_000))


def test_an_hour_of_cache_costs_twice_the_input(home: Home) -> None:
    copied_home(FIXTURES / "edge" / "cache_1h" / "home", home.root)
    assert home.read().call().cost == round(EDGE["cache_1h"]["cost_usd"] * 10**9)


# --- the fixtures themselves


@pytest.mark.parametrize(
    ("family", "listed"), [("edge", EDGE), ("samples", SAMPLES), ("real", REAL)], ids=["edge", "samples", "real"]
)
def test_no_case_is_missing(family: str, listed: dict[str, Any]) -> None:
    """A case without its folder, without a log in it, or a folder nobody expects anything of, fails."""
    folders = {one.name for one in (FIXTURES / family).iterdir() if one.is_dir()}
    assert folders == set(listed)
    assert [one for one in sorted(folders) if not [*(FIXTURES / family / one / "home").rglob("*.jsonl")]] == []


def test_there_are_as_many_edge_cases_as_there_were() -> None:
    assert len(EDGE) == 43


def test_every_real_log_has_an_origin_and_a_licence() -> None:
    """`SOURCES.md` names each file with its repository, licence and reference."""
    text = (FIXTURES / "real" / "SOURCES.md").read_text()
    for file in sorted((FIXTURES / "real").rglob("*")):
        name = file.relative_to(FIXTURES / "real").as_posix()
        if file.is_file() and "/" in name:
            row = next((line for line in text.splitlines() if f"`{name}`" in line), "")
            assert "| MIT |" in row or "| Apache-2.0 |" in row, f"{name} has no origin in SOURCES.md"


def test_fixtures_stay_small() -> None:
    """All that the two sources' tests keep in the repository."""
    files = [file for family in ("edge", "real", "samples") for file in (FIXTURES / family).rglob("*")]
    assert sum(file.stat().st_size for file in files if file.is_file()) < 3_000_000


@pytest.mark.parametrize("case", [case for case in REAL if not case.startswith("codex_")])
def test_the_reference_agrees(case: str) -> None:
    """What is written down of the real slices is what the independent reader finds in them."""
    assert by_reference(FIXTURES / "real" / case / "home") == real(case)


# --- added up by hand


def records(case: str, name: str) -> list[dict[str, Any]]:
    (file,) = (FIXTURES / "real" / case).rglob(f"*{name}*.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_placeholders_by_hand(home: Home) -> None:
    """One answer is logged with 1 and 1 tokens of output, the other with 3, 3 and 423: 1 and 423 count."""
    logged: dict[str, list[int]] = {}
    for record in records("placeholders", "0790ea37"):
        message = record.get("message", {})
        if "usage" in message:
            logged.setdefault(message["id"], []).append(message["usage"]["output_tokens"])
    assert sorted(logged.values()) == [[1, 1], [3, 3, 423]]
    copied_home(FIXTURES / "real" / "placeholders" / "home", home.root)
    assert sorted(one.tokens.output for one in home.read().calls() if "0790ea37" in one.path) == [1, 423]


# The last running total that Codex itself wrote into each log: input with cached input, cached input, output.
RUNNING_TOTALS = [
    ("codex_repeats", "codex-redacted", 785_710, 652_672, 6_396),
    ("codex_repeats", "codex-session", 250, 50, 80),
    ("codex_compaction", "019f03e0", 11_070_182, 10_637_312, 71_829),
    # At 22:01:32 the counter grows by two requests while the line holds the second only: the first was never announced.
    ("codex_model_switch", "019eef3d", 9_795_152 - 88_335, 9_305_728 - 87_936, 40_293 - 69),
]


@pytest.mark.parametrize(("case", "name", "given", "cached", "output"), RUNNING_TOTALS)
def test_codex_counts_as_we_do(case: str, name: str, given: int, cached: int, output: int, home: Home) -> None:
    """What we add up call by call is what the log's own counter ends with."""
    copied_home(FIXTURES / "real" / case / "home", home.root)
    calls = [one.tokens for one in home.read().calls() if name in one.path]
    assert sum(one.prompt for one in calls) == given
    assert sum(one.cache_read for one in calls) == cached
    assert sum(one.output for one in calls) == output


def test_the_forked_sample_alone_is_only_its_own(home: Home) -> None:
    """The fork's call, and the reasoning inside its output."""
    copied_home(FIXTURES / "samples" / "codex_fork_alone" / "home", home.root)
    call = home.read().call()
    assert (call.tokens.reasoning, call.context, call.window) == (40, 8_100, 258_400)


def test_the_samples_contexts(home: Home) -> None:
    """Claude: 5,000 after the compaction, 20,506 before it. Codex: 3,100 of 258,400, 12,300 before."""
    copied_home(FIXTURES / "samples" / "claude" / "home", home.root)
    copied_home(FIXTURES / "samples" / "codex" / "home", home.root)
    home.read()
    assert (home.context("S1").tokens, home.context("S1").highest) == (5_000, 20_506)
    codex = home.context("T1")
    assert (codex.tokens, codex.window, codex.highest, codex.estimated) == (3_100, 258_400, 12_300, True)
    assert home.total("codex").output == 700
    assert sum(one.tokens.reasoning for one in home.calls()) == 160


def test_codexbar_siblings_by_their_own_manifest(home: Home) -> None:
    """Two forks of a thread whose log is gone: what they share counts once.

    The manifest sums `total_tokens` of every last request, so three context estimates after compactions (16,650, 17,858
    and 9,148 tokens) are in its figure; they were never billed.
    """
    case = FIXTURES / "real" / "codex_missing_parent_siblings"
    oracle = json.loads((case / "manifest.json").read_text())["oracle"]
    copied_home(case / "home", home.root)
    _, given, read, _, _, output = home.read().total()
    assert given + read + output == oracle["dedupedLastTokens"] - 16_650 - 17_858 - 9_148


# --- where logs lie


CLAUDE = "projects/-home-me-app/S1.jsonl"
CODEX = "sessions/2026/06/01/rollout-2026-06-01T10-00-00-T1.jsonl"
ROOTS: list[tuple[str, str, dict[str, str], bool]] = [
    (f".claude/{CLAUDE}", "claude", {}, True),
    (f".config/claude/{CLAUDE}", "claude", {}, True),
    (f"conf/claude/{CLAUDE}", "claude", {"XDG_CONFIG_HOME": "HOME/conf"}, True),
    (f".config/claude/{CLAUDE}", "claude", {"XDG_CONFIG_HOME": "HOME/conf"}, False),
    (f"elsewhere/{CLAUDE}", "claude", {"CLAUDE_CONFIG_DIR": "HOME/elsewhere"}, True),
    (f"b/{CLAUDE}", "claude", {"CLAUDE_CONFIG_DIR": "HOME/a, HOME/b"}, True),
    (f".claude/{CLAUDE}", "claude", {"CLAUDE_CONFIG_DIR": "HOME/elsewhere"}, False),
    (f".codex/{CODEX}", "codex", {}, True),
    (".codex/archived_sessions/rollout-2026-06-01T10-00-00-T1.jsonl", "codex", {}, True),
    (f"cx/{CODEX}", "codex", {"CODEX_HOME": "HOME/cx"}, True),
    (f".codex/{CODEX}", "codex", {"CODEX_HOME": "HOME/cx"}, False),
    (f".config/Claude/local-agent-mode-sessions/a/w/local_1/.claude/{CLAUDE}", "claude", {}, True),
]


@pytest.mark.parametrize(("path", "agent", "variables", "counts"), ROOTS)
def test_roots(path: str, agent: str, variables: dict[str, str], counts: bool, home: Home) -> None:
    """Where each agent's logs are looked for, and what moves it."""
    home.environment(**{name: value.replace("HOME", str(home.root)) for name, value in variables.items()})
    sample = FIXTURES / "samples" / agent / "home" / (".claude" if agent == "claude" else ".codex")
    (log, *_) = sorted(sample.rglob("S1.jsonl" if agent == "claude" else "*.jsonl"))
    home.write(path, log.read_bytes())
    assert (home.read().total().calls > 0) is counts


def test_both_claude_roots_hold_one_session(home: Home) -> None:
    """Moved from `~/.config/claude` to `~/.claude` by a copy: counted once."""
    log = (FIXTURES / "samples" / "claude" / "home" / ".claude" / CLAUDE).read_bytes()
    home.write(f".claude/{CLAUDE}", log)
    home.write(f".config/claude/{CLAUDE}", log)
    assert home.read().total().calls == 2


def test_a_root_that_links_to_another_is_read_once(home: Home, machine: Machine) -> None:
    log = (FIXTURES / "samples" / "claude" / "home" / ".claude" / CLAUDE).read_bytes()
    home.write(f".claude/{CLAUDE}", log)
    (home.root / ".config").mkdir()
    (home.root / ".config" / "claude").symlink_to(home.root / ".claude")
    home.machine = replace(machine)
    home.read()
    assert home.health("claude_code").files == 1
