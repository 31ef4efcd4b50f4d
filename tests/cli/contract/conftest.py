"""A world whose every figure is known, and the command line run in it."""

from __future__ import annotations

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from app.__main__ import main
from app.diagnostics import log
from app.machine import Machine
from tests.ingest.world import World, answer, counted, rollout, turn, write


class Done(NamedTuple):
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        assert self.status == 0, self.err
        return json.loads(self.out)


Cuenta = Callable[..., Done]


@pytest.fixture(autouse=True)
def own_hooks() -> Iterator[None]:
    """The log file and the hooks of a command end with its test."""
    hooks = sys.excepthook, threading.excepthook
    yield
    sys.excepthook, threading.excepthook = hooks
    for handler in [*log.handlers]:
        log.removeHandler(handler)
        handler.close()
    log.setLevel(logging.NOTSET)


@pytest.fixture
def cuenta(capsys: pytest.CaptureFixture[str]) -> Cuenta:
    """Runs `cuenta WORDS` in this process."""

    def run(*words: str) -> Done:
        capsys.readouterr()
        status = main([*words])
        shown = capsys.readouterr()
        return Done(status, shown.out, shown.err)

    return run


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine)


def with_usage(line: str, **more: Any) -> str:
    record = json.loads(line)
    record["message"]["usage"] |= more
    return json.dumps(record)


@pytest.fixture
def told(world: World) -> World:
    """Three Claude Code sessions and a Codex thread, around midnight and around now (2026-11-24T15:42Z)."""
    here = {"session": "5a5a0001-app", "cwd": "/home/dev/app"}
    write(
        world.claude("5a5a0001-app.jsonl"),
        [
            answer("late", output=11, at="2026-11-22T23:30:00.000Z", **here),
            answer("noon", output=12, at="2026-11-23T12:00:00.000Z", **here),
            answer("noon", output=22, at="2026-11-23T12:00:01.000Z", **here),
            answer("now1", output=13, at="2026-11-24T15:33:00.000Z", **here),
            answer("now2", output=14, at="2026-11-24T15:40:00.000Z", **here),
        ],
    )
    scout = {"isSidechain": True, "agentId": "scout", "model": "claude-haiku-4-5-20251001", **here}
    write(
        world.projects / "-home-dev-app" / "5a5a0001-app" / "subagents" / "agent-scout.jsonl",
        [answer("sub", output=3, at="2026-11-23T12:30:00.000Z", **scout)],
    )
    web = {"session": "5a5a0002-web", "cwd": "C:\\Users\\dev\\web"}
    fast = answer("fast", model="claude-opus-4-8", at="2026-11-16T08:00:00.000Z", **web)
    write(
        world.claude("5a5a0002-web.jsonl", "-web"),
        [
            with_usage(fast, speed="fast"),
            answer("free", model="house-model", at="2026-11-17T08:00:00.000Z", **web),
            answer("stated", model="house-model", at="2026-10-31T23:59:59.000Z", costUSD=0.5, **web),
        ],
    )
    nowhere = json.loads(answer("nowhere", session="77770003", at="2026-11-24T10:00:00.000Z"))
    del nowhere["cwd"], nowhere["message"]["model"]
    write(world.claude("77770003.jsonl", "-nowhere"), [json.dumps(nowhere)])
    once = counted((1000, 600, 50, 20), (1000, 600, 50, 20), at="2026-11-24T09:00:00.000Z")
    write(world.codex("019de000"), [rollout("019de000"), turn("u1"), once, once])
    return world
