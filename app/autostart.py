"""Whether Cuenta starts with the desktop: asked of the system and told to it, so there is no second truth of our own.

Linux and the BSDs have a file in the XDG autostart folder, macOS a LaunchAgent, Windows a value under the Run key.
"""

from __future__ import annotations

import os
import plistlib
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.diagnostics import KnownError
from app.machine import Machine

NAME = "cuenta"
AT_LOGIN = "--at-login"
RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""Where the Task Manager notes what the user switched off there."""


def available(machine: Machine) -> bool:
    """Inside Flatpak the folder we see is not the one the desktop reads."""
    return machine.variable("FLATPAK_ID") is None


def is_on(machine: Machine) -> bool:
    """Does the system start Cuenta at login?"""
    if machine.system == "win32":
        return _on_windows()
    if machine.system == "darwin":
        return _agent(machine).exists()
    try:
        text = _entry(machine).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    facts = {line.replace(" ", "").lower() for line in text.splitlines()}
    return not facts & {"hidden=true", "x-gnome-autostart-enabled=false"}


def switch(machine: Machine, on: bool, command: Sequence[str] | None = None) -> None:
    """Tells the system. Raises KnownError where it does not listen."""
    words = own_command(machine) if command is None else list(command)
    try:
        if machine.system == "win32":
            _switch_windows(words, on)
        elif machine.system == "darwin":
            _write(_agent(machine), plistlib.dumps(_launch_agent(words, _chosen_home(machine))) if on else None)
        else:
            home = [f"{name}={value}" for name, value in _chosen_home(machine).items()]
            command_line = ["env", *home, *words] if home else words
            _write(_entry(machine), _desktop_entry(command_line).encode() if on else None)
    except OSError as error:
        where = error.filename or RUN_KEY
        raise KnownError(
            f"Start at login can't be changed: {where}: {error.strerror or error}.", "Make it writable."
        ) from error


def place(machine: Machine) -> str:
    """What `switch` writes, the one thing outside the data folder: a file, or the key of the registry."""
    if machine.system == "win32":
        return f"HKEY_CURRENT_USER\\{RUN_KEY}"
    return machine.short(_agent(machine) if machine.system == "darwin" else _entry(machine))


def own_command(machine: Machine, *arguments: str) -> list[str]:
    """The words that start this very program; without arguments as at login."""
    given = list(arguments) or [AT_LOGIN]
    image = machine.variable("APPIMAGE")
    if image:  # not the mount point, which is another one each time
        return [image, *given]
    if getattr(sys, "frozen", False):
        return [sys.executable, *given]
    python = Path(sys.executable)
    script = python.with_name("cuenta.exe" if machine.system == "win32" else "cuenta")
    if script.exists():
        return [str(script), *given]
    if machine.system == "win32" and python.with_name("pythonw.exe").exists():
        python = python.with_name("pythonw.exe")  # without a console
    # A checkout: the working folder of a login is not ours, so `-m app` alone would find nothing.
    place = str(Path(__file__).resolve().parent.parent)
    code = f"import sys; sys.path.insert(0, {place!r}); from app.__main__ import main; sys.exit(main({given!r}))"
    return [str(python), "-P", "-c", code]


def shell_line(machine: Machine, *arguments: str) -> str:
    """The line by which a shell starts this very program, with the data folder of this one."""
    words = own_command(machine, *arguments)
    if machine.system == "win32":
        return " ".join(_for_windows(word) for word in words)
    home = [f"{name}={value}" for name, value in _chosen_home(machine).items()]
    return shlex.join(["env", *home, *words] if home else words)


def _chosen_home(machine: Machine) -> dict[str, str]:
    """A login knows nothing of the shell that Cuenta was started from; Windows keeps a user's variables by itself."""
    return {"CUENTA_HOME": str(machine.data)} if machine.variable("CUENTA_HOME") else {}


