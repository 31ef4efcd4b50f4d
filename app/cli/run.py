"""From words to a command: the quick path for the everyday reads, typer for everything else, errors in one sentence."""

from __future__ import annotations

import errno
import io
import os
import sqlite3
import sys
from collections.abc import Callable

from app.cli.commands import COMMANDS
from app.cli.spec import Command, quick_values
from app.diagnostics import KnownError, catch_everything, last_crash, start_log
from app.machine import Machine
from app.model.path import named
from app.store.database import is_of_the_world, refusal


def main(words: list[str], tray_kind: Callable[[], str] | None = None) -> int:
    """Runs one command line. Exit status: 0 done, 1 a problem that is explained, 2 wrong usage."""
    if tray_kind is not None:
        from app.cli import health

        health.TRAY_KIND = tray_kind
    command = next((one for one in COMMANDS if words and one.name == words[0]), None)
    values = quick_values(command, words[1:]) if command is not None and command.read_only else None
    if command is None or values is None or "_CUENTA_COMPLETE" in os.environ:
        from app.cli import typer_app

        return guarded(lambda: typer_app.run(words))
    return guarded(lambda: invoke(command, values))


def invoke(command: Command, values: dict[str, object]) -> int:
    """Calls the command on this machine, or on one of made-up logs where `--demo` is given."""
    from app.runtime import told_machine

    for name, value in values.items():
        if isinstance(value, str):
            values[name] = named(value)
        elif isinstance(value, list):
            values[name] = [named(one) for one in value]
    with told_machine(bool(values.pop("demo", False))) as machine:
        if not command.money or values.get("json") or values.get("csv") or values.get("trace"):
            return command.run(machine, **values)
        return _in_ones_currency(command, machine, values)


def _in_ones_currency(command: Command, machine: Machine, values: dict[str, object]) -> int:
    """What people read is in the currency that they chose; its rate stands below."""
    from app import formats
    from app.report.zone import day_of, local_zone
    from app.settings import load_or_usual

    currency = load_or_usual(machine).shown_in
    today = day_of(machine.clock(), local_zone(machine))
    formats.show_in(currency, today)
    try:
        status = command.run(machine, **values)
        if currency is not None and not status:
            print(f"Amounts in {currency.code}, {formats.at_rate()}.")
        return status
    finally:
        formats.show_in(None, today)


_OUTPUT_LOST = (errno.ENOSPC, errno.EIO, errno.EFBIG)
"""What a redirected output fails with; files of ours and of the agents are guarded where they are used."""


def guarded(work: Callable[[], int]) -> int:
    """The border where errors get their face: the world's fault one sentence, ours a trace in the log file."""
    _ready_output()
    try:
        machine = Machine.here()
        start_log(machine.data)
        catch_everything(machine.data / "crash.txt")
        _tell_of_crash(machine)
        status = work()
        sys.stdout.flush()
        return status
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        _write_no_more()  # the reader of our output has gone (`| head`)
        return 0
    except OSError as error:
        if error.errno not in _OUTPUT_LOST:
            raise
        _write_no_more()
        print(f"What is to be printed can't be written: {error.strerror}.", file=sys.stderr)
        return 1
    except sqlite3.DatabaseError as error:
        if not is_of_the_world(error):
            raise
        print(refusal(Machine.here().database, error), file=sys.stderr)
        return 1
    except ValueError as error:
        if "CUENTA_NOW" not in str(error):
            raise
        print(error, file=sys.stderr)
        return 1


def _ready_output() -> None:
    """A closed output (`>&-`, a windowed program) takes words and loses them; one that lacks a letter gets a `?`."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115 - for the rest of the process
    if isinstance(sys.stdout, io.TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="replace")


def _write_no_more() -> None:
    """Python must not complain at exit of what it could not write."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _tell_of_crash(machine: Machine) -> None:
    report = last_crash(machine.data / "crash.txt")
    if report is None:
        return
    told = machine.data / "crash.told.txt"
    print(
        f"Cuenta ended unexpectedly last time. A report without your paths and values lies in {told}; "
        "nothing is sent anywhere.",
        file=sys.stderr,
    )
