"""The committed book is what the builder makes of the pinned packages and the corrections, byte for byte."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import tomllib
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest

from app.machine import Machine
from app.model.instant import instant_of
from app.pricing.book import Limits
from app.pricing.catalog import Catalog, load_catalog

ROOT = Path(__file__).parent.parent.parent
BOOK = ROOT / "resources/prices.json"

needs_the_packages = pytest.mark.skipif(
    any(find_spec(one) is None for one in ("genai_prices", "model_prices", "rates")),
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


def test_every_correction_cites_what_was_opened(shipped: Catalog) -> None:
    """A package in the version that the book is built from, the section of the research, or nothing: "unverified"."""
    corrections = tomllib.loads((ROOT / "resources/corrections.toml").read_text(encoding="utf-8"))
    entries = [*corrections["price"], *corrections["multiple"], *corrections["regional"], corrections["search"]]
    assert len(entries) > 30
    assert {one["source"] for one in entries} <= {"unverified", "pricing.md §2", *shipped.book.packages}


def test_limits_name_their_source(shipped: Catalog) -> None:
    named = {*shipped.book.packages, "rates 1.1.0 (2026-09-28)"}
    for key, model in shipped.book.models.items():
        for one in model.limits:
            assert set(one.source.split(", ")) <= named, key
            assert (one.context or 1) > 0 and (one.output or 1) > 0, key
            assert one.context or one.output, key


@pytest.mark.parametrize(
    ("key", "context", "output"),
    [
        # as genai-prices 0.2.3 (window) and rates 1.1.0 (both) state them
        ("anthropic/claude-opus-5-5", 1_000_000, 128_000),
        ("anthropic/claude-sonnet-5", 1_000_000, 128_000),
        ("openai/gpt-5", 400_000, 128_000),
        ("google/gemini-2.5-pro", 1_048_576, 65_536),
        ("xai/grok-4.6", 500_000, 500_000),
        ("alibaba/qwen3-coder-plus", 1_048_576, 65_536),
        ("anthropic/claude-fable-5-2", 1_000_000, None),  # newer than rates' data
    ],
)
def test_the_limits_of_a_model(key: str, context: int, output: int | None, shipped: Catalog) -> None:
    found = shipped.limits(key, instant_of("2026-11-20T00:00:00Z") or 0)
    assert found is not None
    assert (found.context, found.output) == (context, output)


def test_limits_follow_their_dates(shipped: Catalog) -> None:
    key = "anthropic/claude-opus-5-5"
    model = shipped.book.models[key]
    later = Limits("2026-12-01T00:00:00Z", 2_000_000, 256_000, "unverified")
    grown = msgspec.structs.replace(model, limits=(*model.limits, later))
    catalog = Catalog(msgspec.structs.replace(shipped.book, models={**shipped.book.models, key: grown}))
    before, since = (instant_of(at) or 0 for at in ("2026-11-30T23:59:59Z", "2026-12-01T00:00:00Z"))
    assert catalog.limits(key, before) == model.limits[0]
    assert catalog.limits(key, since) == catalog.limits(key, since + 1) == later


def test_most_coding_models_have_a_window(shipped: Catalog) -> None:
    """Four of five at least: for the rest no source states one."""
    names = ("anthropic/claude-", "openai/gpt-5", "openai/gpt-6", "google/gemini-3", "xai/grok-4", "moonshotai/kimi-k2")
    known = [
        bool(model.limits and model.limits[-1].context)
        for key, model in shipped.book.models.items()
        if key.startswith(names) and not key.endswith(("-tts", "-live"))
    ]
    assert len(known) > 60 and sum(known) > 0.8 * len(known)


def test_loading_is_quick(tmp_path: Path) -> None:
    times = []
    for _ in range(5):
        began = time.perf_counter()
        load_catalog(Machine(tmp_path, data=tmp_path))
        times.append(time.perf_counter() - began)
    assert min(times) < 0.030
