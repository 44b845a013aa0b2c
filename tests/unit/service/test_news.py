"""News for a worker: told often, looked into once; nothing told is lost, and nobody waits after the end."""

from __future__ import annotations

import threading

from inboxcrm.service.news import Inbox, News


def test_news_is_gathered_until_it_is_taken() -> None:
    inbox = Inbox()
    inbox.tell(News(frozenset({"INBOX"})))
    inbox.tell(News(frozenset({"Sent"})))
    inbox.tell(News(texts=True))

    assert inbox.waiting
    assert inbox.take(0) == News(frozenset({"INBOX", "Sent"}), texts=True)
    assert not inbox.waiting
    assert not inbox.take(0)


def test_who_waits_is_woken_by_news_and_by_the_end() -> None:
    inbox = Inbox()
    taken: list[News] = []
    thread = threading.Thread(target=lambda: taken.extend((inbox.take(30), inbox.take(30))))
    thread.start()
    inbox.tell(News(again=True))
    while not taken and thread.is_alive() and inbox.waiting:
        pass
    inbox.close()
    thread.join(30)

    assert not thread.is_alive()
    assert taken == [News(again=True), News()]
    assert inbox.closed
