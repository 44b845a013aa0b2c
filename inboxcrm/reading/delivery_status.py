"""Machine-readable bounces: the fields of a delivery report (RFC 3464) and of the few services that have their own.

One outcome a recipient, as the report says it; it decides neither what is a bounce nor how hard it is.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inboxcrm.reading import headers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inboxcrm.reading.headers import Header
    from inboxcrm.reading.mime import Part

NO_FAILURE = frozenset(("delivered", "relayed", "expanded", "success"))
"""Values of Action (RFC 3464 2.3.3) that report no failure."""

NOTIFICATION = "bouncedRecipients"
"""The word by which a JSON report of a bounce is known."""

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ADDRESS = re.compile(r"(?:\"[^\"\s]{1,128}\"|[^\s<>;:,\"()\[\]@]{1,128})@[^\s<>;:,\"()\[\]]{1,255}")
_FIELDS_IN_TEXT = re.compile(
    r"(?im)^[ \t>]*(final-recipient|original-recipient|action|status|diagnostic-code|x-actual-recipient)[ \t]*:"
    r"[ \t]*(.*(?:\n[ \t]+\S.*)*)"
)
_UNICODE_ESCAPE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a report says about one recipient: addresses as written there ("" where missing), the rest as in RFC 3464 2.3."""

    original: str
    final: str
    action: str
    status: str
    diagnostic: str

    @property
    def failed(self) -> bool:
        """Whether the mail has not arrived (or not yet)."""
        return self.action not in NO_FAILURE and not self.status.startswith("2.")


def outcomes(root: Part) -> list[Outcome]:
    """Every recipient that the delivery reports of a mail name; reports inside returned mails don't count."""
    return [
        outcome
        for part in _parts(root)
        if part.type in ("message/delivery-status", "message/global-delivery-status")
        for outcome in _of_blocks([child.header for child in part.children] or _blocks(part.text()))
    ]


def original_message_id(root: Part) -> str:
    """The Message-ID that some reports repeat in their own fields."""
    for part in _parts(root):
        for block in (child.header for child in part.children if part.type == "message/delivery-status"):
            for name in ("x-original-message-id", "original-message-id"):
                if name in block:
                    return headers.message_id(block.text(name))
    return ""


def in_text(text: str) -> list[Outcome]:
    """The same fields where a program wrote them into the text."""
    fields: list[tuple[str, bytes]] = []
    found: list[Outcome] = []
    for name, value in _FIELDS_IN_TEXT.findall(text):
        if name.lower() in {known for known, _ in fields}:
            found += _of_blocks([headers.Header(tuple(fields))])
            fields = []
        fields.append((name.lower(), " ".join(value.split()).encode("utf-8", "replace")))
    return found + _of_blocks([headers.Header(tuple(fields))])


def of_notification(text: str) -> list[Outcome]:
    """The recipients of a bounce that Amazon SES reports as JSON (by SNS)."""
    found = _bounce_in_json(text)
    kind = "5.0.0" if found.get("bounceType") == "Permanent" else "4.0.0"
    recipients = found.get("bouncedRecipients")
    return [
        Outcome(
            original=str(one.get("emailAddress", "")),
            final="",
            action=str(one.get("action", "failed")),
            status=status_of(str(one.get("status", ""))) or kind,
            diagnostic=_words(str(one.get("diagnosticCode", ""))),
        )
        for one in (recipients if isinstance(recipients, list) else [])
        if isinstance(one, dict)
    ]


def status_of(text: str) -> str:
    """The first enhanced status code (RFC 3463) in a text, or ""."""
    for found in _STATUS.finditer(text):
        before, after = text[: found.start()][-1:], text[found.end() : found.end() + 2]
        # Four numbers with dots are an address of the network.
        if before != "." and not re.match(r"\.\d", after):
            return found[0]
    return ""


def _parts(part: Part) -> Iterator[Part]:
    yield part
    if part.type not in ("message/rfc822", "message/global"):
        for child in part.children:
            yield from _parts(child)


def _blocks(text: str) -> list[Header]:
    return [headers.split(block.encode("utf-8", "replace"))[0] for block in re.split(r"\n\s*\n", text.strip())]


def _of_blocks(blocks: list[Header]) -> list[Outcome]:
    found = []
    for block in blocks:
        original = address_of(block.text("original-recipient"))
        final = address_of(block.text("final-recipient")) or address_of(block.text("x-actual-recipient"))
        if not original and not final and "action" not in block:
            continue
        if "final-recipient" not in block and "original-recipient" not in block:
            continue
        diagnostic = _words(block.text("diagnostic-code"))
        found.append(
            Outcome(
                original=original,
                final=final,
                action=block.token("action"),
                status=status_of(block.text("status")),
                diagnostic=diagnostic,
            )
        )
    return found


def address_of(field: str) -> str:
    """The address of a recipient field: "rfc822; <a@b>", "utf-8;…" (RFC 6533), or a bare one; "" when it names none."""
    field = _UNICODE_ESCAPE.sub(lambda found: chr(min(int(found[1], 16), 0x10FFFF)), field)
    found = _ADDRESS.search(field.partition(";")[2] or field)
    return headers.folded(found[0]).strip("'.") if found else ""


def _words(diagnostic: str) -> str:
    """A diagnostic without its type ("smtp; 550 …")."""
    kind, separator, rest = diagnostic.partition(";")
    return (
        rest.strip()
        if separator and kind.strip().lower() in ("smtp", "x-unix", "x-postfix", "dns", "lmtp", "x400", "x-notes")
        else diagnostic
    )


def _bounce_in_json(text: str) -> dict[str, Any]:
    """The "bounce" object of a notification; the whole may be wrapped in another one as a string, and broken over lines."""
    if NOTIFICATION not in text:
        return {}
    start = text.find("{")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text.replace("\n", ""), start - text.count("\n", 0, start))
        if isinstance(found, dict) and isinstance(found.get("Message"), str):
            found = json.loads(found["Message"], strict=False)
    except (ValueError, RecursionError):
        return {}
    inner = found.get("bounce") if isinstance(found, dict) else None
    return inner if isinstance(inner, dict) else {}
