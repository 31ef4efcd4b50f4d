"""A catalogue of the shipped prices, and calls with nothing in them but what a test says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from app.machine import Machine
from app.model.instant import instant_of
from app.model.usage import Call, Standing, Tokens
from app.pricing.catalog import Catalog, load_catalog


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The book as it is shipped, with no prices of a user."""
    empty = tmp_path_factory.mktemp("empty")
    return load_catalog(Machine(empty, data=empty))


@pytest.fixture
def with_prices(tmp_path: Path) -> Callable[[str], Catalog]:
    """The catalogue of a user whose price file has this text."""

    def load(text: str) -> Catalog:
        (tmp_path / "prices.user.toml").write_text(text, encoding="utf-8")
        return load_catalog(Machine(tmp_path, data=tmp_path))

    return load


def call(model: str | None, tokens: Tokens, at: str = "2026-04-20T12:00:00Z", **said: object) -> Call:
    """A call of the main chain at an instant; `said` is what else its log says."""
    instant = instant_of(at)
    assert instant is not None
    plain = Call(
        key=1,
        group=1,
        standing=Standing.OWN,
        session="s",
        subagent=None,
        at=instant,
        model=model,
        tokens=tokens,
        searches=0,
        speed=None,
        tier=None,
        geo=None,
        provider=None,
        effort=None,
        context=None,
        window=None,
        reported=None,
        finished=True,
        evidence="A",
        copied=False,
        offset=0,
        records=1,
        native=None,
    )
    return plain._replace(**said)  # pyright: ignore[reportArgumentType]


def usd(dollars: str) -> int:
    """Nano-dollars of dollars written out, such as "0.18006"."""
    whole, _, decimals = dollars.partition(".")
    return int(whole) * 1_000_000_000 + int(decimals.ljust(9, "0"))
