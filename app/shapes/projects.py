"""Projects, for agents that keep their logs in each of them and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from app.machine import Machine

_PARENTS = (
    *("src", "code", "Code", "dev", "git", "github", "projects", "Projects", "repos", "work", "workspace"),
    *("Documents", "Developer", "source/repos"),
)


def projects_with(name: str, machine: Machine) -> Iterator[Path]:
    """Folders that hold something of that name, where people keep projects. No home is walked through for it: whoever keeps
    theirs elsewhere adds the folder.
    """
    for parent in _PARENTS:
        try:
            projects = sorted((machine.home / parent).iterdir())
        except OSError:
            continue
        yield from (project for project in projects if (project / name).exists())
