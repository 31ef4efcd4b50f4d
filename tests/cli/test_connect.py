"""`cuenta connect` and the hook that an agent then calls: shown first, written on demand, and nothing kept but counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from app import autostart
from app.machine import Machine
from tests.cli.conftest import Cuenta
from tests.cli.test_processes import HEAVY, NETWORK, NOTING
from tests.conftest import ROOT

TEXT = '{\n  "version": 1,\n  "hooks": {\n    "stop": [\n      {"command": "say done"} // loud\n    ]\n  }\n}\n'
CANARY = "canary-7f3a9c"
TOLD = {
    "hook_event_name": "stop",
    "generation_id": "g1",
    "conversation_id": "c1",
    "model": "claude-4.5-sonnet (thinking)",
    "cursor_version": "2.6.1",
    "status": CANARY,
    "loop_count": 3,
    "workspace_roots": ["/w/app", "/w/lib"],
    "transcript_path": f"/t/{CANARY}",
    "user_email": f"{CANARY}@example.com",
    "prompt": CANARY,
    "attachments": [{"text": CANARY}],
    "input_tokens": 30_100,
    "output_tokens": 420,
    "cache_read_tokens": 28_000,
    "cache_write_tokens": 2_000,
}
KEPT = {
    "generation_id": "g1",
    "conversation_id": "c1",
    "version": "2.6.1",
    "model": "claude-4.5-sonnet (thinking)",
    "project": "/w/app",
    "input_tokens": 30_100,
    "output_tokens": 420,
    "cache_read_tokens": 28_000,
    "cache_write_tokens": 2_000,
}


@pytest.fixture
def hooks(cuenta: Cuenta) -> Path:
    path = cuenta.home / ".cursor" / "hooks.json"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


def test_nothing_is_written_without_apply(cuenta: Cuenta, hooks: Path) -> None:
    done = cuenta("connect", "cursor")
    assert done.status == 0
    assert "--- ~/.cursor/hooks.json" in done.out
    assert [line for line in done.out.splitlines() if line.startswith("+") and '"command": ' in line and "hook" in line]
    assert "Nothing was written." in done.out
    assert hooks.read_text() == TEXT
    assert cuenta.json("connect", "list")["connections"][0]["state"] == "none"


def test_the_difference_stands_before_the_deed_and_undoing_takes_it_back(cuenta: Cuenta, hooks: Path) -> None:
    done = cuenta("connect", "Cursor", "--apply")
    assert done.out.index("+++ ~/.cursor/hooks.json") < done.out.index("Written.")
    written = hooks.read_text()
    assert '{"command": "say done"}, // loud' in written
    assert "connected, ~/.cursor/hooks.json" in cuenta("connect", "list").out
    assert "needs no change" in cuenta("connect", "cursor", "--apply").out
    hooks.write_text(written.replace("hook cursor", "hook other").replace("'cursor'", "'other'"))
    assert cuenta.json("connect", "list")["connections"][0]["state"] == "changed"
    hooks.write_text(written)
    assert "Taken out." in cuenta("connect", "cursor", "--undo").out
    assert hooks.read_text() == TEXT
    assert cuenta("connect", "cursor", "--undo").status == 1


def test_all_goes_at_once_when_we_go(cuenta: Cuenta, hooks: Path) -> None:
    cuenta("connect", "cursor", "--apply")
    assert cuenta("connect", "all", "--undo").status == 0
    assert hooks.read_text() == TEXT
    cuenta("connect", "cursor", "--apply")
    hooks.write_text("{")
    done = cuenta("connect", "all", "--undo")
    assert (done.status, "hooks.json is damaged" in done.err) == (1, True)
    assert hooks.read_text() == "{"
    assert cuenta.json("connect", "list")["connections"][0]["state"] == "damaged"


def test_the_document(cuenta: Cuenta, hooks: Path) -> None:
    shown = cuenta.json("connect", "cursor")
    assert shown.keys() == {"schema", "id", "title", "gives", "file", "state", "diff", "written"}
    assert (shown["schema"], shown["written"], shown["state"]) == ("cuenta.connect/1", False, "none")
    applied = cuenta.json("connect", "cursor", "--apply")
    assert (applied["written"], applied["state"], applied["diff"]) == (True, "connected", shown["diff"])
    assert cuenta.json("connect", "all", "--undo")["problems"] == []
    assert hooks.read_text() == TEXT


@pytest.mark.parametrize(
    ("words", "why"),
    [(["nobody"], "There is: cursor"), (["all"], "one by one"), (["cursor"], "There is no folder ~/.cursor")],
)
def test_what_cannot_be_is_said_in_a_sentence(cuenta: Cuenta, words: list[str], why: str) -> None:
    done = cuenta("connect", *words)
    assert (done.status, done.out) == (1, "")
    assert why in done.err


# --- the hook


def hook(told: bytes, *words: str, before: tuple[str, ...] = ("-m", "app"), **variables: str) -> Any:
    return subprocess.run(
        [sys.executable, *before, "hook", *words],
        cwd=ROOT,
        env={**os.environ, **variables},
        input=told,
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_nothing_but_the_named_fields_is_kept(cuenta: Cuenta) -> None:
    done = hook(json.dumps(TOLD).encode(), "cursor")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")
    [line] = (cuenta.data / "hooks" / "cursor.jsonl").read_text().splitlines()
    kept = json.loads(line)
    assert isinstance(kept.pop("at"), int)
    assert kept == KEPT
    for path in cuenta.data.rglob("*"):
        assert path.is_dir() or CANARY.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    "odd",
    [
        b"",
        b"no json",
        b"[]",
        b'{"generation_id": 7}',
        json.dumps({**TOLD, "generation_id": f"{CANARY} said"}).encode(),
        json.dumps({**TOLD, "hook_event_name": "beforeSubmitPrompt"}).encode(),
        b'{"generation_id": "g", "x": "' + b"y" * (17 << 20) + b'"}',
    ],
    ids=["nothing", "no JSON", "a list", "no id", "words for an id", "another event", "too long"],
)
def test_what_it_cannot_use_it_passes_over(cuenta: Cuenta, odd: bytes) -> None:
    done = hook(odd, "cursor")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")
    assert not (cuenta.data / "hooks").exists()


def test_odd_values_stay_out_and_the_counts_come_in(cuenta: Cuenta) -> None:
    odd = {
        **TOLD,
        "model": f"{CANARY}\nsaid",
        "conversation_id": [CANARY],
        "workspace_roots": CANARY,
        "input_tokens": "9",
    }
    hook(json.dumps(odd).encode(), "cursor")
    line = json.loads((cuenta.data / "hooks" / "cursor.jsonl").read_text())
    assert line.keys() == {"at", "version", *KEPT} - {"model", "conversation_id", "project"}
    assert line["input_tokens"] == 0


@pytest.mark.parametrize("words", [["cursor"], ["nobody"], []], ids=str)
def test_the_agent_goes_on_whatever_is_wrong_with_us(cuenta: Cuenta, words: list[str]) -> None:
    cuenta.data.parent.mkdir(exist_ok=True)
    cuenta.data.write_text("a file where the folder should be")
    done = hook(json.dumps(TOLD).encode(), *words, CUENTA_NOW="no time")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"{}\n", b"")


def test_the_hook_is_light(cuenta: Cuenta, tmp_path: Path) -> None:
    note = tmp_path / "modules.json"
    done = hook(json.dumps(TOLD).encode(), "cursor", before=("-c", NOTING.format(note=str(note))))
    assert (done.returncode, done.stdout) == (0, b"{}\n")
    loaded = set(json.loads(note.read_text()))
    assert loaded.isdisjoint(HEAVY)
    assert loaded.isdisjoint(NETWORK)
    assert loaded.isdisjoint({"app.runtime", "app.store.database", "logging.handlers", "plistlib"})


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_the_written_command_does_what_it_says(cuenta: Cuenta, hooks: Path) -> None:
    """As the agent runs it: by a shell, from its own folder, without our variables."""
    cuenta("connect", "cursor", "--apply")
    command = hooks.read_text().split('"command": "')[2].split('"\n')[0].replace('\\"', '"')
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CUENTA_")}
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=cuenta.home,
        env=environment,
        input=json.dumps(TOLD).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"{}\n", b"")
    at = json.loads((cuenta.data / "hooks" / "cursor.jsonl").read_text())["at"]
    assert abs(at / 1000 - time.time()) < 600


def test_the_command_for_windows_is_one_that_its_shell_takes(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", r"C:\Program Files\Cuenta\cuenta.exe")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    windows = Machine(machine.home, {}, system="win32")
    assert autostart.shell_line(windows, "hook", "cursor") == r'"C:\Program Files\Cuenta\cuenta.exe" hook cursor'
