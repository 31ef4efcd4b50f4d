# pyright: strict
"""From the name in a log to a model of the book, one documented step after the other.

Never by substring or by the nearest name: a wrong price is worse than none. What had to be stripped is kept, so that
people can see it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from app.pricing.book import Book

PATHS = ("models/", "accounts/fireworks/models/", "publishers/anthropic/models/", "publishers/google/models/")
SELLER = re.compile(r"([a-z0-9_.-]+):([a-z].*)")
"""`anthropic:claude-opus-4-6`, as proxies write it; `custom:` is a person's own entry in an agent's list of models."""
REGION = re.compile(r"(global|us|us-gov|eu|apac|jp|au|ca)\.(?=[a-z0-9-]+\.)")
BEDROCK = re.compile(r"(?:anthropic\.)?([a-z0-9.-]+?)(?:-v\d+(?::\d+)?)?(?::\d+k)?")
MARKER = re.compile(r"\[\d+[km]\]$|@(?:default|latest)$")
CURSOR_ORDER = re.compile(r"claude-(\d+)(?:-(\d{1,2}))?-(opus|sonnet|haiku|fable|mythos)(?=-|@|$)")
DATE = re.compile(r"[-@](?:20\d{6}|20\d\d-\d\d-\d\d)$")
EFFORT = re.compile(r"-(?:none|minimal|low|medium|high|xhigh|max|thinking)$")
HAS_EFFORTS = re.compile(r"claude|gpt-|codex-|o[134]|gemini-|grok-|composer-|kimi-|glm-|deepseek-")
"""Families whose names take an effort; in Qwen's and Mistral's, `-max` and `-medium` are sizes."""
OPEN_WEIGHTS = re.compile(r"-\d+(?:\.\d+)?[bt](?:-a\d+b)?(?:-|$)")
"""A parameter count: many hosts serve it, each at a price of its own."""


class Resolution(NamedTuple):
    """Where in the book a logged name leads."""

    key: str | None
    """`channel/model`; None is nowhere."""
    match: str
    """`exact`, `alias`, `near` (a date or an effort was stripped) or `none`."""
    stripped: str
    """The dates and efforts that were stripped, as written; empty for none."""
    regional: bool
    """The name itself pins the request to a region."""
    steps: tuple[str, ...]
    """What was tried, in plain sentences."""


class _Place(NamedTuple):
    """A name freed of its route, and where to look for it."""

    name: str
    channels: tuple[str, ...]
    """In this order; `*` is the aliases that hold everywhere."""
    regional: bool
    because: str
    """What was taken off the name as logged, and why; empty for nothing."""


def resolve(name: str, provider: str | None, book: Book) -> Resolution:
    """The model that a log's `name`, served by `provider` (None: not said), is listed as."""
    written = name.strip().lower()
    if not written or written in book.labels:
        return Resolution(None, "none", "", False, (f"“{name}” is what a router is set to, not a model.",))
    steps: list[str] = []
    for place in _places(written, provider, book):
        steps += [place.because] if place.because and place.because not in steps else []
        steps.append(f"Looking for “{place.name}” in {_words(place.channels)}.")
        for candidate, stripped in _candidates(place.name):
            if stripped:
                steps.append(f"Without {_kinds(stripped)} “{stripped}” it is “{candidate}”.")
            elif candidate != place.name:
                steps.append(f"Also written “{candidate}”.")
            found = _find(candidate, place.channels, book)
            if found is None:
                continue
            key, aliased = found
            changed = aliased or bool(place.because) or candidate != place.name
            steps.append(f"That is another name of {key}." if aliased else f"That is {key} in the book.")
            return Resolution(
                key, "near" if stripped else "alias" if changed else "exact", stripped, place.regional, tuple(steps)
            )
    steps.append("Nothing in the book has this name; the nearest name would be a guess.")
    return Resolution(None, "none", "", False, tuple(steps))


def _find(name: str, channels: tuple[str, ...], book: Book) -> tuple[str, bool] | None:
    """(key, whether an alias led there) in the first channel that has the name."""
    for channel in channels:
        key = f"{channel}/{name}"
        if key in book.models:
            return key, False
        if key in book.aliases:
            return book.aliases[key], True
    return None


def _words(channels: tuple[str, ...]) -> str:
    named = ["the names that hold everywhere" if one == "*" else f"{one}'s list" for one in channels]
    return ", then in ".join(named) or "no list: nobody bills what runs on this machine"


def _kinds(stripped: str) -> str:
    """What `-20260528-high` is made of."""
    dated = re.match(r"[-@]20\d", stripped)
    return "the date and the effort" if dated and EFFORT.search(stripped) else "the date" if dated else "the effort"


