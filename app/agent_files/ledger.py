"""What was written into whose settings, so that it can be taken out: `connected.json` and the copies in `connected/`."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from app.agent_files.edit import Done, Edit
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import real

_LEDGER = "connected.json"
_COPIES = "connected"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One change of one file."""

    connection: str
    """Id of the agent."""
    path: str
    """The file as the agent knows it (`named`)."""
    at: int
    """ms since 1970 UTC."""
    after: str
    """Digest of the file as it was left."""
    created: bool
    """There was no file before."""
    edits: tuple[tuple[tuple[str, ...], Any, bool, Any, int], ...]
    """The fields of `Edit` and `Done`."""

    @property
    def file(self) -> Path:
        return Path(real(self.path))

    @property
    def done(self) -> tuple[Done, ...]:
        return tuple(Done(Edit(at, value, joins), before, made) for at, value, joins, before, made in self.edits)


def all_written(machine: Machine) -> tuple[Written, ...]:
    """Oldest first. Raises KnownError where the record can't be read: nothing must be written or undone then."""
    path = machine.data / _LEDGER
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Written, ...])
    except FileNotFoundError:
        return ()
    except (OSError, msgspec.MsgspecError) as error:
        raise KnownError(
            f"{path} can't be read: {error}.", "It records what was written into agents' files."
        ) from error


def written(machine: Machine, connection: str) -> Written | None:
    return next((one for one in all_written(machine) if one.connection == connection), None)


def note(machine: Machine, one: Written, base: bytes | None) -> None:
    """Keeps the record, and `base`, the file as it was without us. Raises OSError, KnownError."""
    folder = machine.data / _COPIES
    folder.mkdir(parents=True, exist_ok=True)
    if base is not None:
        _keep(folder / f"{one.connection}.before", base)
    _store(machine, (*_others(machine, one.connection), one))


def copy_of(machine: Machine, one: Written) -> bytes | None:
    """The file as it was before; None where there was none. Raises OSError where the copy is gone."""
    return None if one.created else (machine.data / _COPIES / f"{one.connection}.before").read_bytes()


def strike(machine: Machine, connection: str) -> None:
    """Forgets the record and its copy. Raises OSError, KnownError."""
    _store(machine, _others(machine, connection))
    (machine.data / _COPIES / f"{connection}.before").unlink(missing_ok=True)
    with suppress(OSError):
        (machine.data / _COPIES).rmdir()


def _others(machine: Machine, connection: str) -> tuple[Written, ...]:
    return tuple(one for one in all_written(machine) if one.connection != connection)


def _store(machine: Machine, every: tuple[Written, ...]) -> None:
    path = machine.data / _LEDGER
    if every:
        _keep(path, msgspec.json.format(msgspec.json.encode(every), indent=2) + b"\n")
    else:
        path.unlink(missing_ok=True)


def _keep(path: Path, content: bytes) -> None:
    """On the disk before anything else is touched, and for its owner alone: settings may hold keys."""
    beside = path.with_name(path.name + ".new")
    with suppress(FileNotFoundError):
        beside.unlink()
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(beside, path)


def edits_of(done: tuple[Done, ...]) -> tuple[tuple[tuple[str, ...], Any, bool, Any, int], ...]:
    return tuple((one.edit.at, one.edit.value, one.edit.joins, one.before, one.made) for one in done)
