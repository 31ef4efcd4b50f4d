"""A month by hand, with every figure worked out beside it. Dollars per million tokens as listed in June 2026:

claude-sonnet-5: input 2, cache read 0.2, writes 2.5 and 4, output 10. claude-opus-4-8: 5, 0.5, 6.25, 10, 25, fast twice
that. gpt-5.4: 2.5, cached 0.25, output 15. Below, a micro-dollar is 1,000 nano-dollars.
"""

from __future__ import annotations

from tests.builders import Record, Thread, answer, meta, prompt, turn, usage
from tests.cli.conftest import Cuenta

MICRO = 1_000
KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "output", "reasoning")
THREAD = "0199c0de-0000-7000-8000-00000000c0de"

EXAMPLE = 67_740 * MICRO
OPUS = 750 * MICRO  # 100 × 5 + 10 × 25
FAST = 1_500 * MICRO  # the same at twice the price
STATED = 500_000 * MICRO  # costUSD 0.5 of a model nobody has a price for
CODEX = 2_650 * MICRO  # 400 × 2.5 + 600 × 0.25 + 100 × 15
TOTAL = EXAMPLE + OPUS + FAST + STATED + CODEX


def tokens(**some: int) -> dict[str, int]:
    return dict.fromkeys(KINDS, 0) | some


def example(day: str = "2026-06-01", session: str = "S1", cwd: str = "/home/me/app") -> list[Record]:
    """The row of the contract: 20 / 28,000 / 3,000 / 12,500 / 460 in three calls, the first of them streamed in three lines.

    20 × 2 + 28,000 × 0.2 + 3,000 × 2.5 + 12,500 × 4 + 460 × 10 = 67,740 micro-dollars.
    """
    first = {"read": 8_000, "five": 3_000, "write": 3_000, "hour": 0}
    second = {"read": 10_000, "five": 0, "hour": 12_500, "write": 12_500}
    at = f"{day}T10:0"

    def one(name: str, minute: int, counts: Record, stop: str | None = "end_turn") -> Record:
        return answer(
            f"{name}-{session}", f"r-{name}-{session}", counts, at=f"{at}{minute}:00Z", session=session, stop=stop
        )

    return [
        prompt(f"{day}T09:59:00Z", cwd=cwd, session=session),
        one("a", 0, usage(10, 1, **first), None),
        one("a", 0, usage(10, 80, **first), None),
        one("a", 0, usage(10, 160, **first)),
        one("b", 1, usage(6, 200, **second)),
        one("c", 2, usage(4, 100, read=10_000)),
    ]


def month(cuenta: Cuenta) -> None:
    """Five sessions of two agents in June 2026."""
    cuenta.claude("S1", *example())
    s2 = {"session": "S2", "model": "claude-opus-4-8"}
    cuenta.claude(
        "S2",
        prompt("2026-06-08T08:00:00Z", cwd="/home/me/other", session="S2"),
        answer("d", "rd", usage(100, 10), at="2026-06-08T08:01:00Z", costUSD=9.99, **s2),
        answer("e", "re", usage(100, 10, speed="fast"), at="2026-06-10T08:02:00Z", **s2),
    )
    cuenta.claude(
        "S3",
        prompt("2026-06-15T08:00:00Z", cwd="/srv/app", session="S3"),
        answer("f", "rf", usage(7, 3), at="2026-06-15T08:01:00Z", session="S3", model="nobodys-model", costUSD=0.5),
        answer("g", "rg", usage(5, 2), at="2026-06-15T08:02:00Z", session="S3", model="nobodys-model"),
    )
    cuenta.claude("S4", answer("h", "rh", usage(1, 1), at="2026-06-30T12:00:00Z", session="S4", model="no-such"))
    cuenta.codex(
        THREAD,
        meta(THREAD, "2026-06-09T10:00:00Z"),
        turn("t1", "2026-06-09T10:00:01Z"),
        Thread().call("2026-06-09T10:00:05Z", 1_000, 100, cached=600, reasoning=40),
    )
