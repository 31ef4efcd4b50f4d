"""Plays a StatusNotifier host on a bus, in a thread with its own loop: registers items, counts signals, clicks menus.

The app under test must be another process: a blocking D-Bus call of Qt holds the interpreter's lock, and this thread
could not answer it.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Annotated, Any

from dbus_fast import Message, MessageType, PropertyAccess, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusBool, DBusInt32, DBusSignature, DBusStr
from dbus_fast.service import ServiceInterface, dbus_method, dbus_property, dbus_signal

WATCHER = "org.kde.StatusNotifierWatcher"
ITEM = "org.kde.StatusNotifierItem"
Names = Annotated[list[str], DBusSignature("as")]


class _Watcher(ServiceInterface):
    def __init__(self, host: bool) -> None:
        super().__init__(WATCHER)
        self.items: list[str] = []
        self.host = host

    @dbus_method()
    def RegisterStatusNotifierItem(self, service: DBusStr):
        self.items.append(service)
        self.StatusNotifierItemRegistered(service)

    @dbus_method()
    def RegisterStatusNotifierHost(self, service: DBusStr):
        pass

    @dbus_property(access=PropertyAccess.READ)
    def RegisteredStatusNotifierItems(self) -> Names:
        return self.items

    @dbus_property(access=PropertyAccess.READ)
    def IsStatusNotifierHostRegistered(self) -> DBusBool:
        return self.host

    @dbus_property(access=PropertyAccess.READ)
    def ProtocolVersion(self) -> DBusInt32:
        return 0

    @dbus_signal()
    def StatusNotifierItemRegistered(self, service: str) -> DBusStr:
        return service

    @dbus_signal()
    def StatusNotifierHostRegistered(self) -> None:
        return None


class SniHost:
    """The watcher, and with `host` also a panel that shows items."""

    def __init__(self, address: str, host: bool = True) -> None:
        self.signals: list[str] = []
        self._watcher = _Watcher(host)
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._live(address),), daemon=True)
        self._thread.start()
        assert self._ready.wait(5), "the double could not join the bus"

    @property
    def items(self) -> list[str]:
        """The items that have registered, oldest first."""
        return self._watcher.items

    def panel_comes(self) -> None:
        """A panel registers with the watcher, as at login."""
        self._watcher.host = True
        self._loop.call_soon_threadsafe(self._watcher.StatusNotifierHostRegistered)

    def property(self, name: str) -> Any:
        """A property of the last item."""
        return self._item("/StatusNotifierItem", "org.freedesktop.DBus.Properties", "Get", "ss", ITEM, name)[0].value

    def pictures(self) -> dict[int, bytes]:
        """The icon's pictures by width, as ARGB bytes."""
        return {width: bytes(data) for width, _height, data in self.property("IconPixmap")}

    def activate(self) -> None:
        """A left click."""
        self._item("/StatusNotifierItem", ITEM, "Activate", "ii", 0, 0)

    def menu(self) -> list[tuple[int, str, bool]]:
        """Opens the menu as a host does: id, text and enabled of each line; a separator has no text."""
        self._item("/MenuBar", "com.canonical.dbusmenu", "AboutToShow", "i", 0)
        layout = self._item("/MenuBar", "com.canonical.dbusmenu", "GetLayout", "iias", 0, -1, [])[1]
        return [_line(child.value) for child in layout[2]]

    def choose(self, text: str) -> None:
        """Clicks the line with that text."""
        line = next(line for line in self.menu() if line[1] == text)
        body = (line[0], "clicked", Variant("i", 0), 0)
        self._item("/MenuBar", "com.canonical.dbusmenu", "Event", "isvu", *body)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._bus.disconnect)
        self._thread.join(3)
        self._loop.close()

    async def _live(self, address: str) -> None:
        self._bus = await MessageBus(bus_address=address).connect()
        self._bus.export("/StatusNotifierWatcher", self._watcher)
        self._bus.add_message_handler(self._heard)
        bus, rule = "org.freedesktop.DBus", f"type='signal',interface='{ITEM}'"
        await self._call(bus, "/org/freedesktop/DBus", bus, "AddMatch", "s", rule)
        await self._bus.request_name(WATCHER)
        self._ready.set()
        await self._bus.wait_for_disconnect()

    def _heard(self, message: Message) -> None:
        if message.message_type == MessageType.SIGNAL and message.interface == ITEM:
            self.signals.append(message.member or "")

    def _item(self, path: str, interface: str, member: str, signature: str, *body: Any) -> list[Any]:
        return self._wait(self._call(self.items[-1], path, interface, member, signature, *body))

    def _wait(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _call(self, name: str, path: str, interface: str, member: str, signature: str, *body: Any) -> list[Any]:
        reply = await self._bus.call(Message(name, path, interface, member, signature=signature, body=list(body)))
        assert reply is not None
        if reply.message_type == MessageType.ERROR:
            raise RuntimeError(f"{member}: {reply.error_name} {reply.body}")
        return reply.body


def _line(item: list[Any]) -> tuple[int, str, bool]:
    properties = item[1]
    text = properties["label"].value if "label" in properties else ""
    if "type" in properties and properties["type"].value == "separator":
        text = ""
    text = text.replace("__", "\0").replace("_", "").replace("\0", "_")  # as a host reads it: one _ marks a shortcut
    return item[0], text, "enabled" not in properties or properties["enabled"].value
