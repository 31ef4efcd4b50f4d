"""The tray app as it is, which also notes in a file when it knew how many calls of today: `python -m … FILE`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from app.machine import Machine
from app.model.meters import Meters
from app.runtime import Core
from app.ui import application


class _Noted(application.TrayApp):
    target: Path

    def _show(self, meters: Meters) -> None:
        super()._show(meters)
        with self.target.open("a") as log:
            log.write(f"{time.time()} {meters.calls}\n")


def main() -> int:
    _Noted.target = Path(sys.argv[1])
    application.TrayApp = _Noted
    machine = Machine.here()
    return application.run_tray(Core(machine), machine)


if __name__ == "__main__":
    sys.exit(main())
