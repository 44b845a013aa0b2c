"""The new text of real replies that nobody of this project wrote: the labelled corpus, and our labels of the other one."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from inboxcrm.reading.html_text import html_to_text
from inboxcrm.reading.newtext import split
from inboxcrm.reading.read import read

ROOT = Path(__file__).parents[3]
LABELS = ROOT / "tests" / "corpus" / "new_text_labels.toml"


def folded(text: str) -> str:
    return " ".join(text.split())


def new_text_of(path: Path) -> str:
    raw = path.read_bytes()
    if path.suffix == ".eml":
        return read(raw).new_text
    text = raw.decode("utf-8")
    return split(html_to_text(text) if path.suffix == ".html" else text).new_text


def test_at_least_29_of_the_32_labelled_replies_are_right(corpora: Path) -> None:
    folder = corpora / "replies-labelled"
    wrong = [
        path.name
        for path in sorted((folder / "emails").iterdir())
        if folded(new_text_of(path)) != folded((folder / "expected" / path.name).read_text(encoding="utf-8"))
    ]
    # Three labels contradict what inboxcrm promises: two keep the quoted lines between answers, one drops a forwarded mail.
    assert set(wrong) <= {"embedded_email_7.txt", "embedded_email_17.txt", "forwarded_apple.txt"}


def test_nine_tenths_of_the_unlabelled_replies_are_right_by_our_labels(corpora: Path) -> None:
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    wrong = []
    for name, label in labels.items():
        text = folded(new_text_of(corpora / "replies-unlabelled" / name))
        if len(text) != label["length"] or hashlib.sha256(text.encode()).hexdigest() != label["sha256"]:
            wrong.append(name)
    assert len(labels) == 83
    assert len(wrong) <= len(labels) // 10, wrong
