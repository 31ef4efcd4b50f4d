"""Does what a plan says, whole or not at all, and only where the file is still what the plan was made of."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from app.agent_files import ledger
from app.agent_files.edits import RefusedError
from app.agent_files.plan import Plan, content, digest, disconnect
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import named


def carry_out(machine: Machine, plan: Plan) -> None:
    """Writes the file and keeps the record of it. Raises KnownError; the file is then as it was."""
    if content(machine, plan.path) != plan.now:
        raise RefusedError(f"{machine.short(plan.path)} has changed since.", "Look at the difference again.")
    try:
        if plan.done:
            _note(machine, plan)  # before the file: should we end in between, undoing finds nothing of ours and is done
        if plan.changes:
            _replace(Path(os.path.realpath(plan.path)), plan.after)
        if not plan.done and plan.after == plan.base:
            ledger.strike(machine, plan.connection)
    except OSError as error:
        where = machine.short(error.filename or plan.path)
        raise KnownError(f"{where} can't be written: {error.strerror or error}.", "Make it writable.") from error


def undo_all(machine: Machine) -> tuple[list[Plan], list[KnownError]]:
    """Takes out of every agent's settings what was ever written: what was done, and what could not be."""
    plans: list[Plan] = []
    failures: list[KnownError] = []
    for one in reversed(ledger.all_written(machine)):
        try:
            plan = disconnect(machine, one)
            carry_out(machine, plan)
            plans.append(plan)
        except KnownError as error:
            failures.append(error)
    return plans, failures


def _note(machine: Machine, plan: Plan) -> None:
    one = ledger.Written(
        connection=plan.connection,
        path=named(str(plan.path)),
        at=machine.clock(),
        after=digest(plan.after),
        created=plan.base is None,
        edits=ledger.edits_of(plan.done),
    )
    ledger.note(machine, one, plan.base)


def _replace(path: Path, content: bytes | None) -> None:
    """The file behind the links, with the mode and owner it had."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    facts = path.stat() if path.exists() else None
    beside = path.with_name(f".{path.name}.cuenta-new")
    with suppress(FileNotFoundError):
        beside.unlink()
    try:
        mode = 0o600 if facts is None else stat.S_IMODE(facts.st_mode)
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, mode)
        if facts is not None and hasattr(os, "chown"):
            with suppress(PermissionError):  # a group we are not in: our own will do
                os.chown(beside, facts.st_uid, facts.st_gid)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
