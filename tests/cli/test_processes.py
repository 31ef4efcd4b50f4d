"""The command line as a process: what it loads, what a gone reader, a narrow encoding or a terminal make of it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.builders import answer, prompt
from tests.cli.conftest import Cuenta
from tests.cli.logs import TOTAL, month
from tests.conftest import ROOT

HEAVY = (
    *("typer", "click", "sqlalchemy", "sqlmodel", "pydantic", "PySide6", "shiboken6", "pyqtgraph", "rich", "watchdog"),
    *("keyring", "tiktoken", "numpy", "babel", "alembic", "zstandard", "asyncio", "subprocess"),
)
NETWORK = {
    "socket": "logging.handlers, for the log file that is cut at a size, imports it; no socket is opened",
    "ssl": None,
    "http.client": None,
    "urllib.request": None,
}
"""Module of the network → why a quick path may load it."""

NOTING = """
import atexit, json, sys
atexit.register(lambda: open({note!r}, "w").write(json.dumps(sorted(sys.modules))))
from app.__main__ import main
sys.exit(main(sys.argv[1:]))
"""


def run(*words: str, before: tuple[str, ...] = ("-m", "app"), **more: object) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **more.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(
        [sys.executable, *before, *words], cwd=ROOT, env=environment, capture_output=True, timeout=60, **more
    )  # type: ignore[call-overload]


@pytest.mark.parametrize("words", [["report"], ["live"], ["session", "S1"]], ids=" ".join)
def test_the_everyday_paths_are_light(cuenta: Cuenta, tmp_path: Path, words: list[str]) -> None:
    month(cuenta)
    cuenta.json("sync")
    note = tmp_path / "modules.json"
    done = run(*words, "--json", "--no-sync", before=("-c", NOTING.format(note=str(note))))
    assert (done.returncode, done.stderr) == (0, b"")
    json.loads(done.stdout)
    loaded = set(json.loads(note.read_text()))
    assert "sqlite3" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert loaded.isdisjoint(name for name, reason in NETWORK.items() if reason is None)
    assert {one for one in loaded if one.startswith("app.ui")} == set()


def test_a_process_says_what_this_one_says(cuenta: Cuenta) -> None:
    month(cuenta)
    done = run("report", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == cuenta.json("report")
    assert run("report", "--by", "class", "--json").returncode == 2
    lost = run("session", "none", "--json")
    assert (lost.returncode, lost.stdout, lost.stderr.count(b"\n")) == (1, b"", 1)


# --- a reader that goes


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--demo", "--by", "session", "--json"],  # more than a buffer, so writing itself fails
        ["--demo", "report", "--by", "session", "--json"],  # through typer
        ["report", "--demo", "--by", "session"],
        ["report", "--csv"],  # less than a buffer: the flush at the end fails
        ["live", "--json"],
    ],
    ids=" ".join,
)
def test_a_gone_reader_leaves_no_trace(cuenta: Cuenta, words: list[str]) -> None:
    month(cuenta)
    given, taken = os.pipe()
    os.close(given)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app", *words],
            cwd=ROOT,
            stdout=taken,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    finally:
        os.close(taken)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_head_takes_one_line(cuenta: Cuenta) -> None:
    line = f"{sys.executable} -m app report --demo --by session --json | head -1"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (b"{\n", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_closed_output(cuenta: Cuenta, closed: str) -> None:
    """What can't be written is lost, without a trace; the other output keeps its own words."""
    month(cuenta)
    line = f"{sys.executable} -m app report --json {closed}"
    done = subprocess.run(["sh", "-c", line], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    wrong = f"{sys.executable} -m app session none --json {closed}"
    done = subprocess.run(["sh", "-c", wrong], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_a_sentence(cuenta: Cuenta) -> None:
    month(cuenta)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "app", "report", "--json"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert b"Traceback" not in done.stderr


# --- encodings and terminals


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
@pytest.mark.parametrize("words", [["report"], ["report", "--csv", "--by", "project"], ["live"], ["session", "S3"]])
def test_an_encoding_that_lacks_letters(cuenta: Cuenta, encoding: str, words: list[str]) -> None:
    """As a pipe on Windows is. JSON and CSV are UTF-8 whatever it is."""
    month(cuenta)
    cuenta.claude("S5", prompt(session="S5", cwd="/w/проект"), answer("z", "rz", session="S5"))
    done = run(*words, env={"PYTHONIOENCODING": encoding})
    assert (done.returncode, done.stderr) == (0, b"")
    if "--csv" in words:
        assert "/w/проект," in done.stdout.decode()


def test_json_is_utf_8_in_any_encoding(cuenta: Cuenta) -> None:
    cuenta.claude("S5", prompt(session="S5", cwd="/w/проект"), answer("z", "rz", session="S5"))
    done = run("report", "--by", "project", "--json", env={"PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout.decode())["rows"][0]["key"] == "/w/проект"


def on_a_terminal(*words: str, **environment: str) -> bytes:
    """What the command writes to a terminal of 80 columns."""
    import pty

    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", **environment},
    )
    os.close(theirs)
    found = b""
    try:
        while piece := os.read(mine, 65_536):
            found += piece
    except OSError:  # Linux says EIO where the other side is closed
        pass
    finally:
        os.close(mine)
    assert process.wait(60) == 0
    return found


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("words", [["report"], ["session", "S1"], ["live"], ["sync"]])
def test_no_color_means_no_escape_codes(cuenta: Cuenta, words: list[str]) -> None:
    month(cuenta)
    cuenta.json("sync")
    assert b"\x1b" not in on_a_terminal(*words, NO_COLOR="1")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_its_own_colors_and_json_none(cuenta: Cuenta) -> None:
    month(cuenta)
    cuenta.json("sync")
    assert b"\x1b[" in on_a_terminal("report")
    document = on_a_terminal("report", "--json")
    assert b"\x1b" not in document
    assert json.loads(document)["total"]["cost_nanousd"] == TOTAL


HIDDEN, SHOWN = b"\x1b[?25l", b"\x1b[?25h"


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "told to end"])
@pytest.mark.parametrize("words", [[], ["live", "--watch"]], ids=["beside the waiting tray", "live --watch"])
def test_a_meter_gives_the_terminal_back(cuenta: Cuenta, words: list[str], told: signal.Signals) -> None:
    """However it ends, the cursor is to be seen again and the shell's next line is its own."""
    import pty

    month(cuenta)
    cuenta.json("sync")
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "app", *words],
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"},
        # Whoever starts the tests in the background of a script has Ctrl-C ignored, and that is handed down.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(theirs)
    overdue = threading.Timer(60, process.kill)
    overdue.start()
    found = b""
    while b"today" not in found:
        found += os.read(mine, 65_536)
    process.send_signal(told)
    try:
        while piece := os.read(mine, 65_536):
            found += piece
    except OSError:
        pass
    finally:
        overdue.cancel()
        os.close(mine)
    assert process.wait(20) == 0
    assert found.count(HIDDEN) == found.count(SHOWN) == 1
    assert found.rindex(SHOWN) > found.rindex(HIDDEN)
    assert found.replace(SHOWN, b"").endswith(b"\n")
