"""What servers say when they refuse, told apart: a wrong password must not be tried again, a busy server must."""

from __future__ import annotations

import pytest

from inboxcrm.mailbox.answers import Refusal, refusal, words_of

SEEN = (
    (Refusal.LOGIN, "[AUTHENTICATIONFAILED] Authentication failed."),  # Dovecot
    (Refusal.LOGIN, "[AUTHENTICATIONFAILED] Invalid credentials (Failure)"),  # Gmail
    (Refusal.LOGIN, "[ALERT] Application-specific password required: https://support.google.com/…"),
    (Refusal.LOGIN, "[WEBALERT https://accounts.google.com/…] Web login required."),
    (Refusal.LOGIN, "LOGIN Login error password error"),  # 163.com
    (
        Refusal.LOGIN,
        "Login fail. Account is abnormal, service is not open, password is incorrect, login frequency limited, or system is busy.",
    ),
    (Refusal.LOGIN, "LOGIN failed."),  # Exchange
    (Refusal.LOGIN, "AUTHENTICATE failed."),
    (Refusal.LOGIN, "[AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is disabled"),  # Yandex
    (Refusal.LOGIN, "[AUTHENTICATIONFAILED] Application password is REQUIRED"),  # Mail.ru
    (Refusal.BUSY, "[UNAVAILABLE] Temporary authentication failure. [host:2026-11-25 01:00:00]"),  # Dovecot
    (Refusal.BUSY, "[ALERT] Too many simultaneous connections. (Failure)"),  # Gmail
    (Refusal.BUSY, "[OVERQUOTA] Account exceeded command or bandwidth limits."),
    (Refusal.BUSY, "[LIMIT] LOGIN Rate limit hit."),  # Yahoo
    (Refusal.BUSY, "[INUSE] Mailbox in use"),
    (Refusal.BUSY, "User is authenticated but not connected."),  # Exchange, throttled
    (Refusal.BUSY, "Server Unavailable. 15"),
    (Refusal.BUSY, "[UNAVAILABLE] LOGIN internal server error sc=abc"),
    (Refusal.BUSY, "系统繁忙,请稍后再试"),
    (Refusal.UNSAFE, "EXAMINE Unsafe Login. Please contact kefu@188.com for help"),
    (Refusal.MISSING, "[NONEXISTENT] Unknown Mailbox: Foo (Failure)"),
    (Refusal.MISSING, "Mailbox doesn't exist: Foo (0.001 + 0.000 secs)."),
    (Refusal.MISSING, "[TRYCREATE] no such mailbox"),
    (Refusal.EXPUNGED, "[EXPUNGEISSUED] Some of the requested messages no longer exist"),
    (Refusal.OTHER, "[SERVERBUG] Internal error occurred."),
    (Refusal.OTHER, ""),
)


@pytest.mark.parametrize(("kind", "words"), SEEN)
def test_a_refusal_is_told_by_its_code_or_its_words(kind: Refusal, words: str) -> None:
    assert refusal(words) is kind


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (ValueError("b'[AUTHENTICATIONFAILED] no'"), "[AUTHENTICATIONFAILED] no"),
        (ValueError(b"plain bytes"), "plain bytes"),
        (ValueError("select failed: Mailbox doesn't exist"), "Mailbox doesn't exist"),
        (ValueError("密码错误".encode()), "密码错误"),
        (ValueError("密码错误".encode("gb18030")), "密码错误"),
        (ValueError(str("密码错误".encode())), "密码错误"),
        (ValueError(), ""),
    ],
)
def test_the_servers_own_words_are_taken_out_of_what_the_libraries_make_of_them(raised: Exception, words: str) -> None:
    assert words_of(raised) == words
