"""What all benchmarks share: the corpus, a run with its time and peak memory, and one line of the table."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000
_TIME = re.compile(rb'"timestamp":"([^"]+)"')


class Row(NamedTuple):
    what: str
    measured: str
    least: str
    aim: str


class Corpus(NamedTuple):
    """A home of generated logs, and the instant at which its last one was written."""

    home: Path
    now: str
    bytes: int

    @staticmethod
    def make(folder: Path, size: str) -> Corpus:
        home = folder / "corpus"
        generator = ROOT / "tests/corpus/gen_corpus.py"
        command = [sys.executable, str(generator), "--agent", "claude", "--bytes", size, "--out", str(home)]
        subprocess.run(command, check=True, capture_output=True)
        newest, total = "", 0
        for path in (home / ".claude").rglob("*.jsonl"):
            last = _last_time(path)
            newest, total = max(newest, last), total + path.stat().st_size
            if last:  # real logs bear the time of their last line; the generator writes all of them now
                moment = time.mktime(time.strptime(last[:19], "%Y-%m-%dT%H:%M:%S"))
                os.utime(path, (moment, moment))
        return Corpus(home, newest, total)


def _last_time(path: Path) -> str:
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 65_536))
        found = _TIME.findall(log.read())
    return max((one.decode() for one in found), default="")


class Ran(NamedTuple):
    seconds: float
    peak: int
    """Most memory of the process and its children together, as PSS in bytes: what shared pages cost once."""
    output: str


def cuenta(*words: str) -> list[str]:
    return [sys.executable, "-m", "app", *words]


def environment(home: Path, data: Path, now: str | None = None) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CUENTA_", "CLAUDE_", "CODEX_", "XDG_"))
    }
    return {**kept, "HOME": str(home), "CUENTA_HOME": str(data), "TZ": "UTC", **({"CUENTA_NOW": now} if now else {})}


def run(command: Sequence[str], env: dict[str, str], *, memory: bool = False) -> Ran:
    """One run to its end. Memory is sampled in a second run's stead only where asked, since looking costs time."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = Peak(process.pid) if memory else None
    output, errors = process.communicate()
    seconds = time.perf_counter() - begun
    if process.returncode:
        raise RuntimeError(f"{command}: {errors}")
    return Ran(seconds, peak.stop() if peak else 0, output)


def best(make: Callable[[], Ran], times: int = 5) -> Ran:
    """The median of several runs: neither luck nor a neighbour."""
    ran = sorted((make() for _ in range(times)), key=lambda one: one.seconds)
    return ran[len(ran) // 2]


class Peak:
    """Watches the memory of a process tree from a thread."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._most = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            self._most = max(self._most, memory_of(self._pid))

    def stop(self) -> int:
        self._ended.set()
        self._thread.join()
        return self._most


def memory_of(pid: int) -> int:
    """PSS of the process and all below it, bytes; 0 once it is gone."""
    try:
        process = psutil.Process(pid)
        return sum(_pss(one.pid) for one in [process, *process.children(recursive=True)])
    except psutil.Error:
        return 0


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return int(found.group(1)) * 1024 if found else 0


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
