"""The long proof that nobody gets an issue twice and nobody is forgotten: 10,000 recipients, kill -9 at 50 random moments, counted at
the outgoing server. The tests do the same with fewer; this takes four minutes.

`python -m bench.newsletter_kills [RECIPIENTS [KILLS]]`
"""

from __future__ import annotations

import os
import subprocess
import sys

from bench.stage import PROJECT

_RECIPIENTS, _KILLS = "10000", "50"
_TEST = "tests/integration/newsletter/test_killed_mailing.py::test_killed_again_and_again_everybody_gets_it_once"


def main() -> int:
    """Runs it over one connection and over four, and shows what became of the mails."""
    recipients, kills = [*sys.argv[1:3], *(_RECIPIENTS, _KILLS)[len(sys.argv) - 1 :]]
    return subprocess.call(
        [sys.executable, "-m", "pytest", "-q", "-rP", "-k", "1-False or 4-False", _TEST],
        cwd=PROJECT,
        env={**os.environ, "TEST_RECIPIENTS": recipients, "TEST_KILLS": kills},
    )


if __name__ == "__main__":
    sys.exit(main())
