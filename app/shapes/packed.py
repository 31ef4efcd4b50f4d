"""Logs that are kept packed with zstd, as lines read them: unpacked into memory, or beside it where they are large."""

from __future__ import annotations

from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import cast

from app.shapes.lines import Readable

_IN_MEMORY = 32 << 20


def unpacked(path: Path, *, grows: bool = False) -> Readable:
    """All frames there are, one after the other. Of a file that grows by a frame at a time the last may not be whole yet:
    what comes before it is given. Raises OSError where the data are damaged otherwise.
    """
    import zstandard  # most people have no packed log

    whole = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - whoever reads closes it
    frames = zstandard.ZstdDecompressor()
    try:
        with open(path, "rb") as packed, frames.stream_reader(packed, read_across_frames=True) as reader:
            copyfileobj(reader, whole)
    except zstandard.ZstdError as error:
        if not grows or not whole.tell():
            whole.close()
            raise OSError(f"damaged zstd data: {error}") from error
    whole.seek(0)
    return cast(Readable, whole)
