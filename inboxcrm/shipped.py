"""Where the files that users edit are found: their own folder first, then what is shipped, file by file.

In a wheel the shipped `config/` and `templates/` lie inside the package; in a checkout they lie beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

_T = TypeVar("_T")

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


class InForce(Generic[_T]):
    """What files say that a person may edit meanwhile: read again when they change. A mistake keeps the last good version."""

    def __init__(
        self,
        paths: Callable[[], Iterable[Path]],
        read: Callable[[], _T],
        *,
        mistakes: type[Exception],
        instead: Callable[[], _T] | None = None,
    ) -> None:
        """`paths`: the files that are looked at. `read` raises one of `mistakes` for files that can't be used; `instead` is then taken
        where there is no good version yet; without it the first `get` raises.
        """
        self._paths, self._read, self._mistakes, self._instead = paths, read, mistakes, instead
        self._stamp: tuple[tuple[Path, int], ...] = ()
        self._value: _T | None = None
        self.error = ""
        """What is wrong with the files as they are now, in words; "" when they are good."""

    def problem(self) -> str:
        """What is wrong with the files as they are now, in words; "" when they are good. Raises nothing."""
        try:
            self.get()
        except self._mistakes as error:
            return str(error)
        return self.error

    def get(self) -> _T:
        """The version in force."""
        stamp = tuple((path, path.stat().st_mtime_ns) for path in self._paths())
        if self._value is None or stamp != self._stamp:
            try:
                self._value, self.error = self._read(), ""
            except self._mistakes as error:
                if self._value is None:
                    if self._instead is None:
                        raise
                    self._value = self._instead()
                self.error = str(error)
            self._stamp = stamp
        return self._value
