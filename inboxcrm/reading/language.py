"""The language of a text: by its script where that is enough, else by py3langid restricted to the languages of the trade.

The model (some megabytes, shipped with the library) is loaded once, at the first Latin or Cyrillic text. Too little text gives
no answer rather than a guess: a wrong language would choose a wrong template.
"""

from __future__ import annotations

import re
from collections import Counter
from copy import copy
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier  # type: ignore[import-untyped]  # it has no py.typed

# Languages that the model chooses between, by script. Neighbours are here so that they aren't taken for one of ours.
_LATIN = (
    "en",
    "es",
    "fr",
    "de",
    "pt",
    "it",
    "tr",
    "pl",
    "nl",
    "vi",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "sk",
    "hu",
    "ro",
    "hr",
    "sl",
    "id",
    "lt",
    "lv",
    "et",
    "ca",
)
_CYRILLIC = ("ru", "uk", "bg", "sr", "kk", "be", "mk")
_ARABIC = ("ar", "fa", "ur")

# Characters that are enough to tell; the model sees no more of a long mail.
_SAMPLE = 250
_LETTERS_NEEDED = 16
_SURE = 0.45
_SURE_WHEN_SHORT = 0.55
_SHORT = 45

_AROUND_WORDS = ".,;:!?()[]\"'*_<>|…-–"
_SCRIPTS = {
    "Latin": re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+"),
    "Han": re.compile("[\u3400-\u9fff\uf900-\ufaff]+"),
    "Kana": re.compile("[\u3040-\u30ff\uff66-\uff9f]+"),
    "Hangul": re.compile("[\uac00-\ud7af\u1100-\u11ff]+"),
    "Cyrillic": re.compile("[\u0400-\u052f]+"),
    "Arabic": re.compile("[\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]+"),
    "Hebrew": re.compile("[\u0590-\u05ff]+"),
    "Greek": re.compile("[\u0370-\u03ff\u1f00-\u1fff]+"),
    "Thai": re.compile("[\u0e00-\u0e7f]+"),
    "Devanagari": re.compile("[\u0900-\u097f]+"),
}
# One character of these says as much as so many letters.
_WEIGHT = {"Han": 4, "Kana": 2, "Hangul": 3}
_ONE_LANGUAGE = {"Hangul": "ko", "Hebrew": "he", "Greek": "el", "Thai": "th", "Devanagari": "hi"}
_VIETNAMESE = re.compile("[đơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]", re.IGNORECASE)

# Words that tell a text too short for the model; each belongs to one of these languages only.
_TELLING: dict[str, str] = {
    "en": "thanks thank you the please received regards dear yes attached noted hello will how much when what is are can and we our "
    "too of with this it have not pls need want your price order samples quote",
    "de": "danke dank vielen bitte guten grüße gruß und nicht angebot erhalten passt freundlichen wann können wir sie haben ist sind "
    "die das mit für der ware preis muster lieferzeit",
    "fr": "merci bonjour beaucoup reçu vous cordialement oui avec pour quand combien nous est prix votre sont pas bien les "
    "prix commande délai",
    "es": "gracias hola buenos días saludos recibido precio muchas cuánto cuesta cuándo pueden el los llegó buenas tardes adjunto",
    "pt": "obrigado obrigada olá recebido preço muito você não podem bom dia segue chegou os",
    "it": "grazie buongiorno ciao saluti ricevuto prezzo cordiali il costa quando potete merce sono allegato ordine campioni prezzi",
    "nl": "bedankt dankjewel hartelijk ontvangen groeten graag goedemorgen een het zijn wij onze wanneer kunt "
    "goederen niet aangekomen prijs wat kost levertijd",
    "pl": "dziękuję dzień dobry dziękujemy pozdrawiam proszę witam jest nie kiedy ile czy towar próbki cena",
    "tr": "teşekkürler teşekkür merhaba ederim ederiz tamam selamlar fiyat zaman için nasıl kaç mallar",
    "sv": "tack hej hälsningar mvh vi har och inte",
    "da": "hilsen venlig ikke",
    "cs": "děkuji dobrý pozdravem prosím",
    "hu": "köszönöm üdvözlettel kérjük",
    "ro": "mulțumesc mulţumesc bună vă rugăm",
    "fi": "kiitos terveisin",
}
# Without their own letters Russian and Bulgarian look alike; the trade writes Russian, so Bulgarian needs a proof.
_BULGARIAN = re.compile(
    r"ъ[бвгдзйклмнпрстфхцчшщ]|(?<!\w)(?:моля|здравейте|благодаря|благодарим|ще|сме|каква|какъв|какво|броя|поръчка\w*|получихме|"
    r"изпратете|може ли|имате ли|кога|колко|здравей|поздрави)(?!\w)"
)
# What is said in these scripts beside a long name or address in Latin: nobody signs an English letter so.
_SAID = {
    "ja": (re.compile("[\u3041-\u3096]"), 5, 15),
    "ko": (re.compile("니다|세요|시오|해요|까요|나요"), 1, 60),
    "zh": (re.compile("请|請|我|您|你|吗|嗎|谢|謝|[\u4e00-\u9fff][，。？！]"), 2, 30),
}
# Words that only Japanese writes so, of those that stand without kana.
_JAPANESE = re.compile("見積|納期|御中|株式会社|様")
_TELLING_WORDS = {word: code for code, words in _TELLING.items() for word in words.split()}


