"""`cuenta doctor` and `cuenta sync`: what was found, read, left out and folded."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.cli import run
from app.machine import Machine
from app.pricing.catalog import load_catalog
from tests.builders import answer, prompt, usage
from tests.cli.conftest import Cuenta
from tests.cli.logs import THREAD, month
from tests.conftest import FIXTURES, ROOT

SOURCE = {
    *("id", "title", "roots", "files", "records", "calls", "skipped", "folded", "unknown_kinds", "problem"),
    "lag_seconds",
}


@pytest.fixture
def doctor(cuenta: Cuenta, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The document, without asking this machine's desktop."""
    monkeypatch.setattr("app.cli.health._keyring", lambda: "none")

    def asked(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        assert run.main(["doctor", "--json", *words], tray_kind=lambda: "none") == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return asked


def test_the_document(cuenta: Cuenta, doctor: Any) -> None:
    month(cuenta)
    found = doctor()
    assert found.keys() == {"schema", "sources", "tray", "keyring", "watch", "database", "prices", "network"}
    assert found["schema"] == "cuenta.doctor/1"
    assert (found["tray"], found["keyring"]) == ("none", "none")
    assert found["watch"] in ("inotify", "fsevents", "read-directory-changes")
    assert found["network"] in ("denied", "not restricted", "unknown")
    database = found["database"]
    assert database["path"] == str(cuenta.data / "cuenta.sqlite3")
    assert database["bytes"] >= os.path.getsize(database["path"])
    assert database["check"] == "ok"
    assert isinstance(database["schema"], int)
    assert found["prices"]["built"] == load_catalog(Machine(cuenta.home, data=cuenta.data)).book.built
    assert found["prices"]["age_days"] == 3  # of November 21, on November 24
    claude, codex, *_ = found["sources"]
    assert claude.keys() >= SOURCE
    assert codex.keys() == claude.keys()
    assert (claude["id"], claude["title"], codex["id"], codex["title"]) == (
        "claude_code",
        "Claude Code",
        "codex",
        "Codex",
    )
    counts = ("files", "records", "calls", "skipped", "folded", "unknown_kinds", "problem", "lag_seconds")
    assert [claude[name] for name in counts] == [4, 10, 8, 0, 2, {}, None, 0.0]
    assert [codex[name] for name in counts] == [1, 1, 1, 0, 0, {}, None, 0.0]
    assert str(cuenta.home / ".claude" / "projects") in claude["roots"]


def test_folded_is_the_sum_of_the_report(cuenta: Cuenta, doctor: Any) -> None:
    month(cuenta)
    found = sum(source["folded"] for source in doctor()["sources"])
    assert found == cuenta.json("report")["total"]["folded_records"] == 2
    again = sum(source["folded"] for source in doctor()["sources"])
    assert again == found  # reading again replaces, and adds nothing


def test_what_is_behind(cuenta: Cuenta, doctor: Any, now: int) -> None:
    month(cuenta)
    for path in cuenta.home.rglob("*.jsonl"):
        os.utime(path, (now / 1000 - 90, now / 1000 - 90))
    claude, codex, *_ = doctor("--no-sync")["sources"]
    assert (claude["files"], claude["files_behind"], claude["lag_seconds"]) == (0, 4, 90.0)
    assert (codex["files_on_disk"], codex["files_behind"]) == (1, 1)
    assert doctor()["sources"][0]["lag_seconds"] == 0.0


def test_what_was_skipped(cuenta: Cuenta, doctor: Any) -> None:
    cuenta.claude(
        "S1",
        prompt(),
        '{"type":"assistant","message":{"usage":{"input_tokens":1,',
        answer(),
        answer("m2", "r2", usage(10_000_001, 1)),
    )
    claude = doctor()["sources"][0]
    assert claude["calls"] == 1
    assert claude["skipped"] == sum(claude["skipped_by_reason"].values()) == 2


NOWHERE = {"aider", "trae_agent", "custom", "copilot_studio", "cody", "jetbrains_ai", "trae", "void", "windsurf"}
"""They write into repositories, wherever the user says, on Windows only, and into what an editor keeps, which is looked for
where the editor is: on a bare machine nothing is.
"""


def test_a_machine_without_agents(cuenta: Cuenta, doctor: Any) -> None:
    for source in doctor()["sources"]:
        assert source["roots"] or source["id"] in NOWHERE
        assert (source["files"], source["calls"], source["problem"]) == (0, 0, None)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="a file that can't be opened")
def test_a_log_that_cant_be_read_is_a_problem(cuenta: Cuenta) -> None:
    month(cuenta)
    path = cuenta.claude("closed", answer())
    path.chmod(0)
    status, out, err = cuenta("report", "--json")
    assert (status, json.loads(out)["total"]["calls"]) == (0, 9)
    assert str(path) in err


