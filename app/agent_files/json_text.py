"""Puts a value into JSON text and takes it out again in the manner of the text: indentation, line ends, comments."""

from __future__ import annotations

import json
import re
from typing import Any

from app.agent_files.jsonc import Node, parse


def read(text: str) -> Any:
    """Raises DamagedError."""
    return parse(text).plain


def put(text: str, at: tuple[str, ...], value: Any, joins: bool) -> str | None:
    """The text with the value there, in a list there, or None where that can't be written."""
    node, depth = parse(text), 0
    for depth, name in enumerate(at):  # noqa: B007 - how far the names lead is what we are after
        place = node.place(name) if isinstance(node.value, dict) else None
        if place is None:
            break
        node = node.members[place]
    else:
        if joins:
            return _added(text, node, None, value)
        return text[: node.start] + _written(text, value, _indent_of(text, node.start)) + text[node.end :]
    for name in reversed(at[depth + 1 :]):
        value, joins = {name: [value] if joins else value}, False
    return _added(text, node, at[depth], [value] if joins else value)


def take(text: str, at: tuple[str, ...], value: Any, joins: bool) -> str | None:
    """The text without the value."""
    owner, node = parse(text), parse(text)
    place: int | None = None
    for name in at:
        owner, place = node, node.place(name)
        if place is None:
            return None
        node = node.members[place]
    if joins:
        owner, place = node, next(number for number, one in enumerate(node.members) if one.plain == value)
    return None if place is None else _cut(text, owner, place)


def _added(text: str, node: Node, key: str | None, value: Any) -> str | None:
    """One more member behind the others."""
    if not isinstance(node.value, dict if key is not None else list):
        return None
    outer = _indent_of(text, node.start)
    inline = bool(node.members) and "\n" not in text[node.start : node.starts[-1]]
    inner = _indent_of(text, node.starts[-1]) if node.members and not inline else outer + _step(text)
    name = "" if key is None else json.dumps(key, ensure_ascii=False) + ": "
    written = name + _written(text, value, inner, inline=inline)
    end = _newline(text)
    if not node.members:
        inside = text[node.start + 1 : node.end - 1].rstrip()
        return f"{text[: node.start + 1]}{inside}{end}{inner}{written}{end}{outer}{text[node.end - 1 :]}"
    last = node.members[-1].end
    comma = _comma(text, last, node.end - 1)
    head = text[:last] + "," if comma is None else text[: comma + 1]
    rest = text[last:] if comma is None else text[comma + 1 :]
    # A comment on the last member's line belongs to that member.
    found = re.match(r"[ \t]*(?://[^\r\n]*|/\*[^\r\n]*?\*/)", rest)
    remark = "" if found is None else found.group()
    between = " " if inline and "//" not in remark else f"{end}{inner}"
    return f"{head}{remark}{between}{written}{'' if comma is None else ','}{rest[len(remark) :]}"


def _cut(text: str, owner: Node, place: int) -> str:
    """Without one member, its comma and the line that it had for itself."""
    start, end = owner.starts[place], owner.members[place].end
    closing = owner.end - 1
    comma = _comma(text, end, owner.starts[place + 1] if place + 1 < len(owner.starts) else closing)
    if comma is not None:
        end = comma + 1
    elif place:  # the last one: the comma before it goes
        before = _comma(text, owner.members[place - 1].end, start)
        if before is not None:
            text = text[:before] + text[before + 1 :]
            start, end = start - 1, end - 1
    alone = len(owner.members) == 1
    head = text[:start].rstrip(" \t")
    if head.endswith("\n") and text[end:].lstrip(" \t")[:1] in ("\r", "\n"):
        return head.removesuffix("\n").removesuffix("\r") + text[end:].lstrip(" \t")
    return text[:start].rstrip() + text[end:].lstrip() if alone else text[:start].rstrip(" \t") + text[end:]


def _comma(text: str, start: int, end: int) -> int | None:
    """Where the comma between two places stands, comments left aside."""
    bare = re.sub(r"//[^\n]*|/\*.*?\*/", lambda found: " " * len(found.group()), text[start:end], flags=re.DOTALL)
    place = bare.find(",")
    return None if place < 0 else start + place


def _written(text: str, value: Any, indent: str, *, inline: bool = False) -> str:
    if inline:
        return json.dumps(value, ensure_ascii=False)
    lines = json.dumps(value, indent=_step(text), ensure_ascii=False).split("\n")
    return (_newline(text) + indent).join(lines)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _indent_of(text: str, at: int) -> str:
    """Of the line that holds the place."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip(" \t"))]


def _step(text: str) -> str:
    """What one level is indented by."""
    found = re.search(r"\n([ \t]+)\S", text)
    return found.group(1) if found is not None else "  "
