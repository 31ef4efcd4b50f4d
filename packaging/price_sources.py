"""The price packages, each as dated offers in one shape, and one more for limits. Read at build time only; nothing of
this is shipped.

An offer is what one package says a model cost at one instant. Prices are whole pico-dollars a token: $3 per million
tokens is 3_000_000. Channels have our own names (`CHANNELS`), models are in lower case.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from genai_prices import types as genai
from genai_prices.data import providers as genai_providers

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CHANNELS = {
    "aws": "bedrock",
    "amazon-bedrock": "bedrock",
    "x-ai": "xai",
    "moonshot-ai": "moonshotai",
    "z-ai": "zai",
    "togetherai": "together",
    "fireworks-ai": "fireworks",
}
"""Where a package's provider id is not what we call the channel."""
UNUSED = ("huggingface_", "quicksilverpro", "openai-decisions", "typesafe", "doubleword", "elevenlabs", "voyageai")
"""Providers whose names no agent's log was seen to write."""
KINDS = ("input_mtok", "cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok", "output_mtok")
VERSIONED = re.compile(r"(-preview)?([-@]?(latest|\d{8}|\d{4}-\d{2}-\d{2}|\d{2}-\d{2}|\d{2}-\d{4}|\d{3,4}))?")
"""What may follow a model's name without making it another model."""

Rates = tuple[int | None, int | None, int | None, int | None, int | None]
"""Input, cached input, 5-minute write, 1-hour write, output; None is not listed."""
Tiers = tuple[tuple[int, Rates], ...]
"""(above so many prompt tokens, rates of the whole request), ascending."""


@dataclass(frozen=True)
class Offer:
    rates: Rates
    tiers: Tiers = ()
    dated: bool = False
    """The package has a document or an observation for the date, not only a commit that came later."""


def nearest_pico(dollars: Decimal) -> int:
    """Pico-dollars a token of dollars per million tokens, rounded half-even: OpenRouter lists prices such as 0.19999992,
    which are noise of its own division."""
    return int((dollars * 1_000_000).to_integral_value())


class GenaiPrices:
    """genai-prices: best at tiers and 1-hour writes; only some models have dates."""

    name = f"genai-prices {version('genai-prices')}"

    def __init__(self) -> None:
        self.models: dict[str, dict[str, genai.ModelInfo]] = {}
        for provider in genai_providers:
            if provider.id.startswith(UNUSED):
                continue
            channel = CHANNELS.get(provider.id, provider.id)
            named = {info.id.lower(): info for info in provider.models if _token_priced(info)}
            self.models[channel] = named
        # Vertex sells Claude at the vendor's list price; the rows here match by substring and know no dates, tiers or
        # (mostly) 1-hour writes. Without them the name falls through to the vendor's own rows.
        self.models["google"] = {key: info for key, info in self.models["google"].items() if "claude" not in key}

    def find(self, channel: str, model: str) -> genai.ModelInfo | None:
        """By id, else by a match that leaves nothing but a version over: never by mere prefix or substring."""
        named = self.models.get(channel, {})
        if model in named:
            return named[model]
        return next((info for info in named.values() if _names(info.match, model)), None)

    def modes(self, channel: str, model: str) -> set[str]:
        info = self.find(channel, model)
        if info is None:
            return set()
        return {"standard"} | {mode for variant in info.price_variants or () if (mode := _mode(variant.when))}

    def starts(self, channel: str, model: str, mode: str) -> set[datetime]:
        info = self.find(channel, model)
        if info is None:
            return set()
        constraints = [one.constraint for one in info.prices] if isinstance(info.prices, list) else []
        constraints += [one.constraint for one in info.price_variants or () if _mode(one.when) == mode]
        days = [one.start_date for one in constraints if isinstance(one, genai.StartDateConstraint)]
        return {datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days}

    def offer(self, channel: str, model: str, mode: str, at: datetime) -> Offer | None:
        info = self.find(channel, model)
        if info is None:
            return None
        noon = at.replace(hour=12, minute=0, second=0)  # outside every peak and discount hour of DeepSeek's lists
        free = info.id.endswith(":free")
        if mode == "standard":
            return _genai_offer(info.get_prices(noon), free)
        wanted = [one for one in info.price_variants or () if _mode(one.when) == mode and _active(one, noon)]
        # The package fills a mode up with standard prices (o3 batch: cached input at twice its price); we do not.
        return _genai_offer(wanted[0].prices, free) if wanted and wanted[0].prices.output_mtok is not None else None

    def context(self, channel: str, model: str) -> int | None:
        info = self.find(channel, model)
        return info.context_window if info else None

    def search(self, channel: str, model: str) -> int | None:
        """Pico-dollars a web search; one price for all dates."""
        info = self.find(channel, model)
        price = _latest(info).web_searches_kcount if info else None
        return int(price * 1_000_000_000) if isinstance(price, Decimal) else None

    def aliases(self) -> Iterator[tuple[str, str, str]]:
        """(channel, other name, model) for every whole name that a model's match spells out."""
        for channel, named in self.models.items():
            for model, info in named.items():
                for text in _spelled(info.match):
                    if text not in named and not re.search(r"[-@._:]$|-\d{4}$", text):
                        yield channel, text, model


