"""Every command, in the order of the help. A new one is a function and its entry here."""

from __future__ import annotations

from app.cli import dispatch
from app.cli.spec import DEMO, JSON, SYNC, Command, Option

LOGGED = Option(
    "logged", "Show the bare logged figures, without the output that placeholder counts leave out.", bool, default=False
)
_DAYS = "inclusive local day, like 2026-09-30"

_PRICES = (
    ("input", "new input"),
    ("cache_read", "input read from the cache"),
    ("cache_write", "input written to the cache for five minutes"),
    ("cache_write_1h", "input written for an hour"),
    ("output", "output"),
)

COMMANDS: tuple[Command, ...] = (
    Command(
        "sync",
        "Read what is new, with a progress bar; safe beside a running tray app.",
        dispatch.sync,
        (
            Option(
                "content",
                "Then also size what was said, which mends placeholder counts; the tray app does it by itself.",
                bool,
                default=False,
            ),
            JSON,
            DEMO,
        ),
        read_only=True,
        money=True,
    ),
    Command(
        "report",
        "Sums by day, week, month, agent, model, project, session or kind of token.",
        dispatch.report,
        (
            Option("by", "day, week, month, agent, model, project, session or kind.", default="day", metavar="WHAT"),
            Option("since", f"First day ({_DAYS}).", metavar="DAY"),
            Option("until", f"Last day ({_DAYS}).", metavar="DAY"),
            Option("agent", "Only this agent, by id or name; repeatable.", many=True, metavar="ID"),
            Option("model", "Only this model, named as in the report; repeatable.", many=True, metavar="NAME"),
            Option("project", "Only this folder, or its last part; repeatable.", many=True, metavar="FOLDER"),
            Option(
                "timezone", "Zone the days are local to, like Europe/Madrid; this machine's by default.", metavar="ZONE"
            ),
            Option(
                "utc", "With days, weeks, months: also the vendor's, in UTC, where they differ.", bool, default=False
            ),
            SYNC,
            LOGGED,
            JSON,
            Option("csv", "Print comma-separated rows.", bool, default=False),
            DEMO,
        ),
        read_only=True,
        money=True,
    ),
    Command(
        "session",
        "One session's breakdown; a unique beginning of its id is enough.",
        dispatch.session,
        (
            Option("id", "The session's id, or its beginning.", argument=True, metavar="ID"),
            Option(
                "trace", "Write out where this call's figure comes from (its number in the session).", metavar="CALL"
            ),
            SYNC,
            LOGGED,
            JSON,
            DEMO,
        ),
        read_only=True,
        money=True,
    ),
    Command(
        "live",
        "What the tray shows at this moment.",
        dispatch.live,
        (
            Option("watch", "Stay, and show each change.", bool, default=False),
            SYNC,
            JSON,
            DEMO,
        ),
        read_only=True,
        money=True,
    ),
    Command(
        "price",
        "How a model's name is resolved, and what it cost at a time.",
        dispatch.price,
        (
            Option("model", "The name as logged.", argument=True, metavar="MODEL"),
            Option("at", "Instant, like 2026-03-01T00:00:00Z; now by default.", metavar="INSTANT"),
            Option("provider", "Who serves it, as logged (openai, amazon-bedrock …).", metavar="NAME"),
            Option("prompt_tokens", "Show the tier that a request of this size falls in.", int, metavar="N"),
            JSON,
            DEMO,
        ),
        read_only=True,
    ),
    Command(
        "prices",
        "The price book in use, a newer one from a file, and your own prices: list, import FILE, undo, set MODEL,"
        " discount PROVIDER, local MODEL, drop NAME.",
        dispatch.prices,
        (
            Option("action", "list, import, undo, set, discount, local or drop.", argument=True, metavar="ACTION"),
            Option("name", "The file, the model's name as logged, or the provider.", argument=True, optional=True),
            Option("dry_run", "With import: only show what would change.", bool, default=False),
            *(Option(key, f"With set: {kind} in dollars per million tokens.", metavar="USD") for key, kind in _PRICES),
            Option("mode", "With set: fast, batch, priority or flex; standard by default.", metavar="MODE"),
            Option("percent", "With discount: how much is taken off the list price.", metavar="N"),
            Option("per_hour", "With local: dollars an hour of electricity.", metavar="USD"),
            Option("output_per_second", "With local: tokens it writes in a second.", metavar="N"),
            Option("input_per_second", "With local: tokens it reads in a second.", metavar="N"),
            Option("from_", "From when it holds, like 2026-07-01T00:00:00Z; always by default.", metavar="INSTANT"),
            Option("until", "Until when it holds.", metavar="INSTANT"),
            Option("source", "Where you have it from, in your words.", metavar="TEXT"),
            JSON,
            DEMO,
        ),
    ),
    Command(
        "reprice",
        "What today's prices would make of stored calls; writes nothing without --apply.",
        dispatch.reprice,
        (
            Option("apply", "Store the new costs, all or none.", bool, default=False),
            Option("undo", "Give the calls of the last --apply their old costs back.", bool, default=False),
            SYNC,
            JSON,
            DEMO,
        ),
    ),
    Command(
        "reconcile",
        "A total from an invoice or a console beside ours: add one, or list them. Changes nothing that was counted.",
        dispatch.reconcile,
        (
            Option("action", "add or list.", argument=True, metavar="ACTION"),
            Option("vendor", "Who sends the bill, by id or name; an agent of its own will do.", metavar="V"),
            Option("account", "Whose it is, where the logs tell accounts apart.", metavar="NAME"),
            Option("from_", f"First day of the period ({_DAYS}).", metavar="DAY"),
            Option("to", f"Last day of the period ({_DAYS}).", metavar="DAY"),
            Option("total", "The total, like 191.20.", metavar="AMOUNT"),
            Option("currency", "Its three letters, like EUR; dollars without it.", metavar="CODE"),
            Option("rate", "How many of it one dollar is, like 0.92.", metavar="RATE"),
            Option("rate_date", "The day of that rate.", metavar="DAY"),
            Option("before_tax", "The total is without tax.", bool, default=True, off="--after-tax"),
            SYNC,
            JSON,
            DEMO,
        ),
        money=True,
    ),
    Command(
        "doctor",
        "Every source: what was looked at, found, read, skipped and folded; and the machine around it.",
        dispatch.doctor,
        (
            Option("try_", "Show what the sources make of a file; nothing is stored.", metavar="FILE"),
            Option(
                "sample",
                "Print the structure of a record of that agent, without any value, for a report.",
                metavar="AGENT",
            ),
            Option(
                "confirm", "Let the calls of an unverified agent count, once a session was compared.", metavar="AGENT"
            ),
            Option("withdraw", "Let them count no more.", metavar="AGENT"),
            Option("exports", "Print settings that make agents and collectors write telemetry into files.", bool),
            SYNC,
            JSON,
            DEMO,
        ),
    ),
    Command(
        "homes",
        "Other home folders in which all agents are looked for: a container's, a mounted machine's, a copied history.",
        dispatch.homes,
        (
            Option("action", "list, add or drop.", argument=True, metavar="ACTION"),
            Option("label", "What you call it, like wsl or laptop.", argument=True, optional=True, metavar="LABEL"),
            Option("folder", "With add: the home folder.", argument=True, optional=True, metavar="FOLDER"),
            JSON,
        ),
    ),
    Command(
        "connect",
        "What Cuenta may write into an agent's settings to know more: list, or an agent; shows the difference, and writes"
        " nothing without --apply.",
        dispatch.connect,
        (
            Option("agent", "list, the agent's id or name, or with --undo: all.", argument=True, metavar="AGENT"),
            Option("apply", "Write it; a copy of the file is kept.", bool, default=False),
            Option("undo", "Take out what was written.", bool, default=False),
            JSON,
        ),
    ),
)
