"""How long the price book takes to load, in a fresh process, and how many calls one core prices in a second."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

from app.machine import Machine
from app.model.usage import Call, Tokens
from app.pricing.catalog import Catalog, load_catalog
from app.pricing.price import price
from tests.benchmarks.measure import Corpus, Row
from tests.conftest import ROOT
from tests.pricing.conftest import call

_ROUNDS = 7
_CALLS = 200_000
_LOAD = """
import time
from pathlib import Path
from app.machine import Machine
from app.pricing.catalog import load_catalog
machine = Machine(Path({folder!r}), data=Path({folder!r}))
began = time.perf_counter()
load_catalog(machine)
print(time.perf_counter() - began)
"""
_MODELS = (
    *(("claude-opus-5", None), ("claude-opus-4-6", "fast"), ("claude-sonnet-5", None), ("claude-sonnet-4-5", None)),
    *(("claude-haiku-4-5-20251001", None), ("gpt-5.6-sol", None), ("gpt-5.5", None), ("gemini-2.5-pro", None)),
    *(("deepseek-v4-pro", None), ("nobodys-model", None)),
)
"""Names and speeds of a mixed history: dated names, tiers, a mode, hours of the day, one that has no price."""


def book(corpus: Corpus, folder: Path, ccusage: str | None, idle: float) -> list[Row]:
    times = [_load_once(folder) * 1000 for _ in range(_ROUNDS)]
    return [Row("the price book loads", f"{statistics.median(times):.1f} ms", "30 ms", "10 ms")]


def _load_once(folder: Path) -> float:
    command = [sys.executable, "-c", _LOAD.format(folder=str(folder / "nobody"))]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def pricing(corpus: Corpus, folder: Path, ccusage: str | None, idle: float) -> list[Row]:
    nobody = folder / "nobody"
    catalog = load_catalog(Machine(nobody, data=nobody))
    calls = [_call(number) for number in range(_CALLS)]
    rates = [_rate(calls, catalog) for _ in range(_ROUNDS)]
    return [Row("calls priced a second, one core", f"{statistics.median(rates):,.0f}", "100,000", "150,000")]


def _call(number: int) -> Call:
    """Of some size, some time in 2026."""
    model, speed = _MODELS[number % len(_MODELS)]
    tokens = Tokens(number % 97, number * 37 % 400_000, number % 3_001, number % 2_003, number % 1_009, number % 7)
    made = call(model, tokens, speed=speed, searches=number % 50 == 0)
    return made._replace(at=made.at + number * 60_000)


def _rate(calls: list[Call], catalog: Catalog) -> float:
    began = time.process_time()
    for one in calls:
        price(one, catalog)
    return len(calls) / (time.process_time() - began)
