"""Customers answer what is really sent to them while the demo runs: a follow-up that somebody approved gets its answer.

Pure: the bytes of the sent mail and the moment come in, the answer comes out as that person's mail program writes it.
"""

from __future__ import annotations

import random
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import getaddresses
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from inboxcrm.demo.cast import Cast, Company, Person, content
from inboxcrm.demo.letters import INBOX, Envelope, Letter, build, new_message_id
from inboxcrm.demo.phrases import greeting_to_lina, sign_off
from inboxcrm.demo.programs import Quoted, lay_out, paragraphs

_PREFIX = re.compile(r"^(?:re|aw|回复|sv)\s*[::]\s*", re.IGNORECASE)


_ANSWERS_A_NEWSLETTER = 0.15
_LEAVES = 0.12
"""Of those who don't answer one."""


def answer(cast: Cast, raw: bytes, now: datetime, chance: random.Random) -> Letter | None:
    """The answer to a mail of Lina's, written at `now` (aware UTC); None when it went to nobody of the cast. Most say nothing to a
    newsletter; some leave it.
    """
    mail = message_from_bytes(raw, EmailMessage, policy=policy.default)
    found = _reader(cast, [address for _name, address in getaddresses([str(mail["To"] or "")])])
    if found is None:
        return None
    company, person = found
    if (way_out := str(mail["List-Unsubscribe"] or "")) and chance.random() > _ANSWERS_A_NEWSLETTER:
        return _leaving(cast, *found, way_out, now) if chance.random() < _LEAVES else None
    texts = content("answers.toml")
    language = company.language if company.language in texts else "en"
    said = chance.choice(texts[language])
    closing, signature = sign_off(person, company, language, chance)
    local = now.astimezone(ZoneInfo(company.zone))
    subject = f"Re: {_PREFIX.sub('', str(mail['Subject'] or ''))}"
    lina = cast.seller.person
    asked = str(mail["Message-ID"] or "").strip(" <>")
    older = [one.strip("<>") for one in str(mail["References"] or "").split()]
    text = _plain(mail)
    quoted = Quoted(
        lina.name, lina.address, person.name, person.address, local, str(mail["Subject"] or ""), text, paragraphs(text, "")
    )  # fmt: skip
    body = lay_out(
        company.mail_program, language, f"{greeting_to_lina(language, chance)}\n\n{said}\n\n{closing}", signature, quoted
    )  # fmt: skip
    message_id = new_message_id(person.domain, "answer", asked, now.isoformat())
    envelope = Envelope(person, (lina,), local, subject, references=(*older, asked))
    raw_answer = build(envelope, body, message_id, cast.seller, program=company.mail_program, language=language)
    return Letter(
        INBOX, now, raw_answer, message_id, person, (lina,), subject, said, language, company.key, "talk"
    )  # fmt: skip


def _leaving(cast: Cast, company: Company, person: Person, way_out: str, now: datetime) -> Letter | None:
    """The mail with which a program leaves for its user (RFC 2369 section 3.2); None when there is no such way."""
    ways = [urlsplit(one.strip(" <>")) for one in "".join(way_out.split()).split(",")]
    mailto = next((one for one in ways if one.scheme == "mailto"), None)
    if mailto is None:
        return None
    subject = parse_qs(mailto.query).get("subject", ["unsubscribe"])[0]
    local = now.astimezone(ZoneInfo(company.zone))
    message_id = new_message_id(person.domain, "leaving", subject, now.isoformat())
    envelope = Envelope(person, (cast.seller.person,), local, subject)
    body = lay_out(company.mail_program, "en", "unsubscribe", "", None)
    raw = build(envelope, body, message_id, cast.seller, program=company.mail_program, language="en")
    return Letter(
        INBOX, now, raw, message_id, person, envelope.to, subject, "unsubscribe", "en", company.key, "leaving"
    )  # fmt: skip


def _reader(cast: Cast, addresses: list[str]) -> tuple[Company, Person] | None:
    for company in cast.companies:
        for person in company.people:
            if person.address.lower() in {one.lower() for one in addresses}:
                return company, person
    return None


def _plain(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n").strip() if part is not None else ""
