"""Mutation testing of what counts and what prices: `python -m tests.mutation [MODULE …]`, after `pip install cosmic-ray`
(nothing else needs it, so it is no development requirement).

No file is changed: each mutant is a process of its own, in which a function has other code, or a module is imported from
other code, and which runs the tests of `scope.py`. It is killed where a test fails, and hangs where it takes ten times the
processor time that the tests need: what a busy machine does to the clock kills none. README.md has the scores, and why the
survivors survive.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from random import Random

from tests.mutation.mutants import Mutant, drawn, mutant, places
from tests.mutation.running import ROOT, Told, imported, loaded
from tests.mutation.scope import SCOPE, Scope

LIBRARIES = "pytest hypothesis msgspec sqlmodel zstandard typer rich.table PySide6.QtTest PySide6.QtWidgets"
"""Loaded once for all."""
VERDICTS = {0: "survived", -signal.SIGXCPU: "hangs", -signal.SIGKILL: "hangs"}


def apart(work: Callable[[], None]) -> None:
    """In a process of its own: one process can load the program only once."""
    child = os.fork()
    if not child:
        work()
        sys.stdout.flush()
        os._exit(0)
    os.waitpid(child, 0)


def own_run(scope: Scope, folder: Path) -> float:
    """Processor seconds that the tests take without a mutant."""
    note = folder / "note"
    apart(
        lambda: loaded(
            scope, [None], 900, 1, folder, lambda _, *found: note.write_text("{} {}".format(*found)) and None
        )
    )
    status, seconds = note.read_text().split()
    if status != "0":
        sys.exit(f"{scope.path}: its tests fail without a mutant:\n{(folder / '0/log').read_text()[-3000:]}")
    return float(seconds)


def examine(scope: Scope, options: argparse.Namespace, folder: Path) -> None:
    path, chance = ROOT / scope.path, Random(options.seed)
    found = [*places(path, scope.until)]
    some = [one for place in drawn(found, options.each, chance) if (one := mutant(path, place))]
    some = [one for one in some if not options.line or one.place.at[0] in options.line]
    several = len(some)
    some = chance.sample(some, min(options.most, several))
    anew, quick = [one for one in some if not one.function], [one for one in some if one.function]
    parts = [folder / name for name in ("own", "anew", "quick")]
    for part in parts:
        part.mkdir()
    seconds = own_run(scope, parts[0])
    limit, workers = int(10 * seconds) + 10, options.workers
    verdicts: list[str] = []

    def telling(mutants: list[Mutant]) -> Told:
        return lambda number, status, _: verdicts.append(_told(scope, mutants[number], status))

    imported(scope, [one.code for one in anew], limit, workers, parts[1], telling(anew))
    loaded(scope, [one.function for one in quick], limit, workers, parts[2], telling(quick))
    killed, hang = len(some) - verdicts.count("survived"), verdicts.count("hangs")
    share = killed / max(len(some), 1)
    print(
        f"{scope.path}: {killed} of {len(some)} killed ({share:.1%}), {hang} of them hang; drawn of {several},"
        f" {len(found)} with every replacement; tests {seconds:.1f} s",
        flush=True,
    )


def _told(scope: Scope, one: Mutant, status: int) -> str:
    verdict = VERDICTS.get(status, "killed")
    if verdict != "killed":
        print(f"  {verdict}  {scope.path}:{one.place.at[0]}  {one.place.operator}  {one.text}", flush=True)
    return verdict


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("modules", nargs="*", help="parts of their paths; all of scope.py without")
    parser.add_argument("--each", type=int, default=2, help="of the ways to replace one operator, so many are drawn")
    parser.add_argument("--most", type=int, default=10_000, help="mutants of a module, by lot where there are more")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--line", type=int, action="append", help="only the mutants of this line")
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    for library in LIBRARIES.split():
        importlib.import_module(library)
    for scope in SCOPE:
        if not options.modules or any(one in scope.path for one in options.modules):
            with tempfile.TemporaryDirectory() as folder:
                apart(partial(examine, scope, options, Path(folder)))


if __name__ == "__main__":
    main()
