"""What a screen reader gets: every window of the program under Xvfb, walked over AT-SPI by a program that is not ours.

The windows lie over the demo's data and are all open at once (`spoken_app`); the walker is the system's Python (`at_spi`).
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.patience import PATIENCE
from tests.ui.desk import ROOT, Desk, missing

Node = dict[str, Any]
PYTHON = "/usr/bin/python3"
"""The Python that the system's `gi` belongs to."""
LAUNCHERS = (
    "/usr/libexec/at-spi-bus-launcher",
    "/usr/lib/at-spi-bus-launcher",
    "/usr/lib/at-spi2-core/at-spi-bus-launcher",
)
WINDOWS = {
    "Overview",
    "Sessions",
    "Reconcile",
    "Sources and health",
    "session",
    "settings general",
    "settings sources",
    "settings plans",
    "settings privacy",
    "settings prices",
    "settings about",
    "first run",
    "Cuenta",
    "Go to",
    "Keys",
}
"""As `spoken_app` calls them; `Cuenta` is the popover."""


def launcher() -> str | None:
    return next((path for path in LAUNCHERS if Path(path).exists()), None)


def absent() -> str | None:
    """Why this can't run here; bootstrap.py installs it all for the tests."""
    if missing() or launcher() is None or not Path(PYTHON).exists():
        return missing() or "not installed: at-spi2-core"
    asked = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"
    done = subprocess.run([PYTHON, "-c", asked], check=False, capture_output=True, timeout=30)
    return None if not done.returncode else "not installed: gir1.2-atspi-2.0 or python3-gi"


