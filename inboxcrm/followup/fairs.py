"""Whether something is about a fair, by its words, in the languages of the trade: the source of a customer file, a subject."""

from __future__ import annotations

import re

_FAIR = re.compile(r"(?i)\bfairs?\b|expo|messe|feria|salon|salón|fiera|feira|выставк|معرض|展|广交会|canton")


def is_fair(text: str) -> bool:
    """Whether a fair is named: "Canton Fair 2026", "广交会", "Hannover Messe"."""
    return bool(_FAIR.search(text))
