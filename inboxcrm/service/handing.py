"""Mails of newsletters handed to the outgoing server, over one connection or several at once, and what its answers mean.

It sends each mail once and decides nothing about the issue; it touches no database. What a crash must not forget it notes in the file
of the mails in hand.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import structlog

from inboxcrm.mailbox.errors import MailboxError
from inboxcrm.mailbox.submission import NotSent, Refused, Submission, Unsure
from inboxcrm.newsletter.limits import Meaning, meaning_of
from inboxcrm.newsletter.outbox import Fate, Outcome, gave_up, pause_after
from inboxcrm.service.in_hand import InHand
from inboxcrm.service.lines import Lines
from inboxcrm.settings import Sending

log = structlog.get_logger(__name__)

_NOBODY_THERE = re.compile(
    r"\b5\.1\.(?:1|2|3|6|10)\b|no such (user|mailbox|recipient|address)|(user|recipient|mailbox|address) (unknown|not found)"
    r"|unknown (user|recipient|mailbox)|does(n.t| not) exist",
    re.IGNORECASE,
)
"""Answers to an address, refused for good, after which no further mail should be tried there."""
_NO_SUCH_ADDRESS = re.compile(
    r"\b5\.1\.(?!8\b)\d+\b|no such|unknown|does(n.t| not) exist|invalid (recipient|mailbox)", re.IGNORECASE
)
_CLOSING = 421
"""The answer of a server that closes the connection, whatever it was asked (RFC 5321, 3.8)."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail ready to go to one recipient; `domain`: of his address; `attempts`: how often it was tried before."""

    recipient_id: int
    envelope_from: str
    to: str
    data: bytes
    domain: str
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a mail, and what the answer `means` for the account. `counts_against`: a refusal for good that may be no fault of
    the address; `trouble`: put off, and by nothing that was said of the address.
    """

    outcome: Outcome
    means: Meaning = Meaning.RECIPIENT
    counts_against: bool = False
    trouble: bool = False


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of some mails: the `answered` ones in the order of the answers, and those that were not begun."""

    answered: list[Answered]
    untouched: list[Mail]


class Connections:
    """Some connections of one account. It belongs to one thread; `close` it."""

    def __init__(self, lines: Sequence[Lines], rules: Sending, in_hand: InHand) -> None:
        """Opens nothing yet."""
        self._lines, self._rules, self._in_hand = tuple(lines), rules, in_hand
        self._threads = ThreadPoolExecutor(len(lines), thread_name_prefix="newsletter") if len(lines) > 1 else None

    def __len__(self) -> int:
        return len(self._lines)

    def open(self, most: int) -> list[tuple[Lines, Submission]]:
        """Up to `most` connections over which mails can go. Raises MailboxError when there is none."""
        found, failed = [], None
        for line in self._lines[:most]:
            try:
                found.append((line, line.submission()))
            except MailboxError as error:
                failed = error
        if not found and failed is not None:
            raise failed
        return found

    def hand_over(
        self,
        connections: Sequence[tuple[Lines, Submission]],
        mails: Sequence[Mail],
        now: datetime,
        stopped: Callable[[], bool] = lambda: False,
    ) -> Handed:
        """Sends the mails over all of the connections, one after the other over each, and waits for every answer. From the first mail
        on that isn't taken, or when it is `stopped`, no further one is begun: what it means comes first.
        """
        waiting = deque(mails)
        answered: list[Answered] = []
        halted = threading.Event()

        def work(line: Lines, submission: Submission) -> None:
            while not halted.is_set() and not stopped():
                try:
                    mail = waiting.popleft()
                except IndexError:
                    return
                one = self._send(line, submission, mail, now)
                self._in_hand.answered(one.outcome)
                answered.append(one)
                if one.outcome.fate is not Fate.SENT:
                    halted.set()

        busy = connections[: len(mails)]
        if self._threads is None or len(busy) == 1:
            work(*busy[0])
        else:
            jobs = [self._threads.submit(copy_context().run, partial(work, *one)) for one in busy]
            for job in jobs:
                job.result()
        return Handed(answered, list(waiting))

    def close(self) -> None:
        """Closes everything."""
        if self._threads is not None:
            self._threads.shutdown(wait=True)
        for line in self._lines:
            line.close()

    def again(self) -> None:
        """A person asks to try again what was given up."""
        for line in self._lines:
            line.again()

    def rest(self) -> None:
        """Closes what has not been used for a while."""
        for line in self._lines:
            line.rest()

    def _send(self, line: Lines, submission: Submission, mail: Mail, now: datetime) -> Answered:
        try:
            words = submission.send(
                mail.envelope_from, [mail.to], mail.data, lambda: self._in_hand.ending(mail.recipient_id)
            ).words
        except Refused as error:
            line.sent()
            return refused(mail, error, self._rules, now)
        except NotSent as error:
            line.submission_broke(error)
            return Answered(_put_off(mail, str(error), self._rules, now), trouble=True)
        except Unsure as error:
            line.submission_broke(error)
            return Answered(Outcome(mail.recipient_id, Fate.UNSURE, str(error)))
        except OSError as error:  # the file of the mails in hand can't be written: the mail was not brought to its end
            log.warning("the file of the mails in hand can't be written", error=str(error), action="nothing is sent")
            line.submission_broke(NotSent(str(error)))
            return Answered(Outcome(mail.recipient_id, Fate.SPARED, str(error), now))
        except Exception as error:  # a mistake of ours: whether the mail went, only Sent can tell
            log.exception("a mistake in inboxcrm", recipient=mail.recipient_id, action="Sent is asked")
            return Answered(Outcome(mail.recipient_id, Fate.UNSURE, repr(error)))
        line.sent()
        return Answered(Outcome(mail.recipient_id, Fate.SENT, words))


def refused(mail: Mail, error: Refused, rules: Sending, now: datetime) -> Answered:
    """What a refusal means. What is said against the account costs the recipient nothing: his mail stays queued."""
    at_recipient = bool(error.recipients)
    meaning = meaning_of(error.code, error.words, at_recipient=at_recipient) if error.code else Meaning.RECIPIENT
    if meaning is Meaning.RECIPIENT and error.permanent and (error.of_sender or not (error.code or at_recipient)):
        meaning = Meaning.BLOCKED  # neither the sender nor the size of the mail is another for the next recipient
    if meaning is not Meaning.RECIPIENT:
        return Answered(Outcome(mail.recipient_id, Fate.SPARED, str(error), now), meaning)
    if error.permanent:
        doubtful = error.code > 0 and not (at_recipient and _NO_SUCH_ADDRESS.search(error.words))
        nobody = at_recipient and _NOBODY_THERE.search(error.words) is not None
        return Answered(
            Outcome(mail.recipient_id, Fate.REFUSED, str(error), nobody_there=nobody), counts_against=doubtful
        )
    trouble = not at_recipient or error.code == _CLOSING
    return Answered(_put_off(mail, str(error), rules, now), trouble=trouble)


def _put_off(mail: Mail, words: str, rules: Sending, now: datetime) -> Outcome:
    attempts = mail.attempts + 1
    if attempts >= rules.attempts:
        due_at = now + timedelta(seconds=rules.longest_retry_seconds)
        return Outcome(mail.recipient_id, Fate.REFUSED, gave_up(words, attempts), due_at)
    pause: timedelta = pause_after(attempts, rules.first_retry_seconds, rules.longest_retry_seconds)
    return Outcome(mail.recipient_id, Fate.AGAIN, words, now + pause)
