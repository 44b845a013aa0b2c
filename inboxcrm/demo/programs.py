"""How mail programs lay out a mail: signature, quoted history and HTML, each in its own way.

A reader of mail must tell the new text from all of this, so the demo shows the ways that a salesperson's mailbox really holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from html import escape

from babel.dates import format_datetime

from inboxcrm.demo.phrases import phrases


@dataclass(frozen=True, slots=True)
class Quoted:
    """The mail that is answered. `at` is in the time zone of who answers."""

    name: str
    address: str
    to_name: str
    to_address: str
    at: datetime
    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class Body:
    """A laid out mail. `html` is the inside of the body element; "" where the program writes plain text only."""

    plain: str
    html: str


def lay_out(program: str, language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    """The body of a mail with `text` as its new text, as `program` (a key of `PROGRAMS`) makes it."""
    return PROGRAMS[program](language, text, signature, quoted)


def paragraphs(text: str, language: str) -> str:
    """Text as HTML, a paragraph each."""
    direction = ' dir="rtl"' if language == "ar" else ""
    return "".join(f"<p{direction}>{_lines(part)}</p>\n" for part in text.split("\n\n"))


def quote_marks(text: str) -> str:
    """Every line behind a ">"."""
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _lines(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>\n")


def _join(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)


def _long_date(at: datetime, language: str) -> str:
    return format_datetime(at, "EEE, d MMM y, HH:mm", locale=language)


def _gmail(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, f"-- \n{signature}" if signature else "")
    html = f'<div dir="{"rtl" if language == "ar" else "ltr"}">{_lines(text)}</div>'
    if signature:
        html += f'<div><br></div>-- <br><div dir="ltr" class="gmail_signature">{_lines(signature)}</div>'
    if quoted:
        date = format_datetime(
            quoted.at, "EEE, d MMM y 'at' HH:mm" if language == "en" else "EEE, d MMM y, H:mm", locale=language
        )
        line = phrases(language).gmail.format(date=date, name=quoted.name, address=quoted.address)
        plain = _join(plain, f"{line}\n\n{quote_marks(quoted.plain)}")
        html += (
            f'<br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">{_lines(line)}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid #ccc;padding-left:1ex">'
            f"{quoted.html}</blockquote></div>"
        )
    return Body(plain, html)


def _outlook(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, signature)
    html = '<div class="WordSection1">' + "".join(
        f'<p class="MsoNormal" style="margin:0cm"{" dir=RTL" if language == "ar" else ""}>{escape(line, quote=False) or "&nbsp;"}</p>\n'
        for line in plain.split("\n")
    )
    if quoted:
        who, when, to, what = phrases(language).labels
        date = format_datetime(quoted.at, "EEEE, d MMMM y HH:mm", locale=language)
        head = [
            (who, f"{quoted.name} <{quoted.address}>"),
            (when, date),
            (to, f"{quoted.to_name} <{quoted.to_address}>"),
            (what, quoted.subject),
        ]
        plain = _join(
            plain, "\n".join(("________________________________", *(f"{label}: {value}" for label, value in head)))
        )
        plain = _join(plain, quoted.plain)
        html += (
            '<div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">'
            + "<br>\n".join(f"<b>{label}:</b> {escape(value, quote=False)}" for label, value in head)
            + f"</p></div>\n{quoted.html}"
        )
    return Body(plain, html + "</div>")


def _apple(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, signature)
    html = f"<div>{_lines(plain)}</div>"
    if quoted:
        line = phrases(language).gmail.format(
            date=_long_date(quoted.at, language), name=quoted.name, address=quoted.address
        )
        plain = _join(plain, f"{quote_marks(f'{line}{chr(10)}{chr(10)}{quoted.plain}')}")
        html += (
            f'<div><br><blockquote type="cite"><div>{_lines(line)}</div><br><div>{quoted.html}</div></blockquote></div>'
        )
    return Body(plain, html)


def _iphone(language: str, text: str, _signature: str, quoted: Quoted | None) -> Body:
    return _apple(language, text, phrases(language).phone[0], quoted)


def _thunderbird(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = text
    if quoted:
        date = format_datetime(quoted.at, "dd.MM.yy HH:mm" if language == "de" else "dd/MM/yy HH:mm", locale=language)
        line = phrases(language).thunderbird.format(date=date, name=quoted.name)
        plain = _join(plain, f"{line}\n{quote_marks(quoted.plain)}")
    return Body(_join(plain, f"-- \n{signature}" if signature else ""), "")


def _qq(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, signature)
    html = f'<div>{_lines(text)}</div><div><br></div><div><sign signid="0">{_lines(signature)}</sign></div>'
    if quoted:
        head = [
            ("发件人", f'"{quoted.name}" <{quoted.address}>;'),
            ("发送时间", format_datetime(quoted.at, "y年M月d日(EEEE) 中午H:mm", locale="zh").replace("中午", "")),
            ("收件人", f'"{quoted.to_name}"<{quoted.to_address}>;'),
            ("主题", quoted.subject),
        ]
        rule = "------------------ 原始邮件 ------------------"
        plain = _join(plain, "\n".join((rule, *(f"{label}: {value}" for label, value in head))), quoted.plain)
        html += (
            f'<div><br></div><div style="font-size: 12px;font-family: Arial Narrow;padding:2px 0 2px 0;">{rule}</div>'
            '<div style="font-size: 12px;background:#efefef;padding:8px;">'
            + "".join(f"<div><b>{label}:</b>&nbsp;{escape(value, quote=False)}</div>" for label, value in head)
            + f"</div><div><br></div><div>{quoted.html}</div>"
        )
    return Body(plain, html)


def _foxmail(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, signature)
    html = (
        f"<div>{_lines(text)}</div><div><br></div>"
        '<hr style="width: 210px; height: 1px;" color="#b5c4df" size="1" align="left">'
        f"<div>{_lines(signature)}</div>"
    )
    if quoted:
        labels = ("发件人", "发送时间", "收件人", "主题") if language == "zh" else ("From", "Date", "To", "Subject")
        colon = ":" if language == "zh" else ": "
        values = (
            f"{quoted.name} <{quoted.address}>" if language != "zh" else quoted.name,
            f"{quoted.at:%Y-%m-%d %H:%M}",
            quoted.to_name,
            quoted.subject,
        )
        plain = _join(
            plain,
            "\n".join(f"{label}{colon}{value}" for label, value in zip(labels, values, strict=True)),
            quoted.plain,
        )
        html += (
            '<blockquote style="margin-Top: 0px; margin-Bottom: 0px; margin-Left: 0.5em"><div>&nbsp;</div>'
            '<div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
            '<div style="PADDING: 8px; FONT-SIZE: 12px; BACKGROUND: #efefef;">'
            + "".join(
                f"<div><b>{label}{colon}</b>&nbsp;{escape(value, quote=False)}</div>"
                for label, value in zip(labels, values, strict=True)
            )
            + f"</div></div><div>{quoted.html}</div></blockquote>"
        )
    return Body(plain, html)


def _mailru(language: str, text: str, signature: str, quoted: Quoted | None) -> Body:
    plain = _join(text, f"--\n{signature}" if signature else "")
    html = f"<div>{_lines(text)}</div><div>&nbsp;</div>"
    if signature:
        html += f'<div data-signature-widget="container"><div>--<br>{_lines(signature)}</div></div>'
    if quoted:
        date = format_datetime(quoted.at, "EEEE, d MMMM y, HH:mm xxx", locale="ru")
        line = f"{date[0].upper()}{date[1:]} от {quoted.name} <{quoted.address}>:"
        plain = _join(plain, f"{line}\n \n{quote_marks(quoted.plain)}")
        html += (
            '<blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">'
            f"{_lines(line)}<br>&nbsp;<div>{quoted.html}</div></blockquote>"
        )
    return Body(plain, html)


PROGRAMS: dict[str, Callable[[str, str, str, Quoted | None], Body]] = {
    "gmail": _gmail,
    "outlook": _outlook,
    "apple": _apple,
    "iphone": _iphone,
    "thunderbird": _thunderbird,
    "qq": _qq,
    "foxmail": _foxmail,
    "mailru": _mailru,
}
"""Every mail program of the demo by its name in customers.toml."""
