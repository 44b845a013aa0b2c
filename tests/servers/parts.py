"""Parts of the machine that a test needs (Dovecot, PostgreSQL, Chromium, the mail corpora): found, or missed aloud.

A missing part skips the test and says how to get it; with CI=true it fails, so that nothing is skipped unseen there.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest


def missing(part: str, remedy: str) -> NoReturn:
    """Skips the test, or fails it with CI=true: `part` isn't here, and `remedy` says what to do."""
    message = f"{part} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def program(name: str, package: str, *folders: Path) -> Path:
    """The program `name` from PATH, /usr/sbin or `folders`; `package` is the Debian package that brings it."""
    places = os.pathsep.join([*map(str, folders), os.environ.get("PATH", ""), "/usr/sbin"])
    found = shutil.which(name, path=places)
    return Path(found) if found else missing(name, f"apt-get install {package}")
