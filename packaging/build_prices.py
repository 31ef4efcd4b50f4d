"""Builds `resources/prices.json` out of genai-prices, model-prices and `resources/corrections.toml`; limits from rates.

Run on a developer's machine: `python packaging/build_prices.py [--built 2026-11-21] [--out FILE]`. Prints every disputed
row and ends with 1 when one that is in force for a coding model is not among the known disputes in the corrections.
The same packages and corrections give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from price_sources import LONG_AGO, GenaiPrices, ModelPrices, Offer, Rates, RatesPackage, nearest_pico

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.pricing import agreement  # noqa: E402 - found only now
from app.pricing.book import SCHEMA  # noqa: E402

RESOURCES = ROOT / "resources"
CODING = re.compile(
    r"(anthropic/claude|openai/(gpt|o\d|codex)|google/gemini|xai/grok|moonshotai/kimi|zai/glm|deepseek/|alibaba/qwen)"
)
"""The models whose price in force must not stay in dispute …"""
NOT_CODING = re.compile(
    r"image|tts|live|audio|robotics|omni|banana|embedding|transcribe|translate|realtime|deep-research|-vl-"
)
"""… except those that answer in something else than text."""
SPREAD = ("aliases", "channels", "vendors")
"""Parts of the header that grow: one entry a line."""
AFTER_ALL = datetime(2999, 1, 1, tzinfo=UTC)
CACHE_PRICES_KEPT = datetime(2025, 7, 1, tzinfo=UTC)
"""Before this, model-prices lacks cached prices that did exist."""


@dataclass(frozen=True)
class Row:
    """One line of the book; `since` None is from the beginning, `offer` None is "no price from here on"."""

    since: datetime | None
    offer: Offer | None
    source: str
    disputed: bool = False
    cache_unknown: bool = False

    def says_the_same(self, other: Row) -> bool:
        mine = (self.offer and (self.offer.rates, self.offer.tiers), self.source, self.disputed, self.cache_unknown)
        return mine == (
            other.offer and (other.offer.rates, other.offer.tiers),
            other.source,
            other.disputed,
            other.cache_unknown,
        )

    def plain(self) -> list[Any]:
        """[since, rates, tiers, source, disputed?, cache price unknown?], flags left off where they are false."""
        line: list[Any] = [
            stamp(self.since) if self.since else None,
            list(self.offer.rates) if self.offer else None,
            flat(self.offer.tiers) if self.offer else [],
            self.source,
        ]
        flags = [self.disputed, self.cache_unknown]
        while flags and not flags[-1]:
            flags.pop()
        return line + flags


class Corrections:
    """What is known better than by the packages; every entry names its source."""

    def __init__(self, path: Path) -> None:
        text = path.read_bytes()
        self.digest = hashlib.sha256(text).hexdigest()[:16]
        self.file: dict[str, Any] = tomllib.loads(text.decode(), parse_float=Decimal)
        self.rows: dict[tuple[str, str, str], list[tuple[datetime | None, datetime | None, Row]]] = defaultdict(list)
        for entry in self.file["price"]:
            offer = None if entry.get("none") else _written_offer(entry)
            since, until = entry.get("from"), entry.get("until")
            for model in entry["models"]:
                key = (entry["channel"], model, entry.get("mode", "standard"))
                self.rows[key].append((since, until, Row(since, offer, entry["source"])))

    def starts(self, key: tuple[str, str, str]) -> set[datetime]:
        return {moment for since, until, _ in self.rows.get(key, ()) for moment in (since, until) if moment}

    def row(self, key: tuple[str, str, str], at: datetime) -> Row | None:
        """The last entry that covers the instant."""
        fits = [
            row
            for since, until, row in self.rows.get(key, ())
            if (since or LONG_AGO) <= at and (not until or at < until)
        ]
        return fits[-1] if fits else None

    def multiples(self, channel: str, model: str) -> Iterator[tuple[str, int, int, str]]:
        """(mode, numerator, denominator, source) of modes that cost a fixed multiple of the standard price."""
        for entry in self.file["multiple"]:
            if entry["channel"] == channel and re.fullmatch(entry["models"], model):
                yield entry["mode"], *entry["factor"], entry["source"]


def _written_offer(entry: dict[str, Any]) -> Offer:
    tiers = tuple((int(above), _written(rates)) for above, *rates in entry.get("tiers", ()))
    return Offer(_written(entry["rates"]), tiers, dated=True)


def _written(rates: list[Any]) -> Rates:
    """Five prices in dollars per million tokens; `""` is not listed (TOML has no null)."""
    found = [None if one == "" else nearest_pico(Decimal(one)) for one in rates]
    return (found[0], found[1], found[2], found[3], found[4])


def decide(genai: Offer | None, dated: Offer | None, at: datetime, mode: str, carried_back: bool) -> Row | None:
    """Rules 2 to 4: equal is `both`; a dispute goes to model-prices only where it knows its date and a cached price.

    `carried_back`: model-prices has documented that genai-prices' undated price began later than `at`; so it did not
    cost that yet (Gemini 3.6 Flash was halved on 2026-08-13, genai-prices has half the price from the beginning).
    """
    if genai is None and dated is None:
        return None
    if dated is None:
        return Row(None, genai, GenaiPrices.name)
    if genai is None:
        unknown = dated.rates[1] is None and at < CACHE_PRICES_KEPT
        return Row(None, dated, ModelPrices.name, cache_unknown=unknown)
    if agree(genai, dated, lenient=mode != "standard"):
        return Row(None, fill(genai, dated), "both")
    if (dated.dated or carried_back) and dated.rates[1] is not None:
        return Row(None, dated, ModelPrices.name, disputed=True)
    return Row(None, genai, GenaiPrices.name, disputed=True)


def agree(one: Offer, other: Offer, lenient: bool) -> bool:
    return agreement.agree(one.rates, flat(one.tiers), other.rates, flat(other.tiers), lenient=lenient)


def flat(tiers: Iterable[tuple[int, Rates]]) -> list[Any]:
    """Tiers as they stand in the book."""
    return [(above, *rates) for above, rates in tiers]


def fill(one: Offer, other: Offer) -> Offer:
    """What `one` does not list is taken from `other`, with which it agrees."""
    tiers = one.tiers or other.tiers
    if len(one.tiers) == len(other.tiers):
        tiers = tuple(
            (above, _fill(mine, theirs)) for (above, mine), (_, theirs) in zip(one.tiers, other.tiers, strict=True)
        )
    return replace(one, rates=_fill(one.rates, other.rates), tiers=tiers)


def _fill(one: Rates, other: Rates) -> Rates:
    found = [b if a is None else a for a, b in zip(one, other, strict=True)]
    return (found[0], found[1], found[2], found[3], found[4])


class Builder:
    """Every channel, model and mode of all three sources, one row per change."""

    def __init__(self, corrections: Corrections) -> None:
        self.genai = GenaiPrices()
        self.dated = ModelPrices()
        self.sizes = RatesPackage()
        self.corrections = corrections

    def models(self) -> list[tuple[str, str]]:
        found = {(channel, model) for channel, named in self.genai.models.items() for model in named}
        found |= {(channel, model) for channel, named in self.dated.models.items() for model in named}
        found |= {(channel, model) for channel, model, _ in self.corrections.rows}
        return sorted(found)

    def lists(self, channel: str, model: str) -> dict[str, list[Row]]:
        """Mode → rows. Modes that cost a fixed multiple follow the standard price's own dates."""
        modes = self.genai.modes(channel, model) | self.dated.modes(channel, model)
        modes |= {mode for place, name, mode in self.corrections.rows if (place, name) == (channel, model)}
        found = {mode: self.rows(channel, model, mode) for mode in sorted(modes)}
        for mode, above, below, source in self.corrections.multiples(channel, model):
            found[mode] = [_multiplied(row, above, below, source) for row in found["standard"]]
        if channel == "openai" and "fast" in found:  # models.dev's word for what OpenAI calls the priority tier
            found["priority"] = max(found["fast"], found.get("priority", []), key=len)
        return {mode: rows for mode, rows in found.items() if rows}

    def rows(self, channel: str, model: str, mode: str) -> list[Row]:
        key = (channel, model, mode)
        starts = self.genai.starts(*key) | self.dated.starts(*key) | self.corrections.starts(key) | {CACHE_PRICES_KEPT}
        found: list[Row] = []
        for start in [None, *sorted(starts)]:
            at = start or LONG_AGO
            row = self.corrections.row(key, at) or self.decided(key, at)
            row = replace(row or Row(None, None, ""), since=start)
            if not (found and found[-1].says_the_same(row)) and (found or row.source):
                found.append(row)
        return found

    def decided(self, key: tuple[str, str, str], at: datetime) -> Row | None:
        """What the two packages together say."""
        mine, theirs = self.genai.offer(*key, at), self.dated.offer(*key, at)
        carried_back = False
        if mine and theirs and not any(start <= at for start in self.genai.starts(*key)):
            later = [self.dated.offer(*key, start) for start in sorted(self.dated.starts(*key)) if start > at]
            carried_back = any(one and one.dated and agree(mine, one, lenient=True) for one in later)
        return decide(mine, theirs, at, key[2], carried_back)

    def limits(self, channel: str, model: str) -> list[Any] | None:
        """[since, context window, longest answer, source, disputed?]: genai-prices' window goes first, as it is kept by
        hand; only rates knows how long an answer may be."""
        mine = self.genai.context(channel, model)
        theirs, longest = self.sizes.limits(channel, model)
        if mine is None and theirs is None and longest is None:
            return None
        sources = [self.genai.name] if mine is not None else []
        if mine is None or longest is not None:
            sources.append(self.sizes.source)
        differ = mine is not None and theirs is not None and mine != theirs
        return [None, theirs if mine is None else mine, longest, ", ".join(sources), *((True,) if differ else ())]

    def overruled(self, channel: str, model: str, modes: dict[str, list[Row]]) -> dict[str, list[Any]]:
        """Mode → [rates, tiers] that genai-prices states where the row in force is not its own."""
        found: dict[str, list[Any]] = {}
        for mode, rows in modes.items():
            mine, row = self.genai.offer(channel, model, mode, AFTER_ALL), rows[-1]
            if mine is not None and not (row.offer and agree(mine, row.offer, lenient=mode != "standard")):
                found[mode] = [list(mine.rates), flat(mine.tiers)]
        return found


