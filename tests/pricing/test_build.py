"""The committed book is what the builder makes of the pinned packages and the corrections, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from app.machine import Machine
from app.pricing.catalog import Catalog, load_catalog

ROOT = Path(__file__).parent.parent.parent
BOOK = ROOT / "resources/prices.json"

needs_the_packages = pytest.mark.skipif(
    find_spec("genai_prices") is None or find_spec("model_prices") is None,
    reason="the price packages are not installed",
)


def build(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "packaging/build_prices.py"), "--out", str(out), *more]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_the_packages
def test_the_book_is_built_the_same_twice_and_is_the_committed_one(tmp_path: Path) -> None:
    results = [build(tmp_path / name) for name in ("one.json", "two.json")]
    assert [result.returncode for result in results] == [0, 0], results[0].stdout[-2000:] + results[0].stderr
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes() == BOOK.read_bytes()


@needs_the_packages
def test_a_dispute_that_nobody_settled_fails_the_build(tmp_path: Path) -> None:
    text = (ROOT / "resources/corrections.toml").read_text(encoding="utf-8")
    settled = '"moonshotai/kimi-k2-turbo-preview#standard"'
    assert settled in text
    (tmp_path / "corrections.toml").write_text(text.replace(settled, '"moonshotai/other#standard"'), encoding="utf-8")
    result = build(tmp_path / "book.json", "--corrections", str(tmp_path / "corrections.toml"))
    assert result.returncode == 1
    assert "disputed NOW, UNSETTLED: moonshotai/kimi-k2-turbo-preview#standard" in result.stdout


def test_one_row_is_one_line() -> None:
    lines = BOOK.read_text(encoding="utf-8").splitlines()
    head = json.loads(BOOK.read_text(encoding="utf-8"))
    rows = [line for line in lines if line.startswith(("[null,", '["20'))]
    assert len(rows) == head["row_count"]
    assert head["model_count"] == len(head["models"])


def test_every_row_names_its_source_and_rises_by_date(shipped: Catalog) -> None:
    sources = {"both", "unverified", "pricing.md §2", *shipped.book.packages}
    for key, model in shipped.book.models.items():
        for mode, rows in model.modes.items():
            starts = [row.since or "" for row in rows]
            assert starts == sorted(set(starts)), f"{key}#{mode}"
            for row in rows:
                assert row.source in sources or (row.rates is None and not row.source), f"{key}#{mode}"
                assert [tier[0] for tier in row.tiers] == sorted({tier[0] for tier in row.tiers}), f"{key}#{mode}"


def test_loading_is_quick(tmp_path: Path) -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        load_catalog(Machine(tmp_path, data=tmp_path))
        times.append(time.perf_counter() - began)
    assert min(times) < 0.015
