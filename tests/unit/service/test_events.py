"""The news board: who subscribed sees everything since then, in order, from any thread or loop."""

from __future__ import annotations

import asyncio
import threading

from inboxcrm.service.events import Events, Topic


def test_a_reader_sees_what_is_published_after_it_came_and_nothing_before() -> None:
    board = Events()
    board.publish(Topic.MAIL, {"new": 1})
    with board.subscribe() as reader:
        board.publish(Topic.MAIL, {"new": 2})
        board.publish(Topic.ACCOUNT, {"account": "a@b.example"})

        assert [(event.topic, dict(event.data)) for event in reader.waiting()] == [
            ("mail", {"new": 2}),
            ("account", {"account": "a@b.example"}),
        ]
        assert reader.get(timeout=0) is None


def test_a_reader_that_cannot_follow_loses_the_oldest_and_is_told() -> None:
    board = Events()
    with board.subscribe() as reader:
        for number in range(1000):
            board.publish(Topic.MAIL, {"new": number})

        first, *others = reader.waiting()

    assert first.missed
    assert not any(event.missed for event in others)
    assert others[-1].data == {"new": 999}


def test_a_waiting_thread_is_woken_by_news() -> None:
    board = Events()
    seen: list[object] = []
    with board.subscribe() as reader:
        thread = threading.Thread(target=lambda: seen.append(reader.get(timeout=30)))
        thread.start()
        board.publish(Topic.HISTORY, {"left": 7})
        thread.join(timeout=30)

    assert [event.data for event in seen] == [{"left": 7}]  # type: ignore[attr-defined]


def test_closing_the_board_releases_threads_and_loops() -> None:
    board = Events()
    thread_reader = board.subscribe()
    thread = threading.Thread(target=thread_reader.get)
    thread.start()

    async def follow() -> list[object]:
        reader = board.subscribe()
        seen = []
        async for event in reader:
            seen.append(event.data)
            threading.Thread(target=board.close).start()
        return seen

    async def told() -> list[object]:
        task = asyncio.create_task(follow())
        await asyncio.sleep(0)
        await asyncio.to_thread(board.publish, Topic.MAIL, {"new": 1})
        return await asyncio.wait_for(task, 30)

    assert asyncio.run(told()) == [{"new": 1}]
    thread.join(timeout=30)
    assert not thread.is_alive()
    assert board.subscribe().get() is None


def test_a_reader_whose_loop_has_ended_does_not_disturb_the_publisher() -> None:
    board = Events()
    reader = board.subscribe()

    async def leave() -> None:
        aiter(reader)

    asyncio.run(leave())
    board.publish(Topic.MAIL)
