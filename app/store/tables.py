"""The schema of our database, and nothing else. Imported where a database is made or migrated, never by the quick paths."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Index, text
from sqlmodel import Field, SQLModel

KEPT = text("kept = 1")
_ADDED = {"server_default": text("0")}
"""For columns that came later: a migration gives them to rows that are there."""
UNFINISHED = text("finished = 0")
_REPAIR = ("kept", "finished", "model", "repaired_output", "repaired_cost")
_ASKED = ("counted_at", "cost", "reported", "evidence", "kept")


class File(SQLModel, table=True):
    """One log file, and how far it has been read. Stays when the file is gone."""

    id: int | None = Field(default=None, primary_key=True)
    source: str
    path: str
    position: int = 0
    device: str = "0"
    """As text: Windows and some network file systems number beyond 64 signed bits."""
    inode: str = "0"
    size: int = Field(default=0, sa_type=BigInteger)
    modified: int = Field(default=0, sa_type=BigInteger)
    seen: int = Field(default=0, sa_type=BigInteger)
    head: bytes = b""
    generation: int = 0
    reader: int = 0
    memory: bytes = b""
    skipped: str = "{}"
    """JSON: reason → count, of this generation."""
    problem: str | None = None
    problem_at: int | None = Field(default=None, sa_type=BigInteger)
    read_at: int = Field(default=0, sa_type=BigInteger)

    __table_args__ = (Index("file_by_path", "source", "path", unique=True), Index("file_by_inode", "device", "inode"))


class Session(SQLModel, table=True):
    """One conversation with an agent."""

    id: int | None = Field(default=None, primary_key=True)
    source: str
    native: str
    """The agent's own id."""
    project: str | None = None
    branch: str | None = None
    version: str | None = None
    entrypoint: str | None = None
    main: bool = False
    """Whether the facts come from the main log rather than a sub-agent's."""

    __table_args__ = (Index("session_by_native", "source", "native", unique=True),)


class Price(SQLModel, table=True):
    """A price that calls were computed with: the same few serve all of them."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    """Row of the book: channel/model@valid-from#mode."""
    match: str
    """How the logged name led to it."""
    book: str

    __table_args__ = (Index("price_by_name", "name", "match", "book", unique=True),)


class Meta(SQLModel, table=True):
    """The few things the store remembers of itself."""

    name: str = Field(primary_key=True)
    value: str

    __table_args__ = ({"sqlite_with_rowid": False},)


class Call(SQLModel, table=True):
    """One request as one file holds it. Of all copies of a request at most one is `kept`; sums are over those.

    Columns from `kept` on are derived: which copy counts, when, and what it cost.
    """

    id: int | None = Field(default=None, primary_key=True)
    message: int = Field(sa_type=BigInteger)
    """Calls of one message can be replays of each other (`model.usage.Call.group`)."""
    key: int = Field(sa_type=BigInteger)
    file_id: int = Field(foreign_key="file.id")
    session_id: int = Field(foreign_key="session.id")
    source: str
    generation: int
    standing: int
    copied: bool
    subagent: str | None = None
    at: int = Field(sa_type=BigInteger)
    model: str | None = None
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    searches: int
    tool_searches: int
    speed: str | None = None
    tier: str | None = None
    geo: str | None = None
    provider: str | None = None
    effort: str | None = None
    context: int | None = None
    window: int | None = None
    reported: int | None = Field(default=None, sa_type=BigInteger)
    finished: bool
    evidence: str
    position: int = Field(sa_type=BigInteger)
    records: int
    native: str | None = None
    home: str | None = None
    """Which machine's or container's home the log lay in; None is this one."""
    account: str | None = None
    """Whose plan or key paid, where the log says; None is not said."""
    kept: int = Field(sa_type=Boolean)
    """1 counts; 2 would, if its source were verified or confirmed; 0 is another copy's turn."""
    counted_at: int = Field(sa_type=BigInteger)
    """Earliest instant of all copies: the call's day follows from it."""
    quarter: int
    """`counted_at` in whole quarters of an hour: sums by it serve every time zone."""
    folded: int
    """Records dropped because this one was kept."""
    requests: int
    """Tool requests billed: the call's own counter, else what tools' results told in any copy."""
    cost: int | None = Field(default=None, sa_type=BigInteger)
    """Nano-dollars by the price book; None is no price. Always the sum of the next seven."""
    cost_input: int = Field(default=0, sa_type=BigInteger)
    cost_cache_read: int = Field(default=0, sa_type=BigInteger)
    cost_cache_write_5m: int = Field(default=0, sa_type=BigInteger)
    cost_cache_write_1h: int = Field(default=0, sa_type=BigInteger)
    cost_output: int = Field(default=0, sa_type=BigInteger)
    cost_reasoning: int = Field(default=0, sa_type=BigInteger)
    cost_requests: int = Field(default=0, sa_type=BigInteger)
    price_id: int | None = Field(default=None, foreign_key="price.id")
    cost_high: int | None = Field(default=None, sa_type=BigInteger)
    """Nano-dollars at most, where the log has no cache split; `cost` is the least then. None: `cost` is exact."""
    repaired_output: int = Field(default=0, sa_column_kwargs=_ADDED)
    """Tokens that a placeholder count leaves out, by what can be seen of the answer; a lower bound. Not within `output`."""
    repaired_cost: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs=_ADDED)
    """Nano-dollars of these tokens. Not within `cost`."""
    credits: int | None = Field(default=None, sa_type=BigInteger)
    """Millionths of the vendor's own unit, as logged; None is not said."""

    __table_args__ = (
        Index("call_by_key", "message", "key", "file_id", unique=True),
        # Both hold all that the tray asks for many times a second, so that it never walks through whole rows; `kept`
        # too, since SQLite looks for it even where the index's own condition says what it is.
        Index("call_by_quarter", "quarter", *_ASKED, "session_id", sqlite_where=KEPT),
        # Few: what may hold a placeholder count.
        Index("call_unfinished", "quarter", *_REPAIR, sqlite_where=UNFINISHED),
        Index("call_by_session", "session_id", *_ASKED, "subagent", "context", sqlite_where=KEPT),
    )


