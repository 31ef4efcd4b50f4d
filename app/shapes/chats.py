"""Chats of which only the words are kept: an answer is a request, and what was said since the one before it was sent anew.

Instructions, tools and all that was sent along again are unknown, so what is counted is the least there was. A chat grows at
its end or is changed from some message on: only its new end is counted, since counting takes time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from app.model.usage import Tokens
from app.shapes.gathering import Gathered, call

_TOLD = "_told"


class Said(NamedTuple):
    """One message."""

    answer: bool
    """The model's."""
    text: str
    at: int | None = None
    """ms since 1970 UTC."""
    model: str | None = None
    ident: str | None = None
    """What the agent calls it."""


def tell(gathered: Gathered, source: str, session: str, at: int, messages: Sequence[Said]) -> None:
    """`at` is the time of messages that have none. The last answer may still be written: it is told until one follows."""
    told: dict[str, tuple[int, str | None]] = gathered.kept.setdefault(_TOLD, {})
    places = [place for place, one in enumerate(messages) if one.answer]
    known, ident = told.get(session, (0, None))
    still = (
        known < len(messages) and messages[known].ident == ident
    )  # else its beginning was cut off, or its end changed
    first = known if still else 0
    told[session] = (places[-1], messages[places[-1]].ident) if places else (0, None)
    since = 0
    for place in places:
        if place >= first:
            sent = gathered.words("\n".join(one.text for one in messages[since:place]))
            _add(gathered, source, session, at, messages[place], place, sent)
        since = place + 1


def _add(gathered: Gathered, source: str, session: str, at: int, answer: Said, place: int, sent: int) -> None:
    """One without a name is told from another that took its place by what was asked."""
    gathered.add(
        call(
            *((source, answer.ident) if answer.ident else (source, session, place, sent)),
            session=session,
            at=answer.at or at,
            model=answer.model,
            tokens=Tokens(sent, output=gathered.words(answer.text)),
            evidence="C",
            native=answer.ident,
        )
    )
