"""A whole home of real sessions, if there is one at hand: read, and compared with the independent reader."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.machine import Machine

from .home import Home
from .test_fixtures import by_reference

CORPUS = os.environ.get("CUENTA_CORPUS", "")
"""Taken before the tests hide the environment."""


@pytest.mark.long
@pytest.mark.skipif(
    not Path(CORPUS, "real", "home").is_dir() or not CORPUS,
    reason="no real logs: CUENTA_CORPUS must name a folder that holds real/home with .claude and .codex in it",
)
def test_a_home_of_real_sessions(machine: Machine) -> None:
    """Every model, every day, every kind of token."""
    root = Path(CORPUS, "real", "home")
    home = Home(replace(machine, home=root))
    try:
        assert home.read().table() == by_reference(root)
    finally:
        home.close()
