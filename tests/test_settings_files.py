"""What is kept in files: whole or not at all, and nobody who clicks waits for the disk."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from app.machine import Machine
from app.settings import Notes, Settings, Told, load, save


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    return Machine(tmp_path, data=tmp_path / "data")


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing is told to the disk")
def test_no_caller_waits_for_the_disk(here: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the user chose is on it soon; what the program notes by itself, whenever the system likes."""
    synced, done = list[threading.Thread](), threading.Event()

    def sync(_file: int) -> None:
        synced.append(threading.current_thread())
        done.set()

    monkeypatch.setattr(os, "fsync", sync)
    save(here, Notes(paused=True))
    save(here, Told(sessions={"a": 1}))
    save(here, Settings(notices=False))
    assert done.wait(20)
    assert len(synced) == 1 and synced[0] is not threading.main_thread()
    assert (load(here, Notes).paused, load(here, Told).sessions, load(here, Settings).notices) == (
        True,
        {"a": 1},
        False,
    )


@pytest.mark.parametrize("left", [b"", bytes(60)])
def test_a_file_that_never_reached_the_disk_is_nothing_chosen(left: bytes, here: Machine) -> None:
    save(here, Settings(notices=False))
    (here.data / "settings.json").write_bytes(left)
    assert load(here, Settings) == Settings()