def _latest(info: genai.ModelInfo) -> genai.ModelPrice:
    return info.prices if isinstance(info.prices, genai.ModelPrice) else info.prices[-1].prices


def _token_priced(info: genai.ModelInfo) -> bool:
    """Whether text in and text out have prices. An empty price is free only where the name says so: elsewhere it stands
    for "included in a plan", for which we want the vendor's list price."""
    price = _latest(info)
    if not price.__dict__:
        return info.id.endswith(":free")
    return price.input_mtok is not None and price.output_mtok is not None


def _mode(when: dict[str, str]) -> str | None:
    if when == {"processing": "batch"}:
        return "batch"
    for key in ("speed", "service_tier"):
        if list(when) == [key] and when[key] in ("fast", "priority", "flex"):
            return when[key]
    return None


def _active(variant: genai.PriceVariant, at: datetime) -> bool:
    return variant.constraint is None or variant.constraint.active(at)


def _names(match: Any, model: str) -> bool:
    if isinstance(match, genai.ClauseOr):
        return any(_names(one, model) for one in match.or_)
    if isinstance(match, genai.ClauseAnd):
        return all(_names(one, model) for one in match.and_)
    if isinstance(match, genai.ClauseRegex):
        return match.is_match(model)
    text = _text(match).rstrip("@")
    return model.startswith(text) and VERSIONED.fullmatch(model[len(text) :]) is not None


def _text(match: Any) -> str:
    for field in ("equals", "starts_with", "contains", "ends_with"):
        if hasattr(match, field):
            return str(getattr(match, field)).lower()
    raise ValueError(f"genai-prices has a new kind of match: {match!r}")


def _spelled(match: Any) -> Iterator[str]:
    if isinstance(match, genai.ClauseOr):
        for one in match.or_:
            yield from _spelled(one)
    elif not isinstance(match, genai.ClauseAnd | genai.ClauseRegex):
        yield _text(match)


def _genai_offer(price: genai.ModelPrice, free: bool) -> Offer:
    values = [getattr(price, kind) for kind in KINDS]
    if free and not price.__dict__:
        return Offer((0, 0, 0, 0, 0))
    starts = sorted({tier.start for one in values if isinstance(one, genai.TieredPrices) for tier in one.tiers})
    return Offer(_at(values, 0), tuple((start, _at(values, start + 1)) for start in starts))


def _at(values: list[Any], prompt: int) -> Rates:
    """The five prices of a request with so many prompt tokens."""
    found: list[int | None] = []
    for value in values:
        if isinstance(value, genai.TieredPrices):
            above = [tier.price for tier in value.tiers if prompt > tier.start]
            value = above[-1] if above else value.base
        found.append(None if value is None else nearest_pico(value))
    return (found[0], found[1], found[2], found[3], found[4])


