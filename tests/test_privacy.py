"""What must never be kept, written or opened, tried with the real program."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from logging.handlers import RotatingFileHandler
from pathlib import Path

import pytest

from app import diagnostics, runtime
from app.__main__ import main
from app.diagnostics import catch_everything, last_crash, log, redacted, start_log
from app.machine import Machine
from tests.conftest import ROOT

CANARY = "canary-7f3a9c"
"""Stands wherever a log may hold somebody's words."""


@pytest.fixture(autouse=True)
def own_log() -> Iterator[None]:
    """The log file of a test ends with it."""
    hooks = sys.excepthook
    yield
    sys.excepthook = hooks
    for handler in [*log.handlers]:
        if isinstance(handler, RotatingFileHandler):
            log.removeHandler(handler)
            handler.close()


def _claude_lines() -> list[dict[str, object]]:
    """Every kind of line that holds words, with the canary in each of them."""
    common = {"sessionId": "S1", "cwd": "/home/dev/app", "gitBranch": "main", "version": "2.1.220"}
    usage = {"input_tokens": 10, "output_tokens": 20}
    content = [
        {"type": "thinking", "thinking": CANARY},
        {"type": "text", "text": CANARY},
        {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": CANARY, "description": CANARY}},
    ]
    message = {"id": "m1", "model": "claude-sonnet-5", "content": content, "usage": usage, "stop_reason": "tool_use"}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": CANARY}
    return [
        {"type": f"{CANARY} said what is no kind", "timestamp": "2026-11-24T10:00:00Z", "usage": {"input_tokens": 1}},
        {"type": "summary", "summary": CANARY, "leafUuid": "x"},
        {"type": "custom-title", "customTitle": CANARY, "sessionId": "S1"},
        {"type": "ai-title", "aiTitle": CANARY, "sessionId": "S1"},
        {"type": "last-prompt", "lastPrompt": CANARY, "sessionId": "S1"},
        {**common, "type": "user", "uuid": "u1", "timestamp": "2026-11-24T10:00:00Z", "message": {"content": CANARY}},
        {
            **common,
            "type": "assistant",
            "uuid": "a1",
            "requestId": "r1",
            "timestamp": "2026-11-24T10:00:01Z",
            "message": message,
        },
        {
            **common,
            "type": "user",
            "uuid": "u2",
            "parentUuid": "a1",
            "timestamp": "2026-11-24T10:00:02Z",
            "message": {"content": [result]},
            "toolUseResult": {"stdout": CANARY, "searchCount": 1, "query": CANARY, "usage": usage},
        },
        {
            **common,
            "type": "system",
            "subtype": "compact_boundary",
            "content": CANARY,
            "timestamp": "2026-11-24T10:00:03Z",
            "compactMetadata": {"trigger": f"{CANARY} asked for it", "preTokens": 30, "postTokens": 5},
        },
    ]


def _codex_lines() -> list[dict[str, object]]:
    used = {"input_tokens": 100, "cached_input_tokens": 0, "output_tokens": 5, "total_tokens": 105}
    meta = {"id": "T1", "cwd": "/home/dev/app", "base_instructions": {"text": CANARY}, "git": {"branch": "main"}}
    said = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": CANARY}]}
    limits = {
        "limit_id": f"limit {CANARY}",
        "plan_type": f"plan {CANARY}",
        "primary": {"used_percent": 5, "window_minutes": 300},
    }
    counted = {
        "type": "token_count",
        "rate_limits": limits,
        "info": {"total_token_usage": used, "last_token_usage": used},
    }
    context = {
        "turn_id": "u",
        "model": "gpt-5.5",
        "effort": f"{CANARY} as hard as you can",
        "user_instructions": CANARY,
    }
    at = "2026-11-24T10:00:00.000Z"
    return [
        {"timestamp": at, "type": "session_meta", "payload": meta},
        {"timestamp": at, "type": "turn_context", "payload": context},
        {"timestamp": at, "type": "response_item", "payload": said},
        {"timestamp": at, "type": "event_msg", "payload": {"type": "user_message", "message": CANARY}},
        {"timestamp": at, "type": "event_msg", "payload": counted},
    ]


@pytest.fixture
def home(machine: Machine) -> Path:
    """A home whose logs are full of the canary, whole lines and broken ones."""
    claude = machine.home / ".claude/projects/-home-dev-app/S1.jsonl"
    codex = machine.home / ".codex/sessions/2026/11/24/rollout-2026-11-24T10-00-00-T1.jsonl"
    for path, lines in ((claude, _claude_lines()), (codex, _codex_lines())):
        path.parent.mkdir(parents=True)
        text = "".join(json.dumps(line) + "\n" for line in lines)
        path.write_text(
            text + '{"usage": "' + CANARY + '"\n{"message": {"usage": {"input_tokens": "' + CANARY + '"}}}\n'
        )
    return machine.home


def test_no_words_are_kept(home: Path, machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    """After everything was read and shown, the canary is in no file of ours and in nothing we print."""
    before = {path: path.read_bytes() for path in home.rglob("*.jsonl")}
    for words in (
        ["sync", "--content"],
        ["report", "--json"],
        ["session", "S1", "--json"],
        ["live", "--json"],
        ["doctor", "--json"],
    ):
        assert main(words) == 0
    shown = capsys.readouterr()
    assert CANARY not in shown.out + shown.err
    with closing(runtime.reader(machine)) as connection:  # and what is still only in the write-ahead log
        assert connection.execute("SELECT sum(kept) FROM call").fetchone()[0] == 2
        kept = [path for path in machine.data.rglob("*") if path.is_file()]
        assert any(path.name == "cuenta.sqlite3" for path in kept)
        for path in kept:
            assert CANARY.encode() not in path.read_bytes(), path
    assert {path: path.read_bytes() for path in home.rglob("*.jsonl")} == before


def test_the_folder_is_its_owners_alone(home: Path, machine: Machine) -> None:
    assert main(["sync"]) == 0
    assert machine.data.stat().st_mode & 0o077 == 0


def test_no_internet_socket_is_opened(home: Path) -> None:
    """Whole commands in a process where every socket but a Unix one raises."""
    guard = """
import socket, sys
class Guarded(socket.socket):
    def __init__(self, family=-1, *rest, **named):
        if family != socket.AF_UNIX and named.get("fileno") is None:
            raise AssertionError("a network socket was opened")
        super().__init__(family, *rest, **named)
socket.socket = Guarded
def refuse(*_):
    raise AssertionError("a name was looked up")
socket.getaddrinfo = socket.create_connection = refuse
from app.__main__ import main
for words in (["sync", "--content"], ["report"], ["live"], ["price", "gpt-5.5"], ["doctor"], ["report", "--demo"]):
    assert main(words) == 0, words
"""
    ran = subprocess.run([sys.executable, "-c", guard], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_log_rotates(machine: Machine) -> None:
    """Three files of about a megabyte at most, however much goes wrong."""
    start_log(machine.data)
    for _ in range(400):
        log.warning("x" * 10_000)
    files = sorted(machine.data.glob("cuenta.log*"))
    assert [path.name for path in files] == ["cuenta.log", "cuenta.log.1", "cuenta.log.2"]
    assert all(path.stat().st_size <= 1 << 20 for path in files)


def test_the_log_never_speaks_through_the_root_logger(machine: Machine) -> None:
    start_log(machine.data)
    assert not log.propagate


def test_a_crash_is_told_once_and_redacted(machine: Machine) -> None:
    """The note holds our own lines; paths lose their folders and values their content."""
    note = machine.data / "crash.txt"
    machine.data.mkdir(parents=True)
    catch_everything(note)
    try:
        open(f"/home/dev/{CANARY}/secret.jsonl")  # noqa: SIM115 - never opened
    except OSError as error:
        sys.excepthook(type(error), error, error.__traceback__)
    report = last_crash(note)
    assert report is not None
    assert "FileNotFoundError" in report
    assert "test_privacy.py" in report
    assert str(ROOT) not in report
    assert f"{CANARY}/secret" not in report.replace('open(f"/home/dev/{CANARY}/secret.jsonl")', "")
    assert last_crash(note) is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KeyError: 'sk-ant-secret'", "KeyError: '…'"),
        ('ValueError: bad value "my prompt" here', "ValueError: bad value '…' here"),
        ("FileNotFoundError: [Errno 2] No such file: '/home/ann/x'", "FileNotFoundError: [Errno 2] No such file: '…'"),
        ("OSError: /home/ann/private/x.jsonl is gone", "OSError: … is gone"),
        (r"OSError: C:\Users\ann\x.jsonl is gone", "OSError: … is gone"),
        ('  File "/home/ann/cuenta/app/cli/run.py", line 3, in main', '  File "…/run.py", line 3, in main'),
    ],
)
def test_redaction(line: str, expected: str) -> None:
    assert redacted(line) == expected + "\n"


def test_the_next_start_says_that_it_crashed(machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.data.mkdir(parents=True)
    (machine.data / "crash.txt").write_text("Traceback …\n")
    assert main(["live", "--no-sync"]) == 0
    assert "ended unexpectedly last time" in capsys.readouterr().err
    assert main(["live", "--no-sync"]) == 0
    assert "unexpectedly" not in capsys.readouterr().err


def test_the_log_file_of_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    start_log(tmp_path / "file" / "below")
    diagnostics.log.warning("nowhere")
