"""Errors with two faces: the world's fault gets a sentence and a way out, ours gets a trace in the local log file."""

from __future__ import annotations

import logging
import re
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

log = logging.getLogger("cuenta")
_MEGABYTE = 1 << 20


class KnownError(Exception):
    """The world's fault, in words for the user: what is the matter, and a way out."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__(f"{title} {hint}".strip())
        self.title = title
        self.hint = hint


def start_log(folder: Path) -> None:
    """Writes the log to `cuenta.log` in the folder, three files of 1 MB at most; silently nowhere if it can't.

    What goes in is ours alone: no line of an agent's log, no prompt, no title.
    """
    log.setLevel(logging.INFO)
    log.propagate = False
    if any(isinstance(one, RotatingFileHandler) for one in log.handlers):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(
            folder / "cuenta.log", maxBytes=_MEGABYTE, backupCount=2, encoding="utf-8", delay=True
        )
    except OSError:
        log.addHandler(logging.NullHandler())
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    log.addHandler(handler)


def catch_everything(crash_file: Path) -> None:
    """Traces of unforeseen errors, of every thread, into the log and into a note that the next start speaks of."""

    def note(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        report = redacted(_traceback_text(kind, error, trace))
        log.error("unforeseen error\n%s", report)  # the log is no place for anybody's words either
        try:
            crash_file.write_text(report, encoding="utf-8")
        except OSError:
            log.warning("the crash note could not be written")

    def of_main(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        note(kind, error, trace)
        sys.__excepthook__(kind, error, trace)

    def of_thread(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None:
            note(found.exc_type, found.exc_value, found.exc_traceback)

    sys.excepthook = of_main
    threading.excepthook = of_thread


def last_crash(crash_file: Path) -> str | None:
    """The redacted report of a crash nobody was told about yet; asking takes it away."""
    try:
        text = crash_file.read_text(encoding="utf-8")
        crash_file.replace(crash_file.with_suffix(".told.txt"))
    except OSError:
        return None
    return text


def _traceback_text(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> str:
    import traceback

    return "".join(traceback.format_exception(kind, error, trace))


_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


def redacted(report: str) -> str:
    """The trace without anything that could be the user's: paths lose their folders, quoted values their content."""
    lines: list[str] = []
    for line in report.splitlines():
        found = re.match(r'(\s*File )"(.*)"(, line \d+.*)', line)
        if found:
            name = re.split(r"[\\/]", found.group(2))[-1]
            lines.append(f'{found.group(1)}"…/{name}"{found.group(3)}')
        elif line.startswith(" "):
            lines.append(line)  # our own source line
        else:
            lines.append(re.sub(r"(?:[A-Za-z]:)?[\\/][^\s:]+", "…", _QUOTED.sub("'…'", line)))
    return "\n".join(lines) + "\n"
