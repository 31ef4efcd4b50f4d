"""On what kind of file system a folder lies."""

from __future__ import annotations

import os
from pathlib import Path

_REMOTE = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "vboxsf", "virtiofs", "afpfs", "webdav"}


def is_remote(root: Path, mounts: str = "/proc/self/mountinfo") -> bool:
    """Does the folder lie on a file system that sends no notices of what others write, and on which locks are a matter of
    luck? Only Linux tells; on Windows a share has a name of its own.
    """
    path = os.path.realpath(root)
    if path.startswith("\\\\"):
        return True
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    best, kind = "", ""
    for line in lines:
        mount, _, rest = line.partition(" - ")
        fields = mount.split()
        point = fields[4].replace("\\040", " ") if len(fields) > 4 else ""
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, rest.split()[0] if rest.split() else ""
    return kind in _REMOTE or kind.startswith("fuse.")