pytestmark = pytest.mark.skipif(absent() is not None, reason=absent() or "")


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Node]:
    """The tree of each window by its name."""
    folder = tmp_path_factory.mktemp("spoken")
    with Desk(folder, screen="1600x1200x24") as desk:
        desk.env |= {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "TZ": "UTC", "QT_QPA_PLATFORM": "xcb"}
        desk.spawn([launcher() or "", "--launch-immediately"])
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        program = desk.python("-m", "tests.ui.spoken_app", str(folder / "made"), **pipes)
        assert program.stdout is not None and program.stdin is not None
        assert program.stdout.readline() == "ready\n", desk.log("python")
        walk = [PYTHON, str(ROOT / "tests/ui/at_spi.py"), str(program.pid)]
        done = subprocess.run(walk, env=desk.env, check=False, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        program.stdin.close()
        assert program.wait(PATIENCE) == 0, desk.log("python")
    return {one["name"]: one for one in json.loads(done.stdout)}


def all_of(node: Node) -> Iterator[Node]:
    yield node
    for child in node["children"]:
        yield from all_of(child)


def shown(window: Node) -> Iterator[Node]:
    return (one for one in all_of(window) if "SHOWING" in one["states"])


def about(node: Node) -> str:
    return f"{node['role']} {node['name']!r} {node['description']!r} {node['size']}"


def test_every_window_is_heard(heard: dict[str, Node]) -> None:
    assert set(heard) == WINDOWS
    assert all(sum(1 for _ in shown(window)) > 8 for window in heard.values())


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_what_can_be_reached_or_pressed_has_a_name(name: str, heard: dict[str, Node]) -> None:
    nameless = [
        about(one)
        for one in shown(heard[name])
        if ("FOCUSABLE" in one["states"] or "Press" in one["actions"])
        and one["role"] not in ("table cell", "scroll bar")
        and not one["name"].strip()
    ]
    assert nameless == []


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_tables_tell_their_columns_and_rows(name: str, heard: dict[str, Node]) -> None:
    """Every head has a name, and every row a cell with words; only what a bar beside its number shows is silent."""
    for table in (one for one in shown(heard[name]) if one["role"] == "table"):
        heads = [one for one in table["children"] if one["role"] == "table column header"]
        assert all(one["name"] for one in heads), about(table)
        rows: dict[int, list[str]] = {}
        cells = [one for one in table["children"] if one["role"] == "table cell" and "SHOWING" in one["states"]]
        for one in cells:
            rows.setdefault(one["place"], []).append(one["name"])
        assert rows and all(any(names) for names in rows.values()), (about(table), rows)


CLICKED = ("push button", "combo box", "table cell", "text", "list item")


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_targets_are_large_enough(name: str, heard: dict[str, Node]) -> None:
    """24 pixels each way. Boxes and radio buttons tell the size of their sign here, and what is clicked is the whole
    widget: pages.amiss and test_widgets measure those."""
    small = [
        about(one)
        for one in shown(heard[name])
        if one["role"] in CLICKED
        and one["size"] != [0, 0]
        and (one["size"][1] < 24 or (one["role"] != "table cell" and one["size"][0] < 24))
        and one["name"] != "Search sessions"  # lies in its frame, which takes the click
    ]
    assert small == []


SAID = [
    ("Overview", "Spend by day, 30 days", r"Tuesday November 24, \d+ dollars( \d\d)?: Claude Code [\d.]+, Codex [\d.]+"),
    ("Overview", "Tokens", r"Cache read, [\d.]+M tokens, \d+%; Cache write, .*; Output, "),
    ("Overview", "Dollars", r"Cache read, (≥ )?\$[\d.]+, \d+%; "),
    ("Overview", "Spend, 30 days", r"(≥ )?\$[\d.]+\. .+\. (measured|reconciled|estimated): "),
    ("Overview", "Tue Nov 24 \\$[\\d.]+", "Claude Code"),
    ("Sessions", "Groups", ""),
    ("session", "Context and cost by (call|turn)", r"(Call|Turn) \d+, \d\d:\d\d, .*(dollar|cent).*Context \d+ thousand"),
    ("session", "Cost of this session", r"\$[\d.]+\. measured: from logged usage"),
    ("session", "Facts", r"Agent: .*\. Model: .*\. Calls: \d+"),
    ("session", "Certainty", "measured: from logged usage"),
    ("session", "Check", r"parts \$[\d.]+ = session \$[\d.]+, difference \$0\.0000"),
    ("Cuenta", "Context of atlas-api", r"\d+ thousand of 200 thousand tokens, \d+ percent\. Compacts at about 167"),
    ("Cuenta", "Cache", r"Warm for \d+ minutes?( \d+ seconds?)?\. Updates are not announced\."),
    ("Cuenta", "Certainty", "measured: from logged usage"),
    ("Cuenta", "Spend today", r"\d+ dollars( \d\d)? so far\. Usually .* by the end of this quarter .*, .* on a full day\."),
    ("Cuenta", "atlas-api feat/invoice-totals", r"Claude Code\. \$[\d.]+\. Context .*percent\. .*Cache"),
    ("Cuenta", "Codex plan, 5 hours", r"\d+ percent\. resets "),
    ("first run", "Reading", "."),
    ("first run", "Read Codex", r"\.codex/sessions.*\d+ files"),
    ("Reconcile", "Cuenta, same days", r"\$[\d.]+\. \d+ calls, all with a price"),
    ("settings plans", "Share of the limit", r"\d+%\. this week, from the log"),
    ("settings sources", "Read Claude Code", r"\.claude/projects.*evidence A"),
]  # fmt: skip


@pytest.mark.parametrize(("window", "name", "description"), SAID, ids=[f"{one[0]}: {one[1]}" for one in SAID])
def test_what_is_painted_is_said_in_full(window: str, name: str, description: str, heard: dict[str, Node]) -> None:
    """The table of design's §11: name, and the whole content as description."""
    named = [one for one in shown(heard[window]) if re.fullmatch(name, one["name"])]
    assert named, f"nothing is called {name!r}"
    assert any(re.search(description, one["description"]) for one in named), [about(one) for one in named]


def test_a_list_of_choices_is_told_with_what_it_is_about(heard: dict[str, Node]) -> None:
    """To Linux its own name is what is chosen; so what it is about is said first in its description."""
    found = [
        (one["name"], one["description"]) for one in shown(heard["settings general"]) if one["role"] == "combo box"
    ]
    assert [name for name, _ in found] == ["100%", "US dollar"]
    assert [described.partition(". ")[0] for _, described in found] == ["Text size", "Currency"]


def test_what_is_ticked_or_chosen_is_told(heard: dict[str, Node]) -> None:
    checked = {one["name"] for one in shown(heard["Overview"]) if "CHECKED" in one["states"]}
    assert checked == {"30 days", "Agent"}
    boxes = [one for one in shown(heard["first run"]) if one["role"] == "check box"]
    assert {one["name"] for one in boxes} == {"Read Claude Code", "Read Codex", "Start at login"}
    assert all("CHECKED" in one["states"] and "Press" in one["actions"] for one in boxes)
