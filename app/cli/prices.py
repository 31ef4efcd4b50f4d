"""`cuenta prices`: the book in use, a newer one from a file and back again, and the user's own prices."""

from __future__ import annotations

import sys
from contextlib import closing
from decimal import Decimal
from pathlib import Path

from app import runtime
from app.cli import prices_paper
from app.cli.paper import console, print_json
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.path import real
from app.pricing import importing, own_file
from app.report import books

_OWN = {
    "set": ("price", "model", ("input", "cache_read", "cache_write", "cache_write_1h", "output", "mode")),
    "discount": ("discount", "provider", ("percent",)),
    "local": ("local", "model", ("per_hour", "output_per_second", "input_per_second")),
}
"""Action → kind of entry, what its name is called there, the options that belong to it."""
_ALWAYS = ("from_", "until", "source")
_WORDS = ("mode", *_ALWAYS)
_ACTIONS = ("list", "import", "undo", *_OWN, "drop")


def run(machine: Machine, *, action: str, name: str | None, dry_run: bool, json: bool, **said: str | None) -> int:
    given = {key: value for key, value in said.items() if value is not None}
    wrong = _wrong(action, name, dry_run, given)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    if action == "import":
        return _import(Path(real(name or "")), machine, json, dry_run)
    if action in _OWN:
        try:
            _add(machine, action, name or "", given)
        except ValueError as error:
            print(f"cuenta prices {action}: {error}.", file=sys.stderr)
            return 2
    dropped = own_file.drop(machine, name or "") if action == "drop" else None
    if dropped == 0:
        raise KnownError(
            f"There is no price and no discount of your own for {name!r}.", "`cuenta prices list` shows yours."
        )
    if action == "undo":
        importing.take_back(machine)
    _tell(machine, action, json)
    return 0


def _wrong(action: str, name: str | None, dry_run: bool, given: dict[str, str]) -> str | None:
    """A sentence for the user where the words do not fit together."""
    if action not in _ACTIONS:
        return f"cuenta prices {action}: there are {', '.join(_ACTIONS)}."
    if (name is None) != (action in ("list", "undo")):
        return f"cuenta prices {action} takes no name." if name is not None else f"cuenta prices {action}: name it."
    mine = (*_OWN[action][2], *_ALWAYS) if action in _OWN else ()
    stray = [key for key in given if key not in mine] + (["dry_run"] if dry_run and action != "import" else [])
    if stray:
        return f"cuenta prices {action} takes no --{stray[0].strip('_').replace('_', '-')}."
    return None


def _add(machine: Machine, action: str, name: str, given: dict[str, str]) -> None:
    """Raises ValueError with what is wrong in the words given."""
    kind, called, _ = _OWN[action]
    fields: dict[str, str | Decimal] = {called: name}
    for key, value in given.items():
        fields[key.strip("_")] = value if key in _WORDS else _number(key, value)
    own_file.add(machine, kind, fields)


def _number(key: str, text: str) -> Decimal:
    try:
        value = Decimal(text)
    except ArithmeticError:
        value = Decimal("nan")
    if not value.is_finite():
        raise ValueError(f"--{key.replace('_', '-')} {text}: that is no number")
    return value


_DONE = {
    "list": "",
    "undo": "The book before is in use again. Costs that are stored stay; `cuenta reprice` shows them.",
    **dict.fromkeys(
        ("set", "local"), "Calls without a price get it with the next reading; `cuenta reprice` shows the others."
    ),
    **dict.fromkeys(("discount", "drop"), "Costs that are stored stay; `cuenta reprice` shows what would change."),
}


def _tell(machine: Machine, action: str, json: bool) -> None:
    catalog = books.catalog_of(machine)
    found = books.in_use(machine, catalog)
    if json:
        print_json({"schema": books.SCHEMA, "book": books.in_use_json(found), "own": books.own_json(found)})
        return
    if catalog.problem:
        print(catalog.problem, file=sys.stderr)
    if action in ("list", "undo"):
        prices_paper.show(found)
    prices_paper.show_own(found)
    if _DONE[action]:
        console().print(_DONE[action])


def _import(path: Path, machine: Machine, json: bool, dry_run: bool) -> int:
    catalog = books.catalog_of(machine)
    with closing(runtime.reader(machine)) as connection:
        found = books.offer(path, machine, catalog, connection)
    if not json:
        prices_paper.show_offer(found)
    if not dry_run:
        importing.take(machine, found.book)
    if json:
        print_json(books.offer_json(found, taken=not dry_run))
    elif dry_run:
        print("Nothing was changed. Without --dry-run the book is taken.")
    else:
        print("The book is in use now; stored costs stay. `cuenta reprice` shows what it makes of them,")
        print("`cuenta prices undo` brings the book before back.")
    return 0
