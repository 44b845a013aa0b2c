"""Whether the sender is who the mail says, by the receiving provider's own Authentication-Results (RFC 8601).

Anybody can write such a field into a mail, so only the topmost is read, and only where it can be told to be the provider's.
Nothing is checked here: no key is fetched, no signature computed. ARC (RFC 8617) is not believed.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from authres import AuthenticationResultsHeader  # type: ignore[import-untyped]  # it ships no types
from authres.core import AuthResError  # type: ignore[import-untyped]

from inboxcrm.reading import addresses, headers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tldextract import TLDExtract

    from inboxcrm.reading.headers import Header
    from inboxcrm.reading.reading import Address

PASS = "pass"  # noqa: S105 - the result of a method, no password
FAILED = frozenset(("fail", "hardfail", "permerror", "policy"))
"""Results that say no; "none", "neutral", "softfail" and "temperror" say nothing."""

ALIGNED_BY = {
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mail", "smtp.envelope-from", "envelope-from"),
}
"""Method → the properties that name the domain it vouches for, the first that is given counts."""

SILENT = frozenset(("outlook.com",))
"""Providers that leave out the authserv-id (Microsoft 365); they write the field into every mail, above what came with it."""

_INSIDE_GOOGLE = re.compile(r"by (?:2002:|10\.)[\da-f:.]+ with SMTP id ")
_BY_HOST = re.compile(r"\bby\s+([\w.-]+\.[\w-]+)", re.IGNORECASE)
_AUTHSERV = re.compile(r"\s*(?:\([^()]*\)\s*)?([\w.-]+)")
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
_PLAIN_RESULT = re.compile(r"\s*([A-Za-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([A-Za-z]+)((?:\s+[\w.-]+\s*=\s*[^\s;]+)*)\s*")
_PROPERTY = re.compile(r"([\w.-]+)\s*=\s*<?([^\s;>]+)")


class Result(NamedTuple):
    """One verdict, all in lower case: "dkim", "pass", {"header.d": "buyer.example"}."""

    method: str
    result: str
    properties: dict[str, str]


@cache
def _suffixes() -> TLDExtract:
    """The public suffix list that ships with tldextract: nothing is fetched, nothing is written."""
    from tldextract import TLDExtract  # noqa: PLC0415 - it loads an HTTP client that is never used

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def sender_verified(header: Header, sender: Address, authserv_ids: Sequence[str] | None = None) -> bool | None:
    """True or False by the provider's word about the From domain, None when it says nothing that can be believed.

    True: DMARC passed, or DKIM or SPF passed for a domain aligned (relaxed, RFC 7489 3.1) with that of From. False: DMARC
    failed, or there is no word on DMARC, a method failed and none passed aligned. Several From addresses are never True
    (RFC 7489 6.6.1).
    `authserv_ids`: names of our provider, itself or above it; without them the field must stand above every Received field, or
    belong to the organisation of the host that received the mail last.
    """
    domain = addresses.domain_of(sender.address)
    values = header.all_raw("authentication-results")
    if not values or not domain:
        return None
    value = headers.folded(headers.eight_bit(values[0]))
    if not _believed(header, _authserv_id(value) or _silent_receiver(header), authserv_ids):
        return None
    verdict = _verdict(_results(value), domain)
    several = len({addresses.normal(one.address) for one in addresses.parse(header.all_raw("from"))}) > 1
    return None if verdict and several else verdict


def _believed(header: Header, authserv_id: str, authserv_ids: Sequence[str] | None) -> bool:
    if authserv_ids is not None:
        wanted = [one.strip(".").lower() for one in authserv_ids]
        return any(authserv_id == one or authserv_id.endswith(f".{one}") for one in wanted if one)
    names = [name for name, _ in header.fields]
    if "received" not in header or names.index("authentication-results") < names.index("received"):
        return True
    return organisation(_receiver(header)) == organisation(authserv_id) != ""


def _receiver(header: Header) -> str:
    """The host that received the mail last; Google's own hops, which name no host, are passed over."""
    inside_google = False
    for value in header.all_raw("received"):
        field = headers.decoded(value)
        if _INSIDE_GOOGLE.match(field):
            inside_google = True
            continue
        found = _BY_HOST.search(field)
        host = found[1].lower() if found else ""
        return host if not inside_google or organisation(host) == "google.com" else ""
    return ""


def _silent_receiver(header: Header) -> str:
    """The receiver, if it is one that vouches without saying its name."""
    receiver = _receiver(header)
    return receiver if organisation(receiver) in SILENT else ""


def _authserv_id(value: str) -> str:
    """RFC 8601 2.2: the first word; providers that leave it out begin with a result."""
    found = _AUTHSERV.match(value)
    if found is None or value[found.end() :].lstrip().startswith("="):
        return ""
    return found[1].strip(".").lower()


def _results(value: str) -> list[Result]:
    """The verdicts of a field: read at once where it is as plain as nearly all are, else by authres, else as far as it can be read."""
    plain = _plain_results(value)
    if plain is not None:
        return plain
    try:
        parsed = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
        return [
            Result(
                str(one.method).lower(),
                str(one.result).lower(),
                {f"{item.type}.{item.name}".lower(): str(item.value or "").lower() for item in one.properties},
            )
            for one in parsed.results
            if one.method
        ]
    except (AuthResError, AttributeError, LookupError, TypeError, ValueError, RecursionError):
        found = [_PLAIN_RESULT.match(piece) for piece in _QUOTED.sub('""', _COMMENT.sub(" ", value)).split(";")]
        return [_result(match) for match in found if match]


def _plain_results(value: str) -> list[Result] | None:
    """The verdicts of a field without quoted strings and nested comments; None where it is not so plain.

    authres takes a third of a millisecond for one field, character by character; this a hundredth.
    """
    value = _COMMENT.sub(" ", value)
    if any(mark in value for mark in '()"\\'):
        return None
    pieces = value.split(";")
    if "=" not in pieces[0]:
        pieces = pieces[1:]
    matches = [_PLAIN_RESULT.fullmatch(piece) for piece in pieces if piece.strip() not in ("", "none")]
    return [_result(match) for match in matches if match] if all(matches) else None


def _result(match: re.Match[str]) -> Result:
    return Result(
        match[1].lower(), match[2].lower(), {key.lower(): item.lower() for key, item in _PROPERTY.findall(match[3])}
    )


def _verdict(results: list[Result], domain: str) -> bool | None:
    dmarc = [one.result for one in results if one.method == "dmarc"]
    if PASS in dmarc:
        return True
    if any(result in FAILED for result in dmarc):
        return False
    others = [one for one in results if one.method in ("dkim", "spf")]
    if any(one.result == PASS and _aligned(one, domain) for one in others):
        return True
    return False if any(one.result in FAILED for one in others) else None


def _aligned(found: Result, domain: str) -> bool:
    """Relaxed alignment: what was authenticated belongs to the organisation of the From domain."""
    for name in ALIGNED_BY[found.method]:
        if value := found.properties.get(name):
            authenticated = value.rpartition("@")[2].strip("<>.")
            return organisation(authenticated) == organisation(domain) != ""
    return False


@lru_cache(maxsize=4096)
def organisation(domain: str) -> str:
    """The registrable domain by the public suffix list that ships with tldextract; "" for what has none."""
    return _suffixes()(domain).top_domain_under_public_suffix.lower()
