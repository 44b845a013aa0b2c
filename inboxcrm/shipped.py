"""Where the files that users edit are found: their own folder first, then what is shipped, file by file.

In a wheel the shipped `config/` and `templates/` lie inside the package; in a checkout they lie beside it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def shipped_folder(kind: str) -> Path:
    """The shipped folder `kind` ("config" or "templates").

    Raises FileNotFoundError when the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_shipped" / kind, _PACKAGE.parent / kind):
        if candidate.is_dir():
            return candidate
    msg = f"inboxcrm is not installed completely: its folder {kind!r} is missing; install it again"
    raise FileNotFoundError(msg)


def find(home: Path | None, kind: str, name: str) -> Path:
    """The file `name` (for instance "providers.toml" or "signals/en.toml"): from `home`/`kind` where the user has one, else shipped.

    Raises FileNotFoundError when neither has it.
    """
    if home is not None:
        own = home / kind / name
        if own.is_file():
            return own
    path = shipped_folder(kind) / name
    if not path.is_file():
        msg = f"there is no {kind}/{name}, neither in {home or 'your folder'} nor among the shipped files"
        raise FileNotFoundError(msg)
    return path
