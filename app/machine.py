"""The machine as the program sees it: home, environment, clock and folders, handed in so that tests make their own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.model.instant import instant_of

_HOMES = (("AppData", "win32"), ("Library/Application Support", "darwin"))
"""A folder of every home folder of a system."""


def shipped() -> Path:
    """Beside the package in a checkout, inside it in an installed wheel, in the unpacked bundle in a frozen program."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_resources", package.parent / "resources"):
        if folder.is_dir():
            return folder
    return package.parent / "resources"


@dataclass(frozen=True)
class Machine:
    """Where things are and what time it is. Everything that asks the world goes through one of these."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    system: str = sys.platform
    clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    """Milliseconds since 1970 UTC."""
    data: Path = Path()
    """`CUENTA_HOME`: everything Cuenta keeps."""
    resources: Path = field(default_factory=shipped)

    @staticmethod
    def here() -> Machine:
        """This machine, with `CUENTA_HOME` and `CUENTA_NOW` obeyed.

        Raises ValueError when `CUENTA_NOW` is set and is no ISO 8601 instant.
        """
        environment = os.environ
        home = Path(environment.get("USERPROFILE" if sys.platform == "win32" else "HOME") or Path.home())
        fixed = environment.get("CUENTA_NOW")
        if fixed:
            now = instant_of(fixed)
            if now is None:
                raise ValueError(f"CUENTA_NOW is no instant: {fixed!r} (write it like 2026-09-30T18:00:00Z)")
            return Machine(home, environment, clock=lambda: now, data=_data_folder(environment))
        return Machine(home, environment, data=_data_folder(environment))

    @property
    def database(self) -> Path:
        return self.data / "cuenta.sqlite3"

    def path(self, text: str) -> Path:
        """A path as a person writes it: `~` is this machine's home, whoever the process thinks it is."""
        return self.home / text[2:] if text == "~" or text[:2] in ("~/", "~\\") else Path(text)

    def short(self, path: str | Path) -> str:
        """The reverse: `~` for this machine's home, as people write it and read it."""
        try:
            below = Path(path).relative_to(self.home)
        except ValueError:
            return str(path)
        return "~" if below == Path() else str(Path("~") / below)

    def folders(self, name: str) -> list[Path]:
        """The folders a variable names, several parted by commas, or as the system parts paths; empty where it is unset."""
        text = self.variable(name) or ""
        between = "," if "," in text or self.system == "win32" else ":"
        return [self.path(one.strip()) for one in text.replace(";", between).split(between) if one.strip()]

    def at_home(self, home: Path) -> Machine:
        """A machine whose home folder is seen from here: its variables are not known, its system by what lies there."""
        system = next((system for folder, system in _HOMES if (home / folder).is_dir()), "linux")
        return replace(self, home=home, environment={}, system=system)

    def variable(self, name: str) -> str | None:
        """The variable's value; None where it is unset or blank."""
        return (self.environment.get(name) or "").strip() or None


def _data_folder(environment: Mapping[str, str]) -> Path:
    chosen = environment.get("CUENTA_HOME")
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))
    import platformdirs  # only where nobody chose: the import costs the quick commands 5 ms

    return Path(platformdirs.user_data_dir("cuenta", appauthor=False))
