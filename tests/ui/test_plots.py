"""pyqtgraph without its copies of Qt."""

from __future__ import annotations

import subprocess
import sys

from PySide6 import QtCore, QtWidgets
from pytestqt.qtbot import QtBot

from app.ui.widgets.plots import pg
from tests.ui.desk import ROOT


def test_qt_is_asked_only_for_what_is_wanted() -> None:
    """A fresh process: some names of Qt in pyqtgraph's modules, not all of them; and Qt's own list is whole again."""
    code = (
        "import sys, app.ui.widgets.plots as plots; from PySide6 import QtWidgets;"
        "copy = sys.modules['pyqtgraph.Qt.QtWidgets'];"
        "print(len(vars(copy)), len(dir(QtWidgets)), copy.QPushButton is QtWidgets.QPushButton)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    copied, named, same = done.stdout.split()
    assert int(copied) < 30 and int(named) > 150 and same == "True"


def test_the_rest_of_it_works(qtbot: QtBot) -> None:
    """A line with its axes, as anybody would plot it."""
    plot = pg.PlotWidget(title="calls")
    qtbot.addWidget(plot)
    plot.plot([1, 4, 9], pen="r")
    plot.resize(300, 200)
    assert not plot.grab().isNull()
    assert isinstance(plot, QtWidgets.QGraphicsView)
    assert pg.QtCore.QPointF is QtCore.QPointF
