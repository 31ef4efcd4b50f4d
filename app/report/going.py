"""Finding a session or a project by a few letters of its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.report.meters import session_name
from app.sources import title_of
from app.store.queries import ListedSession


class Project(NamedTuple):
    name: str
    sessions: int


class Places(NamedTuple):
    """Projects and sessions, those that wrote last first."""

    projects: tuple[Project, ...]
    sessions: tuple[ListedSession, ...]


def places(sessions: Sequence[ListedSession], text: str, most: int) -> Places:
    """Those with every word of the text somewhere in their names, at most so many of each. `sessions` are newest first.

    A project is known by its name, a session by its project, branch, agent and the agent's own id of it. Without a text
    it is the newest sessions, and no project.
    """
    words = text.lower().split()
    projects: dict[str, int] = {}
    found: list[ListedSession] = []
    for one in sessions:
        name = session_name(one.project, one.native)
        if words and one.project and fits(name, words):
            projects[name] = projects.get(name, 0) + 1
        if len(found) < most and fits(f"{name} {one.branch or ''} {title_of(one.source)} {one.native}", words):
            found.append(one)
    return Places(tuple(Project(*pair) for pair in list(projects.items())[:most]), tuple(found))


def fits(name: str, words: Sequence[str]) -> bool:
    """Is each of the words, in lower case, somewhere in that name?"""
    name = name.lower()
    return all(word in name for word in words)