def test_try_stores_nothing(cuenta: Cuenta, doctor: Any) -> None:
    month(cuenta)
    log = cuenta.home / ".claude" / "projects" / "project" / "S1.jsonl"
    found = doctor("--try", str(log))
    assert (found["schema"], found["file"]) == ("cuenta.try/1", str(log))
    claude, codex, *_ = found["sources"]
    assert (claude["id"], claude["calls"], claude["models"]) == ("claude_code", 3, ["claude-sonnet-5"])
    assert claude["tokens"]["output"] == 460
    assert codex["calls"] == 0
    assert not (cuenta.data / "cuenta.sqlite3").exists()


_MINE = """\
[[source]]
name = "Mine"
files = "~/mine/*.log"
format = "json-lines"

[source.fields]
output = "out"
"""


def test_try_shows_what_a_description_makes_of_a_file(cuenta: Cuenta, doctor: Any, tmp_path: Path) -> None:
    """Wherever the file lies; and a description that is broken says so, with its line."""
    log = tmp_path / "anything"
    log.write_text('{"out": 7}\n')
    cuenta.data.mkdir(exist_ok=True)
    (cuenta.data / "sources.user.toml").write_text(_MINE)
    (mine,) = [one for one in doctor("--try", str(log))["sources"] if one["id"] == "custom"]
    assert (mine["calls"], mine["tokens"]["output"], mine["evidence"]) == (1, 7, ["B"])
    (cuenta.data / "sources.user.toml").write_text(_MINE.replace("out", "", 1).replace("json-lines", "lines"))
    status, _, err = cuenta("doctor", "--try", str(log))
    assert status == 0 and "sources.user.toml: line 4: `format` is one of json-lines" in err


def test_a_broken_description_is_a_problem_with_its_line(cuenta: Cuenta, doctor: Any) -> None:
    month(cuenta)
    cuenta.data.mkdir()
    (cuenta.data / "sources.user.toml").write_text("[[source]]\nname = \n")
    found = {one["id"]: one for one in doctor()["sources"]}
    assert found["custom"]["problem"].startswith(f"{cuenta.data / 'sources.user.toml'}: line 2: ")
    assert found["claude_code"]["calls"] == 8


def test_exports_are_settings_that_name_files_of_ours(cuenta: Cuenta, doctor: Any) -> None:
    found = doctor("--exports")
    assert found["schema"] == "cuenta.exports/1"
    lines = {one["where"]: one["lines"] for one in found["exports"]}
    assert sum(cuenta.data.as_posix() in text for text in lines.values()) >= 4
    status, out, _ = cuenta("doctor", "--exports")
    assert status == 0 and all(text in out for text in lines.values())


