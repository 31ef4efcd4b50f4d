"""What a log says: sessions, calls, context events, quotas, and how far a file has been read.

Everything here is a plain tuple with names. Values cross threads, processes and the database as they are; nothing here
opens a file, asks a clock or knows an agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from types import MappingProxyType
from typing import NamedTuple

UNKNOWN_KIND = "unknown kind: "
"""Begins the reason of a line that holds usage in a place we do not know: the format has changed."""


class Standing(IntEnum):
    """What a record may claim when the same request stands in several places."""

    OWN = 0
    """The request itself: always counts, once."""
    SIDE = 1
    """A side chain: counts unless the main chain holds the same message."""
    INHERITED = 2
    """History copied from another thread: counts only where that thread does, never by itself."""
    SUM = 3
    """Several requests in one record, or only what was said: counts where none of them is known otherwise."""


EXACT = "A"
"""The evidence level of a call whose record says all counts, with what was read from the cache."""
TOTALS = "C"
"""That of one whose counts are of several requests together, or of texts."""
CREDIT = 1_000_000
"""`Call.credits` to one of the vendor's units."""


class Tokens(NamedTuple):
    """Disjoint token counts of one request, except that `reasoning` is the part of `output` that was reasoning."""

    input: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def prompt(self) -> int:
        """Tokens sent: what decides a request's price tier."""
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_1h

    @property
    def total(self) -> int:
        return self.prompt + self.output


class Call(NamedTuple):
    """One billed request to a model, as one file tells it; several records of one file are already folded into it."""

    group: int
    """Identity of the message, the same in every file that holds a copy (see `identity.key_of`)."""
    key: int
    """Which request of that message: calls of one group can be replays of each other. 0 where there is only one."""
    standing: Standing
    session: str
    """The agent's own session id, of the session this file belongs to."""
    subagent: str | None
    """The sub-agent that made the call; None is the main chain."""
    at: int
    """Milliseconds since 1970 UTC of the earliest record in this file."""
    model: str | None
    """The name as logged; None is unknown."""
    tokens: Tokens
    searches: int
    """Web searches billed per request, from the call's own counter."""
    speed: str | None
    """`fast` or `standard` as logged; None is not said."""
    tier: str | None
    """Service tier as logged: `standard`, `priority`, `batch`, `flex`."""
    geo: str | None
    """Where inference was pinned to, as logged (`us` costs more)."""
    provider: str | None
    """Who served the call, as logged (`openai`, `anthropic`, `amazon-bedrock` …); None is not said."""
    effort: str | None
    context: int | None
    """Tokens in the context window after this call, counted as the agent itself counts them."""
    window: int | None
    """Size of the context window in tokens, where the record says it."""
    reported: int | None
    """Cost in nano-dollars that the record itself states; None is not said."""
    finished: bool
    """A stop reason was logged; without one, `output` may be a streaming placeholder."""
    evidence: str
    """A: exact counts with cache split; B: without the split, the whole prompt in `input`; C: totals of a session, or
    counted from text."""
    copied: bool
    """The record says itself that it was copied from another session."""
    offset: int
    """Byte offset in the file of the record that was kept."""
    records: int
    """Records of this file that were folded into this call, the kept one included; 0 for a call within another's record."""
    native: str | None
    """The vendor's ids, for a user who compares with a console."""
    credits: int | None = None
    """Millionths of the unit that the vendor bills in (`Source.credit`), where the record says so."""


class Search(NamedTuple):
    """Web searches that a tool's result admits to; they belong to the call that asked for them."""

    group: int
    key: int
    searches: int


class Session(NamedTuple):
    """What a file says about its session. Later facts fill gaps of earlier ones; `main` wins over sub-agents' files."""

    id: str
    main: bool
    project: str | None
    """Folder of the session's first record."""
    branch: str | None
    version: str | None
    """Version of the agent."""
    entrypoint: str | None


class Occurrence(NamedTuple):
    """Something that changed the context of a session without being a call."""

    session: str
    subagent: str | None
    at: int
    kind: str
    """`compaction`, `window`, or `context`: how full the agent itself says it is, where no call says so."""
    before: int | None
    after: int | None
    """Tokens in the context afterwards; for `window` its size; None is unknown until the next call."""
    cause: str | None


class Quota(NamedTuple):
    """One rate-limit window as the vendor announced it."""

    limit: str
    """The vendor's id of the limit."""
    minutes: int
    """Length of the window: 300 is five hours, 10080 a week."""
    at: int
    used: float
    """Percent, 0 to 100."""
    resets_at: int | None
    """Milliseconds since 1970 UTC."""
    plan: str | None


READINGS = 1_000
"""Readings by one version of the reader: what an older version said of a file gives way to what a newer one says."""


class Cursor(NamedTuple):
    """How far a file has been read, and what must still be true of it to go on from there."""

    offset: int = 0
    device: int = 0
    inode: int = 0
    size: int = 0
    modified: int = 0
    """Nanoseconds since 1970 UTC."""
    seen: int = 0
    """The file's modification time when it was first seen, in ms: the time of records that have none."""
    head: bytes = b""
    """Digest of the file's first bytes and of those just before `offset`."""
    generation: int = 0
    """Counts how often reading started over. A newer version of the reader starts a new thousand (`READINGS`)."""
    reader: int = 0
    """Version of the reader that wrote this."""
    memory: bytes = b""
    """The parser's state, so that a half-read file can be picked up after a restart."""


class Batch(NamedTuple):
    """What one stretch of one file gave."""

    source: str
    path: str
    start: Cursor | None
    """The stored cursor this reading began from; the store refuses the batch if it is no longer the stored one."""
    end: Cursor
    calls: tuple[Call, ...] = ()
    searches: tuple[Search, ...] = ()
    sessions: tuple[Session, ...] = ()
    occurrences: tuple[Occurrence, ...] = ()
    quotas: tuple[Quota, ...] = ()
    skipped: Mapping[str, int] = MappingProxyType({})
    """Reason → how many lines or records were not counted; a kind nobody knows begins with UNKNOWN_KIND."""


class Problem(NamedTuple):
    """Why a file could not be read, in words for its owner."""

    source: str
    path: str
    what: str
    at: int


class Changed(NamedTuple):
    """The small notice after a commit: what a reader of sums may want to ask for again."""

    sources: frozenset[str]
    sessions: frozenset[tuple[str, str]]
    """(source, session) of each call that is new or different."""
    earliest: int | None
    """Earliest instant of those calls in ms; None when nothing countable changed."""
    calls: int
    refused: frozenset[str] = frozenset()
    """Paths whose batch began where the stored cursor no longer is: another process has read them meanwhile."""


NOTHING_CHANGED = Changed(frozenset(), frozenset(), None, 0)
