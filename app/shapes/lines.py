"""A growing file of JSON lines, read from where reading stopped, in stretches of bounded memory.

Most bytes of such logs say nothing about usage. A pattern of needles finds the lines that may; only those are handed to
the parser, whole. No line is ever split at anything but LF: U+2028, NEL and form feeds stand inside strings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any, Protocol, TypeVar

from app.model.path import named, real
from app.model.usage import READINGS, Batch, Call, Cursor, Occurrence, Quota, Search, Session
from app.shapes.stamp import MOST, plausible

CHUNK = 1 << 20
_MORE = bytes(8 << 20)
"""What the buffer grows by for a long line; doubling it would need the whole of it twice."""
STRETCH = 64 << 20
"""Bytes after which a batch is handed over, so that a crash or a cancel loses little."""
LONGEST = 256 << 20
"""A line longer than this is passed over: nothing an agent writes comes near."""
_HEAD = 1024
_TAIL = 256
_BRACE = ord("{")

Line = bytes | bytearray | memoryview
Earlier = Callable[[], Iterator[Line]]
"""The lines before the one in hand, nearest first, as far as they are still in memory."""


class Listener(Protocol):
    """Hears the lines of one stretch that may matter to it. What must outlive the stretch goes through `memory`."""

    needles: re.Pattern[bytes]
    skipped: dict[str, int]

    def head(self, line: Line) -> bool:
        """Looks at a line from the start of what is new; True while it wants to see the next."""
        ...

    def feed(self, line: Line, offset: int, earlier: Earlier) -> None: ...

    def passing(self, earlier: Earlier) -> None:
        """The lines before this point are about to leave memory."""
        ...

    @property
    def memory(self) -> bytes: ...


class Parser(Listener, Protocol):
    """Makes calls of lines."""

    def calls(self) -> tuple[Call, ...]: ...

    @property
    def sessions(self) -> tuple[Session, ...]: ...
    @property
    def searches(self) -> tuple[Search, ...]: ...
    @property
    def occurrences(self) -> tuple[Occurrence, ...]: ...
    @property
    def quotas(self) -> tuple[Quota, ...]: ...


MakeParser = Callable[[Path, Cursor], Parser]
L = TypeVar("L", bound=Listener)
T = TypeVar("T")


class Readable(Protocol):
    """An open file, as far as it is needed here."""

    def __enter__(self) -> Readable: ...
    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> None: ...
    def seek(self, offset: int, /) -> int: ...
    def read(self, length: int, /) -> bytes | None: ...
    def readinto(self, buffer: memoryview, /) -> int | None: ...


Opener = Callable[[Path], Readable]


def plain(path: Path) -> Readable:
    return open(path, "rb", buffering=0)


def read_lines(
    source: str, version: int, path: Path, stored: Cursor | None, make: MakeParser, opener: Opener = plain
) -> Iterator[Batch]:
    """Batches of all that is new in the file, a stretch each; one empty batch where only the cursor has changed.

    Raises OSError if the file can't be read.
    """

    def harvest(parser: Parser) -> Batch:
        found = (parser.calls(), parser.searches, parser.sessions, parser.occurrences, parser.quotas)
        return Batch(source, "", None, Cursor(), *found, parser.skipped)

    previous = stored
    for name, batch, end in read_stretches(version, path, stored, make, harvest, STRETCH, opener):
        yield batch._replace(path=name, start=previous, end=end)
        previous = end


def read_stretches(
    version: int,
    path: Path,
    stored: Cursor | None,
    make: Callable[[Path, Cursor], L],
    harvest: Callable[[L], T],
    budget: int,
    opener: Opener = plain,
    again: Callable[[T], int | None] = lambda _: None,
) -> Iterator[tuple[str, T, Cursor]]:
    """(path as `named`, what was harvested, cursor behind it) of some `budget` bytes at a time, to the end of the file; an
    empty harvest where only the cursor has changed. `again` tells of a harvest the offset from which the next stretch must
    hear the lines once more, None for none. Raises OSError if the file can't be read.
    """
    facts = os.stat(path)  # before opening: if another file takes the name in between, the next look sees it
    name = named(os.fspath(path))
    with opener(path) as file:
        cursor, more = _resume(file, stored, facts, version), True
        while more:
            listener = make(Path(name), cursor)
            window = _Window(file, cursor.offset)
            more = window.run(listener, budget)
            found = harvest(listener)  # before its memory, which is complete only then
            back = again(found)
            if back is None or (more and back <= cursor.offset):  # the latter would be heard again for ever
                back = window.position
            cursor = _moved(cursor, facts, back, _fingerprint(file, back), listener.memory)
            yield name, found, cursor


def _moved(cursor: Cursor, facts: os.stat_result, offset: int, head: bytes, memory: bytes) -> Cursor:
    return Cursor(
        offset=offset,
        device=facts.st_dev,
        inode=facts.st_ino,
        size=facts.st_size,
        modified=min(facts.st_mtime_ns, MOST),
        seen=cursor.seen,
        head=head,
        generation=cursor.generation,
        reader=cursor.reader,
        memory=memory,
    )


def _resume(file: Readable, stored: Cursor | None, facts: os.stat_result, version: int) -> Cursor:
    """The stored cursor where reading may go on from it, else the start of the file and a new generation."""
    if stored is None:
        return Cursor(seen=plausible(facts.st_mtime_ns // 1_000_000), reader=version)
    if stored.reader != version:
        return Cursor(seen=stored.seen, generation=(stored.generation // READINGS + 1) * READINGS, reader=version)
    if _same_file(file, stored, facts):
        return stored
    return Cursor(seen=stored.seen, generation=stored.generation + 1, reader=version)


def _same_file(file: Readable, stored: Cursor, facts: os.stat_result) -> bool:
    """The device is not asked: after a restart the same disk may bear another number."""
    return facts.st_ino == stored.inode and _fingerprint(file, stored.offset) == stored.head


def _fingerprint(file: Readable, offset: int) -> bytes:
    """Digest of the first kilobyte and of the last bytes before `offset`; differs if either is gone or rewritten."""
    digest = blake2b(digest_size=12)
    file.seek(0)
    digest.update(_exactly(file, min(_HEAD, offset)))
    file.seek(max(0, offset - _TAIL))
    digest.update(_exactly(file, min(_TAIL, offset)))
    return digest.digest()


def continues(path: str, stored: Cursor, size: int, modified: int) -> bool:
    """Is the file at `path` the one that was read so far, under whatever name? Untouched, or longer."""
    if (size, modified) == (stored.size, stored.modified):
        return True
    try:
        with plain(Path(real(path))) as file:
            return _fingerprint(file, stored.offset) == stored.head
    except OSError:
        return False


def _exactly(file: Readable, length: int) -> bytes:
    got = b""
    while len(got) < length and (piece := file.read(length - len(got))):
        got += piece
    return got


class _Window:
    """The part of the file in memory. `position` is the offset up to which everything has been looked at."""

    def __init__(self, file: Readable, offset: int) -> None:
        self.file = file
        self.position = offset
        self.buffer = bytearray(CHUNK)
        self.filled = 0
        self.first = True
        self.line_start = 0
        self.searched_to = 0
        self.passing_over = False
        file.seek(offset)

    def run(self, parser: Listener, budget: int) -> bool:
        """Feeds the parser; True if the budget ended before the file did."""
        stop = self.position + budget
        searched = self.filled
        while self._fill():
            if self.passing_over:
                self._drop(self.buffer.find(b"\n", 0, self.filled) + 1, parser)
                searched = 0
            whole = self.buffer.rfind(b"\n", searched, self.filled) + 1
            if whole:
                self._look(parser, 0, whole)
                self._shift(whole, parser)
                if self.position >= stop:
                    return True
            elif self.filled >= LONGEST:
                self._start_passing_over(parser)
            searched = self.filled  # no line ends before here
        self._last_line(parser)
        return False

    def _fill(self) -> bool:
        if self.filled == len(self.buffer):
            self.buffer.extend(_MORE)
        with memoryview(self.buffer) as view:
            got = self.file.readinto(view[self.filled :])
        self.filled += got or 0
        return bool(got)

    def _look(self, parser: Listener, begin: int, end: int) -> None:
        if self.first:
            self.first = False
            self._head(parser, end)
        buffer, search, position = self.buffer, parser.needles.search, begin
        while found := search(buffer, position, end):
            start = buffer.rfind(b"\n", position, found.start()) + 1 or position
            position = buffer.find(b"\n", found.end(), end) + 1 or end
            self._hand_over(parser, start, position)

    def _hand_over(self, parser: Listener, start: int, end: int) -> None:
        self.line_start = start
        if self.buffer[start] == _BRACE:
            parser.feed(self._line(start, end), self.position + start, self._earlier)
        else:
            self._hand_over_odd(parser, bytes(self.buffer[start:end]), start)

    def _line(self, start: int, end: int) -> Line:
        """A copy of a line; a long one is only lent, since two copies of 100 MB would be the peak of a first run. What is
        lent must be let go before the buffer can grow or shrink.
        """
        return self.buffer[start:end] if end - start <= CHUNK else memoryview(self.buffer)[start:end]

    def _hand_over_odd(self, parser: Listener, line: bytes, start: int) -> None:
        """A line behind a byte order mark, after NULs of a power cut, or one that is no object."""
        bare = _bare(line)
        if bare[:1] == b"{":
            parser.feed(bare, self.position + start, self._earlier)

    def _head(self, parser: Listener, end: int) -> None:
        position = 0
        for _ in range(200):
            stop = self.buffer.find(b"\n", position, end)
            if stop < 0:
                return
            if not self._wants_more(parser, position, stop):
                return
            position = stop + 1

    def _wants_more(self, parser: Listener, start: int, end: int) -> bool:
        if self.buffer[start] == _BRACE:
            return parser.head(self._line(start, end))
        line = _bare(bytes(self.buffer[start:end]))
        if line and line[:1] != b"{":
            parser.skipped["not JSON"] = parser.skipped.get("not JSON", 0) + 1
        return line[:1] != b"{" or parser.head(line)

    def _earlier(self) -> Iterator[Line]:
        """Nearest first, back to where an earlier search began: without that, a log without times takes minutes."""
        end, barrier = self.line_start - 1, self.searched_to
        self.searched_to = self.line_start
        while end > 0 and end >= barrier:
            begin = self.buffer.rfind(b"\n", 0, end) + 1
            yield self._line(begin, end)
            end = begin - 1

    def _shift(self, whole: int, parser: Listener) -> None:
        self.line_start = whole
        parser.passing(self._earlier)
        self.searched_to = 0
        rest = self.filled - whole
        self.buffer[:rest] = self.buffer[whole : self.filled]
        self.filled = rest
        self.position += whole
        if len(self.buffer) > 8 * CHUNK and rest < CHUNK:
            del self.buffer[CHUNK:]  # give back what one long line took

    def _start_passing_over(self, parser: Listener) -> None:
        parser.skipped["line over 256 MB"] = parser.skipped.get("line over 256 MB", 0) + 1
        self.passing_over = True
        self.position += self.filled
        self.filled = 0
        del self.buffer[CHUNK:]

    def _drop(self, end: int, parser: Listener) -> None:
        """Leaves out the rest of a line that is passed over; `end` is 0 while its end has not come."""
        if end:
            self.passing_over = False
            self._shift(end, parser)
        else:
            self.position += self.filled
            self.filled = 0

    def _last_line(self, parser: Listener) -> None:
        """The line without an end: read if it is whole, else left for the next time.

        No beginning of a JSON object is itself one, so a line that parses is complete and may be stepped over.
        """
        if not self.filled or self.passing_over:
            return
        line = _bare(bytes(self.buffer[: self.filled]))
        if line[:1] != b"{" or line[-1:] != b"}" or not _is_json(line):
            return
        parser.head(line)
        if parser.needles.search(line):
            self.line_start = 0
            parser.feed(line, self.position, self._earlier)
        self.line_start = self.filled + 1
        parser.passing(self._earlier)
        self.position += self.filled


def _bare(line: bytes) -> bytes:
    """Without a byte order mark, the NULs of a power cut and the line's end."""
    return line.removeprefix(b"\xef\xbb\xbf").strip(b"\r\n\0 \t")


def _is_json(line: bytes) -> bool:
    import msgspec

    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.MsgspecError, RecursionError):
        import json

        try:
            json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return False
    return True
