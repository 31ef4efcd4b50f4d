"""The descriptor of one agent's log: all that the rest of the program knows about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from app.machine import Machine
from app.model.usage import Batch, Cursor, Quota, Tokens
from app.shapes.connection import Connection
from app.shapes.content import Content


class Vendor(NamedTuple):
    """Who sends the bill."""

    id: str
    """As logs write a provider."""
    title: str


class Unlogged(NamedTuple):
    """Requests that an agent makes and logs nowhere, in one session. An assumption, and said to be one."""

    what: str
    """In words, English: what they are for."""
    model: str
    least: Tokens
    most: Tokens


class Account(NamedTuple):
    """What an agent's own settings say of how it is paid, without a secret and without a name."""

    plan: str | None
    """The plan's id in `resources/plans.json`; None is not said, or none that we know."""
    extra: bool = False
    """What goes beyond the plan is billed."""
    limits: tuple[Quota, ...] = ()
    """As the agent kept them for itself: they may be days old."""


@dataclass(frozen=True)
class Source:
    """One log format. Its file in `sources/` holds everything particular to the agent, as data and a parser."""

    id: str
    """Stands in the database and in reports; never changes."""
    title: str
    mark: str
    """Two letters, where a name is too long."""
    color: str
    """Key in `resources/tokens.json` under `agent`."""
    version: int
    """Version of the reader. A higher one reads again whatever still exists."""
    roots: Callable[[Machine], Iterable[Path]]
    """Folders to look in, whether they exist or not, most important first."""
    owns: Callable[[str], bool]
    """Does a path below a root (with `/`, relative to it) belong to this format?"""
    read: Callable[[Path, Cursor | None], Iterator[Batch]]
    """What is new in a file, in one or more stretches. Raises OSError."""
    window: Callable[[str | None, int | None, int | None, Machine], int | None] = lambda model, logged, highest, _: (
        logged
    )
    """Tokens that fit into the context: of (model, window logged, highest fill seen, machine). None is unknown."""
    compacts: Callable[[int], int | None] = lambda _: None
    """Tokens in the context at which the agent compacts by itself, of its window. None is unknown."""
    cache_lifetime: Callable[[Tokens], int | None] = lambda _: None
    """How long (ms) the prompt cache is promised after a call that wrote these tokens. None is not promised."""
    vendor: Vendor | None = None
    """Of calls whose log names no provider; None where the agent works with anybody's models."""
    unlogged: Unlogged | None = None
    """None is that nothing of the kind is known."""
    account: Callable[[Machine], Account | None] | None = None
    """Reads the agent's settings; None where it has none, or says nothing of it. Not for the GUI thread."""
    usage_at: tuple[str, ...] = ()
    """Names that lead into a record to the object with its counts, for who wants to see it."""
    shallow: Callable[[Machine], Iterable[Path]] = lambda _: ()
    """Folders like `roots` of which nothing below is looked at: a database lies there beside much else."""
    is_database: Callable[[str], bool] = lambda _: False
    """Is the file of that name SQLite? Then changes go into `<name>-wal` first, which is looked at with it."""
    verified: bool = True
    """Was the reader tried on files that the agent wrote? Until then its calls stay out of every sum, unless the user has
    compared one of its sessions and says that they are right."""
    secondhand: bool = False
    """It tells requests of agents that may log them themselves: of a session that another source tells its calls do not
    count, but where a message's identity shows which call is which."""
    amiss: Callable[[Machine], tuple[str, str] | None] = lambda _: None
    """(file, what) that its owner must mend, in a sentence, before it can be read; None where all is well."""
    exports: Callable[[Machine], Iterable[tuple[str, str]]] = lambda _: ()
    """(where it goes, the lines) of settings that make an agent or a collector write the files that are read here."""
    evidence: str = "A"
    """The levels that its calls can have (`model.usage.Call.evidence`), best first; empty where nothing tells of calls."""
    live: bool = True
    """What a running session uses is in the log while it runs."""
    states_cost: bool = False
    """Its records state a cost of their own."""
    credit: str | None = None
    """One of the units that the vendor bills in, English, where its records say how many."""
    exact: str | None = None
    """What would make it more exact, one English sentence; None where nothing is left to wish."""
    content: Content | None = None
    """What the logs say in words; None where nobody reads that yet."""
    tried: str | None = None
    """The newest version of the agent whose files the reader was tried on; None where nobody knows one."""
    connection: Connection | None = None
    """A setting of the agent's that Cuenta may write, to know more; None where there is none."""
    deletes_after_days: int | None = None
    """Age at which the agent deletes its own logs, unless told otherwise."""

    def folders(self, machine: Machine) -> Iterator[Path]:
        """All that is looked in, most important first."""
        yield from self.shallow(machine)
        yield from self.roots(machine)
