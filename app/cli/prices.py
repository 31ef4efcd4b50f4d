"""`cuenta prices`: the book in use, a newer one from a file, and back again."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

from app import formats, runtime
from app.cli.paper import console, plain, print_json, print_table, table
from app.machine import Machine
from app.model.path import real
from app.pricing import importing
from app.pricing.catalog import Catalog
from app.report import books
from app.report.books import InUse, Offer

_ACTIONS = ("list", "import", "undo")
_SHOWN = 20
"""Lines of each kind of difference; --json has all of them."""


def run(machine: Machine, *, action: str, file: str | None, dry_run: bool, json: bool) -> int:
    wrong = _wrong(action, file, dry_run)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    if action == "undo":
        importing.take_back(machine)
    catalog = books.catalog_of(machine)
    if catalog.problem and not json:
        print(catalog.problem, file=sys.stderr)
    if action == "import":
        return _import(Path(real(file or "")), machine, catalog, dry_run, json)
    found = books.in_use(machine, catalog)
    if json:
        print_json({"schema": books.SCHEMA, "book": books.in_use_json(found)})
    else:
        if action == "undo":
            console().print("The book before is in use again. Costs that are stored stay; `cuenta reprice` shows them.")
        _show(found)
    return 0


def _wrong(action: str, file: str | None, dry_run: bool) -> str | None:
    if action not in _ACTIONS:
        return f"cuenta prices {action}: there are {', '.join(_ACTIONS)}."
    if action == "import" and file is None:
        return "cuenta prices import FILE: name the file."
    if action != "import" and (file is not None or dry_run):
        return f"cuenta prices {action} takes neither a file nor --dry-run."
    return None


def _import(path: Path, machine: Machine, catalog: Catalog, dry_run: bool, json: bool) -> int:
    with closing(runtime.reader(machine)) as connection:
        found = books.offer(path, machine, catalog, connection)
    if not json:
        _show_offer(found)
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


def _show(found: InUse) -> None:
    paper = console()
    where = "from a file you imported" if found.imported else "came with this version"
    age = "of today" if not found.age else f"{formats.counted(found.age, 'day', 'days')} old"
    paper.print(f"Price book of {found.built}, {age}, {where}", style="bold")
    paper.print(f"  {found.models:,} models, {found.rows:,} rows; on {found.disputed:,} of them the sources differ")
    paper.print(f"  from {', '.join(found.packages)} and corrections", soft_wrap=True)
    if found.own_prices or found.own_discounts:
        prices = formats.counted(found.own_prices, "price", "prices")
        off = formats.counted(found.own_discounts, "discount", "discounts")
        paper.print(f"  above it your own: {prices}, {off}")
    if found.old:
        paper.print("It is old: a newer version of Cuenta, or `cuenta prices import FILE`, brings newer prices.")


def _show_offer(found: Offer) -> None:
    paper, what = console(), found.difference
    paper.print(f"A book of {found.book.built}: {', '.join(found.book.packages)}", style="bold", soft_wrap=True)
    counts = (
        formats.counted(len(what.new), "new model", "new models"),
        formats.counted(len(what.changed), "changed price list", "changed price lists"),
        formats.counted(len(what.gone), "model gone", "models gone"),
    )
    paper.print("  " + ", ".join(counts))
    if what.changed:
        sheet = table("price list", "input", "cached", "output", "since", left=1)
        for one in what.changed[:_SHOWN]:
            before, after = books.usd(one.before), books.usd(one.after)
            cells = [_pair(before, after, kind) for kind in ("input", "cache_read", "output")]
            name = one.key if one.mode == "standard" else f"{one.key} {one.mode}"
            sheet.add_row(plain(name), *cells, (one.since or "always")[:10])
        print_table(paper, sheet, dropping=("since",))
    kept = "No longer listed, they keep their prices"
    for title, names in (("New", what.new), ("Gone", what.gone), (kept, found.unlisted)):
        if names:
            more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
            paper.print(f"{title}: {plain(', '.join(names[:_SHOWN]))}{more}", soft_wrap=True)
    if len(what.changed) > _SHOWN:
        paper.print(f"{len(what.changed) - _SHOWN:,} more changed lists: --json has all of them.", style="dim")
    _show_touched(found)


def _show_touched(found: Offer) -> None:
    paper, plan = console(), found.touched
    if not plan.calls:
        paper.print("None of your calls costs something else by it.")
        return
    calls = formats.counted(len(plan.calls), "of your calls costs", "of your calls cost")
    paper.print(f"{calls} something else by it: {formats.money(plan.before)} → {formats.money(plan.after)}")
    unknown = sum(one.calls for one in plan.changes if one.why == "new_price")
    if unknown:
        paper.print(f"{formats.counted(unknown, 'has', 'have')} no price yet and gets one with the next reading.")


def _pair(before: dict[str, str | None] | None, after: dict[str, str | None] | None, kind: str) -> str:
    old, new = ((one or {}).get(kind) or formats.NONE for one in (before, after))
    return old if old == new else f"{old} → {new}"
