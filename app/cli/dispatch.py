"""One line a command: what runs is imported when it runs, so that a quick command never pays for a slow one."""

from __future__ import annotations

from typing import Any

from app.machine import Machine


def sync(machine: Machine, **values: Any) -> int:
    from app.cli import sync as command

    return command.run(machine, **values)


def report(machine: Machine, **values: Any) -> int:
    from app.cli import report as command

    return command.run(machine, **values)


def session(machine: Machine, **values: Any) -> int:
    from app.cli import session as command

    return command.run(machine, **values)


def live(machine: Machine, **values: Any) -> int:
    from app.cli import live as command

    return command.run(machine, **values)


def price(machine: Machine, **values: Any) -> int:
    from app.cli import price as command

    return command.run(machine, **values)


def prices(machine: Machine, **values: Any) -> int:
    from app.cli import prices as command

    return command.run(machine, **values)


def reprice(machine: Machine, **values: Any) -> int:
    from app.cli import reprice as command

    return command.run(machine, **values)


def reconcile(machine: Machine, **values: Any) -> int:
    from app.cli import reconcile as command

    return command.run(machine, **values)


def doctor(machine: Machine, **values: Any) -> int:
    from app.cli import health as command

    return command.run(machine, **values)


def homes(machine: Machine, **values: Any) -> int:
    from app.cli import homes as command

    return command.run(machine, **values)


def connect(machine: Machine, **values: Any) -> int:
    from app.cli import connecting as command

    return command.run(machine, **values)
