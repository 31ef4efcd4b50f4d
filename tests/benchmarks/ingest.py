"""How quickly logs are read, and how much memory that takes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.benchmarks.measure import MB, Corpus, Ran, Row, best, cuenta, environment, run, seconds

_TODAY = """
import sys, time
from contextlib import closing
from app import runtime
from app.machine import Machine
machine = Machine.here()
shown = False
def report(progress):
    global shown
    if progress.today and not shown:
        shown = True
        runtime.queries.total(connection, runtime.queries.Filter(since=runtime.today_from(machine) // 900_000))
        print(time.time(), flush=True)
with closing(runtime.reader(machine)) as connection:
    runtime.read_new(machine, connection, report=report)
"""


def cold(corpus: Corpus, folder: Path, ccusage: str | None, _idle: float) -> list[Row]:
    """Everything into an empty database, against ccusage on the same files."""
    data = folder / "cold"
    env = environment(corpus.home, data, corpus.now)

    def sync(memory: bool = False) -> Ran:
        shutil.rmtree(data, ignore_errors=True)
        return run(cuenta("sync"), env, memory=memory)

    ours = best(sync)
    peak = sync(memory=True).peak
    size = f"{corpus.bytes / MB:,.0f} MB"
    rows = [Row(f"cold sync of {size}", seconds(ours.seconds), "", "")]
    theirs = _ccusage(ccusage, corpus)
    if theirs is not None:
        ratio = f"{ours.seconds / theirs.seconds:.2f} × ({seconds(ours.seconds)} against {seconds(theirs.seconds)})"
        rows = [Row(f"cold sync of {size}, against ccusage", ratio, "1.5 ×", "0.8 ×")]
    return [*rows, Row(f"peak memory while reading {size}", f"{peak / MB:.0f} MB", "250 MB", "150 MB")]


def content(corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """Everything that was said, sized behind a usage pass that has ended; the start of the process is taken off."""
    data = folder / "content"
    env = environment(corpus.home, data, corpus.now)

    def measure(memory: bool = False) -> Ran:
        shutil.rmtree(data, ignore_errors=True)
        run(cuenta("sync"), env)
        return run(cuenta("sync", "--content"), env, memory=memory)

    ran = best(measure, 3)
    idle = best(lambda: run(cuenta("sync", "--content"), env), 3)
    speed = corpus.bytes / MB / (ran.seconds - idle.seconds)
    peak = measure(memory=True).peak
    size = f"{corpus.bytes / MB:,.0f} MB"
    return [
        Row(f"content pass over {size}, tokens counted", f"{speed:,.0f} MB a second", "", ""),
        Row(f"peak memory while sizing {size}", f"{peak / MB:.0f} MB", "", ""),
    ]


def today(corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """From the start of the process to today's whole figure, with the history still to be read."""
    import time

    data = folder / "today"
    env = environment(corpus.home, data, corpus.now)

    def first() -> Ran:
        shutil.rmtree(data, ignore_errors=True)
        begun = time.time()
        ran = run([sys.executable, "-c", _TODAY], env)
        return ran._replace(seconds=float(ran.output.split()[0]) - begun)

    return [Row("today's figure on that cold run", seconds(best(first).seconds), "2 s", "0.5 s")]


def warm_report(corpus: Corpus, folder: Path, ccusage: str | None, _idle: float) -> list[Row]:
    """The everyday question, with the history already stored."""
    env = environment(corpus.home, folder / "warm", corpus.now)
    run(cuenta("sync"), env)
    ours = best(lambda: run(cuenta("report", "--json"), env), 9)
    theirs = _ccusage(ccusage, corpus)
    if theirs is None:
        return [Row("report --json, history stored", seconds(ours.seconds), "", "")]
    ratio = f"{ours.seconds / theirs.seconds:.2f} × ({seconds(ours.seconds)})"
    return [Row("report --json with that history stored, against ccusage", ratio, "0.25 ×", "0.1 ×")]


def _ccusage(command: str | None, corpus: Corpus) -> Ran | None:
    if command is None:
        return None
    words = [command, "claude", "daily", "--offline", "--json"]
    return best(lambda: run(words, environment(corpus.home, corpus.home / "unused")))


def long_line(_corpus: Corpus, folder: Path, _ccusage: str | None, _idle: float) -> list[Row]:
    """One line of 100 MB that holds usage, so that all of it must be looked at."""
    home = folder / "long"
    path = home / ".claude/projects/-p/11111111-2222-4333-8444-555555555555.jsonl"
    path.parent.mkdir(parents=True)
    with path.open("w") as log:
        log.write('{"type":"assistant","requestId":"r","timestamp":"2026-06-01T10:00:00.000Z","message":{"id":"m",')
        log.write('"model":"claude-opus-4-6","content":[{"type":"text","text":"')
        for _ in range(100):
            log.write("x" * MB)
        log.write('"}],"usage":{"input_tokens":1,"output_tokens":2}}}\n')
    ran = run(cuenta("sync"), environment(home, folder / "long-data"), memory=True)
    return [Row("peak memory with one line of 100 MB", f"{ran.peak / MB:.0f} MB", "400 MB", "")]
