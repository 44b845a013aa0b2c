"""The mailbox of the demo holds what real mailboxes hold, and what it says it holds."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from inboxcrm.demo.cast import cast
from inboxcrm.demo.letters import SENT
from inboxcrm.demo.mailbox import history
from inboxcrm.reading import Automatic, BounceKind, read

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
VOUCHES = ("mx.lanting-valve.example",)


@pytest.fixture(scope="module")
def past():
    return history(cast(), NOW)


@pytest.fixture(scope="module")
def understood(past):
    return [
        (
            letter,
            read(letter.raw, received_at=letter.at, outgoing=letter.folder == SENT, authserv_ids=VOUCHES),
        )
        for letter in past.letters
    ]


def folded(text):
    return re.sub(r"\s+", " ", text).strip()


def test_the_same_moment_and_seed_give_the_same_mailbox(past):
    again = history(cast(), NOW)
    assert [one.raw for one in again.letters] == [one.raw for one in past.letters]


def test_it_holds_about_six_hundred_mails_of_eighteen_months(past):
    assert 550 <= len(past.letters) <= 800
    assert past.letters[0].at < NOW - timedelta(days=480)
    assert past.letters[-1].at > NOW - timedelta(days=3)
    assert all(NOW - timedelta(days=560) <= one.at <= NOW for one in past.letters)
    assert [one.at for one in past.letters] == sorted(one.at for one in past.letters)


def test_each_mail_has_its_own_message_id(past):
    assert max(Counter(one.message_id for one in past.letters).values()) == 1


def test_both_directions_and_eight_languages_are_there(past):
    assert Counter(one.folder for one in past.letters)[SENT] > 200
    common = [language for language, count in Counter(one.language for one in past.letters).items() if count >= 20]
    assert len(common) >= 8


def test_some_conversations_go_on(past):
    assert len(past.open) >= 8
    assert all(one.planned is not None and one.planned > NOW for one in past.open)


def test_answers_refer_to_mails_that_are_there(past):
    known = {one.message_id for one in past.letters}
    for letter in past.letters:
        answered = message_from_bytes(letter.raw, policy=default)["In-Reply-To"]
        if answered:
            assert str(answered).strip("<>") in known


def test_no_line_is_longer_than_mail_allows(past):
    assert all(len(line) <= 998 for letter in past.letters for line in letter.raw.split(b"\r\n"))


def test_all_mails_are_understood_in_their_language(understood):
    wrong = [
        (letter.subject, letter.language, reading.language)
        for letter, reading in understood
        if letter.kind != "bounce" and reading.language != letter.language
    ]
    assert len(wrong) <= len(understood) // 100, wrong


def test_what_was_said_is_in_the_new_text_and_what_was_answered_is_not(understood):
    said = {letter.message_id: folded(letter.said) for letter, _reading in understood}
    for letter, reading in understood:
        if letter.kind != "talk":
            continue
        text = folded(reading.new_text)
        for sentence in re.split(r"(?<=[.!?。]) ", said[letter.message_id]):
            assert sentence in text, letter.subject
        before = said.get(reading.in_reply_to, "")
        if len(before) > 60 and "\n> " not in reading.new_text:
            assert before not in text, letter.subject


def test_subjects_arrive_as_they_were_written(understood):
    assert [reading.subject for _letter, reading in understood] == [letter.subject for letter, _reading in understood]


def test_nobody_answers_before_being_back(understood):
    for letter, reading in understood:
        if letter.kind == "absence" and reading.back_on is not None:
            early = [
                other
                for other, _reading in understood
                if other.sender == letter.sender and other.kind == "talk" and letter.at < other.at
            ]
            assert all(other.at.date() >= reading.back_on for other in early), letter.subject


def test_machines_are_told_from_people(understood):
    expected = {
        "list": Automatic.LIST,
        "absence": Automatic.AUTO_REPLY,
        "bounce": Automatic.BOUNCE,
        "calendar": Automatic.CALENDAR,
    }
    for letter, reading in understood:
        assert reading.automatic == expected.get(letter.kind), letter.subject


def test_bounces_name_the_mail_and_the_address_that_failed(understood):
    bounces = [(letter, reading.bounce) for letter, reading in understood if letter.kind == "bounce"]
    sent = {letter.message_id: letter for letter, _reading in understood if letter.kind == "bounced"}
    assert len(bounces) == len(sent) >= 6
    for _letter, bounce in bounces:
        assert bounce is not None
        ours = sent[bounce.original_message_id]
        assert [one.address for one in bounce.recipients] == [ours.to[0].address]
    kinds = {one.kind for _letter, bounce in bounces for one in bounce.recipients}
    assert kinds == {BounceKind.HARD, BounceKind.SOFT}


def test_forged_senders_are_not_verified_and_the_others_are(understood):
    for letter, reading in understood:
        if letter.kind == "forged":
            assert reading.sender_verified is False
        elif letter.kind == "talk" and letter.folder != SENT:
            assert reading.sender_verified is True, letter.subject


def test_there_is_a_colleague_whom_the_file_does_not_know(past):
    unknown = [one for one in past.letters if one.kind == "talk" and not one.sender.known]
    assert len({one.company for one in unknown}) >= 8


def test_one_mail_goes_to_two_customers(past):
    domains = {one.domain: one.key for one in cast().companies}
    assert any(len({domains.get(person.domain) for person in one.to} - {None}) == 2 for one in past.letters)


def test_many_ways_of_encoding_and_quoting_are_there(past):
    raw = b"\n".join(one.raw for one in past.letters).lower()
    for charset in (b"gb18030", b"gb2312", b"koi8-r", b"iso-2022-jp", b"windows-1251", b"iso-8859-15", b"utf-8"):
        assert b'charset="' + charset in raw, charset
    for program in (b"foxmail", b"outlook", b"thunderbird", b"qqmail", b"apple mail", b"iphone mail", b"mail.ru"):
        assert b"x-mailer: " in raw, program
        assert program in raw, program
