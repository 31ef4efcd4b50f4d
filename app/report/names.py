"""How models, kinds of token, sub-agents and matches are called for people, on every surface.

English here. A surface with a language of its own hands in `say`, which turns each text into it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from app.sources import BY_ID

Say = Callable[[str], str]
_TAIL = re.compile(r"(-20\d\d-?\d\d-?\d\d)?(\[\d+[km]\])?$")
_KINDS = {
    "cache_read": "Cache read",
    "cache_write": "Cache write",
    "cache_write_5m": "Cache write, 5 min",
    "cache_write_1h": "Cache write, 1 h",
    "fresh": "Fresh input",
    "input": "Fresh input",
    "output": "Output",
    "reasoning": "Reasoning",
    "requests": "Requests of tools",
    "unsplit": "As the log states",
}
_EVIDENCE = {
    "A": "usage per call with cache split",
    "B": "usage per call, no cache split",
    "C": "totals only, or counted from the text",
}
_MATCHES = {
    "exact": "exact as logged",
    "alias": "by another name of it",
    "near": "without the date or effort in its name",
    "user": "your own price",
}


def model_name(model: str | None, source: str = "", say: Say = str) -> str:
    """`House Coder 4.6` of `house-coder-4-6`, `XYZ-4 Sol, fast` of `xyz-4-sol-2026-01-31|fast`.

    Route, date, window and the agent's own name are left out; small numbers behind one another are a version. What is
    written otherwise than in small words and hyphens stays as it is.
    """
    if model is None:
        return say("unknown model")
    whole, _, mode = model.partition("|")
    name = _plain_name(whole, source)
    return f"{name}, {mode}" if mode else name


def _plain_name(model: str, source: str) -> str:
    name = _TAIL.sub("", model.rpartition("/")[2].partition("@")[0])
    if not re.fullmatch(r"[a-z0-9.]+(-[a-z0-9.]+)*", name):
        return model
    title = BY_ID[source].title.lower() if source in BY_ID else ""
    words = name.split("-")
    if len(words) > 1 and title.startswith(words[0]):
        words = words[1:]
    told: list[str] = []
    for word in words:
        before = told[-1] if told else ""
        if word.isdigit() and len(word) <= 2 and re.fullmatch(r"[\d.]+", before):
            told[-1] += f".{word}"
        elif word[0].isdigit() and before.isupper():
            told[-1] += f"-{word}"
        else:
            told.append(_capital(word))
    return " ".join(told)


def _capital(word: str) -> str:
    """`Sol`; `XYZ`, which nobody could say; `o3` and `4o` as they are."""
    if not word.isalpha():
        return word
    return word.capitalize() if re.search("[aeiouy]", word) else word.upper()


def project_name(project: str | None, say: Say = str) -> str:
    """The folder as it was logged."""
    return say("unknown project") if project is None else project


def evidence_name(level: str, say: Say = str) -> str:
    """What is known of a call whose evidence is of that level."""
    return say(_EVIDENCE[level])


def kind_name(key: str, say: Say = str) -> str:
    """A kind of token, and what else is paid for."""
    return say(_KINDS[key]) if key in _KINDS else key


def who(subagent: str | None, numbers: Mapping[str, int], say: Say = str) -> str:
    """The main conversation, or a sub-agent by its number."""
    if subagent is None:
        return say("Main conversation")
    return say("Sub-agent {n}").format(n=numbers.get(subagent, 0))


def match_words(match: str, say: Say = str) -> str:
    """How a logged name led to its row of the book."""
    return say(_MATCHES[match]) if match in _MATCHES else match
