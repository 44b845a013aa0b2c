"""A mail shown in a page runs nothing, loads nothing, submits nothing, and still looks like the mail."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inboxcrm.reading.display import safe_html

HEAD = b"From: a@b.example\nSubject: s\nContent-Type: text/html; charset=utf-8\n\n"


def shown(html: str, *, remote_images: bool = False) -> str:
    return safe_html(HEAD + html.encode("utf-8", "replace"), remote_images=remote_images)


ATTACKS = (
    "<script>alert(1)</script>x",
    "<img src=x onerror=alert(1)>x",
    "<svg onload=alert(1)><script>alert(1)</script></svg>x",
    '<a href="javascript:alert(1)">x</a>',
    '<a href=" jav&#x09;ascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    '<a href="vbscript:msgbox(1)">x</a>',
    '<iframe src="javascript:alert(1)"></iframe>x',
    '<object data="x"></object><embed src="x">x',
    '<form action="https://evil.example"><input name="p"><button formaction="javascript:alert(1)">x</button></form>',
    '<base href="https://evil.example/">x',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">x',
    '<link rel="stylesheet" href="https://evil.example/x.css">x',
    "<style>body{background:url(https://evil.example/x)}</style>x",
    '<div style="background:url(https://evil.example/x);position:fixed">x</div>',
    '<table background="https://evil.example/x"><tr><td>x</td></tr></table>',
    '<p id="csrf" class="y" name="z" onclick="alert(1)">x</p>',
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>x",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">x</noscript>x',
    '<img srcset="https://evil.example/x 2x" src="">x',
    '<video src="https://evil.example/x" poster="https://evil.example/y"></video>x',
    '<a href="/customers/1/delete">x</a>',
    '<a href="//evil.example/">x</a>',
    '<body onload=alert(1)>x<!--[if IE]><script>alert(1)</script><![endif]-->',
    "<<SCRIPT>alert(1)//<</SCRIPT>x",
    '<img src="https://evil.example/pixel.gif">x',
    '<img src="http://evil.example/pixel.gif">x',
    '<img src="//evil.example/pixel.gif">x',
    '<img src="data:image/svg+xml;base64,PHN2Zy8+">x',
    '<img src="cid:unknown@x">x',
)  # fmt: skip
DANGEROUS = re.compile(
    r"(?i)<(?!/?(?:a|img|table|tbody|tr|td|div|p|pre|br|hr|b)\b)|\son\w+\s*=|javascript|vbscript|style\s*=|url\(|formaction|srcset|\sid=|\sclass=|\sname="
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_dangerous_is_left(attack: str) -> None:
    html = shown(attack)
    assert not DANGEROUS.search(html), html
    assert "evil.example/x" not in html
    assert "evil.example/pixel" not in html
    assert "src=" not in html
    assert "x" in html
    for link in re.findall(r'href="([^"]*)"', html):
        assert link.startswith(("http://", "https://", "mailto:"))


@given(
    st.lists(
        st.sampled_from((*ATTACKS, "<b>", "</div>", "<!--", "-->", "<a href='", '">', "\x00", "&lt;script&gt;")),
        max_size=8,
    ).map("".join)
)
def test_no_mixture_of_attacks_gets_through(attack: str) -> None:
    assert not re.search(
        r"(?i)<script|\son\w+=[\"']?a|javascript:|<iframe|<form|<style", shown(attack, remote_images=True)
    )


def test_pictures_of_the_net_are_shown_when_asked_for_and_only_by_https() -> None:
    html = '<img src="https://shop.example/a.png" alt="A"><img src="http://shop.example/b.png">'
    assert "shop.example" not in shown(html)
    assert 'src="https://shop.example/a.png"' in shown(html, remote_images=True)
    assert "b.png" not in shown(html, remote_images=True)


def test_links_open_elsewhere_and_tell_nothing_about_us() -> None:
    html = shown('<a href="https://shop.example/?a=1&amp;b=2">x</a>')
    for part in ('href="https://shop.example/?a=1&amp;b=2"', 'target="_blank"', 'rel="noopener noreferrer nofollow"'):
        assert part in html


def related(size: int) -> bytes:
    import base64

    picture = base64.b64encode(b"\x89PNG" + b"x" * size)
    return (
        b"From: a@b.example\nContent-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>logo <img src='cid:logo@x'></p>\n"
        b"--b\nContent-Type: image/png\nContent-ID: <logo@x>\nContent-Transfer-Encoding: base64\n\n"
        + picture
        + b"\n--b--\n"
    )


def test_small_pictures_that_came_with_the_mail_are_shown_and_large_ones_not() -> None:
    assert 'src="data:image/png;base64,iVBORw' not in safe_html(related(300_000))
    assert 'src="data:image/png;base64,iVBO' in safe_html(related(300)) or 'src="data:image/png;base64,' in safe_html(
        related(300)
    )


def test_what_the_mail_hides_stays_hidden() -> None:
    html = shown('<div style="display:none">preview text</div><p style="color:red">Hello</p>')
    assert "preview" not in html
    assert "<p>Hello</p>" in html


def test_tables_and_quotes_survive() -> None:
    html = shown('<table border="1"><tr><td bgcolor="#eee">500 pcs</td></tr></table><blockquote>old</blockquote>')
    assert '<td bgcolor="#eee">500 pcs</td>' in html
    assert "<blockquote>old</blockquote>" in html


def test_html_is_shown_where_there_is_both_and_plain_text_where_there_is_no_html() -> None:
    both = b"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nplain words\n--b\nContent-Type: text/html\n\n<b>rich words</b>\n--b--\n"
    assert safe_html(both) == "<b>rich words</b>\n" or "<b>rich words</b>" in safe_html(both)
    plain = safe_html(b"From: a@b.example\n\n1 < 2 & <script>\nsee https://shop.example/a?b=1.")
    assert plain.startswith('<pre>1 &lt; 2 &amp; &lt;script&gt;\nsee <a href="https://shop.example/a?b=1"')
    assert plain.endswith("</a>.</pre>")


def test_a_forwarded_mail_is_shown_under_its_head() -> None:
    raw = b"Content-Type: message/rfc822\n\nFrom: <i>Bob</i> <bob@x.example>\nSubject: old <b>\nContent-Type: text/html\n\n<p>inner</p>"
    html = safe_html(raw)
    assert "<p>inner</p>" in html
    assert "Subject: old &lt;b&gt;" in html


def test_a_mail_too_deep_or_too_long_is_shown_as_text() -> None:
    assert shown("<div>" * 5000 + "deep").startswith("<pre>")
    assert shown("<p>word</p>" * 200_000).startswith("<pre>")


def test_an_empty_mail_shows_nothing() -> None:
    assert safe_html(b"") == ""
