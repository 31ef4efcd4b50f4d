"""What the user chose (`settings.json`), what the program noted (`notes.json`) and has notified (`told.json`): each one
typed value in one file.

They lie in `CUENTA_HOME`. A field is added here, with its sentence; nothing is looked up by name.
"""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.money import Currency, currency_of


class Billing(msgspec.Struct, frozen=True, kw_only=True):
    """How an account is paid, as the user says."""

    kind: Literal["api", "plan"]
    plan: str = ""
    """Id of the plan in `resources/plans.json`; empty is one of the user's own."""
    monthly: int = 0
    """What it costs a month, nano-dollars; 0 is not said."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Preferences, with what holds where nothing was chosen."""

    tray_figure: bool = False
    """Show today's whole dollars in the tray instead of the gauge."""
    tray_color: bool = False
    """Paint the tray icon in the accent color instead of the panel's ink."""
    appearance: Literal["system", "light", "dark"] = "system"
    """Light or dark windows, or as the system is."""
    text_percent: int = 100
    """Size of text in windows, of the system's own: 100 to 200."""
    notices: bool = True
    """Tell once for each session and limit that a context is nearly full."""
    repaired: bool = True
    """Add to what was logged, with ≈, the output that placeholder counts leave out; off shows the bare logged figures."""
    billing: dict[str, Billing] = {}
    """Account (`report.plans.account_key`) → how it is paid; what is not in here nobody has said."""
    currency: tuple[str, str, str] | None = None
    """Code, units for one dollar and the day of that rate (`model.money.Currency`), to look at figures in; None is
    dollars."""
    price_notices: bool = True
    """Tell once for each model that has no price."""
    sources_off: tuple[str, ...] = ()
    """Ids of the agents whose logs are not read."""
    confirmed: tuple[str, ...] = ()
    """Ids of unverified agents of which a session was compared and found right: their calls count."""
    folders: dict[str, tuple[str, ...]] = {}
    """Id of an agent → folders that are read beside its own."""
    homes: dict[str, str] = {}
    """Label → another home folder that agents are looked for in: a container's, a mounted machine's, a copied history."""

    @property
    def shown_in(self) -> Currency | None:
        """The currency to look at figures in; None is dollars, and whatever was written into the file that is none."""
        try:
            return None if self.currency is None else currency_of(*self.currency)
        except ValueError:
            return None


class Notes(msgspec.Struct, frozen=True, kw_only=True):
    """What the program remembers between two starts."""

    paused: bool = False
    """Reading is paused."""
    paused_until: int | None = None
    """When reading goes on by itself, ms since 1970 UTC; None is not before the user says so."""
    welcomed: bool = False
    """The first-run window has been shown."""

    def is_paused(self, now: int) -> bool:
        return self.paused and (self.paused_until is None or now < self.paused_until)


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What was notified, so that nothing is told twice."""

    sessions: dict[str, int] = {}
    """Session → when it was told to be near its context limit, ms since 1970 UTC; 0 where the day had its three."""
    models: dict[str, int] = {}
    """Model → when it was told to have no price, ms since 1970 UTC."""


Kept = TypeVar("Kept", Settings, Notes, Told)
_NAMES: dict[type, str] = {Settings: "settings.json", Notes: "notes.json", Told: "told.json"}


def load(machine: Machine, kind: type[Kept]) -> Kept:
    """As stored; what was never chosen, or no longer fits, has its usual value. Raises KnownError for a damaged file."""
    path = machine.data / _NAMES[kind]
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return kind()
    except OSError as error:
        raise KnownError(f"{path} can't be read: {error.strerror or error}.", "Make it readable.") from error
    if not raw.strip(b"\0"):  # the power failed before it was on the disk
        return kind()
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.MsgspecError as error:
        raise KnownError(
            f"{path} is damaged: {error}.", "Mend it, or move it away to start from the usual values."
        ) from error


def load_or_usual(machine: Machine) -> Settings:
    """The settings; the usual ones where the file is damaged, which is told where they are needed for more than words."""
    try:
        return load(machine, Settings)
    except KnownError:
        return Settings()


def shows_repaired(machine: Machine) -> bool:
    """Do people want to see what placeholder counts leave out?"""
    return load_or_usual(machine).repaired


def welcome_is_due(machine: Machine) -> bool:
    """Has nobody been welcomed here yet? Whoever has a damaged file has been here."""
    try:
        return not load(machine, Notes).welcomed
    except KnownError:
        return False


def save(machine: Machine, value: Settings | Notes | Told) -> None:
    """Whole or not at all. Raises KnownError where it can't be written."""
    path = machine.data / _NAMES[type(value)]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
        if isinstance(value, Settings) and os.name == "posix":
            threading.Thread(target=_to_disk, args=(path,)).start()
    except OSError as error:
        raise KnownError(
            f"{path} can't be written: {error.strerror or error}.", "Free space or make it writable."
        ) from error


def change(machine: Machine, kind: type[Kept], **fields: Any) -> Kept:
    """Stores these fields and leaves the others as they are on the disk. Raises KnownError where that can't be done."""
    changed = msgspec.structs.replace(load(machine, kind), **fields)
    save(machine, changed)
    return changed


def _replace(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    with open(beside, "wb") as file:
        file.write(content)
    os.replace(beside, path)


def _to_disk(path: Path) -> None:
    """Beside whoever clicked, for a disk may take several frames. Should the power fail before, the file is the one before
    or empty; what the program notes by itself is not worth even that.
    """
    with suppress(OSError), open(path, "rb") as file:
        os.fsync(file.fileno())
