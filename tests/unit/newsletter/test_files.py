"""Files of newsletters: what may be put into the folder, under which name, and that nothing there is ever changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm.newsletter import files
from inboxcrm.newsletter.files import FileError
from tests.newsletters import png


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("my lamp.PNG", "my-lamp.png"),
        ("../../etc/lamp.png", "lamp.png"),
        ("C:\\Users\\li\\新 灯.png", "新-灯.png"),
        (".hidden.png", "hidden.png"),
        ("a](b){{ c }}.png", "a-b-c.png"),
        ("x" * 300 + ".png", "x" * 80 + ".png"),
    ],
)
def test_a_name_leads_nowhere_and_means_nothing_in_a_text(tmp_path: Path, given: str, kept: str) -> None:
    found = files.keep(tmp_path, given, png(), 100)
    assert found.name == kept
    assert found.path.parent == tmp_path / "newsletter"
    assert files.picture(tmp_path, kept).data == png()


def test_a_file_that_is_there_is_never_changed(tmp_path: Path) -> None:
    first = files.keep(tmp_path, "lamp.png", png(), 100)
    assert files.keep(tmp_path, "lamp.png", png(), 100).path == first.path
    second = files.keep(tmp_path, "lamp.png", png(9, 9), 100)
    assert second.name == "lamp-2.png"
    assert files.keep(tmp_path, "lamp.png", png(9, 9), 100).name == "lamp-2.png"
    assert first.read() == png()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("lamp.exe", b"MZ", "these can"),
        ("lamp.html", b"<p>", "these can"),
        ("lamp.png", b"%PDF-1.7", "isn't what its name says"),
        ("price.pdf", png(), "isn't what its name says"),
        ("lamp", png(), "ending"),
        ("", png(), "ending"),
        ("lamp.png", b"", "Choose a file"),
        ("price.pdf", b"0" * 200_000, "may carry 100 kB"),
    ],
)
def test_what_cannot_go_with_a_mail_is_refused(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    with pytest.raises(FileError, match=says):
        files.keep(tmp_path, name, data, 100)
    assert not list(tmp_path.rglob("*.*"))
