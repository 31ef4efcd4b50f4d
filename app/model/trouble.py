"""What is amiss with a log: the sentence in English, as JSON and the terminal tell it, and the facts it is made of, for
whoever says it in another language.
"""

from __future__ import annotations


class Unreadable(str):
    """Logs of one agent that can't be read: how many, and of the first of them its place and why."""

    agent: str
    logs: int
    first: str

    def __new__(cls, agent: str, logs: int, first: str) -> Unreadable:
        told = f"A log of {agent}" if logs == 1 else f"{logs:,} logs of {agent}"
        made = super().__new__(cls, f"{told} can't be read ({first}).")
        made.agent, made.logs, made.first = agent, logs, first
        return made


class Drifted(str):
    """Entries of today's logs of one agent that nobody knows how to read."""

    agent: str
    entries: int

    def __new__(cls, agent: str, entries: int) -> Drifted:
        told = "1 entry" if entries == 1 else f"{entries:,} entries"
        made = super().__new__(cls, f"{agent}: log format not recognized. {told} of today's logs could not be read.")
        made.agent, made.entries = agent, entries
        return made


class Unlike(str):
    """Today's logs of one agent say less than those of the weeks before."""

    agent: str

    def __new__(cls, agent: str) -> Unlike:
        told = f"{agent}: its logs are not what they were. Sources and health, or `cuenta doctor`, says how."
        made = super().__new__(cls, told)
        made.agent = agent
        return made
