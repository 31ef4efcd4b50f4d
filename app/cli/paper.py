"""What the commands share: printing JSON, tables for people, progress on a terminal, and reading what is new first."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from app import formats, runtime
from app.diagnostics import KnownError
from app.ingest.catch_up import Progress
from app.machine import Machine
from app.model.instant import QUARTER
from app.model.path import ending
from app.store import queries
from app.store.queries import Sums

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Column, Table

    from app.report.overview import Row

_LEAST = 14
"""Letters that are left of a name before other columns go: less tells nothing."""
CERTAINTY = {"measured": "●", "reconciled": "◐", "estimated": "○"}


def print_json(document: Any) -> None:
    """One document on stdout, as the contract wants it."""
    sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")


@contextmanager
def up_to_date(machine: Machine, sync: bool) -> Iterator[sqlite3.Connection]:
    """A reading connection, after what is new was read (unless `sync` is off)."""
    with closing(runtime.reader(machine)) as connection:
        if sync:
            try:
                read_new(machine, connection)
            except KnownError as error:
                # What is stored can still be told; that it may be old must be said.
                print(f"{error} The figures may be out of date.", file=sys.stderr)
        with queries.snapshot(connection):  # a report that adds up, also beside a writer
            yield connection


def read_new(machine: Machine, connection: sqlite3.Connection) -> runtime.CatchUp | None:
    """Reads what is new; a bar on a terminal if it takes long, problems as sentences on stderr."""
    _warn_of_prices(machine)
    shown = sys.stderr.isatty()
    catch_up = _with_bar(machine, connection) if shown else runtime.read_new(machine, connection)
    for problem in catch_up.problems if catch_up is not None else ():
        print(f"{plain(problem.path)}: {plain(problem.what)}.", file=sys.stderr)
    return catch_up


def _warn_of_prices(machine: Machine) -> None:
    """Whoever has prices of their own must hear when they are not in use. Few have: the others pay one stat for it."""
    if not (machine.data / "prices.user.toml").exists():
        return
    from app.pricing.catalog import load_catalog

    problem = load_catalog(machine).problem
    if problem:
        print(problem, file=sys.stderr)


def measure_new(machine: Machine) -> int:
    """Sizes what was said in what was read, with a bar on a terminal if it takes long; how many files were new."""
    if not sys.stderr.isatty():
        return runtime.measure_new(machine)
    bar = Bar(None, "Sizing what was said")
    try:
        return runtime.measure_new(machine, report=bar.show, cancelled=lambda: bar.cancelled)
    finally:
        bar.close()


def _with_bar(machine: Machine, connection: sqlite3.Connection) -> runtime.CatchUp | None:
    bar = Bar(lambda: today_line(machine, connection))
    try:
        return runtime.read_new(machine, connection, report=bar.show, cancelled=lambda: bar.cancelled)
    finally:
        bar.close()


def today_line(machine: Machine, connection: sqlite3.Connection) -> str:
    """Today's figure, whole before the history is."""
    now = machine.clock()
    today = queries.so_far(connection, runtime.today_from(machine) // QUARTER, now // QUARTER + 1)
    spent = formats.amount(today.cost, today.unpriced, queries.label_of(today.evidence), at_least=today.at_least)
    return f"Today: {spent}"


class Bar:
    """A progress bar that appears only where there is a while to wait. Ctrl-C stops after the transaction in hand."""

    SHOWN_FROM = 8 << 20

    def __init__(self, today: Callable[[], str] | None, name: str = "Reading history") -> None:
        """`today` gives the line that is printed as soon as today has been read; None is no such line."""
        import signal

        self.cancelled = False
        self._today = today
        self._name = name
        self._told_today = False
        self._progress: Any = None
        self._task: Any = None
        self._before = signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, *_: object) -> None:
        if self.cancelled:
            raise KeyboardInterrupt
        self.cancelled = True
        print("\nStopping after what is being read …", file=sys.stderr)

    def show(self, progress: Progress) -> None:
        if self._progress is None:
            if progress.of_bytes < self.SHOWN_FROM:
                return
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
            from rich.progress import Progress as Rich

            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[files]}"))
            self._progress = Rich(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self._task = self._progress.add_task("Reading today first", total=progress.of_bytes, files="")
            self._progress.start()
        if progress.today and not self._told_today and self._today is not None:
            self._told_today = True
            self._progress.console.print(self._today())
        self._progress.update(
            self._task,
            completed=progress.bytes,
            description=self._name if progress.today else "Reading today first",
            files=f"{progress.files:,} of {progress.of_files:,} files",
        )

    def close(self) -> None:
        import signal

        signal.signal(signal.SIGINT, self._before)
        if self._progress is not None:
            self._progress.stop()


def console() -> Console:
    """Colors only from the terminal's own sixteen. Pipes and `NO_COLOR` get plain text; rich would still write bold."""
    from rich.console import Console

    class Paper(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich itself would end the program with 1; `| head` is no problem

    colors = None if os.environ.get("NO_COLOR") else "auto"
    return Paper(color_system=colors, highlight=False, emoji=False, markup=False)


def table(*columns: str, left: int = 1) -> Table:
    """A plain table: the first `left` columns are words, the others figures at the right."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for index, name in enumerate(columns):
        made.add_column(name, no_wrap=True, justify="left" if index < left else "right")
    return made


def print_table(paper: Console, sheet: Table, giving: tuple[int, ...] = (0,), dropping: tuple[str, ...] = ()) -> None:
    """The table as it fits the terminal (see `fitted`)."""
    paper.print(fitted(sheet, paper.width, giving, dropping))


def fitted(sheet: Table, room: int, giving: tuple[int, ...] = (0,), dropping: tuple[str, ...] = ()) -> Table:
    """Where room is short the columns `giving` way are cut, the longest first, and where that is not enough those of
    `dropping` go, the first named first: a name cut short can be looked up, half a number is wrong.
    """
    left = [str(column.header) for column in sheet.columns]
    for name in dropping:
        if _over(sheet, left, room, giving) <= 0:
            break
        if name in left:
            left.remove(name)
    return _narrowed(_without(sheet, left), room, giving)


def _over(sheet: Table, left: list[str], room: int, giving: tuple[int, ...]) -> int:
    """How many letters too wide the table is when all that may give way has."""
    widths = [
        min(_widest(column), _LEAST) if index in giving else _widest(column)
        for index, column in enumerate(sheet.columns)
        if str(column.header) in left
    ]
    return sum(widths) + 3 * (len(widths) - 1) - room


def _widest(column: Column) -> int:
    return max(len(str(cell)) for cell in [column.header, *column.cells])


def _without(sheet: Table, left: list[str]) -> Table:
    """The table with these columns only."""
    places = [index for index, column in enumerate(sheet.columns) if str(column.header) in left]
    return sheet if len(places) == len(sheet.columns) else _of_cells(sheet, places, {})


def _of_cells(sheet: Table, places: Sequence[int], widths: dict[int, int]) -> Table:
    """A table of these columns, with what some of them have room for."""
    made = table(*(str(sheet.columns[index].header) for index in places), left=0)
    for place, index in enumerate(places):
        made.columns[place].justify = sheet.columns[index].justify
    cells = [list(column.cells) for column in sheet.columns]
    for number, row in enumerate(sheet.rows):
        texts = (ending(str(cells[index][number]), widths.get(index, 10_000)) for index in places)
        made.add_row(*texts, style=row.style, end_section=row.end_section)
    return made


def _narrowed(sheet: Table, room: int, giving: tuple[int, ...]) -> Table:
    """Names are cut at the left: their ends tell paths and models apart."""
    widths = [_widest(column) for column in sheet.columns]
    over = sum(widths) + 3 * (len(widths) - 1) - room
    while over > 0 and giving:
        longest = max(giving, key=lambda index: widths[index])
        if widths[longest] <= _LEAST:
            break
        widths[longest] -= 1
        over -= 1
    made = _of_cells(sheet, range(len(widths)), {index: widths[index] for index in giving})
    for index, (column, width) in enumerate(zip(made.columns, widths, strict=True)):
        if index in giving:
            column.max_width, column.overflow = width, "ellipsis"
        else:
            column.min_width = width
    return made


def count_of(kind: Row) -> str:
    """Tokens of one kind; what is billed by the request is counted in requests."""
    if kind.requests:
        return formats.counted(kind.requests, "request", "requests")
    tokens = kind.sums.tokens
    return about(kind.sums, tokens.total or tokens.reasoning) if kind.key in tokens._fields else formats.NONE


def about(sums: Sums, logged: int) -> str:
    """Tokens with what placeholder counts leave out."""
    return (formats.ABOUT if sums.repaired_output else "") + formats.tokens(logged + sums.repaired_output)


def spent(sums: Sums) -> tuple[str, str]:
    """What a set of calls cost, with what placeholder counts leave out; and how sure that is, as a sign."""
    both = sums.repaired
    return formats.amount(both.cost, sums.unpriced, both.label, at_least=sums.at_least), CERTAINTY[both.label]


def repair_words(logged: int, tokens: int, nano: int) -> str:
    """The two parts of a sum with repaired output in it."""
    return (
        f"≈ is {formats.money(logged)} as logged and {formats.money(nano)} for {formats.tokens(tokens)} tokens or more of"
        " output that placeholder counts leave out; --logged shows the first alone."
    )


def plain(text: str | None, unknown: str = "unknown") -> str:
    """A name fit for one line of a terminal: control characters could otherwise drive it."""
    if text is None:
        return unknown
    return "".join(letter if letter.isprintable() else "·" for letter in text)