def _places(name: str, provider: str | None, book: Book) -> Iterator[_Place]:
    """Where to look, most telling first: as written, then with each part of a route taken off the front."""
    channel = channel_of(provider, book)
    rest, because = name, ""
    if rest.startswith("arn:"):
        rest, channel = rest.rsplit("/", 1)[-1], "bedrock"
        because = "Of an ARN, only the last part names the model."
    if channel != "bedrock":
        yield _Place(rest, _channels(rest, channel, book), False, because)
    elif rest.startswith("claude-"):
        yield _Place(rest, ("bedrock",), False, because)
        yield _Place(rest, _channels(rest, channel, book), False, because)
    else:
        yield _Place(rest, ("bedrock",), False, because)
    for rest, channel, because in _shorter(rest, channel, book):  # noqa: B020 - goes on with the last of them
        yield _Place(rest, _channels(rest, channel, book), False, because)
    if channel in (None, "bedrock"):
        yield from _bedrock(rest, book)


def _shorter(rest: str, channel: str | None, book: Book) -> Iterator[tuple[str, str | None, str]]:
    """(name, channel, why) with one part of the route after the other taken off."""
    while True:
        path = next((one for one in PATHS if rest.startswith(one)), None)
        seller = SELLER.match(rest)
        if path is not None:
            rest = rest.removeprefix(path)
            channel = "fireworks" if "fireworks" in path else channel
            yield rest, channel, f"“{path}” is a path, no part of the name."
        elif seller and (seller.group(1) == "custom" or seller.group(1) in book.channels):
            front, rest = seller.groups()
            channel = channel if front == "custom" else channel_of(front, book)
            yield rest, channel, f"“{front}:” says how it was set up, and is no part of the name."
        elif "/" in rest and channel in (None, "openrouter") and rest.split("/", 1)[0] in book.channels:
            # openrouter's own rows are named vendor/model and stand first; they were looked for in the round before
            front, rest = rest.split("/", 1)
            channel = channel if front == "openrouter" and channel else channel_of(front, book)
            yield rest, channel, f"“{front}/” says who made or serves it."
        elif "/" in rest:
            front, rest = rest.split("/", 1)
            yield rest, channel, f"“{front}/” is a route, no part of the name."
        else:
            return


def _bedrock(name: str, book: Book) -> Iterator[_Place]:
    """`global.` is the list price; any other region, and none at all, is a regional profile."""
    region = REGION.match(name)
    if region is None and not name.startswith("anthropic."):
        return
    match = BEDROCK.fullmatch(name[region.end() :] if region else name)
    if match is not None:
        pinned = region is None or region.group(1) != "global"
        bare = match.group(1)
        because = f"“{name}” is Bedrock's way to write {bare}; " + (
            "that profile is bound to a region." if pinned else "the global profile has the list price."
        )
        # First Bedrock alone, date and all: the vendor lists dated names, but knows nothing of regions.
        yield _Place(bare, ("bedrock",), pinned, because)
        yield _Place(bare, _channels(bare, "bedrock", book), pinned, because)


def channel_of(provider: str | None, book: Book) -> str | None:
    """The channel that a log's provider stands for; None for one we do not know."""
    if provider is None:
        return None
    wanted = provider.strip().lower()
    return book.channels.get(wanted)


def _channels(name: str, channel: str | None, book: Book) -> tuple[str, ...]:
    """In which channels to look for a bare name, best first."""
    if channel == "local":
        return ()
    vendor = next((owner for start, owner in book.vendors.items() if name.startswith(start)), None)
    if channel is None:
        if "/" in name:
            return ("openrouter", "*")
        own = () if vendor is None or OPEN_WEIGHTS.search(name) else (vendor,)
        return (*own, "*")
    if channel == vendor or vendor is None:
        return (channel, "*")
    if channel in book.resellers or channel in book.vendors.values():
        return (channel, *(() if OPEN_WEIGHTS.search(name) else (vendor,)), "*")
    return (channel, "*")


def _candidates(name: str) -> Iterator[tuple[str, str]]:
    """(spelling, what was stripped so far), the fullest first: `gpt-5.1-codex-max` is tried before `-max` goes."""
    current, stripped = name, ""
    marker = MARKER.search(current)
    yield from ((one, "") for one in _spellings(current))
    if marker:
        current = current[: marker.start()]
        yield from ((one, "") for one in _spellings(current))
    while match := DATE.search(current) or (EFFORT.search(current) if HAS_EFFORTS.match(current) else None):
        current, stripped = current[: match.start()], match.group() + stripped
        yield from ((one, stripped) for one in _spellings(current))


def _spellings(name: str) -> Iterator[str]:
    """The name, and the other ways the same model is written."""
    yield name
    if name.startswith("claude-"):
        hyphens = name.replace(".", "-")
        if hyphens != name:
            yield hyphens
        vendor_order = CURSOR_ORDER.sub(_vendor_order, hyphens)
        if vendor_order != hyphens:
            yield vendor_order
    elif name.startswith("gemini-") and not name.endswith("-preview"):
        yield f"{name}-preview"
    elif name.startswith("grok-") and name.endswith("-build"):
        yield name.removesuffix("-build")


def _vendor_order(match: re.Match[str]) -> str:
    """`claude-4-6-opus` → `claude-opus-4-6`."""
    major, minor, family = match.groups()
    return f"claude-{family}-{major}" + (f"-{minor}" if minor else "")
