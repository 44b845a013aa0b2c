"""What is wrong, or looks wrong, with links and words of an issue. Pure, by rules that stand here one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from inboxcrm.i18n import _, listed
from inboxcrm.newsletter.markup import Link, Picture
from inboxcrm.reading.authentication import organisation

_HOST = re.compile(
    r"^(?:[a-z0-9\u0080-\uffff](?:[a-z0-9\u0080-\uffff-]*[a-z0-9\u0080-\uffff])?\.)+[a-z\u0080-\uffff][a-z0-9\u0080-\uffff-]+$"
)
_NUMBERS = re.compile(r"^[\d.]+$|^\[")
_ADDRESS = re.compile(r"^[^@\s?]+@[^@\s?]+\.[^@\s?]+$")
_LOOKS_LIKE_HOST = re.compile(r"^(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:[/?#]\S*)?$", re.IGNORECASE)
_SHORTENERS = frozenset(
    "bit.ly tinyurl.com t.co goo.gl ow.ly is.gd buff.ly rb.gy cutt.ly shorturl.at t.ly dwz.cn url.cn suo.im".split()
)
_MOST_LINKS = 25
_FAKE_REPLY = re.compile(r"^\s*(?:re|fw|fwd|aw|wg|sv|tr|rif|res|enc|回复|答复|转发)\s*[:：]", re.IGNORECASE)
_LONGEST_SUBJECT = 70
_FEWEST_WORDS_A_PICTURE = 20

PUSHY: dict[str, str] = {
    "en": "free|100%|act now|click here|buy now|limited time|lowest price|best price ever|winner|congratulations|guaranteed|no risk|"
    "urgent|dear friend|once in a lifetime|cheap",
    "zh": "免费|限时|点击这里|立即购买|最低价|恭喜|中奖|100%|紧急|亲爱的朋友",
    "es": "gratis|100%|haga clic aquí|compre ahora|tiempo limitado|el mejor precio|felicidades|garantizado|urgente|estimado amigo",
    "fr": "gratuit|100%|cliquez ici|achetez maintenant|offre limitée|meilleur prix|félicitations|garanti|urgent|cher ami",
    "de": "gratis|kostenlos|100%|hier klicken|jetzt kaufen|nur für kurze zeit|bester preis|glückwunsch|garantiert|dringend|"
    "lieber freund",
    "pt": "grátis|100%|clique aqui|compre agora|tempo limitado|melhor preço|parabéns|garantido|urgente|caro amigo",
    "ru": "бесплатно|100%|нажмите здесь|купите сейчас|только сегодня|лучшая цена|поздравляем|гарантированно|срочно|дорогой друг",
    "ar": "مجانا|مجاني|100%|اضغط هنا|اشتر الآن|لفترة محدودة|أفضل سعر|تهانينا|مضمون|عاجل|صديقي العزيز",
    "it": "gratis|100%|clicca qui|acquista ora|tempo limitato|miglior prezzo|congratulazioni|garantito|urgente|caro amico",
}
"""Words that filters of spam count, by language; one in passing does no harm, several do."""
_HARMLESS = 1


@dataclass(frozen=True, slots=True)
class Remark:
    """`serious`: the issue can't go like this. `kind`: "link", "image" or "spam"."""

    serious: bool
    kind: str
    what: str


def of_links(links: Sequence[Link]) -> Iterator[Remark]:
    """Links that lead nowhere, or look as if they deceived."""
    for link in dict.fromkeys(links):
        shown = link.text or link.href
        scheme, _colon, rest = link.href.partition(":")
        match scheme.casefold():
            case "http" | "https":
                yield from _of_web_link(link, shown)
            case "mailto":
                if not _ADDRESS.match(rest.partition("?")[0]):
                    yield Remark(
                        True, "link", _("“{link}” leads to no mail address: {href}").format(link=shown, href=link.href)
                    )
            case "tel":
                if not re.fullmatch(r"\+?[\d ()./-]{4,}", rest):
                    yield Remark(
                        True, "link", _("“{link}” leads to no phone number: {href}").format(link=shown, href=link.href)
                    )
            case _:
                what = _("“{link}” leads to {href!r}; a link begins with https://, mailto: or tel:")
                yield Remark(True, "link", what.format(link=shown, href=link.href))
    if len(links) > _MOST_LINKS:
        yield Remark(False, "spam", _("{count} links: filters take that for spam").format(count=len(links)))


