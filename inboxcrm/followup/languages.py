"""In which language somebody is written to: the contact's own, else that of the last mails, else the country's. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable

_COUNTRIES: dict[str, str] = {
    "zh": "CN TW HK MO",
    "es": "ES MX AR CO CL PE EC VE BO PY UY GT HN SV NI CR PA DO CU PR GQ",
    "fr": "FR MC MA DZ TN SN CI CM ML BF BJ TG GA CG CD MG GN NE TD DJ HT",
    "de": "DE AT LI",
    "pt": "PT BR AO MZ CV GW ST TL",
    "ru": "RU BY KZ KG UZ TJ TM",
    "ar": "SA AE EG JO LB SY IQ KW QA BH OM YE LY SD MR PS",
    "it": "IT SM VA",
}
_OF_COUNTRY = {country: language for language, countries in _COUNTRIES.items() for country in countries.split()}
FALLBACK = "en"


def choose(contact: str, mails: Iterable[str], country: str, available: Collection[str]) -> str:
    """The language to write in, of those that are `available`. `contact`: the contact's language or ""; `mails`: the languages of the
    last mails, newest first; `country`: ISO 3166-1 alpha-2 or "".

    A language that somebody speaks but that there is no text in leads to English, not to what the country speaks.
    """
    code = spoken(contact, mails, country)
    return code if code in available else FALLBACK


def spoken(contact: str, mails: Iterable[str], country: str) -> str:
    """The language that somebody speaks as far as is known, whether there are texts in it or not; "" when nothing tells it."""
    for known in (contact, *mails, _OF_COUNTRY.get(country, "")):
        code = known.replace("_", "-").split("-")[0].casefold()
        if code:
            return code
    return ""
