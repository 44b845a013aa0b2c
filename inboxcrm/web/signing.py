"""The key that signs cookies: made once for a home folder, kept in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FILE_NAME = "web.key"
_BYTES = 32


def signing_key(home: Path) -> bytes:
    """The key of this home folder, made when it is missing. Removing the file ends every session.

    Raises OSError when the folder can't be written.
    """
    path = home / FILE_NAME
    try:
        key = path.read_bytes()
    except FileNotFoundError:
        key = b""
    if len(key) >= _BYTES:
        return key
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    key = secrets.token_bytes(_BYTES)
    unfinished = path.with_name(f"{FILE_NAME}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
    unfinished.replace(path)
    return key
