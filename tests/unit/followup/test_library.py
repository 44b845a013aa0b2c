"""Documents of the library go with mails by name; no name leads out of the folder, and together they stay under the limit."""

from __future__ import annotations

from pathlib import Path

import pytest

from inboxcrm.followup.library import DocumentError, chosen, documents, find


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "catalogue.pdf").write_bytes(b"x" * 1_500_000)
    (folder / "证书 ISO.pdf").write_bytes(b"y" * 600_000)
    (folder / ".hidden").write_text("h")
    (folder / "sub").mkdir()
    (folder / "sub" / "inner.pdf").write_text("i")
    (tmp_path / "inboxcrm.toml").write_text("secret")
    (folder / "link.pdf").symlink_to(tmp_path / "inboxcrm.toml")
    return tmp_path


def test_documents_are_the_plain_files_of_the_folder(home: Path) -> None:
    assert [one.name for one in documents(home)] == ["catalogue.pdf", "证书 ISO.pdf"]
    assert documents(home / "nowhere") == []
    assert find(home, "catalogue.pdf").type == "application/pdf"
    assert len(find(home, "证书 ISO.pdf").read()) == 600_000


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "../inboxcrm.toml",
        "sub/inner.pdf",
        "sub",
        "link.pdf",
        ".hidden",
        "/etc/passwd",
        "a\x00b",
        "nothing.pdf",
    ],
)
def test_no_name_leads_out_of_the_folder(home: Path, name: str) -> None:
    with pytest.raises(DocumentError):
        find(home, name)


def test_the_documents_of_one_mail_have_a_limit(home: Path) -> None:
    assert len(chosen(home, ["catalogue.pdf", "证书 ISO.pdf", "catalogue.pdf"], 2.2)) == 2
    with pytest.raises(DocumentError, match=r"2\.1 MB"):
        chosen(home, ["catalogue.pdf", "证书 ISO.pdf"], 2)


def test_a_document_that_is_gone_is_told(home: Path) -> None:
    document = find(home, "catalogue.pdf")
    document.path.unlink()
    with pytest.raises(DocumentError, match=r"catalogue\.pdf"):
        document.read()
