"""What a command is called, what it takes and what it does: said once, for the quick path, for typer and for the help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Option(NamedTuple):
    """One parameter. Its Python name is the option's, with `_` for `-`, and one behind where Python has the word."""

    name: str
    help: str
    kind: type = str
    """`str`, `int`, or `bool` for a switch."""
    many: bool = False
    default: Any = None
    argument: bool = False
    """Stands without a name, and must be given unless it is `optional`."""
    off: str | None = None
    """A switch's other side, where that is the one people write (`--no-sync`)."""
    metavar: str | None = None
    optional: bool = False
    """An argument that may be left out."""

    @property
    def flag(self) -> str:
        return "--" + self.name.strip("_").replace("_", "-")

    @property
    def initial(self) -> Any:
        return [] if self.many and self.default is None else self.default


class Command(NamedTuple):
    name: str
    help: str
    run: Callable[..., int]
    """Called with the machine and every option by name; returns the exit status."""
    options: tuple[Option, ...]
    read_only: bool = False
    """Well-formed calls take the quick path, which loads no typer."""
    money: bool = False
    """Writes amounts for people: in the currency that they chose, with its rate below."""


DEMO = Option("demo", "Read made-up logs into a temporary database.", bool, default=False)
JSON = Option("json", "Print one JSON document and nothing else.", bool, default=False)
SYNC = Option("sync", "Read what is new first.", bool, default=True, off="--no-sync")


def quick_values(command: Command, words: list[str]) -> dict[str, Any] | None:
    """Values by name if the words are a plain, well-formed call; None sends them to typer, which explains."""
    values = {option.name: option.initial for option in command.options}
    flags = {option.flag: option for option in command.options if not option.argument}
    flags_off = {option.off: option for option in command.options if option.off}
    places = [option for option in command.options if option.argument]
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, joined, value = word.partition("=")
        if word in flags_off:
            values[flags_off[word].name] = False
        elif name in flags and flags[name].kind is bool and not joined:
            values[flags[name].name] = True
        elif name in flags and flags[name].kind is not bool and (joined or rest):
            given = value if joined else rest.pop(0)
            if not _take(flags[name], given, values):
                return None
        elif not word.startswith("-") and places:
            values[places.pop(0).name] = word
        else:
            return None
    return None if any(not one.optional for one in places) else values


def _take(option: Option, given: str, values: dict[str, Any]) -> bool:
    if option.kind is int:
        if not (given.isascii() and given.isdigit() and len(given) < 19):
            return False  # `²` is a digit to Python, but no number
        values[option.name] = int(given)
    elif option.many:
        values[option.name] = [*values[option.name], given]
    else:
        values[option.name] = given
    return True