def detect(text: str) -> str:
    """ISO 639-1 code of the language that most of `text` is written in, or "" when too little is said to tell."""
    sample = _words(text[: 3 * _SAMPLE])[:_SAMPLE]
    if not sample:
        return ""
    script, letters = _script(sample)
    if script == "Latin":
        if not sample.isascii() and (said := _said(text[: 3 * _SAMPLE], letters)):
            return said
        return _latin(sample, letters) or ("" if sample.isascii() else _east_asian(sample))
    if script in ("Han", "Kana"):
        return _east_asian(sample)
    if script == "Cyrillic":
        return _cyrillic(sample, letters)
    if script == "Arabic":
        return _by_model(sample, _ARABIC) if letters >= _LETTERS_NEEDED else "ar" if letters >= 4 else ""
    return _ONE_LANGUAGE.get(script, "") if letters >= 3 else ""


def _words(text: str) -> str:
    """The words of `text`: no addresses, numbers, article codes and abbreviations, which belong to no language."""
    shouted = text.isupper()
    words = (word.strip(_AROUND_WORDS) for word in text.split())
    told = (
        word
        for word in words
        if word
        and (
            not word.isascii()
            or ((word.isalpha() or "'" in word) and (shouted or len(word) == 1 or not word.isupper()))
        )
    )
    return " ".join(told)


def _script(sample: str) -> tuple[str, int]:
    """The script most of `sample` is written in, and its number of letters (0 when there are none)."""
    if sample.isascii():
        return "Latin", sum(map(len, _SCRIPTS["Latin"].findall(sample)))
    best, most, letters = "", 0, 0
    for script, pattern in _SCRIPTS.items():
        found = sum(map(len, pattern.findall(sample)))
        weighed = found * _WEIGHT.get(script, 1)
        if weighed > most:
            best, most, letters = script, weighed, found
    return best, letters


def _said(text: str, latin: int) -> str:
    """The East Asian language of a mail that is Latin for the most part, because of the names, articles and addresses in it."""
    for code, (pattern, least, worth) in _SAID.items():
        found = len(pattern.findall(text))
        if found >= least and found * worth >= latin:
            return code
    return ""


def _latin(sample: str, letters: int) -> str:
    if len(_VIETNAMESE.findall(sample)) * 12 >= letters >= 6:
        return "vi"
    if letters < _SHORT:
        told = [_TELLING_WORDS[word] for word in re.findall(r"[^\W\d_]+", sample.lower()) if word in _TELLING_WORDS]
        if told:
            (code, most), *others = Counter(told).most_common(2)
            if not others or others[0][1] < most:
                return code
    if letters < _LETTERS_NEEDED:
        return ""
    return _by_model(sample, _LATIN, _SURE_WHEN_SHORT if letters < _SHORT else _SURE)


def _east_asian(sample: str) -> str:
    kana = sum(map(len, _SCRIPTS["Kana"].findall(sample)))
    han = sum(map(len, _SCRIPTS["Han"].findall(sample)))
    if kana * 8 >= han + kana and kana >= 2:
        return "ja"
    if _JAPANESE.search(sample):
        return "ja"
    return "zh" if han >= 2 else ""


def _cyrillic(sample: str, letters: int) -> str:
    if letters < 4:
        return ""
    lowered = sample.lower()
    if any(letter in lowered for letter in "ўќѓђћџјљњәғқңөұүһ"):
        return _by_model(sample, _CYRILLIC)
    if any(letter in lowered for letter in "іїєґ") and not any(letter in lowered for letter in "ыэё"):
        return "uk"
    if any(letter in lowered for letter in "ыэё") or not _BULGARIAN.search(lowered):
        return "ru"
    return "bg" if letters < _SHORT else _by_model(sample, ("ru", "bg"))


def _by_model(sample: str, languages: tuple[str, ...], sure: float = 0.0) -> str:
    code, confidence = _model(languages).classify(sample.lower())
    return str(code) if confidence >= sure else ""


@cache
def _our_model() -> LanguageIdentifier:
    # numpy and the model are for those who read mails; who only looks at headers starts without them.
    from inboxcrm.reading.language_model import load  # noqa: PLC0415

    return load({*_LATIN, *_CYRILLIC, *_ARABIC})


@cache
def _model(languages: tuple[str, ...]) -> LanguageIdentifier:
    """A view of the one loaded model; read only, so any thread may use it."""
    restricted = copy(_our_model())
    restricted.set_languages(languages)
    return restricted
