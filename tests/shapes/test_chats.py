"""Chats with words only: answers are told once, however the chat goes on."""

from __future__ import annotations

from pathlib import Path

from app.model.usage import Cursor
from app.shapes.chats import Said, tell
from app.shapes.gathering import Gathered

Told = list[tuple[int, int]]


class Chat:
    """One chat's readings; of what was told of an answer twice the larger stays, as in the store."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}
        self.all: dict[int, tuple[int, int]] = {}

    def read(self, *messages: Said) -> Told:
        """(sent, written) of what this reading tells."""
        gathered = Gathered(Path("x"), Cursor(seen=1_770_000_000_000))
        gathered.kept = dict(self.kept)
        tell(gathered, "test", "s", 1_770_000_000_000, messages)
        self.kept = gathered.kept
        told = [(one.group, (one.tokens.input, one.tokens.output)) for one in gathered.calls()]
        self.all |= {group: max(counts, self.all.get(group, counts)) for group, counts in told}
        return [counts for _, counts in told]


def asked(text: str) -> Said:
    return Said(False, text)


def answered(text: str, ident: str | None = None) -> Said:
    return Said(True, text, ident=ident)


def test_what_was_said_since_the_answer_before_was_sent() -> None:
    """A chat may begin with an answer, and two may follow each other; what has no answer yet is no request."""
    chat = Chat()
    assert chat.read(answered("yes"), asked("hello world"), answered("no"), answered("one two"), asked("hello")) == [
        (0, 1),
        (2, 1),
        (0, 2),
    ]


def test_an_answer_that_grows_and_one_that_follows() -> None:
    """Only the last is told again."""
    chat = Chat()
    chat.read(asked("hello"), answered("one"))
    assert chat.read(asked("hello"), answered("one two three")) == [(1, 3)]
    begun = [asked("hello"), answered("one two three"), asked("hello world"), answered("yes")]
    chat.read(*begun)
    assert chat.read(*begun, asked("no"), answered("no")) == [(2, 1), (1, 1)]
    assert sorted(chat.all.values()) == [(1, 1), (1, 3), (2, 1)]


def test_a_question_that_was_changed_is_another_request() -> None:
    chat = Chat()
    chat.read(asked("hello"), answered("yes"), asked("hello world"), answered("no"))
    chat.read(asked("hello"), answered("yes"), asked("one two three"))
    chat.read(asked("hello"), answered("yes"), asked("one two three"), answered("no"))
    assert sorted(chat.all.values()) == [(1, 1), (2, 1), (3, 1)]


def test_a_chat_whose_beginning_was_cut_off() -> None:
    """All that is left of it is told again, under the names that it has."""
    chat = Chat()
    first = [asked("hello"), answered("yes", "a"), asked("hello"), answered("yes", "b")]
    later = [answered("yes", "b"), asked("one two"), answered("no", "c"), asked("hello"), answered("no", "d")]
    chat.read(*first)
    chat.read(*later)
    assert sorted(chat.all.values()) == [(1, 1), (1, 1), (1, 1), (2, 1)]
