"""`cuenta price`: how a name is resolved, step by step, and what it cost at a time."""

from __future__ import annotations

import sys

from app import formats
from app.cli.paper import console, plain, print_json, print_table, table
from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import instant_of, text_of
from app.pricing.book import BOTH, RESEARCH
from app.pricing.catalog import load_catalog
from app.pricing.explain import Explanation, explain

_KINDS = {
    "input": "input",
    "cache_read": "cache read",
    "cache_write_5m": "cache write, 5 minutes",
    "cache_write_1h": "cache write, 1 hour",
    "output": "output",
}


def run(
    machine: Machine, *, model: str, at: str | None, provider: str | None, prompt_tokens: int | None, json: bool
) -> int:
    instant = machine.clock() if at is None else instant_of(at)
    if instant is None:
        print(f"--at {at}: that is no instant. Write it like 2026-03-01T00:00:00Z.", file=sys.stderr)
        return 2
    if prompt_tokens is not None and prompt_tokens < 0:
        print(f"--prompt-tokens {prompt_tokens}: a request has 0 or more.", file=sys.stderr)
        return 2
    try:
        catalog = load_catalog(machine)
    except (OSError, ValueError) as error:
        raise KnownError(f"The price book can't be read: {error}.", "Install Cuenta again.") from error
    if catalog.problem:
        print(catalog.problem, file=sys.stderr)
    found = explain(model, instant, provider, prompt_tokens, catalog)
    if json:
        print_json(as_json(found))
    else:
        _show(found)
    return 0


def _source(source: str | None) -> str:
    if source == RESEARCH:
        return f"the vendor's list, looked up by hand ({source})"
    return "both price packages agree" if source == BOTH else str(source)


def as_json(found: Explanation) -> dict[str, object]:
    document: dict[str, object] = {"schema": "cuenta.price/1", **found._asdict()}
    document["at"] = text_of(found.at)
    return document


def _show(found: Explanation) -> None:
    paper = console()
    paper.print(f"{plain(found.name)} on {text_of(found.at)}", style="bold")
    for step in found.steps:
        paper.print(f"  {plain(step)}")
    if found.usd_per_mtok is None:
        paper.print("No price. Calls with this name count as unpriced, and sums show ≥.")
        return
    sheet = table("kind of token", "$ per million")
    for kind, dollars in found.usd_per_mtok.items():
        sheet.add_row(_KINDS.get(kind, kind), dollars if dollars is not None else "not listed")
    print_table(paper, sheet)
    tier = f"requests above {found.tier_above_tokens:,} tokens" if found.tier_above_tokens else "the base price"
    since = f"since {found.valid_from}" if found.valid_from else "since the beginning"
    paper.print(f"{found.resolved}: {tier}, {since}. Source: {_source(found.source)}.", style="dim")
    if found.context_tokens or found.max_output_tokens:
        window = formats.tokens(found.context_tokens) if found.context_tokens else "not known"
        longest = formats.tokens(found.max_output_tokens) if found.max_output_tokens else "not known"
        paper.print(f"Context window {window}, longest answer {longest}. Source: {found.limits_source}.", style="dim")
    if found.disputed:
        paper.print("The sources disagree on this price.", style="yellow")
