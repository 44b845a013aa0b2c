"""Which folder is Sent: by the server's word, else by name in any language, and never by guessing between two."""

from __future__ import annotations

import pytest

from inboxcrm.mailbox.errors import FolderUnclear
from inboxcrm.mailbox.folders import ListedFolder, RawFolder, settled, the_one, with_roles
from inboxcrm.mailbox.providers import folder_names
from inboxcrm.model import FolderRole


def listed(*names: str, special: dict[str, str] | None = None, delimiter: str = "/") -> list[ListedFolder]:
    attributes = {name: frozenset({f"\\{special[name].lower()}"}) for name in special} if special else {}
    raw = [RawFolder(attributes.get(name, frozenset()), delimiter, name) for name in ("INBOX", *names)]
    return with_roles(raw, folder_names())


def sent_of(folders: list[ListedFolder]) -> str | None:
    found = the_one(folders, FolderRole.SENT)
    return found.name if found else None


@pytest.mark.parametrize(
    "name",
    [
        *("Sent", "SENT", "sent items", "已发送", "已发送邮件", "寄件備份", "Envoyés", "Éléments envoyés", "Gesendet"),
        *(
            "Gesendete Objekte",
            "Enviados",
            "Elementos enviados",
            "Отправленные",
            "Posta inviata",
            "Inviata",
            "送信済み",
        ),
        *("보낸편지함", "Gönderilmiş", "Wysłane", "Verzonden items", "Skickat", "INBOX/Sent", "[Gmail]/Sent Mail"),
        *("[Google Mail]/Gesendet", "INBOX/Отправленные", "Envoye\N{COMBINING ACUTE ACCENT}s", "Sendte elementer"),
    ],
)
def test_the_sent_folder_is_known_by_its_name_in_many_languages(name: str) -> None:
    assert sent_of(listed("Archive", name, "Projects/Sent samples")) == name


def test_the_servers_own_word_goes_before_the_name() -> None:
    assert sent_of(listed("Sent", "Postausgang 2024", special={"Postausgang 2024": "Sent"})) == "Postausgang 2024"


def test_a_folder_deep_inside_another_is_not_taken_for_sent() -> None:
    assert sent_of(listed("Archive/Sent", "2019/Gesendet")) is None


def test_a_folder_that_the_server_calls_something_else_is_not_taken_for_sent() -> None:
    assert sent_of(listed("Sent", special={"Sent": "Trash"})) is None


def test_between_two_candidates_nothing_is_guessed() -> None:
    with pytest.raises(FolderUnclear, match=r"Gesendet.*Sent Items") as caught:
        the_one(listed("Gesendet", "Sent Items"), FolderRole.SENT)
    assert set(caught.value.candidates) == {"Gesendet", "Sent Items"}


def test_the_persons_word_decides() -> None:
    folders = settled(listed("Gesendet", "Sent Items", "Büro"), "Büro")
    assert sent_of(folders) == "Büro"
    assert [one.role for one in folders if one.name == "Sent Items"] == [FolderRole.OTHER]


def test_a_sent_folder_that_is_set_but_missing_is_an_error_that_lists_the_folders() -> None:
    with pytest.raises(FolderUnclear, match="Gesendet"):
        settled(listed("Gesendet"), "Sent")


def test_inbox_is_inbox_in_any_case_and_comes_first() -> None:
    folders = with_roles([RawFolder(frozenset(), "/", name) for name in ("Archive", "Inbox")], folder_names())
    assert [(one.name, one.role) for one in folders] == [("Inbox", FolderRole.INBOX), ("Archive", FolderRole.OTHER)]


def test_a_folder_that_holds_only_folders_is_not_selectable() -> None:
    [folder] = with_roles([RawFolder(frozenset({"\\noselect"}), "/", "[Gmail]")], folder_names())
    assert not folder.selectable


def test_drafts_are_known_too() -> None:
    assert the_one(listed("Entwürfe"), FolderRole.DRAFTS) == ListedFolder("Entwürfe", FolderRole.DRAFTS, True)
