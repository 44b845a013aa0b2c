"""What SQLite and PostgreSQL must do alike: search, import, exactly once; and two writers at the same time."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from inboxcrm.customers.importing import import_customers
from inboxcrm.journal.search import search
from inboxcrm.model import Location, LogEntry, Message, SearchDocument, Thread, ThreadLink
from inboxcrm.model.database import looking, writing
from tests.cast import ANNA, BY_LINA, CARLOS, LINA, NOW, UNKNOWN, Office, conversations, mail, truth

TEXTS = {
    "zh": "您好，请报价不锈钢球阀DN25，数量500件。",
    "zh2": "阀门价格太贵，交期30天",
    "de": "Größe DN 25, Straße, Möbel für Zürich",
    "fr": "Élodie préfère le café naïve, réf. PO-2025/001",
    "ru": "Прошу выслать цену на шаровой кран, ёлка",
    "ar": "نحتاج عَرْض سعر صمام بكمية ٥٠٠ قطعة مدرسة",
    "ko": "볼 밸브 가격을 알려주세요",
    "ja": "ボールバルブの見積もりをお願いします",
    "th": "ขอราคาบอลวาล์ว",
    "hi": "कृपया कीमत भेजें",
    "tr": "İstanbul'da ışık, Şişli",
    "el": "Αθήνα τιμή βαλβίδα",
    "codes": "Art. 304/316L 60x60 40W 1e5 0x1F -12.5% 2026-03-31 a_b c++ www.acme.com/x?y=1 anna@acme.com 10.5mm 3D",
    "odd": 'it\'s "quoted" & (bracketed) | piped ! <b>tag</b> :* -> ~ \\ NEAR AND OR NOT',
}

QUESTIONS = {
    "球阀": {"zh"},
    "报价": {"zh"},
    "不锈钢球阀": {"zh"},
    "锈球": set(),
    "阀": {"zh", "zh2"},
    "价格 交期": {"zh2"},
    "价": {"zh", "zh2"},
    "DN25": {"zh"},
    "dn": {"zh", "de"},
    "grosse": {"de"},
    "STRASSE": {"de"},
    "mobel zurich": {"de"},
    "zür": {"de"},
    "elodie prefere": {"fr"},
    "PO-2025/001": {"fr"},
    "po 001": {"fr"},
    "кран ЕЛКА": {"ru"},
    "цен": {"ru"},
    "عرض سعر": {"ar"},
    "500": {"zh", "ar"},
    "مدرسه": {"ar"},
    "가격": {"ko"},
    "밸브": {"ko"},
    "バルブ": {"ja"},
    "見積": {"ja"},
    "ราคา": {"th"},
    "कीमत": {"hi"},
    "isik sisli": {"tr"},
    "istanbul": {"tr"},
    "αθηνα ΤΙΜΗ": {"el"},
    "316L": {"codes"},
    "60x60": {"codes"},
    "40w": {"codes"},
    "1e5": {"codes"},
    "0x1f": {"codes"},
    "2026-03-31": {"codes"},
    "12.5": {"codes"},
    "anna@acme.com": {"codes"},
    "www.acme.com": {"codes"},
    "10.5mm": {"codes"},
    "3d": {"codes"},
    "quoted bracketed": {"odd"},
    "near and or not": {"odd"},
    "\"it's": {"odd"},
    ":* & |": set(),
    "a' OR 1=1 --": set(),
}


@pytest.fixture
def office(either_engine: Engine) -> Office:
    return Office(either_engine)


def test_a_question_finds_the_same_on_both_databases(office: Office) -> None:
    office.customer()
    office.take(*[mail(ANNA, subject=name, text=text) for name, text in TEXTS.items()])
    with looking(office.engine) as session:
        found = {asked: {hit.line.subject for hit in search(session, asked).entries} for asked in QUESTIONS}
    assert found == QUESTIONS


def test_hits_come_newest_first_with_the_place_in_the_text(office: Office) -> None:
    office.customer()
    office.take(
        *[
            mail(ANNA, text="word " * 100 + "the valve itself " + "word " * 100, at=NOW - timedelta(days=day))
            for day in (3, 1, 2)
        ]
    )
    with looking(office.engine) as session:
        hits = search(session, "valve", limit=2).entries
    assert [hit.line.at for hit in hits] == [NOW - timedelta(days=1), NOW - timedelta(days=2)]
    assert "the valve itself" in hits[0].snippet


def test_a_list_is_imported_alike(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(
        "company,domain,country,emails,tags\n"
        + "".join(f"Company {n},c{n}.com,DE,a@c{n}.com;b@c{n}.com,x\n" for n in range(700))
    )
    office.take(mail("b@c5.com"), mail("z@c6.com"))
    for created in (700, 0):
        with writing(office.engine) as session:
            report = import_customers(session, path, BY_LINA)
        assert (report.created, report.problems) == (created, [])
    with looking(office.engine) as session:
        assert session.scalar(select(func.count()).select_from(LogEntry)) == 2
        assert [hit.name for hit in search(session, "company 699").customers] == ["Company 699"]


def test_threads_are_merged_and_late_customers_found_alike(office: Office) -> None:
    office.customer()
    one = mail(UNKNOWN, subject="One", message_id="thread-1@x.test")
    two = mail("b@elsewhere.com", subject="Two", message_id="thread-2@x.test")
    office.take(one, two)
    office.take(
        mail(ANNA, subject="Both", references=["thread-1@x.test", "thread-2@x.test"], message_id="thread-3@x.test")
    )
    with looking(office.engine) as session:
        assert truth(session) == {(f"thread-{number}@x.test", "Nordlicht") for number in (1, 2, 3)}
        assert len(conversations(session)) == 1
        assert session.scalar(select(func.count()).select_from(Thread)) == 1


def test_two_writers_with_the_same_mails_store_each_once(office: Office) -> None:
    office.customer()
    office.customer("Andina", [CARLOS])
    mails = [mail(ANNA if number % 2 else UNKNOWN, subject=str(number)) for number in range(40)]
    mails += [mail(LINA, [ANNA, CARLOS], subject=f"Re: {one.subject}", answers=one.message_id) for one in mails]
    for folder in ("INBOX", "Archive"):
        office.folder(folder)
    failures: list[BaseException] = []

    def work(folder: str, order: int) -> None:
        try:
            for start in range(0, len(mails), 8):
                office.take(*mails[::order][start : start + 8], folder=folder)
        except BaseException as error:  # noqa: BLE001  a thread's error must reach the test
            failures.append(error)

    threads = [threading.Thread(target=work, args=place) for place in (("INBOX", 1), ("Archive", -1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with looking(office.engine) as session:
        numbers = {
            table.__tablename__: session.scalar(select(func.count()).select_from(table))
            for table in (Message, Location, LogEntry, SearchDocument, ThreadLink)
        }
        assert len(conversations(session)) == 40
    assert numbers == {"message": 80, "location": 160, "log_entry": 140, "search_document": 140, "thread_link": 80}