class Occurrence(SQLModel, table=True):
    """What changed a session's context without being a call."""

    session_id: int = Field(primary_key=True, foreign_key="session.id")
    at: int = Field(primary_key=True, sa_type=BigInteger)
    kind: str = Field(primary_key=True)
    subagent: str = Field(default="", primary_key=True)
    before: int | None = None
    after: int | None = None
    cause: str | None = None

    __table_args__ = ({"sqlite_with_rowid": False},)


class Quota(SQLModel, table=True):
    """A rate-limit window as announced: every change, and behind them the last word, changed or not."""

    source: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    minutes: int = Field(primary_key=True)
    at: int = Field(primary_key=True, sa_type=BigInteger)
    used: float
    resets_at: int | None = Field(default=None, sa_type=BigInteger)
    plan: str | None = None

    __table_args__ = ({"sqlite_with_rowid": False},)


class Content(SQLModel, table=True):
    """How far a file's content has been measured: a cursor apart from the usage pass's own (see `File`)."""

    file_id: int = Field(primary_key=True, foreign_key="file.id")
    position: int = 0
    device: str = "0"
    inode: str = "0"
    size: int = Field(default=0, sa_type=BigInteger)
    modified: int = Field(default=0, sa_type=BigInteger)
    seen: int = Field(default=0, sa_type=BigInteger)
    head: bytes = b""
    generation: int = 0
    reader: int = 0
    memory: bytes = b""


class Visible(SQLModel, table=True):
    """How much of an answer can be seen in the logs, in o200k tokens and counts."""

    message: int = Field(primary_key=True, sa_type=BigInteger)
    """Identity of the answer, as in `Call`."""
    tokens: int
    tools: int
    parameters: int
    thought: bool
    """It was reasoned about, which the sizes leave out."""
    reader: int
    """Version of the reader that measured it."""

    __table_args__ = ({"sqlite_with_rowid": False},)


class Sample(SQLModel, table=True):
    """An answer that a model's ratio is learned from: its size beside a count to be trusted. The newest of each model."""

    message: int = Field(primary_key=True, sa_type=BigInteger)
    model: str
    at: int = Field(sa_type=BigInteger)
    tokens: int
    tools: int
    parameters: int
    output: int

    __table_args__ = (Index("sample_by_model", "model", "at"), {"sqlite_with_rowid": False})


class Calibration(SQLModel, table=True):
    """What a model makes of an o200k token, a tool call, a parameter and a message, as its samples say."""

    model: str = Field(primary_key=True)
    samples: int
    text: float
    tool_call: float
    parameter: float
    message: float

    __table_args__ = ({"sqlite_with_rowid": False},)


class Repricing(SQLModel, table=True):
    """One time that stored costs were worked out again, on the user's word."""

    id: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    book: str
    """The prices it was done with."""
    calls: int
    """How many changed."""


class Repriced(SQLModel, table=True):
    """What a call had cost before a repricing, and by which price after it: enough to take it back."""

    repricing_id: int = Field(primary_key=True, foreign_key="repricing.id")
    message: int = Field(primary_key=True, sa_type=BigInteger)
    key: int = Field(primary_key=True, sa_type=BigInteger)
    file_id: int = Field(primary_key=True)
    cost: int | None = Field(default=None, sa_type=BigInteger)
    cost_input: int = Field(sa_type=BigInteger)
    cost_cache_read: int = Field(sa_type=BigInteger)
    cost_cache_write_5m: int = Field(sa_type=BigInteger)
    cost_cache_write_1h: int = Field(sa_type=BigInteger)
    cost_output: int = Field(sa_type=BigInteger)
    cost_reasoning: int = Field(sa_type=BigInteger)
    cost_requests: int = Field(sa_type=BigInteger)
    price_id: int | None = None
    cost_after: int | None = Field(default=None, sa_type=BigInteger)
    price_after: int | None = None
    cost_high: int | None = Field(default=None, sa_type=BigInteger)

    __table_args__ = ({"sqlite_with_rowid": False},)


class Invoice(SQLModel, table=True):
    """A total that the user typed in. It stands beside what was counted and is part of no sum."""

    id: int | None = Field(default=None, primary_key=True)
    vendor: str
    """Who sends it, as logs write it."""
    account: str = ""
    """Whose it is, where the logs tell accounts apart."""
    since: str
    """First and last day, ISO 8601, both included."""
    until: str
    total: int = Field(sa_type=BigInteger)
    """Nano-units of its currency."""
    currency: str
    rate: str
    """Units of the currency for one dollar, as typed; `1` for dollars."""
    rate_day: str
    before_tax: bool
    typed_at: int = Field(sa_type=BigInteger)

    __table_args__ = (Index("invoice_by_period", "vendor", "account", "since", "until", unique=True),)
