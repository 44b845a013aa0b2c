"""Rules that parting a text keeps for any input whatever."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from inboxcrm.reading.html_text import html_to_text
from inboxcrm.reading.newtext import split

PIECES = (
    "Dear Lily,",
    "Please quote 500 pcs.",
    "",
    "",
    "> Which port?",
    ">> deeper",
    "On Tue, Mar 10, 2026 at 9:14 AM Lily <l@x.example> wrote:",
    "From: Lily <l@x.example>",
    "Sent: 10 March 2026 09:14",
    "To: Tom",
    "Subject: RE: offer",
    "-----Original Message-----",
    "---------- Forwarded message ---------",
    "Begin forwarded message:",
    "> Begin forwarded message:",
    "-- ",
    "--",
    "____________",
    "Best regards,",
    "Tom Baker",
    "Purchasing Manager",
    "Tel: +1 305 000 0000",
    "P.S. One more thing.",
    "Sent from my iPhone",
    "谢谢",
    "发件人: 王丽 <l@x.example>",
    "This e-mail and any attachments are confidential.",
    "CAUTION: This email originated from outside of the organization.",
    "|",
    "| |",
    "Am 10.03.2026 um 09:14 schrieb",
    "Lily Wang:",
    "www.x.example",
    "\u202bمع أطيب التحيات\u202c",
    "İyi çalışmalar",
)
mails = st.lists(st.sampled_from(PIECES), max_size=30).map("\n".join)
markup = st.lists(
    st.sampled_from(
        (
            "<div>",
            "</div>",
            "<blockquote type=cite>",
            "</blockquote>",
            "<p>",
            "<br>",
            "text ",
            "<table><tr><td>",
            "</td><td>",
            "</table>",
            "<hr>",
            "<ul><li>",
            "<div class=gmail_quote>",
            "<div class=gmail_signature>",
            "<pre>",
            "\n",
            "&nbsp;",
            "<a@b.c>",
            "<!--",
            "-->",
            "<style>",
            "</style>",
            "<",
            "\x00",
            "<img alt='😀'>",
            "<div style='display:none'>",
            "<p class=MsoNormal>",
            "<div id=divRplyFwdMsg>",
        )
    ),
    max_size=40,
).map("".join)


def visible(text: str) -> str:
    return "".join(text.split())


def is_subsequence(part: str, whole: str) -> bool:
    letters = iter(whole)
    return all(letter in letters for letter in part)


@given(st.one_of(st.text(max_size=400), mails), st.sampled_from(("", "Re: x", "Fwd: x", "回复：x")))
@example(text="> Begin forwarded message:\n> \n> x\n\ny", subject="")
def test_the_new_text_holds_nothing_that_was_not_sent(text: str, subject: str) -> None:
    assert is_subsequence(visible(split(text, subject=subject).new_text), visible(text))


@given(mails)
def test_nothing_is_lost_in_parting(text: str) -> None:
    parts = split(text)
    kept = sorted(visible(parts.new_text + parts.quoted_text + parts.signature).replace(">", ""))
    sent = sorted(visible(text).replace("\u202b", "").replace("\u202c", "").replace(">", ""))
    assert kept == sent


@given(st.one_of(st.text(), mails).filter(lambda text: ">" not in text))
def test_a_text_without_history_is_parted_once(text: str) -> None:
    once = split(text, subject="Re: x").new_text
    if not split(text, subject="Re: x").quoted_text:
        assert split(once, subject="Re: x").quoted_text == ""


@given(st.one_of(st.text(), markup))
def test_any_markup_gives_text(html: str) -> None:
    split(html_to_text(html))


def test_hostile_texts_end() -> None:
    for text in (
        "a " * 200_000,
        "a" * 400_000,
        ">\n" * 50_000,
        ">" * 400_000,
        "From: a@b.c\n" * 50_000,
        "On 1 Jan 2026 wrote:\n" * 50_000,
        "--\n" * 50_000,
        "Best regards\n" * 50_000,
        "this email and any attachments\n" * 20_000,
        "____\nTel: +49 40 123456\n" * 10_000,
        "------\n\n" * 20_000,
        "1" * 400_000,
        "> a\n\n" * 50_000,
        "| a | b |\n" * 20_000,
        "To: " + "x@y.z;\n" * 50_000,
        "@" * 400_000,
        "-" * 400_000,
        "---------- Forwarded message ---------\nFrom: a@b.c\nDate: 1 Jan 2026 10:00\nSubject: x\n\n" * 5_000,
    ):
        split(text)


def test_hostile_markup_ends() -> None:
    for html in (
        "<div>" * 100_000,
        "<blockquote>" * 50_000 + "x",
        "<table>" * 20_000,
        "<b>" * 100_000,
        "<a" * 100_000,
        "<p " + "a=1 " * 100_000,
        "<br>" * 100_000,
        "<li>" * 50_000,
        "<td>x" * 50_000,
        "<!--" * 50_000,
        "<blockquote>x" * 3_000,
    ):
        html_to_text(html)
