"""A world to read, for the tests of ingest."""

from __future__ import annotations

import pytest

from app.machine import Machine
from tests.ingest.world import World


@pytest.fixture
def world(machine: Machine) -> World:
    return World(machine)
