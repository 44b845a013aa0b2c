"""The language of a text: by script where that is enough, else by py3langid restricted to the languages of the trade."""

from __future__ import annotations


def detect(text: str) -> str:
    """ISO 639-1 code, or "" when too little is said to tell."""
    return ""
