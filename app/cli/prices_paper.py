"""Price books and the user's own prices as people read them on a terminal."""

from __future__ import annotations

from app import formats
from app.cli.paper import console, plain, print_table, table
from app.report import books
from app.report.books import InUse, Offer

_SHOWN = 20
"""Lines of each kind of difference; --json has all of them."""


def show(found: InUse) -> None:
    paper = console()
    where = "from a file you imported" if found.imported else "came with this version"
    age = "of today" if not found.age else f"{formats.counted(found.age, 'day', 'days')} old"
    paper.print(f"Price book of {found.built}, {age}, {where}", style="bold")
    paper.print(f"  {found.models:,} models, {found.rows:,} rows; on {found.disputed:,} of them the sources differ")
    paper.print(f"  from {', '.join(found.packages)} and corrections", soft_wrap=True)
    if found.old:
        paper.print("It is old: a newer version of Cuenta, or `cuenta prices import FILE`, brings newer prices.")


def show_own(found: InUse) -> None:
    """The user's own entries, and how long each holds."""
    if not (found.own_prices or found.own_discounts):
        return
    sheet = table("your own", "input", "cached", "writes", "output", "from", "until", left=1)
    for one in books.own_json(found):
        days = [(one[edge] or formats.NONE)[:10] for edge in ("from", "until")]
        if "percent" in one:
            sheet.add_row(plain(f"{one['provider']}: {one['percent']}% off"), *[""] * 4, *days)
            continue
        dollars = {kind: price or one["usd_per_mtok"]["input"] for kind, price in one["usd_per_mtok"].items()}
        writes = " / ".join(dict.fromkeys((dollars["cache_write_5m"], dollars["cache_write_1h"])))
        mode = "" if one["mode"] == "standard" else f" {one['mode']}"
        cells = (dollars["input"], dollars["cache_read"], writes, dollars["output"])
        sheet.add_row(plain(one["model"]) + mode, *cells, *days)
    print_table(console(), sheet, dropping=("until", "from"))


def show_offer(found: Offer) -> None:
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
