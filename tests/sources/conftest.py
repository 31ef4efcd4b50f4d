"""What the tests of the sources share: a home that is read by the real path."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.machine import Machine

from .home import Home


@pytest.fixture
def home(machine: Machine) -> Iterator[Home]:
    made = Home(machine)
    yield made
    made.close()
