"""What lies in a mailbox beside conversations: newsletters, sellers' pitches, private and internal mail, bounces, absence
notices, forged senders, and single mails that each show one thing that mailboxes do (content/extras.toml).
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from inboxcrm.demo.bounces import FAILURES, bounced
from inboxcrm.demo.cast import Cast, Company, Person, content, dice
from inboxcrm.demo.hours import in_working_hours, utc
from inboxcrm.demo.letters import INBOX, SENT, Envelope, Letter, build, head, name_boundaries, new_message_id
from inboxcrm.demo.papers import paper
from inboxcrm.demo.phrases import greeting_to_customer, greeting_to_lina, lina_signs_off, phrases, sign_off
from inboxcrm.demo.programs import Body, lay_out
from inboxcrm.demo.slots import date_words, new_deal

NOISE = ("list", "pitch", "private", "internal")
"""The kinds of mail that have nothing to do with customers."""
_SPREAD_DAYS = 530


def extras(cast: Cast, now: datetime, seed: int) -> list[Letter]:
    """All of it up to `now` (aware UTC), in no particular order; the same for the same arguments."""
    chance = dice("extras", seed)
    letters: list[Letter] = []
    for kind in NOISE:
        for number, entry in enumerate(content("extras.toml")[kind]):
            at = now - timedelta(days=chance.uniform(1, _SPREAD_DAYS))
            at = in_working_hours(at, cast.seller.zone, "CN", chance, always=True)
            letter = noise(cast, kind, number, entry, at)
            letters.append(letter)
            if "reply" in entry:
                letters.append(_answer(cast, letter, str(entry["reply"]), chance))
    letters += [_single(cast, number, entry, now) for number, entry in enumerate(content("extras.toml")["single"])]
    letters += [_forged(cast, number, entry, now) for number, entry in enumerate(content("extras.toml")["forged"])]
    for failure in FAILURES:
        letters += bounced(cast, failure, now, chance)
    return letters


def noise(cast: Cast, kind: str, number: int, entry: dict[str, object], at: datetime) -> Letter:
    """The mail of one entry (its `number` in the file) of the kinds "list", "pitch", "private" or "internal", at `at` (aware)."""
    lina = cast.seller.person
    text, subject = str(entry["text"]), str(entry["subject"])
    sender = cast.seller.colleagues[str(entry["from"])] if kind == "internal" else _stranger(entry["from"])
    language = _language(text)
    local = at.astimezone(ZoneInfo(cast.seller.zone))
    extra: tuple[tuple[str, str], ...] = ()
    if kind == "list":
        extra = (
            ("List-Id", f"<{sender.address.partition('@')[0]}.{sender.domain}>"),
            ("List-Unsubscribe", f"<mailto:leave@{sender.domain}>"),
            ("Precedence", "bulk"),
        )
    signature = f"{sender.name}\n{sender.title}" if kind == "internal" else "" if kind == "list" else sender.name
    program = "foxmail" if kind == "internal" else "gmail" if kind == "pitch" else "thunderbird"
    body = lay_out(program, language, text, signature, None)
    message_id = new_message_id(sender.domain, kind, number, local.isoformat())
    envelope = Envelope(sender, (lina,), local, subject, extra=extra)
    raw = build(envelope, body, message_id, cast.seller, program=program, language=language)
    return Letter(INBOX, utc(local), raw, message_id, sender, (lina,), subject, text, language, "", kind)


def _answer(cast: Cast, letter: Letter, text: str, chance: random.Random) -> Letter:
    """Lina's answer to such a mail, some hours later."""
    lina = cast.seller.person
    later = letter.at + timedelta(hours=chance.uniform(1, 4))
    local = in_working_hours(later, cast.seller.zone, "CN", chance, always=True)
    message_id = new_message_id(lina.domain, "answer", letter.message_id)
    subject = f"Re: {letter.subject.removeprefix('Re: ')}"
    envelope = Envelope(lina, (letter.sender,), local, subject, references=(letter.message_id,))
    language = _language(text)
    raw = build(envelope, Body(text, ""), message_id, cast.seller, program="foxmail", language=language)
    return Letter(SENT, utc(local), raw, message_id, lina, (letter.sender,), subject, text, language, "", letter.kind)


def _language(text: str) -> str:
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"


def absence(
    cast: Cast, company: Company, answered: Letter, at: datetime, chance: random.Random, *, back: datetime
) -> Letter:
    """The automatic reply (RFC 3834) of a customer's contact to one of Lina's mails, who is away until `back`."""
    person = answered.to[0]
    words = phrases(company.language)
    local = at.astimezone(ZoneInfo(company.zone))
    text = chance.choice(words.away).format(back=date_words(back.astimezone(local.tzinfo), company.language))
    subject = words.away_subject.format(subject=answered.subject)
    message_id = new_message_id(person.domain, "absence", answered.message_id, local.isoformat())
    envelope = Envelope(
        person,
        (cast.seller.person,),
        local,
        subject,
        references=(answered.message_id,),
        extra=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
    )
    body = lay_out(company.mail_program, company.language, text, f"{person.name}\n{company.name}", None)
    raw = build(envelope, body, message_id, cast.seller, program=company.mail_program, language=company.language)
    return Letter(
        INBOX,
        utc(local),
        raw,
        message_id,
        person,
        envelope.to,
        subject,
        text,
        company.language,
        company.key,
        "absence",
    )


