"""Opening our database: the one place that knows the driver, the pragmas, the version and the backup before a migration.

The driver can be swapped here, and only here, for one that encrypts.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from app.diagnostics import KnownError

VERSION = 6
"""Version of the schema, in SQLite's `user_version`."""
APPLICATION = 0x4355454E  # "CUEN": marks the file as ours
_PATIENCE_MS = 15_000
_NOT_OURS = ("no such table", "no such column", "has no column named")
"""What SQLite says of a database with our version and other tables, as a program in development left behind."""


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """The one way to our file. Raises KnownError where it can't be opened."""
    mode = "ro" if read_only else "rwc"
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            timeout=_PATIENCE_MS / 1000,
        )
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        return connection
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error


def ready(path: Path) -> bool:
    """Is there a database of the version we know? Quick: reads the header only."""
    if not path.exists() or path.stat().st_size == 0:
        return False
    with closing(connect(path, read_only=True)) as connection:
        return _version(connection, path) == VERSION


def prepare(path: Path, resources: Path) -> None:
    """Makes the database, or brings an older one up to date after a backup. Raises KnownError."""
    if ready(path):
        return
    _own_folder(path.parent)
    try:
        _make_ready(path, resources / "schema.sql")
    except sqlite3.Error as error:
        raise refusal(path, error) from error
    except OSError as error:
        raise KnownError(
            f"{error.filename or path}: {error.strerror or error}.", "Nothing was changed. Make it writable."
        ) from error


def _make_ready(path: Path, schema: Path) -> None:
    if not path.exists():
        _make_whole(path, schema)
    with closing(connect(path)) as connection:
        version = _version(connection, path)
        if not version:
            _refuse_foreign(connection, path)
        if version == VERSION:
            return  # made just now, by us or by another
        _settle(connection)
    from app.store import migrations

    if version == 0:
        migrations.create(path, schema)
    else:
        _backup(path, version)
        migrations.upgrade(path, version)


def _make_whole(path: Path, schema: Path) -> None:
    """A new database appears complete, from a file beside it: where several programs turn one and the same new file to
    write-ahead logging, SQLite waits for none of them and says "locked".
    """
    from app.store import migrations

    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        with closing(connect(beside)) as connection:
            _settle(connection)
            migrations.create(beside, schema)
        if not path.exists():
            for end in ("-wal", "-shm"):  # of a database that was deleted without them: they would be taken for ours
                with suppress(FileNotFoundError):
                    os.unlink(f"{path}{end}")
        try:
            os.link(beside, path)
        except FileExistsError:
            pass  # another was quicker
        except OSError:  # a file system without links
            if not path.exists():
                os.rename(beside, path)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                os.unlink(f"{beside}{end}")


def open_reader(path: Path) -> sqlite3.Connection:
    """A connection that cannot write. The database must be `ready`."""
    return connect(path, read_only=True)


def open_writer(path: Path) -> sqlite3.Connection:
    """The one writing connection; transactions are begun and ended by the writer.

    The driver itself, not SQLAlchemy Core: our few statements are fixed text with lists of values, for which Core adds
    nothing, while importing it costs 0.2 s of a cold sync, as much as all the inserts, and 22 MB in the tray for good.
    """
    connection = connect(path)
    try:
        _settle(connection)
        connection.execute("PRAGMA wal_autocheckpoint=4000")  # fewer pauses for the disk while much is written
    except sqlite3.Error as error:
        connection.close()
        raise refusal(path, error) from error
    return connection


def _settle(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # only counts before the first table
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA secure_delete=ON")
    connection.execute("PRAGMA temp_store=MEMORY")
    connection.execute("PRAGMA cache_size=-16000")


def _version(connection: sqlite3.Connection, path: Path) -> int:
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (owner,) = connection.execute("PRAGMA application_id").fetchone()
    except sqlite3.Error as error:
        raise _unreadable(path, error) from error
    if version and owner != APPLICATION:
        raise _foreign(path)
    if version > VERSION:
        raise KnownError(
            f"{path} was written by a newer Cuenta (version {version}, this one knows {VERSION}).",
            "Start the newer program, or name another folder in CUENTA_HOME.",
        )
    return version


def _refuse_foreign(connection: sqlite3.Connection, path: Path) -> None:
    """No version, but tables: somebody else's. In one statement, since another Cuenta may be making ours just now."""
    tables, version = connection.execute(
        "SELECT count(*), (SELECT user_version FROM pragma_user_version) FROM sqlite_master"
    ).fetchone()
    if tables and not version:
        raise _foreign(path)


def _foreign(path: Path) -> KnownError:
    return KnownError(f"{path} is another program's database.", "Name another folder in CUENTA_HOME.")


def _own_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            with suppress(OSError):
                folder.chmod(0o700)  # project names and sums are nobody else's business
    except OSError as error:
        raise KnownError(
            f"{folder} can't be made: {error.strerror or error}.", "Name another folder in CUENTA_HOME."
        ) from error


def _backup(path: Path, version: int) -> None:
    """A whole copy beside the file, before its schema is changed; not of one that another has changed meanwhile."""
    copy = path.with_name(f"{path.stem}.v{version}.backup{path.suffix}")
    beside = copy.with_name(f"{copy.name}.{os.getpid()}.new")
    try:
        with closing(connect(path)) as connection:
            connection.execute("VACUUM INTO ?", (str(beside),))
        with closing(connect(beside, read_only=True)) as connection:
            (copied,) = connection.execute("PRAGMA user_version").fetchone()
        if copied == version:
            os.replace(beside, copy)
    finally:
        with suppress(OSError):
            beside.unlink()


def refusal(path: Path, error: sqlite3.Error) -> KnownError:
    """What SQLite says of the file, in words, with a way out."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return KnownError(f"{path} is locked by another program.", "Close it, or try again in a moment.")
    if "full" in text:
        return KnownError(
            f"There is no room left for {path}.", "Free some disk space; nothing that was stored is lost."
        )
    if "readonly" in text or "read-only" in text:
        return KnownError(f"{path} may not be written.", "Make it writable, or name another folder in CUENTA_HOME.")
    if any(sign in text for sign in _NOT_OURS):
        return KnownError(
            f"The tables in {path} are not those of this Cuenta: {text}.",
            "Move it away: Cuenta makes a new one and reads again whatever logs still exist.",
        )
    if "malformed" in text or "not a database" in text:
        return _unreadable(path, error)
    return KnownError(f"{path} can't be written: {text}.", "Nothing that was stored before is lost.")


def is_of_the_world(error: sqlite3.Error) -> bool:
    """Is it the file or the disk, rather than what we asked of it?"""
    signs = (
        "locked",
        "busy",
        "full",
        "readonly",
        "malformed",
        "not a database",
        "disk i/o",
        "unable to open",
        *_NOT_OURS,
    )
    return any(sign in str(error).lower() for sign in signs)


def _unreadable(path: Path, error: Exception) -> KnownError:
    if "unable to open" in str(error):
        return KnownError(
            f"{path} can't be opened or made.", "Is its folder there, and may it be written? CUENTA_HOME names another."
        )
    return KnownError(
        f"{path} can't be opened: {error}.",
        "If it is damaged, move it away: Cuenta makes a new one and reads again whatever logs still exist.",
    )
