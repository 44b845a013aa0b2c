"""Mails of an issue: complete, the same to every reader, with their ways out, and never with a gap or a forged field."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inboxcrm.followup.composing import UnsendableError
from inboxcrm.followup.rendering import UnfilledError
from inboxcrm.followup.variables import LANGUAGES
from inboxcrm.model import Issue
from inboxcrm.newsletter.addressees import Addressee, sample
from inboxcrm.newsletter.composing import Composer, NoTextError
from inboxcrm.newsletter.editions import IssueTextError
from inboxcrm.newsletter.files import FileError
from inboxcrm.newsletter.leaving import Signing
from inboxcrm.newsletter.phrases import phrases
from inboxcrm.reading import read
from tests.newsletters import BODY, KEY, LINA, NOW, issue_of, png, press_in

JANE = replace(sample("en", 7, "1.issue@brightvalve.example"), recipient_id=11)


def _composer(home: Path, issue: Issue | None = None, **configured: object) -> Composer:
    return Composer(issue or issue_of(), LINA, press_in(home, **configured))


def _mail(data: bytes) -> EmailMessage:
    parsed = message_from_bytes(data, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def test_a_mail_has_text_html_and_its_picture_without_defects(tmp_path: Path) -> None:
    mail = _mail(_composer(tmp_path).compose(JANE, NOW))
    assert [one.get_content_type() for one in mail.walk()] == [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
    ]
    assert not [one.defects for one in mail.walk() if one.defects]
    picture = next(one for one in mail.walk() if one.get_content_type() == "image/png")
    assert picture.get_content() == png()
    assert f"cid:{picture['Content-ID'].strip('<>')}" in _part(mail, "html")


def test_the_fields_say_who_to_whom_and_how_to_leave(tmp_path: Path) -> None:
    mail = _mail(_composer(tmp_path).compose(JANE, NOW))
    assert mail["From"] == "Lina Chen <lina@brightvalve.example>"
    assert mail["To"] == "Jane Miller <buyer@customer.example>"
    assert mail["Subject"] == "News for Northgate Supplies Ltd"
    assert mail["Message-ID"] == "<1.issue@brightvalve.example>"
    assert mail["Date"].datetime == NOW
    assert (mail["Precedence"], mail["List-Id"]) == ("bulk", "<newsletter.lina.brightvalve.example>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Auto-Submitted" not in mail
    https, mailto = re.findall("<([^>]+)>", mail["List-Unsubscribe"])
    leave = Signing(KEY).read_token(https.rpartition("/")[2])
    assert leave is not None
    assert (leave.recipient_id, leave.issue_id, leave.address) == (11, 7, JANE.address)
    assert mailto.startswith("mailto:lina@brightvalve.example?subject=unsubscribe%20")


def test_the_visible_way_out_is_that_of_the_recipient(tmp_path: Path) -> None:
    mail = _mail(_composer(tmp_path).compose(JANE, NOW))
    https = re.findall("<([^>]+)>", mail["List-Unsubscribe"])[0]
    assert f'href="{https}"' in _part(mail, "html")
    assert f"Unsubscribe: {https}" in _part(mail, "plain")
    by_mail = _mail(_composer(tmp_path, base_url="").compose(JANE, NOW))
    (mailto,) = re.findall("<([^>]+)>", by_mail["List-Unsubscribe"])
    assert f'href="{mailto}"' in _part(by_mail, "html")
    assert "List-Unsubscribe-Post" not in by_mail


def test_plain_text_says_what_the_html_says(tmp_path: Path) -> None:
    text = _part(_mail(_composer(tmp_path).compose(JANE, NOW)), "plain")
    assert text.startswith(
        "Dear Jane Miller,\n\n"
        "three new valves have left our test bench, one of them close to your ball valves DN25 and gate valves.\n\n"
        "Ball valve DN25\n\n316L & tested {{ at }} 64 bar\n\nLearn more (https://brightvalve.example/dn25)\n\nGate valve\n\n"
        "- more at https://brightvalve.example/new?a=1&b=2\n- write to me (lina@brightvalve.example)\n\nBest regards\n\nLina Chen\n"
    )
    assert "8 Yongjiang Road, Ningbo 315000, China" in text


def test_the_same_mail_is_the_same_bytes(tmp_path: Path) -> None:
    assert _composer(tmp_path).compose(JANE, NOW) == _composer(tmp_path).compose(JANE, NOW)


def test_what_comes_from_the_file_is_escaped_in_html_and_as_it_is_in_text(tmp_path: Path) -> None:
    evil = replace(JANE, name="Tom <b> & Co", company='A<script>alert("1")</script>&B', products=("<i>x</i>",))
    mail = _mail(_composer(tmp_path).compose(evil, NOW))
    assert "<script>" not in _part(mail, "html")
    assert "close to your <i>x</i>." in _part(mail, "plain")
    assert "close to your &lt;i&gt;x&lt;/i&gt;." in _part(mail, "html")
    assert mail["Subject"] == 'News for A<script>alert("1")</script>&B'


def test_a_template_in_a_list_is_only_text(tmp_path: Path) -> None:
    products = [{"name": "{{ me.address }} {% if %}", "text": "{# x #}", "picture": "", "link": ""}]
    mail = _mail(_composer(tmp_path, issue_of(variables={"products": products})).compose(JANE, NOW))
    assert "{{ me.address }} {% if %}" in _part(mail, "plain")
    assert "{# x #}" in _part(mail, "html")


def test_a_variable_that_isnt_known_of_a_recipient_is_an_error_with_its_line_never_a_gap(tmp_path: Path) -> None:
    composer = _composer(tmp_path, issue_of({"en": "Hello\n\nto {{ contact.first_name }}\n"}))
    with pytest.raises(UnfilledError) as caught:
        composer.compose(replace(JANE, name=""), NOW)
    assert (caught.value.line, caught.value.name) == (3, "contact.first_name")
    assert "to Jane" in _part(_mail(composer.compose(JANE, NOW)), "plain")


@pytest.mark.parametrize(
    ("body", "line", "named"),
    [
        ("x\n{{ quote.amount }}", 2, "quote.amount"),
        ("{{ nothing }}", 1, "nothing"),
        ("a\n\n{% for x in y %}{% endfor %}", 3, "for"),
        ("{{ salutation", 1, ""),
        ("![x](https://tracker.example/p.png)", 0, "tracker.example"),
        ("![x](../../secret.png)", 0, "secret.png"),
        ("![x](/etc/passwd)", 0, "passwd"),
        ("![x](missing.png)", 0, "missing.png"),
        ("[x]({{ customer.name }})", 1, "https://"),
        ("  ", 0, "empty"),
    ],
)
def test_a_text_with_a_mistake_makes_no_mails_and_says_where(tmp_path: Path, body: str, line: int, named: str) -> None:
    with pytest.raises(IssueTextError) as caught:
        _composer(tmp_path, issue_of({"en": body}, variables={}))
    assert caught.value.problems[0].line == line
    assert named in str(caught.value)


def test_mistakes_in_several_languages_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(IssueTextError) as caught:
        _composer(tmp_path, issue_of({"en": "{{ a }}", "de": "{{ b }}"}))
    assert [(one.language, one.name) for one in caught.value.problems] == [("en", "a"), ("de", "b")]


def test_a_picture_that_is_none_is_refused_whatever_its_name(tmp_path: Path) -> None:
    press_in(tmp_path)
    (tmp_path / "newsletter" / "page.png").write_text("<svg onload=x>", encoding="utf-8")
    with pytest.raises(IssueTextError, match=r"page\.png"):
        _composer(tmp_path, issue_of({"en": "![x](page.png)"}))


def test_a_link_in_the_folder_that_leads_out_of_it_is_no_picture(tmp_path: Path) -> None:
    press_in(tmp_path)
    (tmp_path / "secret.png").write_bytes(png())
    (tmp_path / "newsletter" / "way.png").symlink_to(tmp_path / "secret.png")
    with pytest.raises(IssueTextError, match=r"way\.png"):
        _composer(tmp_path, issue_of({"en": "![x](way.png)"}))


def test_files_beside_the_text_are_attached_under_their_names(tmp_path: Path) -> None:
    press_in(tmp_path)
    (tmp_path / "newsletter" / "Preisliste für Ä.pdf").write_bytes(b"%PDF-1.7")
    mail = _mail(_composer(tmp_path, issue_of(images=["valve.png", "Preisliste für Ä.pdf"])).compose(JANE, NOW))
    (file,) = mail.iter_attachments()
    assert mail.get_content_type() == "multipart/mixed"
    assert (file.get_filename(), file.get_content_type()) == ("Preisliste für Ä.pdf", "application/pdf")
    assert file.get_content() == b"%PDF-1.7"
    assert not [one.defects for one in mail.walk() if one.defects]


def test_files_that_are_too_large_together_are_refused(tmp_path: Path) -> None:
    press_in(tmp_path)
    (tmp_path / "newsletter" / "film.gif").write_bytes(b"GIF89a" + bytes(2_000_000))
    with pytest.raises(FileError, match="1500 kB"):
        _composer(tmp_path, issue_of(images=["film.gif"]))


def test_a_layout_without_a_way_out_is_refused(tmp_path: Path) -> None:
    own = tmp_path / "templates" / "newsletter"
    own.mkdir(parents=True)
    (own / "bare.html").write_text("<html><body>{{ body }}</body></html>", encoding="utf-8")
    with pytest.raises(IssueTextError, match="leave_link"):
        _composer(tmp_path, issue_of(layout="bare"))


def test_a_layout_of_ones_own_wins_and_counts_at_once(tmp_path: Path) -> None:
    press = press_in(tmp_path)
    own = tmp_path / "templates" / "newsletter"
    own.mkdir(parents=True)
    for colour in ("red", "blue"):
        page = f'<style>p {{ color: {colour} }}</style><p>{{{{ body }}}}</p><a href="{{{{ leave_link }}}}">x</a>'
        (own / "letter.html").write_text(page, encoding="utf-8")
        shown = Composer(issue_of(layout="letter"), LINA, press).show(JANE, NOW)
        assert f"color: {colour}" in shown.html


def test_clicks_are_counted_only_where_asked_for_and_the_foot_says_so(tmp_path: Path) -> None:
    plainly = _mail(_composer(tmp_path).compose(JANE, NOW))
    counted = _mail(_composer(tmp_path, issue_of(count_clicks=True)).compose(JANE, NOW))
    assert 'href="https://brightvalve.example/dn25"' in _part(plainly, "html")
    tokens = re.findall(r'href="https://news\.brightvalve\.example/c/([^"]+)"', _part(counted, "html"))
    clicks = [Signing(KEY).read_click(one) for one in tokens]
    assert [(one.recipient_id, one.url) for one in clicks if one] == [
        (11, "https://brightvalve.example/dn25"),
        (11, "https://brightvalve.example/new?a=1&b=2"),
    ]
    assert phrases("en").counted in _part(counted, "html")
    assert phrases("en").counted not in _part(plainly, "html")
    assert "(https://brightvalve.example/dn25)" in _part(counted, "plain")


def test_each_gets_the_subject_that_is_his_and_the_first_when_it_is_gone(tmp_path: Path) -> None:
    composer = _composer(tmp_path, issue_of(subjects=("One", "Two for {{ contact.last_name }}")))
    subjects = [_mail(composer.compose(replace(JANE, subject=number), NOW))["Subject"] for number in (0, 1, 2)]
    assert subjects == ["One", "Two for Miller", "One"]


def test_there_must_be_a_text_in_the_language(tmp_path: Path) -> None:
    with pytest.raises(NoTextError, match="fr"):
        _composer(tmp_path).compose(replace(JANE, language="fr"), NOW)


@pytest.mark.parametrize("address", ["a b@x.example", "x", "a@x.example\r\nBcc: b@y.example", "a@b@c d"])
def test_an_address_that_is_none_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(UnsendableError):
        _composer(tmp_path).compose(replace(JANE, written=address), NOW)


@given(name=st.text(max_size=80), company=st.text(min_size=1, max_size=80), country=st.sampled_from(["", "DE", "XX"]))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_whatever_the_file_holds_the_mail_has_its_own_fields_and_short_lines(
    tmp_path_factory: pytest.TempPathFactory, name: str, company: str, country: str
) -> None:
    composer = _once(tmp_path_factory)
    data = composer.compose(replace(JANE, name=name, company=company, country=country, products=(company,)), NOW)
    head = data.partition(b"\r\n\r\n")[0]
    names = [line.split(b":")[0].decode() for line in head.split(b"\r\n") if not line.startswith(b" ")]
    assert names == [
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Precedence",
        "MIME-Version", "Content-Type",
    ]  # fmt: skip
    lines = data.split(b"\r\n")
    assert all(len(line) <= 998 and b"\n" not in line and b"\r" not in line for line in lines)
    assert data.isascii()


_COMPOSERS: list[Composer] = []


def _once(factory: pytest.TempPathFactory) -> Composer:
    if not _COMPOSERS:
        _COMPOSERS.append(
            _composer(factory.mktemp("home"), issue_of(subjects=("For {{ contact.name | default('you') }}",)))
        )
    return _COMPOSERS[0]


def test_our_own_reader_takes_it_for_bulk_mail_in_its_language(tmp_path: Path) -> None:
    reading = read(_composer(tmp_path).compose(JANE, NOW), received_at=NOW + timedelta(seconds=3), outgoing=True)
    assert reading.automatic
    assert reading.new_text.startswith("Dear Jane Miller,")


def test_the_page_shows_pictures_without_loading_them(tmp_path: Path) -> None:
    shown = _composer(tmp_path).show(JANE, NOW)
    assert f"data:image/png;base64,{base64.b64encode(png()).decode()}" in shown.html
    assert "cid:" not in shown.html
    assert shown.size < 20_000
    assert shown.mail == len(_composer(tmp_path).compose(JANE, NOW))


# --- how they look ------------------------------------------------------------------------------------------------------

GOLDEN = Path(__file__).parent / "golden"


def _languages() -> Sequence[tuple[str, str]]:
    return [(layout, language) for layout in ("letter", "products") for language in LANGUAGES]


@pytest.mark.parametrize(("layout", "language"), _languages())
def test_layouts_look_in_each_language_as_they_did(tmp_path: Path, layout: str, language: str) -> None:
    issue = issue_of({language: BODY}, layout=layout, fallback_language=language)
    made = replace(sample(language, 7, "1.issue@brightvalve.example"), recipient_id=11)
    composer = _composer(tmp_path, issue)
    mail = _mail(composer.compose(made, NOW))
    found = f"Subject: {mail['Subject']}\n\n{_part(mail, 'plain')}\n{'=' * 40}\n{_part(mail, 'html')}"
    golden = GOLDEN / layout / f"{language}.txt"
    if not golden.exists():
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(found, encoding="utf-8")
        pytest.fail(f"{golden.name} is new: look at it and run again")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_foot_speaks_the_language_and_the_page_its_direction(tmp_path: Path, language: str) -> None:
    made: Addressee = sample(language, 7, "1.issue@brightvalve.example")
    html = _part(_mail(_composer(tmp_path, issue_of({language: BODY})).compose(made, NOW)), "html")
    said = phrases(language)
    assert said.leave in unescape(html)
    assert said.or_answer in unescape(html)
    assert (f'<html lang="{language}" dir="rtl">' in html) == (language == "ar")
    assert "prefers-color-scheme: dark" in html
    assert "max-width: 480px" in html


@pytest.mark.parametrize(("width", "said"), [(1200, 'width="528"'), (528, "")])
def test_a_picture_wider_than_the_sheet_says_its_width_to_outlook(tmp_path: Path, width: int, said: str) -> None:
    press = press_in(tmp_path)
    (tmp_path / "newsletter" / "valve.png").write_bytes(png(width))
    issue = issue_of()
    issue.texts[0].body = "![The valve](valve.png)"
    html = Composer(issue, LINA, press).show(sample(issue.texts[0].language, 7, "1@x.example"), NOW).html
    (tag,) = re.findall('<img[^>]*data:image/png[^>]*alt="The valve"[^>]*>', html)
    assert ("width=" in tag, said in tag) == (bool(said), True)