class ModelPrices:
    """model-prices: every model dated, labs only, no Bedrock, Vertex or OpenRouter ids."""

    name = f"model-prices {version('model-prices')}"

    def __init__(self) -> None:
        text = files("model_prices").joinpath("snapshot.json").read_bytes()
        self.snapshot: dict[str, Any] = json.loads(text, parse_float=Decimal)
        self.updated: str = self.snapshot["updated_at"]
        self.models: dict[str, dict[str, Any]] = {}
        for provider, models in self.snapshot["prices"].items():
            channel = CHANNELS.get(provider, provider)
            self.models[channel] = {name.lower(): lists for name, lists in models.items()}

    def modes(self, channel: str, model: str) -> set[str]:
        return set(self._lists(channel, model)) - {"thinking"}  # no log says which of the two Qwen answered in

    def starts(self, channel: str, model: str, mode: str) -> set[datetime]:
        return {_moment(row["start"]) for row in self._list(channel, model, mode) if row["start"]}

    def offer(self, channel: str, model: str, mode: str, at: datetime) -> Offer | None:
        rows = [row for row in self._list(channel, model, mode) if not row["start"] or _moment(row["start"]) <= at]
        rates = rows[-1]["rates"] if rows else None
        if rates is None:
            return None
        tiers = tuple((int(tier["above"]), _rates({**rates, **tier})) for tier in rates.get("tiers", ()))
        return Offer(_rates(rates), tiers, rates["valid_from_basis"] in ("documented", "first observed"))

    def aliases(self) -> Iterator[tuple[str, str, str]]:
        for provider, names in self.snapshot["bases"].items():
            for name, model in names.items():
                yield CHANNELS.get(provider, provider), name.lower(), model.lower()
        for name, target in self.snapshot["aliases"]["models"].items():
            provider, _, model = target.partition("/")
            yield CHANNELS.get(provider, provider), name.lower(), model.lower()

    def schedules(self) -> Iterator[dict[str, Any]]:
        """Hours of the day that cost a multiple: channel, models (None: all), times, and the multiple as a fraction."""
        holidays = self.snapshot["schedules"]["holidays"]
        for rule in self.snapshot["schedules"]["schedule"]:
            calendar = holidays.get(rule.get("holidays", ""), {})
            common = {
                "channel": CHANNELS.get(rule["provider"], rule["provider"]),
                "since": rule["valid_from"],
                "until": rule.get("valid_until"),
                "hours": [
                    [_minute(clock) for clock in pair] for key in rule if "_hours_utc" in key for pair in rule[key]
                ],
                "weekdays_only": rule.get("weekdays_only", False),
                "holidays": calendar.get("dates", []),
                "holiday_offset_hours": calendar.get("utc_offset_hours", 0),
                "source": self.name,
            }
            if "peak_multiplier" in rule:
                yield {**common, "models": None, "factor": _ratio(rule["peak_multiplier"])}
            for model, factor in rule.get("off_peak_multiplier", {}).items():
                yield {**common, "models": [model.lower()], "factor": _ratio(factor)}

    def _lists(self, channel: str, model: str) -> dict[str, Any]:
        """By id or by the lab's own name for it; nothing is stripped here."""
        named = self.models.get(channel, {})
        if model in named:
            return named[model]
        spelled = {other: target for place, other, target in self.aliases() if place == channel}
        return named.get(spelled.get(model, ""), {})

    def _list(self, channel: str, model: str, mode: str) -> list[dict[str, Any]]:
        return self._lists(channel, model).get(mode, [])


class RatesPackage:
    """rates: context windows and the longest answers; its prices are models.dev's, which are in model-prices already."""

    def __init__(self) -> None:
        raw = files("rates").joinpath("ai/ledger-ai.json.gz").read_bytes()
        ledger: dict[str, Any] = json.loads(gzip.decompress(raw))
        self.name = f"rates {version('rates')}"
        self.source = f"{self.name} ({ledger['snapshot_date']})"
        self.models: dict[tuple[str, str], tuple[int | None, int | None]] = {}
        for entry in ledger["models"]:
            window = entry.get("context") or {}
            key = (CHANNELS.get(entry["provider"], entry["provider"]), entry["id"].lower())
            self.models[key] = (window.get("input") or None, window.get("output") or None)

    def limits(self, channel: str, model: str) -> tuple[int | None, int | None]:
        """(context window, longest answer) in tokens; the whole name only, or with a date behind it."""
        undated = re.sub(r"[-@]20\d{6}$", "", model)
        return self.models.get((channel, model)) or self.models.get((channel, undated)) or (None, None)


def _rates(stored: dict[str, Any]) -> Rates:
    """The five prices of a stored row. A write price of 0 beside a positive input price is a storage fee that is waived
    (GLM, SWE); the tokens themselves are still input, so it counts as not listed."""
    fresh, cached, output = stored["input"], stored.get("cache_read"), stored["output"]
    write = stored.get("cache_write") if fresh else stored.get("cache_write", Decimal(0))
    if fresh and not write:
        write = None
    hour = fresh * stored["cache_write_1h_multiple"] if write and stored.get("cache_write_1h_multiple") else write
    values = [None if one is None else nearest_pico(Decimal(one)) for one in (fresh, cached, write, hour, output)]
    return (values[0], values[1], values[2], values[3], values[4])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _ratio(factor: Decimal | int) -> list[int]:
    return list(Decimal(factor).as_integer_ratio())
