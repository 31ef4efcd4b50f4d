"""Each mutant in a process of its own, forked where everything is loaded already."""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import resource
import shlex
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
from hypothesis import Phase, settings

from tests.mutation.scope import Scope

ROOT = Path(__file__).resolve().parents[2]
STUCK = 900
"""Seconds after which a process that does nothing is given up."""
settings.register_profile(
    "mutation", derandomize=True, deadline=None, database=None, phases=(Phase.explicit, Phase.generate)
)  # a failure is enough; its simplest example is not looked for
PLAIN = ["-x", "-q", "-s", "--hypothesis-profile=mutation", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
Run = tuple[int, int, float]
"""(number, exit status or -signal, processor seconds)."""
Told = Callable[[int, int, float], None]
"""Is told of each run as it ends."""


class Instead(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds one module, and gives it other code."""

    def __init__(self, scope: Scope, code: CodeType) -> None:
        self.name, self.path, self.code = scope.module, ROOT / scope.path, code

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> Any:
        if fullname != self.name:
            return None
        below = [str(self.path.parent)] if self.path.stem == "__init__" else None
        return importlib.util.spec_from_file_location(
            fullname, self.path, loader=self, submodule_search_locations=below
        )

    def get_code(self, fullname: str) -> CodeType:
        return self.code

    def get_source(self, fullname: str) -> str:
        return self.path.read_text(encoding="utf-8")


def put(scope: Scope, code: CodeType) -> None:
    """Gives the function of that name the code: whoever imported it holds the same function."""
    found: Any = importlib.import_module(scope.module)
    for name in code.co_qualname.split("."):
        found = vars(found)[name]
    found = getattr(found, "__func__", None) or getattr(found, "fget", None) or found
    assert isinstance(found, FunctionType)
    found.__code__ = code


def limited(folder: Path, number: int, seconds: int) -> None:
    """In the child: what it may take, and where it writes."""
    os.setsid()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))  # a list that grows for ever
    own = folder / str(number)
    own.mkdir()
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(own)
    log = os.open(own / "log", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)


def forks(count: int, workers: int, begin: Callable[[int], None]) -> Iterator[Run | None]:
    """A process each, and what became of them as they end. In a child, the last that comes is None."""
    waiting, running = [*range(count)][::-1], dict[int, tuple[int, float]]()
    while waiting or running:
        while waiting and len(running) < workers:
            number = waiting.pop()
            child = os.fork()
            if not child:
                begin(number)
                yield None
                return
            running[child] = number, time.monotonic()
        child, status, usage = os.wait4(-1, os.WNOHANG)
        if child:
            yield running.pop(child)[0], os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime
        for stuck in [one for one, (_, began) in running.items() if time.monotonic() - began > STUCK]:
            os.killpg(stuck, signal.SIGXCPU)
        time.sleep(0.01)


def tested(scope: Scope, plugins: list[object]) -> int:
    try:
        return int(pytest.main([*PLAIN, *shlex.split(scope.tests)], plugins=plugins))
    except BaseException:
        traceback.print_exc()
        return 9
    finally:
        sys.stdout.flush()


class Loop:
    """Runs the tests that were collected once for each mutant instead of once."""

    def __init__(self, count: int, workers: int, begin: Callable[[int], None], told: Told) -> None:
        self.count, self.workers, self.begin, self.told = count, workers, begin, told
        self.child = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self) -> bool | None:
        for run in forks(self.count, self.workers, self.begin):
            if run is None:
                self.child = True
                return None  # goes on with the tests
            self.told(*run)
        return True


def loaded(
    scope: Scope, codes: Sequence[CodeType | None], seconds: int, workers: int, folder: Path, told: Told
) -> None:
    """With functions that got other code after the tests were collected; None is their own."""

    def begin(number: int) -> None:
        limited(folder, number, seconds)
        code = codes[number]
        if code is not None:
            put(scope, code)

    loop = Loop(len(codes), workers, begin, told)
    status = tested(scope, [loop])
    if loop.child:
        os._exit(status)


def imported(scope: Scope, codes: Sequence[CodeType], seconds: int, workers: int, folder: Path, told: Told) -> None:
    """With the module imported from other code. Nothing of the program may have been imported yet."""

    def begin(number: int) -> None:
        limited(folder, number, seconds)
        sys.meta_path.insert(0, Instead(scope, codes[number]))

    for run in forks(len(codes), workers, begin):
        if run is None:
            os._exit(tested(scope, []))
        told(*run)
