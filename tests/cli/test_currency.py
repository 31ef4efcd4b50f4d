"""A currency to look at figures in: people read it with its rate, scripts get nano-dollars."""

from __future__ import annotations

import json

import pytest

from app import formats
from tests.cli.conftest import Cuenta
from tests.cli.logs import TOTAL, month


@pytest.fixture
def euros(cuenta: Cuenta) -> Cuenta:
    month(cuenta)
    cuenta.data.mkdir(exist_ok=True)
    (cuenta.data / "settings.json").write_text(json.dumps({"currency": ["EUR", "0.92", "2026-11-01"]}))
    return cuenta


def test_people_read_euros_and_their_rate(euros: Cuenta) -> None:
    """0.57264 dollars × 0.92 = 0.5268288."""
    assert TOTAL == 572_640_000
    for words in (("report",), ("sync",), ("session", "S1"), ("live",), ("reconcile", "list")):
        said = euros(*words).out
        assert said.endswith("Amounts in EUR, at 0.92, Nov 1.\n"), words
        assert "$" not in said, words
    assert "≥ €0.53" in euros("report").out
    assert formats.at_rate() == "", "the next command of this process begins with dollars"


def test_scripts_and_traces_stay_in_dollars(euros: Cuenta) -> None:
    assert euros.json("report")["total"]["cost_nanousd"] == TOTAL
    assert "Amounts" not in euros("report", "--csv").out
    trace = euros("session", "S1", "--trace", "1").out
    assert "€" not in trace and "Amounts" not in trace, "a price row is in dollars, and so is what it multiplies to"
    assert "$" in euros("price", "claude-sonnet-5").out


def test_a_currency_that_is_none_is_dollars(euros: Cuenta) -> None:
    (euros.data / "settings.json").write_text(json.dumps({"currency": ["EUR", "0", "2026-11-01"]}))
    assert "$0.57" in euros("report").out
