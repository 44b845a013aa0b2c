"""The provider's word about the sender: only its own, only about the From domain."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.reading import read

FROM = b"From: Anna <anna@buyer.example.com>\nSubject: s\n\nhello"
OURS = b"Received: from x by mx.provider.net with ESMTPS id 1; Mon, 4 May 2026 10:00:00 +0000\n"
OTHER = b"Received: from attacker by relay.attacker.org; Mon, 4 May 2026 09:00:00 +0000\n"


def verdict(*fields: bytes | str, ids: list[str] | None = None, sender: bytes = FROM) -> bool | None:
    head = b"".join(
        field if isinstance(field, bytes) else f"Authentication-Results: {field}\n".encode() for field in fields
    )
    return read(head + sender, authserv_ids=ids).sender_verified


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ("dmarc=pass header.from=buyer.example.com", True),
        ("dmarc=fail (p=REJECT) header.from=buyer.example.com", False),
        ("dmarc=none; dkim=pass header.d=buyer.example.com", True),
        ("dkim=pass header.d=example.com", True),
        ("dkim=pass header.d=mail.example.com", True),
        ("dkim=pass header.i=@example.com", True),
        ("dkim=pass header.d=esp.example.net", None),
        ("dkim=fail header.d=example.com", False),
        ("dkim=fail header.d=example.com; spf=pass smtp.mailfrom=bounce@example.com", True),
        ("dkim=pass header.d=esp.example.net; spf=fail smtp.mailfrom=example.com", False),
        ("spf=pass smtp.mailfrom=anna@buyer.example.com", True),
        ("spf=pass smtp.mailfrom=example.com", True),
        ("spf=pass smtp.mailfrom=other.example.net", None),
        ("spf=softfail smtp.mailfrom=example.com", None),
        ("spf=neutral smtp.mailfrom=example.com", None),
        ("spf=fail smtp.mailfrom=example.com", False),
        ("none", None),
        ("dkim=none; spf=none", None),
        ("dkim=temperror header.d=example.com", None),
        ("dmarc=fail; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=example.com", False),
        ("dmarc=bestguesspass; spf=pass smtp.mailfrom=example.com", True),
        ("dmarc=temperror; dkim=fail header.d=example.com", False),
        # Grammar that providers break.
        ("spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dkim=pass (ok) header.d=example.com;dmarc=pass action=none", True),
        ("dkim=pass reason=\"ok; dmarc=fail\" header.d=example.com", True),
        ("dkim=neutral (dmarc=pass) header.d=example.com", None),
    ],
)  # fmt: skip
def test_the_verdict_of_the_provider(results: str, expected: bool | None) -> None:
    assert verdict(f"mx.provider.net; {results}") is expected


def test_results_without_an_authserv_id_are_believed_above_all_received_fields() -> None:
    assert (
        verdict(
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com",
            OURS,
        )
        is True
    )


MICROSOFT = b"Received: from AM0.prod.outlook.com (2603::1) by DB7.prod.outlook.com with HTTPS; Mon, 4 May 2026 10:00:00 +0000\n"
GOOGLE = b"Received: by 2002:a05:6022:5287:b0:61:1234 with SMTP id xyz; Mon, 4 May 2026 03:00:00 -0700 (PDT)\n"


@pytest.mark.parametrize(
    ("fields", "ids", "expected"),
    [
        ((MICROSOFT, "spf=pass smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com"), None, True),
        (
            (MICROSOFT, "spf=pass smtp.mailfrom=example.com; dmarc=pass action=none header.from=example.com"),
            ["outlook.com"],
            True,
        ),
        (
            (MICROSOFT, "spf=fail smtp.mailfrom=example.com; dmarc=fail action=none header.from=example.com"),
            None,
            False,
        ),
        ((OURS, "spf=pass smtp.mailfrom=example.com; dmarc=pass"), None, None),
        ((OURS, "spf=pass smtp.mailfrom=example.com; dmarc=pass"), ["provider.net"], None),
        (
            (
                GOOGLE,
                b"Received: from x by mx.google.com; Mon, 4 May 2026 03:00:00 -0700\n",
                "mx.google.com; dmarc=pass",
            ),
            None,
            True,
        ),
        (
            (
                GOOGLE,
                b"Received: from x by relay.attacker.org; Mon, 4 May 2026 03:00:00 -0700\n",
                "mx.google.com; dmarc=pass",
            ),
            None,
            None,
        ),
        (
            (
                b"Received: by 10.0.0.1 with ESMTP id x; Mon, 4 May 2026 03:00:00 -0700\n",
                OTHER,
                "relay.attacker.org; dmarc=pass",
            ),
            None,
            None,
        ),
    ],
)
def test_the_ways_of_the_large_providers(
    fields: tuple[bytes | str, ...], ids: list[str] | None, expected: bool | None
) -> None:
    assert verdict(*fields, ids=ids) is expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["dkim", "spf", "dmarc", "iprev"]),
            st.sampled_from(["pass", "fail", "none", "softfail"]),
            st.lists(
                st.sampled_from(
                    ["header.d=example.com", "header.i=@b.example", "smtp.mailfrom=a@example.com", "(a comment)"]
                ),
                max_size=3,
            ),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_plain_fields_are_read_as_authres_reads_them(results: list[tuple[str, str, list[str]]]) -> None:
    from authres import AuthenticationResultsHeader

    from inboxcrm.reading.authentication import _plain_results

    value = "mx.provider.net; " + "; ".join(" ".join((f"{method}={result}", *rest)) for method, result, rest in results)
    parsed = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}").results
    expected = [
        (one.method, one.result, {f"{item.type}.{item.name}": item.value for item in one.properties}) for one in parsed
    ]
    assert _plain_results(value) == expected


def test_only_the_topmost_field_counts() -> None:
    assert verdict("mx.provider.net; dmarc=fail", "mx.provider.net; dmarc=pass") is False
    assert verdict("mx.provider.net; none", "mx.provider.net; dmarc=pass") is None


@pytest.mark.parametrize(
    ("fields", "ids", "expected"),
    [
        (("mx.provider.net; dmarc=pass", OURS), None, True),
        ((OURS, "mx.provider.net; dmarc=pass"), None, True),
        ((OURS, "other.provider.net; dmarc=pass"), None, True),
        ((OURS, "mx.attacker.org; dmarc=pass"), None, None),
        ((OURS, OTHER, "relay.attacker.org; dmarc=pass"), None, None),
        ((OURS, "mx.provider.net.attacker.org; dmarc=pass"), None, None),
        (("mx.provider.net; dmarc=pass",), ["provider.net"], True),
        ((OURS, "MX.Provider.NET; dmarc=pass"), ["mx.provider.net"], True),
        (("mx.attacker.org; dmarc=pass", OURS), ["provider.net"], None),
        (("mx.attacker.org; dmarc=pass", "mx.provider.net; dmarc=pass"), ["provider.net"], None),
        (("notprovider.net; dmarc=pass",), ["provider.net"], None),
        (("mx.provider.net; dmarc=pass",), [], None),
        (("mx.provider.net 1; dmarc=pass",), ["provider.net"], True),
    ],
)
def test_a_field_must_be_the_providers_own(
    fields: tuple[bytes | str, ...], ids: list[str] | None, expected: bool | None
) -> None:
    assert verdict(*fields, ids=ids) is expected


def test_an_archive_seal_is_not_believed() -> None:
    arc = b"ARC-Authentication-Results: i=1; mx.provider.net; dmarc=pass\n"
    assert verdict(arc) is None
    assert verdict(arc, "mx.provider.net; dmarc=fail") is False


def test_a_mail_with_several_senders_is_never_verified() -> None:
    both = b"From: anna@buyer.example.com, boss@example.com\n\nhello"
    assert verdict("mx.provider.net; dmarc=pass", sender=both) is None
    assert verdict("mx.provider.net; dmarc=pass", sender=b"From: a@example.com\nFrom: b@example.com\n\nx") is None
    assert verdict("mx.provider.net; dmarc=fail", sender=both) is False


def test_domains_under_a_public_suffix_are_strangers() -> None:
    assert verdict("mx.provider.net; dkim=pass header.d=attacker.co.uk", sender=b"From: a@buyer.co.uk\n\nx") is None
    assert verdict("mx.provider.net; dkim=pass header.d=co.uk", sender=b"From: a@buyer.co.uk\n\nx") is None


def test_nothing_is_said_without_the_field_or_a_sender() -> None:
    assert verdict() is None
    assert verdict("mx.provider.net; dmarc=pass", sender=b"Subject: s\n\nx") is None
