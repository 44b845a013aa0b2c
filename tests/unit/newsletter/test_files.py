"""Files of newsletters: kept under harmless names in one folder, never changed, and only what mail programs show is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inboxcrm.newsletter.files import FOLDER, FileError, Shown, all_of, check_size, find, keep, picture
from tests.newsletters import png

_MOST = 1000


def test_a_picture_is_kept_and_shown(tmp_path: Path) -> None:
    kept = keep(tmp_path, "valve.png", png(), _MOST)
    assert (kept.name, kept.read()) == ("valve.png", png())
    shown = picture(tmp_path, "valve.png")
    assert (shown.type, shown.data) == ("image/png", png())
    assert [one.name for one in all_of(tmp_path)] == ["valve.png"]


def test_the_same_content_under_the_same_name_is_the_same_file(tmp_path: Path) -> None:
    assert [keep(tmp_path, "valve.png", png(), _MOST).name for _ in range(3)] == ["valve.png"] * 3


def test_other_content_under_a_name_that_is_taken_gets_a_number_and_changes_nothing(tmp_path: Path) -> None:
    names = [keep(tmp_path, "valve.png", png(width), _MOST).name for width in (4, 5, 6, 5)]
    assert names == ["valve.png", "valve-2.png", "valve-3.png", "valve-2.png"]
    assert find(tmp_path, "valve.png").read() == png(4)


def test_the_content_id_is_that_of_the_content(tmp_path: Path) -> None:
    for name, width in (("a.png", 4), ("b.png", 4), ("c.png", 5)):
        keep(tmp_path, name, png(width), _MOST)
    a, b, c = (picture(tmp_path, name).cid for name in ("a.png", "b.png", "c.png"))
    assert a == b != c


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("valve.png", b""),
        ("valve.png", b"GIF89a..."),
        ("valve.jpg", png()),
        ("valve.gif", b"<svg/>"),
        ("valve.svg", b"<svg/>"),
        ("page.html", b"<html>"),
        ("setup.exe", b"MZ"),
        ("list.pdf", png()),
        ("noending", b"x"),
        (".png", png()),
        ("", png()),
        ("..", png()),
        ("big.txt", b"x" * 1_000_001),
    ],
)
def test_what_cant_go_is_refused_and_nothing_is_kept(tmp_path: Path, name: str, data: bytes) -> None:
    with pytest.raises(FileError):
        keep(tmp_path, name, data, _MOST)
    assert all_of(tmp_path) == []


@pytest.mark.parametrize("name", ["", ".", "..", "../inboxcrm.toml", "/etc/passwd", "a/b.png", "there.png\0"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "inboxcrm.toml").write_text("secret")
    with pytest.raises(FileError):
        find(tmp_path, name)


def test_a_link_that_leads_out_of_the_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / FOLDER / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(FileError):
        find(tmp_path, "a.txt")
    assert all_of(tmp_path) == []


def test_a_picture_that_mail_programs_dont_show_is_refused(tmp_path: Path) -> None:
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "valve.webp").write_bytes(b"RIFF\0\0\0\0WEBP")
    with pytest.raises(FileError, match=r"valve\.webp"):
        picture(tmp_path, "valve.webp")


@pytest.mark.parametrize(("sizes", "good"), [([], True), ([500_000, 500_000], True), ([500_000, 500_001], False)])
def test_the_files_of_a_mail_have_a_limit_together(sizes: list[int], good: bool) -> None:
    if good:
        check_size(sizes, _MOST)
    else:
        with pytest.raises(FileError):
            check_size(sizes, _MOST)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(max_size=40), st.sampled_from([".png", ".PNG", ".pdf", ".exe", ""]))
def test_whatever_a_file_is_called_it_lies_in_the_folder_under_a_harmless_name(
    tmp_path: Path, stem: str, ending: str
) -> None:
    try:
        kept = keep(tmp_path, stem + ending, png(), _MOST)
    except FileError:
        return
    assert kept.path.parent == tmp_path / FOLDER
    assert find(tmp_path, kept.name).read() == png()
    assert not set(kept.name) & set("/\\ \"'<>(){}[]%*`|:\n\r\0")
    assert not kept.name.startswith((".", "-"))


@pytest.mark.parametrize(
    ("kind", "data", "width"),
    [
        ("image/png", png(600), 600),
        ("image/gif", b"GIF89a" + (700).to_bytes(2, "little") + b"\x01\x00", 700),
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc4\x00\x03x\xff\xc2\x00\x0b\x08\x00\x10\x03\x20\x03", 800),
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x04ab", 0),
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x00\xff\xc4", 0),
    ],
)
def test_a_picture_tells_how_wide_it_is(kind: str, data: bytes, width: int) -> None:
    assert Shown("x", data, kind, "c").width == width


@given(st.binary(max_size=200))
def test_whatever_a_jpeg_holds_its_width_is_a_number(rest: bytes) -> None:
    assert Shown("x", b"\xff\xd8\xff" + rest, "image/jpeg", "c").width >= 0
