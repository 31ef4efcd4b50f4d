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
    routed: bool
    """Something in front of the name was taken off."""


def resolve(name: str, provider: str | None, book: Book) -> Resolution:
    """The model that a log's `name`, served by `provider` (None: not said), is listed as."""
    written = name.strip().lower()
    if not written or written in book.labels:
        return Resolution(None, "none", "", False, (f"“{name}” is what a router is set to, not a model.",))
    steps: list[str] = []
    for place in _places(written, provider, book):
        steps.append(f"Looking for “{place.name}” in {', '.join(place.channels) or 'no channel'}.")
        for candidate, stripped in _candidates(place.name):
            if stripped:
                steps.append(f"Without “{stripped}” it is “{candidate}”.")
            elif candidate != place.name:
                steps.append(f"Also written “{candidate}”.")
            found = _find(candidate, place.channels, book)
            if found is None:
                continue
            key, aliased = found
            changed = aliased or place.routed or candidate != place.name
            steps.append(f"That is {key} in the book.")
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


def _places(name: str, provider: str | None, book: Book) -> Iterator[_Place]:
    """Where to look, most telling first: as written, then with each part of a route taken off the front."""
    channel = _channel(provider, book)
    rest = name
    if rest.startswith("arn:"):
        rest, channel = rest.rsplit("/", 1)[-1], "bedrock"
    if channel != "bedrock":
        yield _Place(rest, _channels(rest, channel, book), False, rest != name)
    elif rest.startswith("claude-"):
        yield _Place(rest, ("bedrock",), False, rest != name)
        yield _Place(rest, _channels(rest, channel, book), False, rest != name)
    else:
        yield _Place(rest, ("bedrock",), False, rest != name)
    while True:
        path = next((one for one in PATHS if rest.startswith(one)), None)
        if path is not None:
            rest = rest.removeprefix(path)
            channel = "fireworks" if "fireworks" in path else channel
        elif "/" in rest and channel in (None, "openrouter") and rest.split("/", 1)[0] in book.channels:
            # openrouter's own rows are named vendor/model and stand first; they were looked for in the round before
            front, rest = rest.split("/", 1)
            channel = channel if front == "openrouter" and channel else _channel(front, book)
        elif "/" in rest:
            rest = rest.split("/", 1)[1]
        else:
            break
        yield _Place(rest, _channels(rest, channel, book), False, True)
    if channel in (None, "bedrock"):
        yield from _bedrock(rest, book)


def _bedrock(name: str, book: Book) -> Iterator[_Place]:
    """`global.` is the list price; any other region, and none at all, is a regional profile."""
    region = REGION.match(name)
    if region is None and not name.startswith("anthropic."):
        return
    match = BEDROCK.fullmatch(name[region.end() :] if region else name)
    if match is not None:
        pinned = region is None or region.group(1) != "global"
        bare = match.group(1)
        # First Bedrock alone, date and all: the vendor lists dated names, but knows nothing of regions.
        yield _Place(bare, ("bedrock",), pinned, True)
        yield _Place(bare, _channels(bare, "bedrock", book), pinned, True)


def _channel(provider: str | None, book: Book) -> str | None:
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
