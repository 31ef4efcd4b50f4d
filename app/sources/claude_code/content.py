"""What the transcripts say in words, for the content pass: each answer, put together from the lines that hold its blocks.

The lines of one answer stand close together, with tool results between them: in 7,075 real ones never more than 22 lines
apart, of which half have usage. The last answers of a stretch may go on behind its end, so the next one begins again with
the first line of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.model.content import Answer, ToolCall
from app.model.usage import Cursor
from app.shapes.content import Told, read_content
from app.shapes.fields import Count, decode, instant, mapping, word
from app.shapes.lines import Earlier, Line
from app.sources.claude_code import CONTENT_VERSION, message_key

_NEEDLES = re.compile(rb'"usage"')
_GAP = 16
"""Lines with usage after which an answer is no longer expected to go on."""
_ADDED = {"ExitPlanMode": ("plan",)}
"""Parameters that the program fills in, not the model."""
_SYNTHETIC = "<synthetic>"


class _Block(msgspec.Struct):
    type: str | None = None
    id: str | None = None
    text: str | None = None
    name: str | None = None
    input: object = None


class _Details(msgspec.Struct):
    thinking_tokens: Count = 0


class _Usage(msgspec.Struct):
    output_tokens: Count = 0
    output_tokens_details: _Details | None = None


class _Message(msgspec.Struct):
    id: str | None = None
    model: str | None = None
    content: list[_Block] | str | None = None
    stop_reason: str | None = None
    usage: _Usage | None = None


class _Mirrored(msgspec.Struct):
    message: _Message | None = None


class _Data(msgspec.Struct):
    message: _Mirrored | None = None


class _Line(msgspec.Struct):
    message: _Message | None = None
    data: _Data | None = None
    timestamp: str | float | None = None
    isApiErrorMessage: bool | None = None


_line = msgspec.json.Decoder(_Line).decode


class _Open:
    """An answer as far as its lines have come."""

    def __init__(self, offset: int, at: int) -> None:
        self.offset, self.at = offset, at
        self.last = 0
        """Number of the last line that held a part of it."""
        self.model: str | None = None
        self.texts: list[str] = []
        self.tools: dict[str, ToolCall] = {}
        self.thought = self.finished = False
        self.whole = True
        self.output = 0

    def add(self, message: _Message) -> None:
        usage = message.usage or _Usage()
        self.model = message.model or self.model
        self.output = max(self.output, usage.output_tokens)
        self.finished = self.finished or message.stop_reason is not None
        if usage.output_tokens_details is not None and usage.output_tokens_details.thinking_tokens:
            self.thought = True
        if isinstance(message.content, str):
            self._text(message.content)
        else:
            for block in message.content or ():
                self._block(block)

    def _block(self, block: _Block) -> None:
        if block.type == "text":
            self._text(block.text or "")
        elif block.type in ("tool_use", "server_tool_use"):
            self._tool(block)
        elif block.type in ("thinking", "redacted_thinking"):
            self.thought = True
        else:
            self.whole = False

    def _text(self, text: str) -> None:
        """The same block may be written again, grown meanwhile."""
        for place, known in enumerate(self.texts):
            if known.startswith(text):
                return
            if text.startswith(known):
                self.texts[place] = text
                return
        self.texts.append(text)

    def _tool(self, block: _Block) -> None:
        name = block.name or ""
        added = _ADDED.get(name, ())
        facts = mapping(block.input)
        self.whole = self.whole and not added
        parameters = tuple((key, _plain(value)) for key, value in facts.items() if key not in added)
        call = ToolCall(name, parameters)
        place = block.id or f"{len(self.tools)}"
        if place not in self.tools or len(parameters) >= len(self.tools[place].parameters):
            self.tools[place] = call

    def answer(self, group: int) -> Answer:
        return Answer(
            group,
            self.at,
            self.model,
            tuple(self.texts),
            tuple(self.tools.values()),
            self.thought,
            self.whole,
            self.finished,
            self.output,
        )


def _plain(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


class _Answers:
    """Listens to one stretch of one transcript."""

    needles = _NEEDLES

    def __init__(self, path: Path, cursor: Cursor) -> None:
        self.skipped: dict[str, int] = {}
        self._file_time = cursor.seen
        self._open: dict[str, _Open] = {}
        self._lines = 0

    def head(self, line: Line) -> bool:
        return False

    def passing(self, earlier: Earlier) -> None:
        pass

    @property
    def memory(self) -> bytes:
        return b""

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None:
        record = decode(line, _line, _Line)
        if record is None or record.isApiErrorMessage:
            return
        message = record.message
        if message is None and record.data is not None and record.data.message is not None:
            message = record.data.message.message
        if message is None or message.usage is None or not word(message.id) or message.model == _SYNTHETIC:
            return
        self._lines += 1
        ident = str(message.id)
        known = self._open.get(ident)
        if known is None:
            at = instant(record.timestamp)
            known = self._open[ident] = _Open(offset, self._file_time if at is None else at)
        known.add(message)
        known.last = self._lines

    def told(self) -> Told:
        """All answers of the stretch; those that may go on are told again with the next."""
        last = max((one.last for one in self._open.values()), default=0)
        late = [one.offset for one in self._open.values() if one.last > last - _GAP]
        return Told(
            tuple(one.answer(message_key(ident)) for ident, one in self._open.items()), min(late) if late else None
        )


def read(path: Path, cursor: Cursor | None) -> Iterator[tuple[str, Told, Cursor]]:
    return read_content(CONTENT_VERSION, path, cursor, _Answers)
