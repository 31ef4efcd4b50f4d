"""The pages of Settings, as one list. A page is one file here and one line in PAGES."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP

from app.ui.settings_pages.about import AboutPage
from app.ui.settings_pages.general import GeneralPage
from app.ui.settings_pages.page import Page
from app.ui.settings_pages.plans import PlansPage
from app.ui.settings_pages.prices import PricesPage
from app.ui.settings_pages.privacy import PrivacyPage
from app.ui.settings_pages.sources import SourcesPage
from app.ui.windows import Context


class Entry(NamedTuple):
    """A page of the list."""

    key: str
    """What `open_window("settings", key)` asks for."""
    title: str
    """English; shown through tr() in the context `Settings`."""
    make: Callable[[Context], Page]


PAGES: tuple[Entry, ...] = (
    Entry("general", cast("str", QT_TRANSLATE_NOOP("Settings", "General")), GeneralPage),
    Entry("sources", cast("str", QT_TRANSLATE_NOOP("Settings", "Sources")), SourcesPage),
    Entry("plans", cast("str", QT_TRANSLATE_NOOP("Settings", "Plans")), PlansPage),
    Entry("privacy", cast("str", QT_TRANSLATE_NOOP("Settings", "Privacy")), PrivacyPage),
    Entry("prices", cast("str", QT_TRANSLATE_NOOP("Settings", "Prices")), PricesPage),
    Entry("about", cast("str", QT_TRANSLATE_NOOP("Settings", "About")), AboutPage),
)
