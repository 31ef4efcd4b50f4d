"""`cuenta`: without a command the tray app, with one the command line."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.machine import Machine
    from app.settings import Settings
    from app.ui.notices import Notices

_TRAY = {"--demo", "--at-login"}


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status."""
    if getattr(sys, "frozen", False):
        from multiprocessing import freeze_support

        freeze_support()  # a helper of a bundled program starts the program itself; this sends it to its work
    given = sys.argv[1:] if arguments is None else arguments
    if given[:1] == ["hook"]:  # an agent waits for it
        from app.cli import hook

        return hook.run(given[1:])
    from app.cli import run

    # A TAB in the shell calls us by our bare name.
    if "_CUENTA_COMPLETE" not in os.environ and all(argument in _TRAY for argument in given):
        greeting = _greeting()
        return run.guarded(
            lambda: _tray(demo="--demo" in given, at_login="--at-login" in given, greeting=greeting),
        )
    return run.main(given, tray_kind=_tray_kind)


def _greeting() -> str | None:
    """Of a crash, which `run.guarded` is about to tell on stderr: at login nobody sees that."""
    from app.machine import Machine

    try:
        data = Machine.here().data
    except ValueError:  # CUENTA_NOW, which `run.guarded` tells
        return None
    if not (data / "crash.txt").exists():
        return None
    return f"Cuenta ended unexpectedly last time. A report lies in {data / 'crash.told.txt'}; nothing is sent anywhere."


def _tray(*, demo: bool, at_login: bool, greeting: str | None = None) -> int:
    import gc

    from app import formats
    from app.cli import live
    from app.report.zone import day_of, local_zone
    from app.runtime import Core, told_machine
    from app.settings import Settings, load, welcome_is_due

    try:
        from app.ui.imports import leave_sources_unread

        leave_sources_unread()
        from app.ui.application import WELCOME, WINDOWS, Openings, run_tray
        from app.ui.tray_view import Options
    except ImportError as error:
        return _without_qt(error, demo)
    with told_machine(demo) as machine:
        gc.set_threshold(5_000, 200, 20)  # values, not cycles, are what we make; but 50,000 young ones take 19 ms
        chosen = load(machine, Settings)
        formats.show_in(chosen.shown_in, day_of(machine.clock(), local_zone(machine)))
        core = Core(machine, greeting)
        first = WINDOWS[0] if demo else WELCOME if welcome_is_due(machine) else ""
        with live.Beside(core) as meter:
            return run_tray(
                core,
                machine,
                demo=demo,
                at_login=at_login,
                fallback=meter.start,
                options=Options(figure=chosen.tray_figure),
                color=chosen.tray_color,
                openings=Openings(core.popover, windows=True, first=first),
                notices=_notices(machine, chosen),
            )


def _notices(machine: Machine, chosen: Settings) -> Notices:
    """What was told before this start is not told again."""
    from msgspec.structs import replace

    from app.diagnostics import KnownError, log
    from app.settings import Told, load, save
    from app.ui.notices import Notices

    try:
        told = load(machine, Told)
    except KnownError as error:
        log.warning("%s", error)
        told = Told()

    def keep(**more: dict[str, int]) -> None:
        nonlocal told
        told = replace(told, **more)
        try:
            save(machine, told)
        except KnownError as error:
            log.warning("%s", error)

    return Notices(
        told.sessions,
        lambda sessions: keep(sessions=sessions),
        chosen.notices,
        models=told.models,
        keep_models=lambda models: keep(models=models),
        prices_on=chosen.price_notices,
    )


def _without_qt(error: ImportError, demo: bool) -> int:
    """A system without the libraries that Qt needs still has a terminal."""
    print(
        f"The tray can't start: {error}. `python3 packaging/bootstrap.py run` names the packages that are missing."
        " Until then the meter shows here; Ctrl-C ends it.",
        file=sys.stderr,
    )
    from app.cli import run

    return run.main(["live", "--watch", *(["--demo"] if demo else [])])


def _tray_kind() -> str:
    """The tray host of this desktop in the doctor's words."""
    from app.ui.probe import tray_kind

    return tray_kind()


if __name__ == "__main__":
    sys.exit(main())
