"""The process around the tray: one instance, errors, and what may be imported."""

from __future__ import annotations

import ast
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from pytestqt.qtbot import QtBot

from app.machine import Machine
from app.ui.application import ErrorLog, Instance
from app.ui.tray import label, panel_ground
from tests.ui.desk import ROOT

ORGANS = {"app.ingest", "app.cli", "app.demo", "app.store.writer", "app.store.migrations", "app.store.files"}
"""What reads logs, or writes what was read: no window's business."""
QT = {"QtCore", "QtGui", "QtWidgets", "QtDBus", "QtSvg"}


def test_one_instance_for_each_folder(tmp_path: Path) -> None:
    """The second does not get the lock until the first is gone; another folder is another Cuenta."""
    first, second, elsewhere = (Instance(tmp_path / name) for name in ("a", "a", "b"))
    assert first.take()
    assert not second.take()
    assert elsewhere.take()
    first.release()
    assert second.take()
    second.release()
    elsewhere.release()
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


def test_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    """kill -9 leaves the lock file; its process id tells that nobody holds it."""
    code = (
        "import os, sys; from pathlib import Path; from app.ui.application import Instance;"
        f"held = Instance(Path({str(tmp_path)!r})); held.take() and os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert done.returncode == -9
    assert (tmp_path / "instance.lock").exists()
    instance = Instance(tmp_path)
    assert instance.take()
    instance.release()


def test_every_further_start_wakes_the_first(tmp_path: Path, qtbot: QtBot) -> None:
    """Also after somebody has tidied the wake file away."""
    woken: list[int] = []
    first, second = Instance(tmp_path), Instance(tmp_path)
    assert first.take()
    first.on_wake(lambda: woken.append(1))
    second.wake_first()
    qtbot.waitUntil(lambda: len(woken) == 1)
    (tmp_path / "wake").unlink()
    qtbot.waitUntil(lambda: (tmp_path / "wake").exists())
    second.wake_first()
    qtbot.waitUntil(lambda: len(woken) == 2)
    first.release()


def test_unwritable_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        Instance(tmp_path / "file" / "data").take()


def test_an_error_is_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """What fails at each reading must not fill the disk; another place is logged beside it."""
    log = ErrorLog()

    def fail(place: str) -> None:
        try:
            if place == "here":
                raise RuntimeError("x")
            raise RuntimeError("y")
        except RuntimeError as error:
            log(type(error), error, error.__traceback__)

    with caplog.at_level(logging.ERROR):
        for _ in range(20):
            fail("here")
            fail("there")
    assert len(caplog.records) == 2


@pytest.mark.parametrize(
    ("environment", "system", "known"),
    [
        ({"XDG_CURRENT_DESKTOP": "ubuntu:GNOME"}, "linux", True),
        ({"XDG_CURRENT_DESKTOP": "Unity"}, "linux", True),
        ({"XDG_CURRENT_DESKTOP": "XFCE"}, "linux", False),
        ({}, "linux", False),
    ],
)
def test_panel_ground(environment: dict[str, str], system: str, known: bool, qapp: QGuiApplication) -> None:
    """Only where it is sure; a wrong ink would be an invisible icon."""
    assert (panel_ground(environment, system) == "dark") is known
    assert (panel_ground(environment, system) is None) is not known


@pytest.mark.parametrize(
    ("text", "on_bus", "expected"),
    [
        ("my_app", False, "my_app"),
        ("my_app", True, "my__app"),
        ("R&D & B", False, "R&&D && B"),
        ("R&D & B", True, "R&&D & B"),  # Qt sends R_&D & B
    ],
)
def test_label(text: str, on_bus: bool, expected: str) -> None:
    """Neither & nor _ of a project's name becomes a shortcut."""
    assert label(text, on_bus) == expected


def test_imports_of_the_user_interface() -> None:
    """app/ui asks reports and knows Qt, never QtNetwork, never an organ or an agent; nobody else knows Qt."""
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in sorted((ROOT / "app").rglob("*.py"))
        for name in imported(path)
        if not allowed(path, name)
    ]
    assert wrong == []


def imported(path: Path) -> list[str]:
    """Dotted names that a file imports: modules, and for PySide6 and app also what is taken from them."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            taken = node.module in ("app", "PySide6")
            names += [f"{node.module}.{alias.name}" for alias in node.names] if taken else [node.module]
    return names


def allowed(path: Path, name: str) -> bool:
    head, _, rest = name.partition(".")
    in_ui = (ROOT / "app/ui") in path.parents
    if head == "PySide6":
        return in_ui and rest.partition(".")[0] in QT
    if head == "app" and in_ui:
        agent = name.startswith("app.sources.")
        return not agent and not any(name == one or name.startswith(one + ".") for one in ORGANS)
    return True


def test_nothing_heavy_before_the_icon() -> None:
    """The way to the icon loads no database, no charts, no command line and no network."""
    heavy = "sqlalchemy sqlmodel alembic pyqtgraph numpy watchdog keyring tiktoken typer rich babel msgspec asyncio"
    code = (
        "import sys, app.ui.application;"
        f"heavy = {heavy.split()!r} + ['socket', 'ssl', 'http', 'sqlite3', 'PySide6.QtNetwork'];"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_qt_calls_do_not_eat_none() -> None:
    """PySide6 6.12.0 on Python < 3.12 drops one reference of None at each call and aborts after some 5,200."""
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    before = sys.getrefcount(None)
    for _ in range(1000):
        image.fill(Qt.GlobalColor.red)
    assert sys.getrefcount(None) - before > -100


def test_machine_has_the_tokens() -> None:
    """The design tokens lie among the resources, where theme.py looks for them."""
    assert (Machine(home=Path.home()).resources / "tokens.json").is_file()
