"""How people begin and end a mail in each language, and how their signatures look."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from inboxcrm.demo.cast import Company, Person, Seller, content, dice


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language of content/phrases.toml; the file explains the fields."""

    lina: list[str]
    formal_m: list[str]
    formal_f: list[str]
    friendly: list[str]
    bye: list[str]
    bye_lina: list[str]
    phone: list[str]
    gmail: str
    thunderbird: str
    labels: list[str]
    tel: str
    away_subject: str
    away: list[str]


@cache
def phrases(language: str) -> Phrases:
    """The phrases of one of `inboxcrm.demo.stories.LANGUAGES`."""
    return Phrases(**content("phrases.toml")[language])


_OWN_SCRIPT = {"ru", "ar", "zh", "ja"}

_NOTICES = {
    "en": "This e-mail and any attachments are confidential and intended solely for the addressee. If you have received it in "
    "error, please notify the sender and delete it.",
    "de": "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte den "
    "Absender und löschen Sie diese E-Mail.",
    "fr": "Ce message et ses pièces jointes sont confidentiels et destinés exclusivement à leur destinataire. En cas d'erreur, "
    "merci d'en avertir l'expéditeur et de le supprimer.",
    "es": "Este mensaje y sus anexos son confidenciales y se dirigen exclusivamente a su destinatario. Si lo recibió por error, "
    "avise al remitente y elimínelo.",
    "it": "Le informazioni contenute in questo messaggio sono riservate ai destinatari indicati. Se lo ha ricevuto per errore, "
    "la preghiamo di avvisare il mittente e di cancellarlo.",
}


def greeting_to_customer(person: Person, language: str, chance: random.Random, *, friendly: bool) -> str:
    """How Lina addresses a customer."""
    words = phrases(language)
    choices = words.friendly if friendly and words.friendly else getattr(words, f"formal_{person.sex}")
    if language not in _OWN_SCRIPT and not person.name[0].isascii() and not person.name[0].isalpha():
        return "Good day,"
    if language not in _OWN_SCRIPT and ord(person.name[0]) > 0x24F:
        return "Good day,"  # an English greeting with a name in another script looks like a machine's
    parts = person.name.split()
    family = parts[0] if len(parts) > 1 else person.name[0]
    return str(chance.choice(choices)).format(first=parts[0], last=parts[-1], family=family)


def greeting_to_lina(language: str, chance: random.Random) -> str:
    """How a customer addresses Lina."""
    return chance.choice(phrases(language).lina)


def sign_off(person: Person, company: Company, language: str, chance: random.Random) -> tuple[str, str]:
    """How a customer ends a mail: the closing with the name, and the signature block ("" for those who use none).

    The block is the same in all mails of a person.
    """
    words = phrases(language)
    closing = chance.choice(words.bye)
    style = dice("signature", person.address).randrange(4)
    first = person.name.split()[0] if language not in {"zh", "ja"} else person.name
    if style == 0:
        return f"{closing}\n{person.name}", ""
    block = [person.name, person.title, company.name]
    if style >= 2:
        block.append(company.city)
    if person.phone:
        block.append(f"{words.tel} {person.phone}")
    if style >= 2:
        block.append(f"www.{company.domain}")
    if style == 3 and company.language in _NOTICES:
        block += ["", _NOTICES[company.language]]
    return f"{closing}\n{first}" if style == 1 else closing, "\n".join(line for line in block)


def lina_signs_off(seller: Seller, language: str, chance: random.Random) -> tuple[str, str]:
    """How Lina ends a mail: the closing, and her signature block."""
    person = seller.person
    words = phrases(language)
    if language == "zh":
        block = [seller.local_name, seller.local_company, f"{words.tel} {person.phone}", f"www.{seller.domain}"]
    elif language == "ja":
        block = ["陳 麗娜(Lina Chen)", "嵐亭バルブ有限公司 海外営業部", f"TEL {person.phone}", f"www.{seller.domain}"]
    else:
        block = [
            person.name,
            person.title,
            seller.company,
            seller.address,
            f"Tel. {person.phone}",
            f"www.{seller.domain}",
        ]
    return chance.choice(words.bye_lina), "\n".join(block)
