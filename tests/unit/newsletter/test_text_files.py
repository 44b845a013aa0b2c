"""Texts of issues as files: what is written is read again, and what is no text is refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.newsletter.editions import Text
from inboxcrm.newsletter.text_files import TextFileError, parse, pictures_beside, read, written

LINES = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1).map(str.strip).filter(bool)


@given(st.lists(LINES, min_size=1, max_size=3), st.lists(LINES, min_size=1, max_size=5), st.sampled_from(["en", "zh"]))
def test_a_text_survives_the_editor(subjects: list[str], body: list[str], language: str) -> None:
    text = Text(language, tuple(subjects), "\n".join(body) + "\n")
    assert parse(written(text)) == text


@pytest.mark.parametrize(
    ("name", "head", "given_language", "language"),
    [
        ("spring.de.md", "", "", "de"),
        ("de.md", "", "", "de"),
        ("spring-de.html", "", "", "de"),
        ("spring.de.md", "", "fr", "fr"),
        ("spring.de.md", "Language: es\n", "fr", "es"),
    ],
)
def test_the_language_is_said_by_the_file_then_by_who_asks_then_by_the_name(
    tmp_path: Path, name: str, head: str, given_language: str, language: str
) -> None:
    path = tmp_path / name
    path.write_bytes(f"\ufeffSubject: Hello\n{head}\r\nthe text\r\n".encode())
    text = read(path, given_language)
    assert (text.language, text.subjects, text.body) == (language, ("Hello",), "the text\n")
    assert text.written_in == ("html" if name.endswith("html") else "markdown")


def test_what_is_no_text_is_refused_with_file_and_line(tmp_path: Path) -> None:
    with pytest.raises(TextFileError, match="x, line 2"):
        parse("Subject: Hello\nDear all\n\ntext", file="x", language="en")
    latin = tmp_path / "a.en.md"
    latin.write_bytes("Subject: Grüße\n\ntext".encode("latin-1"))
    with pytest.raises(TextFileError, match="UTF-8"):
        read(latin)
    with pytest.raises(TextFileError, match=r"none\.en\.md"):
        read(tmp_path / "none.en.md")


def test_the_pictures_that_a_text_shows_are_found_beside_it(tmp_path: Path) -> None:
    for name in ("valve.png", "pump.jpg", "other.png"):
        (tmp_path / name).write_bytes(b"x")
    body = '![A valve](valve.png) <img alt="a pump" src="pump.jpg"> ![far](https://x.example/a.png) ![up](../valve.png) ![](no.png)'
    assert [one.name for one in pictures_beside(tmp_path / "news.en.md", body)] == ["valve.png", "pump.jpg"]
