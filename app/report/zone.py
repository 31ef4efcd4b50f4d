"""The user's time zone, and the one place where an instant becomes a local day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.diagnostics import KnownError
from app.machine import Machine
from app.model.instant import QUARTER


def zone_named(name: str) -> ZoneInfo:
    """Raises KnownError for a name that no time zone has."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise KnownError(f"There is no time zone {name!r}.", "Write it like Europe/Madrid or UTC.") from error


def local_zone(machine: Machine) -> ZoneInfo:
    """The zone of this machine, asked anew each time, since a laptop travels."""
    chosen = _name_in((machine.variable("TZ") or "").removeprefix(":"))
    if chosen:
        try:
            return ZoneInfo(chosen)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    name = _configured(machine)
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def _name_in(path: str) -> str:
    """`Asia/Tokyo` of `/usr/share/zoneinfo/Asia/Tokyo`; a name stays what it is."""
    return path.rpartition("zoneinfo/")[2].removeprefix("posix/").removeprefix("right/")


def _configured(machine: Machine) -> str | None:
    """As the system is set: quick on Linux and macOS, where the name is the end of a link."""
    import os

    if machine.system != "win32":
        try:
            target = os.path.realpath("/etc/localtime")
        except OSError:
            target = ""
        if "zoneinfo/" in target:
            return _name_in(target)
    import tzlocal

    try:
        return tzlocal.get_localzone_name()
    except Exception:  # tzlocal raises whatever the registry or a broken /etc makes of it
        return None


def start_of(day: date, zone: tzinfo) -> int:
    """The quarter of an hour (since 1970 UTC) in which a local day begins."""
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000 // QUARTER


def day_of(instant: int, zone: tzinfo) -> date:
    return datetime.fromtimestamp(instant / 1000, zone).date()


def days_by_quarter(zone: tzinfo) -> Callable[[int], date]:
    """Quarter → local day, quick for many: a day's limits are worked out once."""
    spans: dict[int, date] = {}

    def day(quarter: int) -> date:
        found = spans.get(quarter)
        if found is None:
            found = day_of(quarter * QUARTER, zone)
            begin = start_of(found, zone)
            for one in range(begin, start_of(found + timedelta(days=1), zone)):
                spans[one] = found
            spans.setdefault(quarter, found)
        return found

    return day
