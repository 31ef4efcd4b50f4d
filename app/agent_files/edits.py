"""What is to stand in a settings file, and the same file's text with it or without it.

Each edit of a text is proven before it is used: read again, the text must say what it said before and the edit, no more and
no less. What can't be edited so is refused.
"""

from __future__ import annotations

import json
from typing import Any

from app.agent_files import json_text, toml_text
from app.agent_files.edit import Done, Edit
from app.diagnostics import KnownError


class RefusedError(KnownError):
    """The file can't be edited without harm."""


def with_edits(text: str, edits: tuple[Edit, ...], name: str) -> tuple[str, tuple[Done, ...]]:
    """The text with all edits that were not in it, and those. Raises RefusedError."""
    done: list[Done] = []
    for edit in edits:
        if stands(text, edit, name):
            continue
        document = read(text, name)
        there = next((n for n in range(len(edit.at), 0, -1) if _at(document, edit.at[:n]) is not None), 0)
        done.append(Done(edit, None if edit.joins else _at(document, edit.at), len(edit.at) - there))
        text = _proven(text, edit, name, _put)
    return text, tuple(done)


def without(text: str, done: Done, name: str) -> str:
    """The text as it is without the edit, with what stood in its place before; unchanged where its owner has changed it.
    Raises RefusedError.
    """
    edit = done.edit
    if not stands(text, edit, name):
        return text
    if done.before is not None:
        return _proven(text, edit._replace(value=done.before), name, _put)
    text = _proven(text, edit, name, _take)
    for length in range(len(edit.at) - (not edit.joins), len(edit.at) - done.made, -1):
        text = _without_empty(text, edit.at[:length], name)
    return text


def _without_empty(text: str, at: tuple[str, ...], name: str) -> str:
    """A list or table that came with an edit goes with it, unless something else has moved in."""
    if name.endswith(".toml") or _at(read(text, name), at) not in ({}, []):
        return text
    return _proven(text, Edit(at, None), name, _take)


def stands(text: str, edit: Edit, name: str) -> bool:
    """Is it there, as it was written?"""
    found = _at(read(text, name), edit.at)
    if edit.joins:
        return isinstance(found, list) and any(_same(one, edit.value) for one in found)
    return _same(found, edit.value)


def read(text: str, name: str) -> dict[str, Any]:
    """What the file says. Raises RefusedError where it is not what its name tells, or holds no settings."""
    try:
        found = (toml_text if name.endswith(".toml") else json_text).read(text)
    except ValueError as error:
        raise RefusedError(f"{name} is damaged ({error}).", "Mend it first; nothing was written.") from error
    if not isinstance(found, dict):
        raise RefusedError(f"{name} holds no settings.", "Nothing was written.")
    return found


def _at(document: Any, names: tuple[str, ...]) -> Any:
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def _proven(text: str, edit: Edit, name: str, change: Any) -> str:
    wanted = read(text, name)
    if not change(wanted, edit):
        raise RefusedError(f"{name} has something else at {'.'.join(edit.at)}.", "Nothing was written.")
    deed = "put" if change is _put else "take"
    written = getattr(toml_text if name.endswith(".toml") else json_text, deed)(text, edit.at, edit.value, edit.joins)
    if written is None or not _same(read(written, name), wanted):
        raise RefusedError(f"{name} can't be changed without touching something else.", "Nothing was written.")
    return written


def _same(one: Any, other: Any) -> bool:
    """1 is not true here, as it is to Python."""
    return json.dumps(one, sort_keys=True, default=repr) == json.dumps(other, sort_keys=True, default=repr)


def _put(document: dict[str, Any], edit: Edit) -> bool:
    """Does it to the plain data; False where another kind of thing is in the way."""
    *above, last = edit.at
    for name in above:
        document = document.setdefault(name, {})
        if not isinstance(document, dict):
            return False
    if not edit.joins:
        document[last] = edit.value
        return True
    members = document.setdefault(last, [])
    if not isinstance(members, list):
        return False
    members.append(edit.value)
    return True


def _take(document: dict[str, Any], edit: Edit) -> bool:
    *above, last = edit.at
    for name in above:
        document = document[name]
    if edit.joins:
        document[last].remove(edit.value)
    else:
        del document[last]
    return True
