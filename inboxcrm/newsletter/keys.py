"""The key that signs the ways out of newsletters: made once for a home folder, kept in a file that only its owner may read.

It is not the key of the pages, which a person may throw away to end all sessions: links in mails that went out must work for years.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE_NAME = "leaving.key"
_BYTES = 32


def leaving_key(home: Path) -> bytes:
    """The key of this home folder, made when it is missing. Raises OSError when the folder can't be written."""
    path = home / FILE_NAME
    while True:
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            key = b""
        if len(key) >= _BYTES:
            return key
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_name(f"{FILE_NAME}.{secrets.token_hex(4)}")
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        try:
            os.link(unfinished, path)  # two that begin at once agree on one key
        except FileExistsError:
            pass
        finally:
            unfinished.unlink()
