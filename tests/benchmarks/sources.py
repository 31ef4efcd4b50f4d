"""A home in which every agent has written something, beside a large history."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

from app.machine import Machine
from app.settings import Settings, save
from app.shapes.finding import files_of
from app.sources import BY_ID, SOURCES
from tests.benchmarks.measure import MB, Corpus, Ran, Row, best, cuenta, environment, memory_of, run, seconds
from tests.benchmarks.tray import cpu_of, desk_of, started
from tests.conftest import FIXTURES
from tests.ui.desk import wait


def every_source(corpus: Corpus, folder: Path, _ccusage: str | None, watch: float) -> list[Row]:
    """Cold, and then at rest: what looking at all of them costs while nothing changes."""
    home = folder / "everyone"
    shutil.copytree(corpus.home, home, copy_function=os.link)
    agents = _lay_out(home)
    data = folder / "everyone-data"
    env = environment(home, data, corpus.now)
    confirmed = tuple(source.id for source in SOURCES if not source.verified)

    def sync(memory: bool = False) -> Ran:
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(parents=True)
        save(Machine(home, {}, data=data), Settings(confirmed=confirmed))
        return run(cuenta("sync"), env, memory=memory)

    cold = best(sync)
    peak = sync(memory=True).peak
    plain = environment(corpus.home, folder / "plain-data", corpus.now)

    def without() -> Ran:
        shutil.rmtree(folder / "plain-data", ignore_errors=True)
        return run(cuenta("sync"), plain)

    ratio = cold.seconds / best(without).seconds
    what = f"{corpus.bytes / MB:,.0f} MB and the logs of {agents} agents"
    return [
        Row(f"cold sync of {what}", f"{seconds(cold.seconds)}, {ratio:.2f} × of that without them", "", ""),
        Row(f"peak memory while reading {what}", f"{peak / MB:.0f} MB", "250 MB", "150 MB"),
        *_at_rest(folder, home, data, watch),
    ]


def _lay_out(home: Path) -> int:
    """Every case of every source, one over the other where they share a place; how many agents have files then."""
    for case in sorted(path.parent for path in FIXTURES.glob("*/*/expect.toml") if path.parent.parent.name in BY_ID):
        for file in (one for one in (case / "home").rglob("*") if one.is_file()):
            target = home / file.relative_to(case / "home")
            target.parent.mkdir(parents=True, exist_ok=True)
            if file.suffix == ".sql":
                target = target.with_suffix("")
                target.unlink(missing_ok=True)
                with closing(sqlite3.connect(target)) as made:
                    made.executescript(file.read_text())
            else:
                target.unlink(missing_ok=True)
                shutil.copyfile(file, target)
    machine = Machine(home, {}, data=home / "data")
    return sum(1 for source in SOURCES if next(iter(files_of(source, machine)), None) is not None)


def _at_rest(folder: Path, home: Path, data: Path, watch: float) -> list[Row]:
    with desk_of(folder) as desk:
        desk.env |= {"HOME": str(home), "CUENTA_HOME": str(data)}
        process, _ = started(desk)
        time.sleep(min(300.0, watch / 2))
        before, since = cpu_of(process.pid), time.perf_counter()
        time.sleep(watch)
        used, passed = cpu_of(process.pid) - before, time.perf_counter() - since
        memory = memory_of(process.pid)
        process.terminate()
        process.wait(10)
        wait(lambda: not desk.item(), "the icon to go")
    return [
        Row("idle tray app with all of them: CPU", f"{100 * used / passed:.3f} % of a core", "0.2 %", "~0"),
        Row("idle tray app with all of them: memory (PSS)", f"{memory / MB:.0f} MB", "150 MB", "110 MB"),
    ]


if __name__ == "__main__":
    sys.exit("run python -m tests.benchmarks")
