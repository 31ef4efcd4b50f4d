"""What connecting an agent, or taking that back, makes of its settings file: a value, shown before anything is done."""

from __future__ import annotations

import os
from difflib import unified_diff
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from app.agent_files import ledger
from app.agent_files.edit import Done, Edit
from app.agent_files.edits import RefusedError, with_edits, without
from app.diagnostics import KnownError
from app.machine import Machine

_LARGEST = 4 << 20


class Plan(NamedTuple):
    """One change of one file. Nothing of it has been done."""

    connection: str
    """Id of the agent."""
    path: Path
    """As the agent knows it; it may be a link."""
    now: bytes | None
    """What the file holds; None where there is none."""
    base: bytes | None
    """What it holds without us; None where there is none then."""
    after: bytes | None
    """What it is to hold; None where it is to go."""
    done: tuple[Done, ...]
    """What will be ours in it; empty where it is taken out."""

    @property
    def changes(self) -> bool:
        return self.now != self.after

    def diff(self, machine: Machine) -> str:
        """As `diff -u` writes it; empty where nothing changes."""
        name = machine.short(self.path)
        sides = ((self.now or b"").decode().splitlines(True), (self.after or b"").decode().splitlines(True))
        names = (
            name if self.now is not None else f"{name} (not there)",
            name if self.after is not None else "(removed)",
        )
        lines = [line if line.endswith("\n") else line + "\n" for line in unified_diff(*sides, *names)]
        return "".join(line.replace("\r\n", "\n") for line in lines)


def connect(machine: Machine, connection: str, path: Path, edits: tuple[Edit, ...], empty: str) -> Plan:
    """What adding the edits makes of the file; `empty` is the text that a new one begins from. What an earlier version of us
    left there is replaced. Raises KnownError: the file is damaged, read-only, a link to nowhere, or none of an agent that
    is here.
    """
    if not path.parent.is_dir():
        raise KnownError(f"There is no folder {machine.short(path.parent)}.", "The agent does not seem to be here.")
    now = content(machine, path)
    earlier = ledger.written(machine, connection)
    base = now if earlier is None else _taken_out(machine, earlier, now)
    text, done = with_edits(empty if base is None else _text(base, path), edits, path.name)
    if not done:  # somebody has written the same by hand
        return Plan(connection, path, now, base, now, ())
    return Plan(connection, path, now, base, text.encode(), done)


def disconnect(machine: Machine, one: ledger.Written) -> Plan:
    """What taking our part out makes of the file: as it was before, or, where its owner has changed it meanwhile, only
    without what is ours. Raises KnownError.
    """
    now = content(machine, one.file)
    base = _taken_out(machine, one, now)
    return Plan(one.connection, one.file, now, base, base, ())


def content(machine: Machine, path: Path) -> bytes | None:
    """What the file holds; None where there is none. Raises KnownError where it could not be written either."""
    try:
        facts = path.stat()
        if facts.st_size > _LARGEST:
            raise RefusedError(f"{machine.short(path)} is too large to be settings.", "Nothing was written.")
        if not facts.st_mode & 0o200:  # root may write anywhere; its owner has said no
            raise RefusedError(f"{machine.short(path)} is read-only.", "Make it writable first.")
        return path.read_bytes()
    except FileNotFoundError:
        if os.path.lexists(path):
            raise RefusedError(f"{machine.short(path)} is a link that leads nowhere.", "Mend it first.") from None
        return None
    except OSError as error:
        told = f"{machine.short(path)} can't be read: {error.strerror or error}."
        raise KnownError(told, "Make it readable.") from error


def digest(content: bytes | None) -> str:
    return "" if content is None else sha256(content).hexdigest()


def _taken_out(machine: Machine, one: ledger.Written, now: bytes | None) -> bytes | None:
    if now is None:
        return None
    if digest(now) == one.after:
        try:
            return ledger.copy_of(machine, one)
        except OSError:
            pass  # the copy is gone: what is ours can still be told
    text = _text(now, one.file)
    for done in reversed(one.done):
        text = without(text, done, one.file.name)
    return text.encode()


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise RefusedError(f"{path.name} is not UTF-8.", "Nothing was written.") from error
