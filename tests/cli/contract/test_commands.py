"""Every command but the report: shapes, statuses, and what must never be loaded, printed or left behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app import diagnostics
from app.cli.commands import COMMANDS
from app.model.instant import instant_of
from app.store.database import VERSION
from tests.cli.contract.conftest import Cuenta
from tests.ingest.world import ROOT, World, answer, append, write

SUMS = {"calls", "tokens", "cost_nanousd", "label", "unpriced_calls", "folded_records"}
APP = "5a5a0001-app"

# --- session


def test_a_session(told: World, cuenta: Cuenta) -> None:
    document = cuenta("session", APP, "--json").json
    assert document["schema"] == "cuenta.session/1"
    assert (document["id"], document["agent"], document["project"]) == (APP, "claude_code", "/home/dev/app")
    assert [call["call"] for call in document["calls"]] == [1, 2, 3, 4, 5]
    assert [call["tokens"]["output"] for call in document["calls"]] == [11, 22, 3, 13, 14]
    assert [call["folded_records"] for call in document["calls"]] == [0, 1, 0, 0, 0]
    assert document["calls"][2]["subagent"] == "scout"
    assert document["total"]["cost_nanousd"] == sum(call["cost_nanousd"] for call in document["calls"])
    for split in ("by_model", "by_subagent", "by_kind"):
        assert sum(one["cost_nanousd"] for one in document[split]) == document["total"]["cost_nanousd"], split
    for one in document["calls"]:
        line = Path(one["file"]).read_bytes()[one["byte"] :].partition(b"\n")[0]
        assert json.loads(line)["message"]["usage"]["output_tokens"] == one["tokens"]["output"]


@pytest.mark.parametrize("prefix", ["5a5a0001", "5a5a0001-a", "7", "019"])
def test_a_unique_beginning_is_enough(told: World, cuenta: Cuenta, prefix: str) -> None:
    assert cuenta("session", prefix, "--json").json["id"].startswith(prefix)


def test_an_ambiguous_beginning(told: World, cuenta: Cuenta) -> None:
    done = cuenta("session", "5a5a", "--json")
    assert (done.status, done.out) == (1, "")
    assert APP in done.err
    assert "5a5a0002-web" in done.err
    assert done.err.count("\n") == 1


def test_an_exact_id_is_never_ambiguous(told: World, cuenta: Cuenta) -> None:
    write(told.claude("5a5a0001-app-more.jsonl"), [answer("more", session="5a5a0001-app-more")])
    assert cuenta("session", APP, "--json").json["id"] == APP


@pytest.mark.parametrize("ident", ["nobody", "%", "_a5a", "5a5a0001-app2", "'; DROP TABLE call"])
def test_an_unknown_session(told: World, cuenta: Cuenta, ident: str) -> None:
    done = cuenta("session", ident, "--json")
    assert (done.status, done.out) == (1, "")
    assert done.err.count("\n") == 1


def test_a_trace_adds_up(told: World, cuenta: Cuenta) -> None:
    trace = cuenta("session", APP, "--trace", "2", "--json").json
    assert trace["schema"] == "cuenta.trace/1"
    assert trace["cost_nanousd"] == sum(line["cost_nanousd"] for line in trace["amount"])
    assert trace["price_row"]
    assert [copy["records"] for copy in trace["copies"]] == [2]
    assert [copy["kept"] for copy in trace["copies"]] == [True]
    assert cuenta("session", APP, "--trace", "msg_noon", "--json").json["call"] == 2
    assert cuenta("session", APP, "--trace", "9").status == 1
    shown = cuenta("session", APP, "--trace", "2").out
    model, mode = trace["price_row"].partition("/")[2].split("@")[0], trace["price_row"].partition("#")[2]
    assert f"Name    {model}" in shown and f"until now; {mode}" in shown  # the row, taken apart for people


def test_a_trace_of_a_call_without_a_price(told: World, cuenta: Cuenta) -> None:
    calls = cuenta("session", "5a5a0002", "--json").json["calls"]
    free = next(call["call"] for call in calls if call["cost_nanousd"] is None)
    assert cuenta("session", "5a5a0002", "--trace", str(free), "--json").json["price_row"] is None
    assert "no price" in cuenta("session", "5a5a0002", "--trace", str(free)).out


# --- live


def test_live(told: World, cuenta: Cuenta) -> None:
    document = cuenta("live", "--json").json
    assert document["schema"] == "cuenta.live/1"
    assert set(document) >= {"today", "burn_nanousd_per_hour", "sessions", "limits", "notices"}
    today = cuenta("report", "--since", "2026-11-24", "--json").json["total"]
    assert document["today"]["cost_nanousd"] == today["cost_nanousd"]
    assert document["today"]["unpriced_calls"] == today["unpriced_calls"] == 1
    assert document["today"]["tokens"] == today["tokens"]
    assert [one["id"] for one in document["sessions"]] == [APP]
    one = document["sessions"][0]
    assert (one["agent"], one["project"], one["model"]) == (
        "claude_code",
        "/home/dev/app",
        "claude-sonnet-4-5-20250929",
    )
    assert (one["context_tokens"], one["context_window_tokens"]) == (1057, 200_000)
    assert one["last_activity"] == "2026-11-24T15:40:00Z"
    calls = cuenta("session", APP, "--json").json["calls"]
    assert document["burn_nanousd_per_hour"] == sum(call["cost_nanousd"] for call in calls[-2:]) * 4


def test_live_hides_the_rate_below_two_calls(told: World, cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTA_NOW", "2026-11-24T15:50:00Z")
    assert cuenta("live", "--json").json["burn_nanousd_per_hour"] is None


def test_live_at_another_now(told: World, cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTA_NOW", "2026-11-22T23:35:00+00:00")
    document = cuenta("live", "--json").json
    assert [one["id"] for one in document["sessions"]] == [APP]
    assert document["sessions"][0]["last_activity"] <= "2026-11-22T23:35:00Z"


def test_live_when_nothing_runs(world: World, cuenta: Cuenta) -> None:
    document = cuenta("live", "--json").json
    assert (document["sessions"], document["today"]["cost_nanousd"], document["limits"]) == ([], 0, [])
    assert cuenta("live").status == 0


def test_limits_are_the_newest_word_on_each_window(told: World, cuenta: Cuenta) -> None:
    def line(used: float, at: str) -> str:
        primary = {"used_percent": used, "window_minutes": 300, "resets_at": 1_795_540_000}
        weekly = {"used_percent": 7.0, "window_minutes": 10_080, "resets_at": 1_795_900_000}
        limits = {"limit_id": "codex", "primary": primary, "secondary": weekly, "plan_type": "plus"}
        payload = {"type": "token_count", "info": None, "rate_limits": limits}
        return json.dumps({"timestamp": at, "type": "event_msg", "payload": payload})

    path = told.codex("019de000")
    append(path, line(41.0, "2026-11-24T15:00:00.000Z") + "\n" + line(42.5, "2026-11-24T15:30:00.000Z") + "\n")
    limits = cuenta("live", "--json").json["limits"]
    assert [(one["agent"], one["window"], one["used_percent"], one["resets_at"]) for one in limits] == [
        ("codex", "5h", 42.5, "2026-11-24T17:06:40Z"),
        ("codex", "7d", 7.0, "2026-11-28T21:06:40Z"),
    ]
    assert limits[0]["seen_at"] == "2026-11-24T15:30:00Z"


# --- price

PRICE = {
    "schema",
    "name",
    "at",
    "match",
    "resolved",
    "usd_per_mtok",
    "tier_above_tokens",
    "valid_from",
    "source",
    "disputed",
}


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("claude-sonnet-4-5", ("exact", "alias", "near")),
        ("claude-sonnet-4-5-20250929", ("exact", "alias", "near")),
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", ("exact", "alias", "near")),
        ("gpt-5.5", ("exact", "alias", "near")),
    ],
)
def test_price(world: World, cuenta: Cuenta, name: str, match: tuple[str, ...]) -> None:
    document = cuenta("price", name, "--json").json
    assert set(document) >= PRICE
    assert document["name"] == name
    assert document["at"] == "2026-11-24T15:42:00Z"
    assert document["match"] in match
    assert document["resolved"]
    for dollars in document["usd_per_mtok"].values():
        assert dollars is None or (isinstance(dollars, str) and Decimal(dollars) >= 0)
    assert document["source"]
    assert document["disputed"] in (True, False)


def test_price_of_an_unknown_name(world: World, cuenta: Cuenta) -> None:
    document = cuenta("price", "no-such-model", "--json").json
    assert (document["match"], document["resolved"], document["usd_per_mtok"]) == ("none", None, None)
    assert "No price" in cuenta("price", "no-such-model").out


def test_price_at_a_time(world: World, cuenta: Cuenta) -> None:
    document = cuenta("price", "claude-sonnet-4-5", "--at", "2026-03-01T01:00:00+01:00", "--json").json
    assert document["at"] == "2026-03-01T00:00:00Z"
    assert cuenta("price", "claude-sonnet-4-5", "--at", "soon").status == 2
    assert cuenta("price", "claude-sonnet-4-5", "--prompt-tokens", "many").status == 2
    assert cuenta("price").status == 2


def test_price_of_a_tier(world: World, cuenta: Cuenta) -> None:
    small = cuenta("price", "claude-sonnet-4-5", "--prompt-tokens", "1000", "--json").json
    large = cuenta("price", "claude-sonnet-4-5", "--prompt-tokens", "500000", "--json").json
    assert small["tier_above_tokens"] is None
    if large["tier_above_tokens"] is not None:
        assert Decimal(large["usd_per_mtok"]["input"]) > Decimal(small["usd_per_mtok"]["input"])


# --- doctor and sync

SOURCE = {
    "id",
    "title",
    "roots",
    "files",
    "records",
    "calls",
    "skipped",
    "folded",
    "unknown_kinds",
    "problem",
    "lag_seconds",
}


def test_doctor(told: World, cuenta: Cuenta) -> None:
    append(told.claude("77770003.jsonl", "-nowhere"), '{"usage" broken\n')
    document = cuenta("doctor", "--json").json
    assert document["schema"] == "cuenta.doctor/1"
    assert set(document) >= {"sources", "tray", "keyring", "watch", "database", "network"}
    assert document["network"] in ("denied", "not restricted", "unknown")
    database = document["database"]
    assert (database["path"], database["schema"]) == (str(told.machine.database), VERSION)
    assert database["bytes"] > 0
    sources = {one["id"]: one for one in document["sources"]}
    for one in sources.values():
        assert set(one) >= SOURCE
        assert one["records"] == one["calls"] + one["folded"]
        assert one["problem"] is None
        assert one["lag_seconds"] == 0
    claude = sources["claude_code"]
    assert (claude["files"], claude["calls"], claude["folded"], claude["skipped"]) == (4, 9, 1, 1)
    assert str(told.projects) in claude["roots"]
    assert (sources["codex"]["calls"], sources["codex"]["folded"]) == (1, 1)


def test_folded_of_the_doctor_is_that_of_the_report(told: World, cuenta: Cuenta) -> None:
    report = cuenta("report", "--json").json["total"]["folded_records"]
    assert report == sum(one["folded"] for one in cuenta("doctor", "--json").json["sources"])


def test_doctor_tells_a_lag_and_a_problem(told: World, cuenta: Cuenta) -> None:
    cuenta("sync")
    append(told.claude("77770003.jsonl", "-nowhere"), answer("new") + "\n")
    os.utime(told.claude("77770003.jsonl", "-nowhere"), (1_795_534_860, 1_795_534_860))
    claude = cuenta("doctor", "--no-sync", "--json").json["sources"][0]
    assert claude["lag_seconds"] == 60
    if os.path.exists("/proc/self/mem"):
        bad = told.claude("bad.jsonl")
        bad.symlink_to("/proc/self/mem")
        done = cuenta("doctor", "--json")
        assert str(bad) in json.loads(done.out)["sources"][0]["problem"]
        assert str(bad) in done.err
        bad.unlink()
        assert cuenta("doctor", "--json").json["sources"][0]["problem"] is None


def test_doctor_tries_a_file(told: World, cuenta: Cuenta, tmp_path: Any) -> None:
    path = write(tmp_path / "any.txt", [answer("tried", output=7)])
    document = cuenta("doctor", "--try", str(path), "--json").json
    made = {one["id"]: one["calls"] for one in document["sources"] if one["calls"]}
    assert (
        made["claude_code"] == 1 and "codex" not in made
    )  # agents that write as Claude Code does make a call of it, too
    assert cuenta("report", "--json").json["total"]["calls"] == 10, "nothing is stored"
    assert cuenta("doctor", "--try", str(tmp_path / "none")).status == 1


def test_sync(told: World, cuenta: Cuenta) -> None:
    first = cuenta("sync", "--json").json
    assert first["schema"] == "cuenta.sync/1"
    assert first["complete"] is True
    assert {one["id"]: one["new_calls"] for one in first["sources"]} == {"claude_code": 9, "codex": 1}
    second = cuenta("sync", "--json").json
    assert second["files_read"] == 0
    assert {one["id"]: one["new_calls"] for one in second["sources"]} == {"claude_code": 0, "codex": 0}
    assert "Nothing new" in cuenta("sync").out


def test_the_meters_files_agree_wherever_they_are_asked(told: World, cuenta: Cuenta) -> None:
    """Window, tray and command line show the same numbers."""
    live = cuenta("live", "--json").json["sessions"][0]["cost_nanousd"]
    rows = cuenta("report", "--by", "session", "--json").json["rows"]
    assert live == next(row["cost_nanousd"] for row in rows if row["key"] == APP)
    assert live == cuenta("session", APP, "--json").json["total"]["cost_nanousd"]


# --- every command


@pytest.mark.parametrize("command", [one.name for one in COMMANDS])
def test_help(world: World, cuenta: Cuenta, command: str) -> None:
    done = cuenta(command, "--help")
    assert done.status == 0
    assert done.err == ""
    for option in next(one for one in COMMANDS if one.name == command).options:
        if not option.argument:
            assert (option.off or option.flag) in done.out


def test_help_of_all(world: World, cuenta: Cuenta) -> None:
    done = cuenta("--help")
    assert done.status == 0
    for command in COMMANDS:
        assert command.name in done.out


@pytest.mark.parametrize("words", [["nonsense"], ["reports"], ["--nonsense"], ["report", "--", "x"], ["session"]])
def test_wrong_words(world: World, cuenta: Cuenta, words: list[str]) -> None:
    done = cuenta(*words)
    assert (done.status, done.out) == (2, "")
    assert done.err


@pytest.mark.parametrize("now", ["yesterday", "2026-13-01T00:00:00Z"])
def test_a_now_that_is_none(world: World, cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch, now: str) -> None:
    monkeypatch.setenv("CUENTA_NOW", now)
    for words in (["report", "--json"], ["doctor", "--json"], ["sync"]):
        done = cuenta(*words)
        assert (done.status, done.out) == (1, "")
        assert "CUENTA_NOW" in done.err
        assert done.err.count("\n") == 1


def test_now_is_obeyed(told: World, cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTA_NOW", "2026-11-23T13:00:00+01:00")
    assert cuenta("report", "--json").json["generated_at"] == "2026-11-23T12:00:00Z"
    assert instant_of("2026-11-23T13:00:00+01:00") == instant_of("2026-11-23T12:00:00Z")


def test_figures_are_told_though_nothing_can_be_written(told: World, cuenta: Cuenta) -> None:
    """A lock keeps new lines out, not old figures back; that they may be old is said."""
    import sqlite3
    from contextlib import closing

    from app.store import database

    assert cuenta("report", "--json").json["total"]["calls"] == 10
    append(told.claude("77770003.jsonl", "-nowhere"), answer("new") + "\n")
    patience, database._PATIENCE_MS = database._PATIENCE_MS, 50
    try:
        with closing(sqlite3.connect(told.machine.database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            done = cuenta("report", "--json")
            assert done.status == 0
            assert json.loads(done.out)["total"]["calls"] == 10
            assert "out of date" in done.err
            assert cuenta("sync", "--json").status == 1
            other.execute("ROLLBACK")
    finally:
        database._PATIENCE_MS = patience
    assert cuenta("report", "--json").json["total"]["calls"] == 11


# --- processes

QUIET = "import sys; from app.__main__ import main; status = main({words}); print(*sys.modules, file=sys.stderr)"
NEVER = ("typer", "sqlalchemy", "sqlmodel", "PySide6", "rich", "pydantic", "watchdog", "alembic", "keyring", "babel")


@pytest.mark.parametrize(
    "words",
    [["report", "--json", "--no-sync"], ["live", "--json", "--no-sync"], ["report", "--by", "session", "--json"]],
    ids=" ".join,
)
def test_everyday_paths_stay_light(told: World, words: list[str]) -> None:
    """Each of these modules would make the quickest commands wait."""
    told.sync()
    done = subprocess.run(
        [sys.executable, "-c", QUIET.format(words=words)],
        cwd=ROOT,
        env=told.environment(),
        capture_output=True,
        check=True,
        text=True,
    )
    json.loads(done.stdout)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "app" in loaded
    assert loaded.isdisjoint(NEVER)


@pytest.mark.parametrize("words", [["report"], ["report", "--json"], ["doctor"], ["doctor", "--json"]])
def test_a_reader_that_goes_away_is_no_error(told: World, words: list[str]) -> None:
    told.sync()
    process = told.start(*words)
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) in (0, 141), err
    assert err == b""


def test_a_crash_of_any_command_is_told_at_the_next_start(told: World) -> None:
    """Also of those that typer runs, which puts its own hook in place of ours."""
    for words in (["report", "--json"], ["doctor", "--json"]):
        script = (
            "import app.runtime, sys\n"
            "def broken(*_): raise RuntimeError('a fault')\n"
            "app.runtime.reader = broken\n"
            f"from app.__main__ import main\nsys.exit(main({words}))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=told.environment(), capture_output=True, check=False
        )
        assert done.returncode == 1
        assert (told.machine.data / "crash.txt").exists(), words
        after = told.run("report", "--json", "--no-sync")
        assert after.returncode == 0
        assert b"ended unexpectedly last time" in after.stderr
        json.loads(after.stdout)
        assert told.run("report", "--json", "--no-sync").stderr == b""


def test_neither_log_nor_note_keeps_what_an_error_quotes(told: World) -> None:
    script = (
        "import app.runtime, sys\n"
        "def broken(*_): return {}['canary-5c1']\n"
        "app.runtime.reader = broken\n"
        "from app.__main__ import main\nsys.exit(main(['report']))\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=told.environment(), capture_output=True, check=False)
    kept = {path.name: path.read_text() for path in told.machine.data.glob("c*.*") if "sqlite3" not in path.name}
    assert kept.keys() == {"crash.txt", "cuenta.log"}
    for name, text in kept.items():
        assert "KeyError" in text, name
        assert "canary-5c1" not in text, name


def test_the_log_is_named_as_ours() -> None:
    assert diagnostics.log.name == "cuenta"