def _single(cast: Cast, number: int, entry: dict[str, object], now: datetime) -> Letter:
    company = cast.company(str(entry["customer"]))
    chance = dice("single", number)
    ours = entry["by"] == "us"
    language = company.language
    zone, country = (cast.seller.zone, "CN") if ours else (company.zone, company.country)
    days = entry["days"]
    local = in_working_hours(now - timedelta(days=int(str(days))), zone, country, chance)
    lina, person = cast.seller.person, company.people[0]
    writer, to = (lina, person) if ours else (person, lina)
    copies = (cast.company(str(entry["with"])).people[0],) if "with" in entry else ()
    if ours:
        greeting = greeting_to_customer(person, language, chance, friendly=True)
        if copies:
            greeting = f"Dear {person.name.split()[0]}, dear {copies[0].name.split()[0]},"
        closing, signature = lina_signs_off(cast.seller, language, chance)
    else:
        greeting = greeting_to_lina(language, chance)
        closing, signature = sign_off(person, company, language, chance)
    text = str(entry["text"])
    program = "foxmail" if ours else company.mail_program
    body = lay_out(program, language, f"{greeting}\n\n{text}\n\n{closing}", signature, None)
    subject = str(entry["subject"])
    if "forward" in entry:
        body, text = _forwarded(body, text, entry["forward"], language, local)
    message_id = new_message_id(writer.domain, "single", number, local.isoformat())
    envelope = Envelope(writer, (to, *copies), local, subject)
    deal = new_deal(company, cast.products[company.products[0]], cast.products[company.products[1]], chance, both=False)
    files = [paper(str(entry["attach"]), deal, ours=ours, language=language)] if "attach" in entry else []
    if "calendar" in entry:
        raw = _invitation(cast, envelope, message_id, body, str(entry["calendar"]))
    else:
        raw = build(envelope, body, message_id, cast.seller, program=program, language=language, papers=files)
    return Letter(
        SENT if ours else INBOX, utc(local), raw, message_id, writer, envelope.to, subject, text, language, company.key,
        "calendar" if "calendar" in entry else "single",
    )  # fmt: skip


def _forwarded(body: Body, text: str, forward: object, language: str, local: datetime) -> tuple[Body, str]:
    """The body with a forwarded mail below, and everything that was said by it: who forwards a mail says what stands in it."""
    if not isinstance(forward, list):
        msg = f"forward: a list of name, address, subject and text is expected, not {forward!r}"
        raise TypeError(msg)
    name, address, subject, original = forward
    who, when, to, what = phrases(language).labels
    colon = ":" if language == "zh" else ": "
    lines = [
        "---------- Forwarded message ---------"
        if language != "zh"
        else "------------------ 转发邮件 ------------------",
        f"{who}{colon}{name} <{address}>",
        f"{when}{colon}{local - timedelta(hours=3):%Y-%m-%d %H:%M}",
        f"{to}{colon}undisclosed",
        f"{what}{colon}{subject}",
        "",
        original,
    ]
    return Body(body.plain + "\n\n" + "\n".join(lines), ""), f"{text}\n{original}"


def _invitation(cast: Cast, envelope: Envelope, message_id: str, body: Body, method: str) -> bytes:
    """A calendar invitation, or the answer to one (RFC 5546, RFC 6047)."""
    begins = (envelope.at + timedelta(days=3)).astimezone(UTC).replace(minute=0, second=0)
    organiser, guest = envelope.sender.address, cast.seller.person.address
    if method == "REPLY":
        organiser, guest = guest, organiser
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//demo//inboxcrm//EN",
        f"METHOD:{method}",
        "BEGIN:VEVENT",
        f"UID:{message_id}",
        f"DTSTAMP:{begins:%Y%m%dT%H%M%SZ}",
        f"DTSTART:{begins:%Y%m%dT%H%M%SZ}",
        f"DTEND:{begins + timedelta(minutes=45):%Y%m%dT%H%M%SZ}",
        f"SUMMARY:{envelope.subject.partition(': ')[2]}",
        f"ORGANIZER:mailto:{organiser}",
        f"ATTENDEE;PARTSTAT={'ACCEPTED' if method == 'REPLY' else 'NEEDS-ACTION'}:mailto:{guest}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    mail = head(envelope, message_id, cast.seller)
    mail.set_content(body.plain + "\n")
    mail.add_alternative("\r\n".join(lines) + "\r\n", subtype="calendar", params={"method": method})
    name_boundaries(mail, message_id)
    return mail.as_bytes()


def _forged(cast: Cast, number: int, entry: dict[str, object], now: datetime) -> Letter:
    company = cast.company(str(entry["customer"]))
    sender = _stranger(entry["from"])
    local = (now - timedelta(days=int(str(entry["days"])), hours=2)).astimezone(ZoneInfo(company.zone))
    message_id = new_message_id("relay-host.example", "forged", number, local.isoformat())
    text, subject = str(entry["text"]), str(entry["subject"])
    envelope = Envelope(sender, (cast.seller.person,), local, subject, verdict="fail")
    raw = build(envelope, Body(text, ""), message_id, cast.seller, program="gmail", language=company.language)
    return Letter(
        INBOX, utc(local), raw, message_id, sender, envelope.to, subject, text, company.language, company.key, "forged"
    )


def _stranger(value: object) -> Person:
    """Who a `from` entry names: a list of name and address."""
    if not isinstance(value, list):
        msg = f"from: a list of name and address is expected, not {value!r}"
        raise TypeError(msg)
    return Person(value[0], "", "", value[1], "", known=False)
