"""Countries and languages as people write them, in English, Chinese or their own language; as ISO 3166-1 and ISO 639-1 codes."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import pycountry
from babel import Locale
from babel.localedata import exists

_LANGUAGES = ("en", "zh", "zh_Hant", "de", "fr", "es", "pt", "it", "ru", "ar", "tr", "pl", "nl", "ja", "ko")
_ALSO = {
    "uk": "GB", "england": "GB", "scotland": "GB", "great britain": "GB", "britain": "GB", "usa": "US", "u.s.a.": "US", "u.s.": "US",
    "america": "US", "uae": "AE", "u.a.e.": "AE", "dubai": "AE", "ksa": "SA", "holland": "NL", "korea": "KR", "south korea": "KR",
    "north korea": "KP", "russia": "RU", "czech republic": "CZ", "vietnam": "VN", "iran": "IR", "syria": "SY", "bolivia": "BO",
    "tanzania": "TZ", "venezuela": "VE", "moldova": "MD", "laos": "LA", "taiwan": "TW", "ivory coast": "CI", "macedonia": "MK",
    "turkey": "TR", "burma": "MM", "swaziland": "SZ", "hongkong": "HK", "macau": "MO", "macao": "MO", "congo": "CG", "drc": "CD",
    "英格兰": "GB", "大不列颠": "GB", "阿联酋": "AE", "迪拜": "AE", "沙特": "SA", "韩国": "KR", "南韩": "KR", "朝鲜": "KP",
    "俄国": "RU", "香港": "HK", "中国香港": "HK", "台湾": "TW", "中国台湾": "TW", "澳门": "MO", "美利坚": "US", "捷克共和国": "CZ",
}  # fmt: skip
"""What people write besides the names that Unicode's data (CLDR) and ISO know."""


def country_code(written: str) -> str | None:
    """The code of a country written by name or code; "" for an empty text, None for one that is no country."""
    name = _folded(written)
    if not name:
        return ""
    return _by_name().get(name) or _by_name().get(name.removeprefix("the "))


def language_code(written: str) -> str | None:
    """The ISO 639-1 code of a language written by name or code ("de-AT" gives "de"); "" for an empty text, None for none."""
    name = _folded(written)
    if not name:
        return ""
    return _languages_by_name().get(name) or _languages_by_name().get(name.split(" ")[0].split("_")[0])


@cache
def _languages_by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for shown_in in ("en", "zh"):
        for code, name in Locale.parse(shown_in).languages.items():
            if len(code) == 2:
                found.setdefault(_folded(name), code)
                found.setdefault(code, code)
                if exists(code):
                    found.setdefault(_folded(Locale.parse(code).get_display_name(code) or name), code)
    return found | {"中文": "zh", "汉语": "zh", "普通话": "zh", "mandarin": "zh", "farsi": "fa", "castellano": "es"}


@cache
def country_names(code: str) -> tuple[str, ...]:
    """The English and the Chinese name of a code; empty for an unknown one."""
    names = (Locale.parse(language).territories.get(code) for language in ("en", "zh"))
    return tuple(name for name in names if name) if code else ()


@cache
def _by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for country in pycountry.countries:
        code = country.alpha_2
        names = [code, country.alpha_3, country.name]
        names += [value for key in ("official_name", "common_name") if (value := getattr(country, key, None))]
        names += [name for language in _LANGUAGES if (name := Locale.parse(language).territories.get(code))]
        for name in names:
            found.setdefault(_folded(name), code)
    found.update({_folded(name): code for name, code in _ALSO.items()})
    return found


def _folded(name: str) -> str:
    plain = "".join(one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one))
    return re.sub(r"[\s,.()'’\-]+", " ", plain.casefold()).strip()
