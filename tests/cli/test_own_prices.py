"""Whoever has prices of their own hears when they are not in use."""

from __future__ import annotations

import pytest

from app.__main__ import main
from app.machine import Machine


@pytest.mark.parametrize("words", [["report", "--json"], ["live"], ["sync"]])
def test_a_broken_price_file_is_told(words: list[str], machine: Machine, capsys: pytest.CaptureFixture[str]) -> None:
    machine.data.mkdir()
    (machine.data / "prices.user.toml").write_text("[[price]]\nmodel = \n")
    assert main(words) == 0
    assert "prices.user.toml, line 2" in capsys.readouterr().err
