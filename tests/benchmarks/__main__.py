"""The performance table of the README, measured in one run: `python -m tests.benchmarks [--bytes 1G] [--ccusage PATH]`.

Times are of whole processes, as a user waits for them, and given as ratios to `ccusage` on the same files in the same run
where it is at hand (npm package ccusage 20.0.24, its `ccusage` command on the PATH or named with --ccusage); nothing here
asserts. Linux only: it reads /proc and needs Xvfb, a session bus, openbox and xfce4-panel.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import ingest, prices, sources, tray, windows
from tests.benchmarks.measure import Corpus, Row


def main() -> None:
    options = _options()
    with TemporaryDirectory(prefix="cuenta-bench-", dir=options.folder) as folder:
        corpus = Corpus.make(Path(folder), options.bytes)
        ccusage = options.ccusage or shutil.which("ccusage")
        rows: list[Row] = []
        for part in (
            ingest.cold,
            ingest.content,
            ingest.today,
            ingest.warm_report,
            ingest.long_line,
            prices.book,
            prices.pricing,
            tray.start,
            tray.latency,
            tray.idle,
            windows.without_tray,
            windows.opening,
            windows.stretches,
            windows.memory,
            sources.every_source,
        ):
            if options.only and part.__name__ not in options.only:
                continue
            print(f"measuring {part.__name__} …", file=sys.stderr)
            rows += part(corpus, Path(folder), ccusage, options.idle)
        _print(rows)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bytes", default="1G", help="size of the generated logs (default 1G)")
    parser.add_argument("--ccusage", help="path of the ccusage command")
    parser.add_argument("--idle", type=float, default=600, help="seconds to watch the idle app (default 600)")
    parser.add_argument("--only", action="append", help="one part, by its function's name, such as cold or memory")
    parser.add_argument("--folder", help="where to put the files (default: the system's temporary folder)")
    return parser.parse_args()


def _print(rows: list[Row]) -> None:
    cpu = next((line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), "unknown")
    print(
        f"\n{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores of {cpu}, {platform.system()},"
        f" Python {platform.python_version()}\n"
    )
    print("| what | measured | at least | aim |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.what} | {row.measured} | {row.least} | {row.aim} |")


def _cpuinfo() -> list[str]:
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return subprocess.run(["uname", "-m"], capture_output=True, text=True, check=False).stdout.splitlines()


if __name__ == "__main__":
    main()