def _of_web_link(link: Link, shown: str) -> Iterator[Remark]:
    try:
        parts = urlsplit(link.href)
        host = (parts.hostname or "").casefold()
        bad = bool(re.search(r"[\s<>\"{}|\\^`]", link.href)) or parts.port == 0
    except ValueError:
        host, bad = "", True
    if _NUMBERS.match(host) and not bad:
        yield Remark(
            False, "spam", _("“{link}” leads to a number instead of a name: {href}").format(link=shown, href=link.href)
        )
    elif bad or not _HOST.match(host):
        yield Remark(True, "link", _("“{link}” leads to no page: {href}").format(link=shown, href=link.href))
        return
    if "@" in parts.netloc:
        yield Remark(False, "spam", _("“{link}” holds a log-in name: {href}").format(link=shown, href=link.href))
    if host.removeprefix("www.") in _SHORTENERS:
        what = _("“{link}” hides where it leads ({host}): filters distrust that; write the address itself")
        yield Remark(False, "spam", what.format(link=shown, host=host))
    if parts.scheme.casefold() == "http":
        yield Remark(
            False, "link", _("“{link}” leads to a page without encryption: {href}").format(link=shown, href=link.href)
        )
    says = _LOOKS_LIKE_HOST.match(link.text)
    if says is not None and _claims(link.text, says[1]) and _owner(says[1]) != _owner(host):
        what = _("the link says {says} but leads to {host}: that looks like fraud")
        yield Remark(False, "spam", what.format(says=says[1], host=host))


def _claims(text: str, host: str) -> bool:
    """Whether the words of a link are an address, and not the name of a file, like catalogue.pdf."""
    return bool(organisation(host.casefold())) or text.casefold().startswith(("http://", "https://", "www."))


def _owner(host: str) -> str:
    """Whose host it is: its registrable domain; below an ending that the list of them doesn't know, its last two labels."""
    host = host.casefold()
    return organisation(host) or ".".join(host.split(".")[-2:])


def of_pictures(pictures: Sequence[Picture], words: int) -> Iterator[Remark]:
    """Pictures that say nothing to who doesn't see them, and mails that are little else."""
    for picture in pictures:
        if not picture.alt:
            what = _("the picture {name} has no words for who doesn't see it: ![words](…)")
            yield Remark(False, "image", what.format(name=picture.src))
    if pictures and words < _FEWEST_WORDS_A_PICTURE * len(pictures):
        yield Remark(False, "spam", _("little text beside the pictures: filters take that for spam"))


def of_subject(subject: str, language: str) -> Iterator[Remark]:
    """What makes a subject look like spam, or too long to be read."""
    letters = [one for one in subject if one.isalpha()]
    if len(letters) >= 8 and sum(one.isupper() for one in letters) > 0.7 * len(letters):
        yield Remark(False, "spam", _("the subject shouts in capitals: {subject}").format(subject=subject))
    if len(re.findall("[!！]", subject)) > 1 or re.search(r"[$€¥]\s*[$€¥]", subject):
        yield Remark(False, "spam", _("the subject cries for attention: {subject}").format(subject=subject))
    if _FAKE_REPLY.match(subject):
        yield Remark(
            False, "spam", _("the subject looks like an answer and is none: {subject}").format(subject=subject)
        )
    if len(subject) > _LONGEST_SUBJECT:
        what = _("the subject has {count} letters; programs show about {most}")
        yield Remark(False, "text", what.format(count=len(subject), most=_LONGEST_SUBJECT))
    found = pushy_words(subject, language)
    if found:
        yield Remark(False, "spam", _("the subject has words of spam: {words}").format(words=listed(found)))


def of_words(text: str, language: str) -> Iterator[Remark]:
    """What makes a text look like spam."""
    found = pushy_words(text, language)
    if len(found) > _HARMLESS:
        yield Remark(False, "spam", _("the text has words of spam: {words}").format(words=listed(found)))
    if len(re.findall("[!！]", text)) > 5:
        yield Remark(False, "spam", _("many exclamation marks: filters take that for spam"))
    capitals = re.findall(r"\b[A-ZА-Я]{5,}\b", text)
    if len(capitals) > 8:
        yield Remark(False, "spam", _("many words in capitals: {words} …").format(words=listed(capitals[:3])))


def pushy_words(text: str, language: str) -> list[str]:
    """The words of `PUSHY` that stand in a text, each once."""
    words = PUSHY.get(language, PUSHY["en"])
    pattern = words if language == "zh" else rf"(?<!\w)(?:{words})(?!\w)"
    return list(dict.fromkeys(one.casefold() for one in re.findall(pattern, text, re.IGNORECASE)))
