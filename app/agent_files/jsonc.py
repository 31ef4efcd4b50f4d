"""JSON as agents' settings have it, with comments and commas before a closing bracket, each part with its place in the text.

Nothing is ever written from the values: an edit cuts into the text at these places, so that everything else stays as its
owner wrote it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

_BLANK = re.compile(r"(?:[ \t\r\n\ufeff]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null")
_DEEPEST = 200


class DamagedError(ValueError):
    """The text is none, not even with comments; `args[0]` says where."""


@dataclass
class Node:
    """One value and where it stands: `text[start:end]`."""

    start: int
    end: int
    value: Any
    """Of a list or object only the kind is meant: an empty one."""
    keys: list[str] = field(default_factory=list[str])
    starts: list[int] = field(default_factory=list[int])
    """Where each member begins: at its key, in an object."""
    members: list[Node] = field(default_factory=list["Node"])

    @property
    def plain(self) -> Any:
        """The value with all that is in it."""
        if isinstance(self.value, dict):
            return {key: one.plain for key, one in zip(self.keys, self.members, strict=True)}
        if isinstance(self.value, list):
            return [one.plain for one in self.members]
        return self.value

    def place(self, key: str) -> int | None:
        """Of several members of that name the last holds, as in every reader."""
        return max((number for number, one in enumerate(self.keys) if one == key), default=None)


def parse(text: str) -> Node:
    """The document. Raises DamagedError."""
    reader = _Reader(text)
    node = reader.value(reader.blank(0), 0)
    if reader.blank(node.end) != len(text):
        raise reader.wrong(node.end)
    return node


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text

    def wrong(self, at: int) -> DamagedError:
        return DamagedError(f"line {self.text.count(chr(10), 0, at) + 1}")

    def blank(self, at: int) -> int:
        """Where what is neither room nor comment begins."""
        found = _BLANK.match(self.text, at)
        return found.end() if found else at

    def value(self, at: int, depth: int) -> Node:
        first = self.text[at : at + 1]
        if depth > _DEEPEST:
            raise self.wrong(at)
        if first in ("{", "["):
            return self._container(at, depth, first == "{")
        found = (_STRING if first == '"' else _PLAIN).match(self.text, at)
        if found is None:
            raise self.wrong(at)
        try:
            return Node(at, found.end(), json.loads(found.group()))
        except ValueError as error:
            raise self.wrong(at) from error

    def _container(self, at: int, depth: int, named: bool) -> Node:
        node = Node(at, at, {} if named else [])
        closing = "}" if named else "]"
        position = self.blank(at + 1)
        while self.text[position : position + 1] != closing:
            node.starts.append(position)
            if named:
                key = self.value(position, depth)
                if not isinstance(key.value, str):
                    raise self.wrong(position)
                position = self.blank(key.end)
                if self.text[position : position + 1] != ":":
                    raise self.wrong(position)
                node.keys.append(key.value)
                position = self.blank(position + 1)
            member = self.value(position, depth + 1)
            node.members.append(member)
            position = self.blank(member.end)
            if self.text[position : position + 1] == ",":
                position = self.blank(position + 1)
            elif self.text[position : position + 1] != closing:
                raise self.wrong(position)
        node.end = position + 1
        return node
