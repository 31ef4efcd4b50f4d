"""What every test gets: a machine of its own in a temporary folder, a fixed clock and zone, and no network."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from app.machine import Machine
from app.model.instant import instant_of

NOW = "2026-11-24T15:42:00Z"
ROOT = Path(__file__).resolve().parent.parent
FIXTURES = Path(__file__).resolve().parent / "fixtures"


settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.load_profile("fixed")  # the same examples on every machine; `--long` draws new ones


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="also run what takes minutes or wants a large corpus")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        settings.register_profile("fresh", deadline=None, database=None)
        settings.load_profile("fresh")
        return
    skip = pytest.mark.skip(reason="takes minutes: python3 packaging/bootstrap.py test --long")
    for item in items:
        if "long" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening an internet socket fails the test; Unix sockets (X11, D-Bus) are allowed."""

    class Guarded(socket.socket):
        def __init__(self, family: int = -1, *rest: object, **named: object) -> None:
            if family not in (socket.AF_UNIX,) and named.get("fileno") is None:
                raise AssertionError("a test opened a network socket")
            super().__init__(family, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "socket", Guarded)


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A thread that outlives its test fails it, by name."""
    before = set(threading.enumerate())
    yield
    for thread in set(threading.enumerate()) - before:
        thread.join(2)
    left = [one.name for one in set(threading.enumerate()) - before if not one.name.startswith(("dbus", "sni"))]
    assert not left, f"threads still running: {left}"


@pytest.fixture(autouse=True)
def no_second_application(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor asks for the tray with an application of Qt's own. In this process it would be followed by the one of the
    widget tests, which then hears no events: to see it, run the doctor's tests before those of windows.
    """
    monkeypatch.setattr("app.__main__._tray_kind", lambda: "none")


@pytest.fixture(autouse=True)
def own_world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the developer's own logs, settings or time zone."""
    for name in [*os.environ]:
        if name.startswith(("CUENTA_", "CLAUDE_", "CODEX_", "XDG_")) and name != "XDG_RUNTIME_DIR":
            monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CUENTA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("CUENTA_NOW", NOW)
    monkeypatch.setenv("TZ", "UTC")
    (tmp_path / "home").mkdir(exist_ok=True)


@pytest.fixture
def now() -> int:
    """ms since 1970 UTC of the fixed clock."""
    instant = instant_of(NOW)
    assert instant is not None
    return instant


@pytest.fixture
def machine(tmp_path: Path, now: int) -> Machine:
    """Home and data folder in the test's own folder, the clock at NOW, the zone UTC."""
    return Machine(tmp_path / "home", {"TZ": "UTC"}, clock=lambda: now, data=tmp_path / "data")
