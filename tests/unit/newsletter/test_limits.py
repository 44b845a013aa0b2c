"""What refusals mean: those about an address cost that address, those about the account stop the issue."""

from __future__ import annotations

import pytest

from inboxcrm.newsletter.limits import Meaning, examples, meaning_of


@pytest.mark.parametrize(("meaning", "answer"), examples())
def test_every_sign_is_found_in_its_example(meaning: Meaning, answer: str) -> None:
    code, _space, words = answer.partition(" ")
    assert meaning_of(int(code), words, at_recipient=False) is meaning


@pytest.mark.parametrize(
    "answer",
    [
        "550 5.1.1 User unknown",
        "550 No such user here",
        "450 4.2.0 Greylisted, see http://postgrey.example",
        "450 4.7.1 <a@b.example>: Recipient address rejected: Greylisting in action, please come back later",
        "451 4.7.1 Greylisting in action",
        "452 4.2.2 The mailbox of the recipient is over quota",
        "552 5.2.2 Mailbox full",
        "550 5.7.1 relaying denied",
        "550 5.7.1 Access denied by the recipient's policy",
        "421 4.3.2 shutting down",
        "451 4.3.0 try again later",
        "554 5.1.2 bad destination domain",
        "450 4.2.1 The recipient is receiving too many messages",
    ],
)
def test_what_is_said_of_an_address_stops_nothing(answer: str) -> None:
    code, _space, words = answer.partition(" ")
    assert meaning_of(int(code), words, at_recipient=True) is Meaning.RECIPIENT


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        ("450 4.7.0 Too many requests", Meaning.RATE),
        ("421 4.7.28 Our system has detected an unusual rate of mail", Meaning.RATE),
        ("550 5.4.5 Daily user sending quota exceeded", Meaning.DAY),
        ("452 4.5.3 Your message has too many recipients", Meaning.RATE),
        ("550 5.7.1 You have reached your hourly sending limit", Meaning.RATE),
        ("421 Too many messages in this session", Meaning.RATE),
        ("550 5.7.1 Our system has detected that this message is likely unsolicited mail", Meaning.BLOCKED),
        ("550 Mail content denied", Meaning.BLOCKED),
        ("451 MI:SFQ 发送频率过高", Meaning.RATE),
    ],
)
def test_what_is_said_of_the_account_stops_the_issue(answer: str, meaning: Meaning) -> None:
    code, _space, words = answer.partition(" ")
    assert meaning_of(int(code), words, at_recipient=False) is meaning


@pytest.mark.parametrize("at_recipient", [True, False])
@pytest.mark.parametrize(
    "answer",
    [
        "450 4.7.1 Recipient rate limit exceeded",
        "451 4.7.1 Recipient address rejected: rate limit exceeded, sender throttled",
        "550 5.7.1 Quota exceeded",
        "550 5.7.1 Limits of this account",
        "450 4.7.1 <a@b.example>: Recipient address rejected: sender hourly quota exceeded",
        "421 4.7.0 try later",
        "452 4.5.3 Too many recipients",
        "550 5.5.3 Too many recipients",
    ],
)
def test_limits_are_the_accounts_at_whatever_step_they_are_told(answer: str, at_recipient: bool) -> None:
    code, _space, words = answer.partition(" ")
    assert meaning_of(int(code), words, at_recipient=at_recipient) is Meaning.RATE


def test_an_address_out_of_use_blocks_nothing_even_if_told_after_the_mail() -> None:
    words = "5.2.1 The email account that you tried to reach is disabled"
    assert meaning_of(550, words, at_recipient=False) is Meaning.RECIPIENT