def _entry(machine: Machine) -> Path:
    return Path(machine.variable("XDG_CONFIG_HOME") or machine.home / ".config") / "autostart" / f"{NAME}.desktop"


def _agent(machine: Machine) -> Path:
    return machine.home / "Library" / "LaunchAgents" / f"{NAME}.plist"


def _write(path: Path, content: bytes | None) -> None:
    """Whole or not at all; None takes the file away."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(content)
    os.replace(beside, path)


def _launch_agent(words: Sequence[str], variables: dict[str, str]) -> dict[str, Any]:
    return {
        "Label": NAME,
        "ProgramArguments": list(words),
        "EnvironmentVariables": variables,
        "RunAtLoad": True,
        "ProcessType": "Interactive",
        "LimitLoadToSessionType": "Aqua",
    }


def _desktop_entry(words: Sequence[str]) -> str:
    lines = [
        "[Desktop Entry]",
        "Type=Application",
        "Name=Cuenta",
        "Comment=What coding agents cost",
        f"Exec={' '.join(_for_exec(word) for word in words)}",
        f"Icon={NAME}",
        "Terminal=false",
        "X-GNOME-Autostart-enabled=true",
        "X-GNOME-Autostart-Delay=3",
    ]
    return "\n".join(lines) + "\n"


def _for_exec(word: str) -> str:
    """A word as the Desktop Entry specification wants it in `Exec`."""
    if word and all(letter.isalnum() or letter in "-_./:=@+," for letter in word):
        return word
    for plain, quoted in (("\\", "\\\\"), ('"', '\\"'), ("`", "\\`"), ("$", "\\$")):
        word = word.replace(plain, quoted)
    whole = '"' + word.replace("%", "%%") + '"'
    return whole.replace("\\", "\\\\").replace("\n", "\\n")  # the file's own escape for strings comes on top


def _for_windows(word: str) -> str:
    """A word as the Microsoft C runtime takes a command line apart."""
    if word and not any(letter in ' \t"' for letter in word):
        return word
    made, slashes = '"', 0
    for letter in word:
        if letter == "\\":
            slashes += 1
            continue
        made += "\\" * (slashes * 2 + 1 if letter == '"' else slashes) + letter
        slashes = 0
    return made + "\\" * (slashes * 2) + '"'


def _on_windows() -> bool:
    import winreg

    user: Any = winreg.HKEY_CURRENT_USER  # type: ignore[attr-defined]
    try:
        with winreg.OpenKey(user, RUN_KEY) as key:  # type: ignore[attr-defined]
            winreg.QueryValueEx(key, NAME)  # type: ignore[attr-defined]
    except OSError:
        return False
    try:
        with winreg.OpenKey(user, APPROVED_KEY) as key:  # type: ignore[attr-defined]
            said, _ = winreg.QueryValueEx(key, NAME)  # type: ignore[attr-defined]
    except OSError:
        return True
    return not (said and said[0] & 1)


def _switch_windows(words: Sequence[str], on: bool) -> None:
    import winreg

    user: Any = winreg.HKEY_CURRENT_USER  # type: ignore[attr-defined]
    with winreg.CreateKeyEx(user, RUN_KEY, 0, winreg.KEY_SET_VALUE) as key:  # type: ignore[attr-defined]
        if on:
            line = " ".join(_for_windows(word) for word in words)
            winreg.SetValueEx(key, NAME, 0, winreg.REG_SZ, line)  # type: ignore[attr-defined]
        else:
            _forget(winreg, key)
    if on:  # what was switched off in the Task Manager is on again
        try:
            with winreg.OpenKey(user, APPROVED_KEY, 0, winreg.KEY_SET_VALUE) as key:  # type: ignore[attr-defined]
                _forget(winreg, key)
        except FileNotFoundError:
            pass


def _forget(winreg: Any, key: Any) -> None:
    try:
        winreg.DeleteValue(key, NAME)
    except FileNotFoundError:
        pass
