"""Start at login: what each system is told, and that it is the system which is asked."""

from __future__ import annotations

import plistlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app import autostart
from app.diagnostics import KnownError
from app.machine import Machine

WORDS = ["/opt/my apps/cuenta", "--at-login"]


@pytest.fixture
def linux(machine: Machine) -> Machine:
    return replace(machine, system="linux")


def test_a_desktop_entry_comes_and_goes(linux: Machine) -> None:
    entry = linux.home / ".config/autostart/cuenta.desktop"
    assert not autostart.is_on(linux)
    autostart.switch(linux, True, WORDS)
    assert autostart.is_on(linux)
    assert 'Exec="/opt/my apps/cuenta" --at-login\n' in entry.read_text()
    assert [path.name for path in entry.parent.iterdir()] == ["cuenta.desktop"]
    autostart.switch(linux, False)
    assert not autostart.is_on(linux)
    assert not entry.exists()
    autostart.switch(linux, False)


def test_the_folder_of_the_desktop_is_obeyed(linux: Machine, tmp_path: Path) -> None:
    elsewhere = replace(linux, environment={"XDG_CONFIG_HOME": str(tmp_path / "config")})
    autostart.switch(elsewhere, True, WORDS)
    assert (tmp_path / "config/autostart/cuenta.desktop").is_file()
    assert not autostart.is_on(linux)


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false", "Hidden = True"])
def test_what_the_desktop_switched_off_is_off(line: str, linux: Machine) -> None:
    autostart.switch(linux, True, WORDS)
    entry = linux.home / ".config/autostart/cuenta.desktop"
    entry.write_text(entry.read_text() + line + "\n")
    assert not autostart.is_on(linux)
    autostart.switch(linux, True, WORDS)
    assert autostart.is_on(linux)


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("/usr/bin/cuenta", "/usr/bin/cuenta"),
        ("a b", '"a b"'),
        ("50%", '"50%%"'),
        ('say "x"', '"say \\\\"x\\\\""'),
        ("$HOME", '"\\\\$HOME"'),
        ("", '""'),
    ],
)
def test_words_in_exec(word: str, written: str) -> None:
    assert autostart._for_exec(word) == written


@pytest.mark.parametrize(
    ("word", "written"),
    [
        (r"C:\cuenta.exe", r"C:\cuenta.exe"),
        (r"C:\My Apps\cuenta.exe", r'"C:\My Apps\cuenta.exe"'),
        ("a \\", '"a \\\\"'),
        ('a "b"', '"a \\"b\\""'),
        ('a \\"', '"a \\\\\\""'),
    ],
)
def test_words_on_a_windows_command_line(word: str, written: str) -> None:
    assert autostart._for_windows(word) == written


def test_a_launch_agent_comes_and_goes(machine: Machine) -> None:
    mac = replace(machine, system="darwin")
    autostart.switch(mac, True, WORDS)
    told = plistlib.loads((mac.home / "Library/LaunchAgents/cuenta.plist").read_bytes())
    assert told["ProgramArguments"] == WORDS
    assert told["RunAtLoad"] is True
    assert autostart.is_on(mac)
    autostart.switch(mac, False)
    assert not autostart.is_on(mac)


class Registry:
    """As much of `winreg` as we use, over a dictionary."""

    HKEY_CURRENT_USER, KEY_SET_VALUE, REG_SZ = "HKCU", 2, 1

    def __init__(self) -> None:
        self.keys: dict[str, dict[str, Any]] = {}

    @contextmanager
    def OpenKey(self, _root: str, path: str, *_rest: int) -> Iterator[dict[str, Any]]:
        if path not in self.keys:
            raise FileNotFoundError(2, "no such key")
        yield self.keys[path]

    @contextmanager
    def CreateKeyEx(self, _root: str, path: str, *_rest: int) -> Iterator[dict[str, Any]]:
        yield self.keys.setdefault(path, {})

    def QueryValueEx(self, key: dict[str, Any], name: str) -> tuple[Any, int]:
        if name not in key:
            raise FileNotFoundError(2, "no such value")
        return key[name], 1

    def SetValueEx(self, key: dict[str, Any], name: str, _zero: int, _kind: int, value: Any) -> None:
        key[name] = value

    def DeleteValue(self, key: dict[str, Any], name: str) -> None:
        if name not in key:
            raise FileNotFoundError(2, "no such value")
        del key[name]


def test_the_run_key(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the Task Manager has switched it off meanwhile."""
    registry = Registry()
    monkeypatch.setitem(sys.modules, "winreg", registry)  # type: ignore[arg-type]
    windows = replace(machine, system="win32")
    assert not autostart.is_on(windows)
    autostart.switch(windows, False)
    autostart.switch(windows, True, [r"C:\My Apps\cuenta.exe", "--at-login"])
    assert registry.keys[autostart.RUN_KEY] == {"cuenta": r'"C:\My Apps\cuenta.exe" --at-login'}
    assert autostart.is_on(windows)
    registry.keys[autostart.APPROVED_KEY] = {"cuenta": bytes([3, 0, 0, 0])}
    assert not autostart.is_on(windows)
    autostart.switch(windows, True, WORDS)
    assert autostart.is_on(windows)
    autostart.switch(windows, False)
    assert not autostart.is_on(windows)


def test_a_folder_that_cannot_be_written_is_said(linux: Machine) -> None:
    linux.home.mkdir(exist_ok=True)
    (linux.home / ".config").write_text("a file where a folder belongs")
    with pytest.raises(KnownError, match="Start at login can't be changed"):
        autostart.switch(linux, True, WORDS)


def test_the_command_starts_this_program(linux: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An AppImage by its own file, a bundle by itself, an installed script, and a checkout from any folder."""
    image = replace(linux, environment={"APPIMAGE": "/home/me/Cuenta.AppImage"})
    assert autostart.own_command(image) == ["/home/me/Cuenta.AppImage", "--at-login"]
    python = str(tmp_path / "python")
    monkeypatch.setattr(autostart, "sys", SimpleNamespace(executable=python))
    first, *rest = autostart.own_command(linux)
    assert first == python
    assert "--at-login" in rest[-1]
    assert str(Path(autostart.__file__).parent.parent) in rest[-1]
    (tmp_path / "cuenta").touch()
    assert autostart.own_command(linux) == [str(tmp_path / "cuenta"), "--at-login"]
    monkeypatch.setattr(autostart, "sys", SimpleNamespace(frozen=True, executable="/opt/cuenta/cuenta"))
    assert autostart.own_command(linux) == ["/opt/cuenta/cuenta", "--at-login"]


def test_flatpak_has_no_such_folder(linux: Machine) -> None:
    assert autostart.available(linux)
    assert not autostart.available(replace(linux, environment={"FLATPAK_ID": "x"}))


def test_a_login_finds_the_chosen_data_folder(linux: Machine) -> None:
    chosen = replace(linux, environment={"CUENTA_HOME": "~/my data"}, data=Path("/home/me/my data"))
    autostart.switch(chosen, True, WORDS)
    entry = linux.home / ".config/autostart/cuenta.desktop"
    assert 'Exec=env "CUENTA_HOME=/home/me/my data" "/opt/my apps/cuenta" --at-login\n' in entry.read_text()
    assert autostart.place(chosen) == str(Path("~/.config/autostart/cuenta.desktop"))
    mac = replace(chosen, system="darwin")
    autostart.switch(mac, True, WORDS)
    told = plistlib.loads((mac.home / autostart.place(mac).removeprefix("~/")).read_bytes())
    assert told["EnvironmentVariables"] == {"CUENTA_HOME": "/home/me/my data"}
