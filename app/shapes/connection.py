"""What Cuenta may write into an agent's settings, where its owner wants to, and what the agent tells it from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.agent_files.edit import Edit
from app.machine import Machine


@dataclass(frozen=True)
class Connection:
    """One setting of one agent."""

    gives: str
    """In words, English: what is known once it is set."""
    file: Callable[[Machine], Path]
    """The settings file, whether it exists or not."""
    edits: Callable[[Machine], tuple[Edit, ...]]
    """What is to stand in it."""
    empty: str
    """The text that a new file begins from."""
    keep: Callable[[dict[str, Any], int], dict[str, Any] | None] | None = None
    """For a hook: of what the agent tells it at an instant (ms since 1970 UTC), all that is kept. None keeps nothing."""