def _multiplied(row: Row, above: int, below: int, source: str) -> Row:
    """The row at a fixed multiple. A multiple of a price that nobody confirmed is unconfirmed too."""
    if row.offer is None:
        return row
    source = "unverified" if row.source == "unverified" else source
    rates = _scaled(row.offer.rates, above, below)
    tiers = tuple((start, _scaled(rates, above, below)) for start, rates in row.offer.tiers)
    return Row(row.since, Offer(rates, tiers), source, row.disputed, row.cache_unknown)


def _scaled(rates: Rates, above: int, below: int) -> Rates:
    found = [None if one is None else one * above // below for one in rates]
    if any(one is not None and one * above % below for one in rates):
        raise ValueError(f"{rates} × {above}/{below} is no whole number of pico-dollars")
    return (found[0], found[1], found[2], found[3], found[4])


@dataclass
class Priced:
    """A model as it goes into the book."""

    modes: dict[str, list[Row]]
    limits: list[list[Any]] | None = None
    overruled: dict[str, list[Any]] | None = None
    search: int | None = None
    regional: list[int] | None = None


def collect(builder: Builder) -> dict[str, Priced]:
    """`channel/model` → its prices, in the order of the book."""
    found: dict[str, Priced] = {}
    for channel, model in builder.models():
        modes = builder.lists(channel, model)
        if modes:
            limits = builder.limits(channel, model)
            found[f"{channel}/{model}"] = Priced(
                modes,
                limits=[limits] if limits else None,
                overruled=builder.overruled(channel, model, modes),
                search=builder.genai.search(channel, model),
            )
    fold_regions(found)
    for entry in builder.corrections.file["regional"]:
        for key, priced in found.items():
            if re.fullmatch(entry["models"], key):
                priced.regional = entry["factor"]
    return dict(sorted(found.items()))


def fold_regions(found: dict[str, Priced]) -> None:
    """Bedrock's `global.` and `regional.` rows become one model with the factor between them (Claude without vendor,
    date and `-v1:0`). Where only a regional row exists, it is the price of every region."""
    for key in [key for key in found if key.startswith(("bedrock/global.", "bedrock/regional."))]:
        region, _, name = key.removeprefix("bedrock/").partition(".")
        twin = found.get(f"bedrock/{'regional' if region == 'global' else 'global'}.{name}")
        if region == "regional" and twin is not None:
            continue
        priced = found[key]
        if twin is not None:
            priced.regional = _factor(priced, twin)
        base = f"bedrock/{re.sub(r'(-20[0-9]{6})?(-v[0-9]+(:[0-9]+)?)?$', '', name).removeprefix('anthropic.')}"
        if base in found:  # a correction's row: what it can't say is taken over
            priced.modes = found[base].modes
        found[base] = priced
    for key in [key for key in found if key.startswith(("bedrock/global.", "bedrock/regional."))]:
        del found[key]


def _factor(everywhere: Priced, pinned: Priced) -> list[int] | None:
    one, other = everywhere.modes["standard"][-1].offer, pinned.modes["standard"][-1].offer
    assert one and other and one.rates[0] and other.rates[0]
    above, below = Decimal(other.rates[0] / Decimal(one.rates[0])).as_integer_ratio()
    if (above, below) == (1, 1):
        return None
    if other.rates[0] * 10 == one.rates[0] * 11:
        return [11, 10]
    raise ValueError(f"regional price is neither 1 nor 1.1 times the global one: {one.rates} {other.rates}")


def aliases(builder: Builder, models: dict[str, Priced]) -> dict[str, str]:
    """`channel/other name` → `channel/model`; `*/name` holds in every channel."""
    found: dict[str, str] = {}
    for channel, name, model in [*builder.dated.aliases(), *builder.genai.aliases()]:
        if channel != "bedrock" and f"{channel}/{name}" not in models and f"{channel}/{model}" in models:
            found.setdefault(f"{channel}/{name}", f"{channel}/{model}")
    for name, target in builder.corrections.file["aliases"].items():
        if target not in models:
            raise ValueError(f"alias {name} leads to {target}, which has no price")
        found[name if "/" in name else f"*/{name}"] = target
    return dict(sorted(found.items()))


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def spread(value: dict[str, Any]) -> str:
    """As `compact`, one entry a line."""
    return "{\n" + ",\n".join(f"{compact(key)}:{compact(one)}" for key, one in value.items()) + "}"


def written(head: dict[str, Any], models: dict[str, Priced]) -> str:
    """The book as JSON with one row a line, so that a change of one price is a change of one line."""
    lines = [
        "{",
        *(f'"{key}":{spread(value) if key in SPREAD else compact(value)},' for key, value in head.items()),
        '"models":{',
    ]
    for number, (key, priced) in enumerate(models.items()):
        extras = [
            f'"{name}":{compact(value)}'
            for name in ("limits", "overruled", "search", "regional")
            if (value := getattr(priced, name))
        ]
        lines.append(f'{compact(key)}:{{{"".join(one + "," for one in extras)}"modes":{{')
        blocks = []
        for mode, rows in sorted(priced.modes.items(), key=lambda pair: (pair[0] != "standard", pair[0])):
            blocks.append(f"{compact(mode)}:[\n" + ",\n".join(compact(row.plain()) for row in rows) + "]")
        lines.append(",\n".join(blocks) + "}}" + ("," if number < len(models) - 1 else ""))
    return "\n".join([*lines, "}}", ""])


def disputes(models: dict[str, Priced], built: str) -> Iterator[tuple[str, str, Row, bool]]:
    """(model, mode, row, in force on the book's date) of every disputed row."""
    for key, priced in models.items():
        for mode, rows in priced.modes.items():
            for row, following in zip(rows, [*rows[1:], None], strict=True):
                if row.disputed:
                    begun = row.since is None or stamp(row.since)[:10] <= built
                    over = (
                        following is not None and following.since is not None and stamp(following.since)[:10] <= built
                    )
                    yield key, mode, row, begun and not over


def head_of(builder: Builder, models: dict[str, Priced], built: str) -> dict[str, Any]:
    file = builder.corrections.file
    return {
        "schema": SCHEMA,
        "built": built,
        "packages": [builder.genai.name, builder.dated.name, builder.sizes.name],
        "corrections": builder.corrections.digest,
        "model_count": len(models),
        "row_count": sum(len(rows) for priced in models.values() for rows in priced.modes.values()),
        "search": nearest_pico(file["search"]["dollars_per_thousand"] * 1000),
        "labels": sorted(file["labels"]["names"]),
        "channels": dict(
            sorted({**{key.partition("/")[0]: key.partition("/")[0] for key in models}, **file["channels"]}.items())
        ),
        "vendors": file["vendors"],
        "resellers": sorted(file["resellers"]["channels"]),
        "schedules": list(builder.dated.schedules()),
        "aliases": aliases(builder, models),
    }


def is_coding(key: str) -> bool:
    return CODING.match(key) is not None and NOT_CODING.search(key) is None


def report(models: dict[str, Priced], known: Iterable[str], built: str) -> int:
    """Prints the disputes; the number of those in force for a coding model that nobody settled."""
    open_cases = 0
    total = 0
    for key, mode, row, in_force in disputes(models, built):
        total += 1
        unsettled = in_force and is_coding(key) and f"{key}#{mode}" not in known
        open_cases += unsettled
        since = stamp(row.since) if row.since else "ever"
        print(
            f"disputed{' NOW, UNSETTLED' if unsettled else ' now' if in_force else ''}:"
            f" {key}#{mode} from {since}: {row.source}"
        )
    print(f"{total} disputed rows, {open_cases} of them in force for a coding model and not settled")
    return open_cases


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--built", type=date.fromisoformat, help="date in the book's header; default: its newest data")
    parser.add_argument("--corrections", type=Path, default=RESOURCES / "corrections.toml")
    parser.add_argument("--out", type=Path, default=RESOURCES / "prices.json")
    options = parser.parse_args()
    builder = Builder(Corrections(options.corrections))
    models = collect(builder)
    newest = max(builder.dated.updated[:10], builder.corrections.file["checked"].isoformat())
    built = options.built.isoformat() if options.built else newest
    head = head_of(builder, models, built)
    options.out.write_text(written(head, models), encoding="utf-8", newline="\n")
    open_cases = report(models, builder.corrections.file["known_disputes"], built)
    print(f"{options.out.name}: {head['model_count']} models, {head['row_count']} rows, built {built}")
    return 1 if open_cases else 0


if __name__ == "__main__":
    sys.exit(main())
