"""How long to wait before a server is tried again: longer after each failure, never all at the same moment."""

from __future__ import annotations

from random import Random

FIRST_SECONDS = 2.0
LONGEST_SECONDS = 300.0


def delay(failures: int, rng: Random) -> float:
    """Seconds to wait after `failures` (≥ 1) failures in a row: doubling from 2 s up to 5 minutes, shortened at
    random by up to half, so that many accounts that lost one server don't come back as one crowd.
    """
    longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(max(failures, 1) - 1, 16))
    return longest * rng.uniform(0.5, 1.0)
