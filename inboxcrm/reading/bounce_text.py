"""Bounces written for people: where the server's words end and the returned mail begins, and whom they say was not reached.

It reads lines as a person would: an address that stands alone or begins a line of a failure notice is a failed one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from inboxcrm.reading import addresses, headers
from inboxcrm.reading.bounce_words import DAEMONS, RETURNED
from inboxcrm.reading.headers import Header

MOST_LINES = 400
"""A notice is short; what follows is the returned mail."""
MOST_CHARACTERS = 50_000
MOST_NAMED = 500
"""Addresses of one notice."""
LONGEST_REASON = 500

_ADDRESS = r"[^\s<>()\[\],;:\"'“”«»（）【】《》、，。：；@]{1,128}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,10}"
_LEADING = re.compile(rf"^[\s>*•·+|\"'“<\[(–-]{{0,60}}(?:mailto:)?({_ADDRESS})(?=$|[\s:,;.>\"'”\])(<…])", re.MULTILINE)
_AFTER_PHRASE = re.compile(
    rf"""(?ix) (?:
      (?<![\w@.+-]) (?:
        (?:mail|message|e-?mail|delivery|undeliverable|delivered|deliver|sent|sending|send|rejected|returned|reach|addressed)\s+(?:was\s+)?(?:to|for|by)
      | delivery\ failed | unknown\ user | no\ such\ user | invalid\ final\ delivery\ userid | invalid\ (?:address|recipient)
      | rcpt\ to | recipients?(?:\ address(?:es)?)? | user(?:\ name)? | mailbox | permanent\ errors | e-?mail\ address | address(?:es)?
      | mailing\ list | account
      | адресат\w* | получател\w* | адрес\w* | empfänger | adresse | an | destinataires? | destinatari[oa]s? | endereço | dirección
      | ontvanger | geadresseerde | adres\w* | odbiorc\w+ | alıcı ) [\s:=<"'“(\[*-]{{1,12}}
    | (?:
        收件人(?:邮箱)?(?:地址)? | 收件邮箱 | 收信人 | 邮件地址 | 邮箱(?:地址)? | (?:无法|未能|不能)(?:发送|投递|送达|传递)(?:到|至|给)?
      | 发送(?:到|至|给) | 投递(?:到|至|给)? | 发给 | 寄往 | 宛先 | 送信先 | 受信者 | 받는\ 사람 | 수신자 ) [\s:：=<"'“(（【\[*-]{{0,12}}
    ) (?:mailto:)? ({_ADDRESS})"""
)
_NOT_A_MEMBER = re.compile(rf"(?i)not a member of this mailing list[\s<:]{{1,4}}({_ADDRESS})")
_AFTER_CODE = re.compile(rf"^\W{{0,8}}[45]\d\d[ -](?:[245]\.\d{{1,3}}\.\d{{1,3}}\s)?<?({_ADDRESS})", re.MULTILINE)
_CODE_BEFORE = re.compile(r"[45]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?(?=[ <\"']*$)")
_RULE = re.compile(r"\s*[-=_*~#]{4,}\s*")
_EXPANDED = re.compile(rf"\(expanded from:\s*<?({_ADDRESS})>?\)")
_ANY = re.compile(_ADDRESS)
_CONTACT = re.compile(
    r"(?i)(?:contact|mail to|write to|help|questions?|support|assistance|administrator|report|from|sender|wrote|kontakt\w*|contactez|absender|发件人|寄件人|отправител\w*)\W*$"
)
_RETURNED_FIELD = re.compile(
    r"(?mi)^(?:return-path|received|dkim-signature|message-id|mime-version|x-[a-z0-9-]+|authentication-results|delivered-to)[ \t]*:"
)
_ANY_FIELD = re.compile(
    r"(?mi)^[ \t>]{0,8}(?=(?:return-path|received|from|to|cc|date|subject|message-id|reply-to|mime-version|content-type|x-[a-z0-9-]+)[ \t]*:)"
)


@dataclass(frozen=True, slots=True)
class Named:
    """An address that a notice says was not reached, and the words about it."""

    address: str
    reason: str


def parted(text: str) -> tuple[str, str]:
    """The server's words and, where the returned mail stands in the same text, that mail."""
    position = 0
    for number, line in enumerate(text[:MOST_CHARACTERS].split("\n")):
        if number and len(line) < 140 and RETURNED.match(line) and _ANY_FIELD.search(text, position, position + 3000):
            return text[:position], text[position + len(line) :]
        if number > 1 and _RETURNED_FIELD.match(line):
            return text[:position], text[position:]
        position += len(line) + 1
        if number >= MOST_LINES:
            return text[:position], text[position:]
    return text[:MOST_CHARACTERS], text[MOST_CHARACTERS:]


def returned_header(text: str) -> Header:
    """The header of the returned mail out of the text behind `parted`'s cut."""
    start = _ANY_FIELD.search(text)
    if start is None:
        return Header(())
    lines = text[start.end() : start.end() + 20_000].split("\n")
    # Some servers indent what they return.
    indent = len(start[0])
    body = "\n".join(line[indent:] if line[:indent] == start[0] else line for line in lines)
    return headers.split(body.encode("utf-8", "replace"))[0]


def named(notice: str, own: frozenset[str]) -> list[Named]:
    """Whom a notice names as not reached, the surest way of naming first found.

    `own` are the addresses of the sender in the form of `addresses.normal`; they count only when no other is named.
    """
    if refused := _unique(notice, list(_NOT_A_MEMBER.finditer(notice))):
        return refused
    leading = _unique(notice, [found for found in _LEADING.finditer(notice) if not _is_contact(notice, found)])
    phrases = _unique(notice, [*_AFTER_CODE.finditer(notice), *_AFTER_PHRASE.finditer(notice)])
    anywhere = _unique(notice, list(_ANY.finditer(notice)))
    for choice in (leading, phrases):
        if others := [one for one in choice if addresses.normal(one.address) not in own]:
            return others
    if others := [one for one in anywhere if addresses.normal(one.address) not in own and not _is_system(one.address)]:
        return others
    return next(
        (choice for choice in (leading, phrases) if choice and not all(_is_system(one.address) for one in choice)), []
    )


def expanded_from(notice: str) -> list[str]:
    """The addresses that we wrote to, where sendmail says from which it made the ones that failed."""
    return list(dict.fromkeys(_EXPANDED.findall(notice)))


def reason_about(notice: str, address: str) -> str:
    """The words of a notice about one address, or its first words where it doesn't name it."""
    position = notice.lower().find(address.lower())
    return _reason(notice, max(position, 0), max(position, 0) + len(address) if position >= 0 else 0)


def _unique(notice: str, found: list[re.Match[str]]) -> list[Named]:
    """Each address once, with the words from where the notice first names it up to where it names another one."""
    ordered = sorted(found, key=lambda match: match.start(match.lastindex or 0))[:MOST_NAMED]
    written = {
        addresses.normal(one): one for match in reversed(ordered) if (one := match[match.lastindex or 0].strip(".'"))
    }
    mentions = [
        (match.start(), key)
        for match in _ANY.finditer(notice)
        if (key := addresses.normal(match[0].strip(".'"))) in written
    ]
    result: dict[str, Named] = {}
    for index, (start, key) in enumerate(mentions):
        if key not in result:
            until = next(
                (place for place, other in islice(mentions, index + 1, index + 20) if other != key), len(notice)
            )
            result[key] = Named(written[key], _reason(notice, start, start + len(written[key]), until))
    return list(result.values())


def _reason(notice: str, start: int, end: int, until: int | None = None) -> str:
    """What is said after an address, up to the next one; from the code before it ("554 <a@b>…"); before it when nothing comes after."""
    line_start = notice.rfind("\n", 0, start) + 1
    code = _CODE_BEFORE.search(notice[max(line_start, start - 60) : start])
    after = notice[end : min(until if until is not None else len(notice), end + 3 * LONGEST_REASON)]
    words = " ".join(after.split()).lstrip(">\"')]:,;. *")
    if not any(character.isalpha() for character in words):
        words = " ".join(notice[max(0, start - LONGEST_REASON) : start].split())[-200:]
    words = _RULE.sub(" ", f"{code[0]} {words}" if code else words).strip()
    return words[:LONGEST_REASON].rstrip(" <\"'([")


def _is_contact(notice: str, found: re.Match[str]) -> bool:
    """Whether the words before an address that begins a line say whom to ask, or who wrote."""
    before = notice[max(0, found.start(1) - 80) : found.start(1)].rstrip(" \n\t<\"'(")
    return "\n\n" not in notice[max(0, found.start(1) - 6) : found.start(1)] and _CONTACT.search(before) is not None


def _is_system(address: str) -> bool:
    local = address.partition("@")[0].lower()
    return local in DAEMONS or local in ("support", "abuse", "help", "helpdesk", "noreply", "no-reply", "admin")