def test_for_people(cuenta: Cuenta, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.health._keyring", lambda: "none")
    month(cuenta)
    assert run.main(["doctor"], tray_kind=lambda: "none") == 0
    out, err = capsys.readouterr()
    assert err == ""
    (line,) = [line for line in out.splitlines() if line.startswith("Claude Code ")]
    assert line.split()[2:7] == ["4", "10", "8", "2", "0"]
    assert f"{cuenta.home / '.codex' / 'sessions'} (found)" in out.replace("\n", "") or ".codex" in out


def test_as_a_process_without_a_desktop(cuenta: Cuenta) -> None:
    """No screen, no session bus: every question has an answer in seconds."""
    month(cuenta)
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("DBUS_", "DISPLAY", "WAYLAND_"))}
    done = subprocess.run(
        [sys.executable, "-m", "app", "doctor", "--json"],
        cwd=ROOT,
        env=bare,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    found = json.loads(done.stdout)
    assert found["tray"] in ("no display", "none", "status-notifier", "xembed", "system")
    assert isinstance(found["keyring"], str)


# --- agents whose format is unverified


def unverified(cuenta: Cuenta) -> None:
    """One message of OpenCode's older generation: 500 in, 60 out, and a stated cost of 0.004 dollars."""
    case = FIXTURES / "opencode" / "files" / "home" / ".local" / "share" / "opencode" / "storage" / "message"
    to = cuenta.home / ".local" / "share" / "opencode" / "storage" / "message" / "ses_child"
    shutil.copytree(case / "ses_child", to, ignore=shutil.ignore_patterns("msg_3.json"))


def test_an_unverified_agent_counts_when_it_is_confirmed(cuenta: Cuenta, doctor: Any) -> None:
    month(cuenta)
    unverified(cuenta)
    before = cuenta.json("report")["total"]
    found = {one["id"]: one for one in doctor()["sources"]}
    assert (found["opencode"]["verified"], found["opencode"]["withheld_calls"]) == (False, 1)
    assert (found["codex"]["verified"], found["codex"]["withheld_calls"]) == (True, 0)
    said = " ".join(cuenta("doctor").out.split())
    assert "Unverified: 1 call kept out of every total." in said and "500 in" in said and "60 out" in said
    assert "cuenta doctor --confirm opencode" in said
    assert cuenta("doctor", "--confirm", "OpenCode").out == "The calls of OpenCode count from now on.\n"
    after = cuenta.json("report", "--no-sync")["total"]
    assert after["calls"] == before["calls"] + 1
    assert after["tokens"]["output"] == before["tokens"]["output"] + 60
    assert cuenta("doctor", "--withdraw", "opencode").status == 0
    assert cuenta.json("report")["total"] == before


def test_only_an_unverified_agent_can_be_confirmed(cuenta: Cuenta) -> None:
    for name in ("codex", "nobody"):
        status, out, err = cuenta("doctor", "--confirm", name)
        assert (status, out) == (1, "") and err


# --- sync


def test_sync_says_what_each_source_gave(cuenta: Cuenta) -> None:
    month(cuenta)
    found = cuenta.json("sync")
    assert (found["schema"], found["complete"], found["files_read"], found["problems"]) == (
        "cuenta.sync/1",
        True,
        5,
        [],
    )
    assert found["bytes_read"] == sum(path.stat().st_size for path in cuenta.home.rglob("*.jsonl"))
    assert found["sources"] == [
        {"id": "claude_code", "files": 4, "calls": 8, "new_calls": 8, "folded": 2, "skipped": 0},
        {"id": "codex", "files": 1, "calls": 1, "new_calls": 1, "folded": 0, "skipped": 0},
    ]


def test_a_second_sync_has_nothing_to_do(cuenta: Cuenta) -> None:
    month(cuenta)
    cuenta.json("sync")
    found = cuenta.json("sync")
    assert (found["files_read"], found["bytes_read"]) == (0, 0)
    assert [source["new_calls"] for source in found["sources"]] == [0, 0]
    assert "Nothing new" in cuenta("sync").out


def test_sync_reads_what_was_added(cuenta: Cuenta) -> None:
    month(cuenta)
    cuenta.json("sync")
    log = cuenta.home / ".claude" / "projects" / "project" / "S1.jsonl"
    more = json.dumps(answer("new", "rnew", at="2026-06-01T11:00:00Z")) + "\n"
    with log.open("a") as grown:
        grown.write(more)
    found = cuenta.json("sync")
    assert (found["files_read"], found["sources"][0]["new_calls"]) == (1, 1)
    assert cuenta.json("report", "--no-sync")["total"]["calls"] == 10


def test_sync_of_nothing(cuenta: Cuenta) -> None:
    assert cuenta.json("sync")["files_read"] == 0


def test_the_demo_is_read_through_the_same_door(cuenta: Cuenta) -> None:
    found = cuenta.json("sync", "--demo")
    assert all(source["calls"] > 100 for source in found["sources"])
    assert not cuenta.data.joinpath("cuenta.sqlite3").exists()
    assert THREAD not in json.dumps(found)


def test_a_broken_price_file_and_an_old_book_are_told(cuenta: Cuenta, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.cli.health._keyring", lambda: "none")
    cuenta.data.mkdir()
    cuenta.data.joinpath("prices.user.toml").write_text("[[price]]\nmodel = 3\n")
    monkeypatch.setenv("CUENTA_NOW", "2027-03-01T12:00:00Z")
    shown = cuenta("doctor").out
    for words in ("book of 2026-11-21, 100 days old", "brings newer ones", "prices.user.toml, line 2"):
        assert words in shown


# --- drift


def test_a_sample_for_a_report_holds_no_value(cuenta: Cuenta) -> None:
    strange = {"type": "usage-v2", "cwd": "/home/me/secret", "usage": {"input_tokens": 77}, "/home/me/secret": 1}
    cuenta.claude("S1", answer(), strange)
    done = cuenta("doctor", "--sample", "Claude Code")
    assert done.status == 0
    assert '"usage": {\n    "input_tokens": integer\n  }' in done.out
    assert "secret" not in done.out and "77" not in done.out
    found = cuenta.json("doctor", "--sample", "claude_code")
    assert found["schema"] == "cuenta.sample/1"
    assert (found["kind"], found["count"], found["source"]) == ("usage-v2", 1, "claude_code")
    assert found["sample"] in done.out


def test_a_sample_of_nothing_is_said_in_a_sentence(cuenta: Cuenta) -> None:
    for words, why in ((("codex",), "No log of Codex"), (("nobody",), "There is no agent 'nobody'")):
        done = cuenta("doctor", "--sample", *words)
        assert (done.status, done.out) == (1, "")
        assert why in done.err


def test_what_has_changed_is_told_and_how_to_report_it(cuenta: Cuenta, doctor: Any) -> None:
    cuenta.claude("S1", answer(version="2.1.219"), {"type": "usage-v2", "usage": {"input_tokens": 77}})
    claude = next(one for one in doctor()["sources"] if one["id"] == "claude_code")
    assert claude["drift"] == [{"sign": "kind", "what": "usage-v2", "count": 1, "of": 0}]
    assert claude["unknown_kinds"] == {"usage-v2": 1}
    assert claude["evidence"] == {"A": 1}
    said = cuenta("doctor").out
    assert "1 line of the unknown kind usage-v2 holds usage." in said
    assert "cuenta doctor --sample claude_code" in said
    assert "format read against real files of it" in said
    assert "\nNot found\n" in said and "  Pi: ~/.pi/agent/sessions" in said
