"""The first and last line of a mail, by language, name and sex. Where the sex isn't known, words are taken that fit both.

It guesses no sex from first names; only a Russian patronymic tells it. What isn't the name of a person is not addressed as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inboxcrm.followup import filters

MALE, FEMALE = "male", "female"

CLOSINGS = {
    "en": "Best regards",
    "zh": "祝好",
    "es": "Saludos cordiales",
    "fr": "Cordialement",
    "de": "Mit freundlichen Grüßen",
    "pt": "Atenciosamente",
    "ru": "С уважением",
    "ar": "مع خالص التحية",
    "it": "Cordiali saluti",
}

# language → (to a man, to a woman, sex unknown, nobody's name known). {last}: family name, {full}: whole name, {first}: given name.
_LINES: dict[str, tuple[str, str, str, str]] = {
    "en": ("Dear Mr {last},", "Dear Ms {last},", "Dear {full},", "Hello,"),
    "es": ("Estimado Sr. {last}:", "Estimada Sra. {last}:", "Buenos días, {full}:", "Buenos días:"),
    "fr": ("Bonjour Monsieur {last},", "Bonjour Madame {last},", "Bonjour {full},", "Bonjour,"),
    "de": ("Sehr geehrter Herr {last},", "Sehr geehrte Frau {last},", "Guten Tag {full},", "Guten Tag,"),
    "pt": ("Prezado Sr. {last},", "Prezada Sra. {last},", "Bom dia, {full},", "Bom dia,"),
    "it": ("Gentile Sig. {last},", "Gentile Sig.ra {last},", "Gentile {full},", "Buongiorno,"),
    "ru": ("Уважаемый {first}!", "Уважаемая {first}!", "Здравствуйте, {first}!", "Здравствуйте!"),
    "ar": (
        "الأستاذ {first} المحترم،",
        "الأستاذة {first} المحترمة،",
        "تحية طيبة {full}،",
        "تحية طيبة،",
    ),
    "zh": ("{last}先生，您好：", "{last}女士，您好：", "{full}，您好：", "您好："),
}
# Who is known by one name only: no "Mr" before a first name, save where that is how one speaks.
_ONE_NAME: dict[str, tuple[str, str]] = {
    "en": ("Dear {full},", "Dear {full},"),
    "es": ("Estimado {full}:", "Estimada {full}:"),
    "fr": ("Bonjour {full},", "Bonjour {full},"),
    "de": ("Guten Tag {full},", "Guten Tag {full},"),
    "pt": ("Prezado {full},", "Prezada {full},"),
    "it": ("Gentile {full},", "Gentile {full},"),
    "zh": ("{full}，您好：", "{full}，您好："),
}

_ACADEMIC = re.compile(r"^(?:dr|prof|doct|dipl)\b\.?(?:-?ing\.?)?$", re.IGNORECASE)
_HONORIFICS = frozenset(
    "mr mrs ms miss mx herr frau monsieur madame mme mlle m sr sra srta señor señora dr prof eng ing dott sig signor signora sig.ra "
    "г-н г-жа господин госпожа السيد السيدة الأستاذ الأستاذة المهندس الدكتور".split()
)
_NOT_A_PERSON = re.compile(
    r"(?i)[@\d]|\b(?:sales|purchas\w*|procurement|info|office|team|dept|department|export|import|admin|service|support|contact|"
    r"marketing|logistics|account\w*|buyer|order\w*|einkauf|vertrieb|compras|ventas|achats?|acquisti|vendite|commerciale|secretar\w*|"
    r"gmbh|ltd|llc|inc|corp|co|company|srl|s\.?a|spa|sarl|ag|kg|trading|group|international|industr\w*|отдел\w*|закупк\w*|ооо|"
    r"no-?reply|mailer|hello|mail|me|test)\b|部|公司|采购|有限|销售|شركة|قسم"
)
_CJK = re.compile(r"^[\u3400-\u9fff·]{2,6}$")
_TWO_SIGNS = frozenset("欧阳 司马 上官 诸葛 司徒 东方 皇甫 尉迟 公孙 慕容 令狐 长孙 夏侯 端木 百里 南宫".split())
_CHINESE_TITLES = (
    ("总经理", "总"),
    ("总监", "总监"),
    ("经理", "经理"),
    ("主任", "主任"),
    ("工程师", "工"),
    ("老师", "老师"),
)
_FAMILY_FIRST = frozenset(
    "zhang wang li liu chen yang huang zhao wu zhou xu sun ma zhu hu guo he gao luo zheng liang xie tang deng feng han cao peng zeng "
    "xiao tian dong pan yuan cai jiang yu du ye cheng wei su lu ding ren shen yao".split()
)
_KOREAN = frozenset("kim lee park choi jung jang lim".split())
_TIED = frozenset("عبد أبو ابو ابن".split())
"""Arabic words that make one name with the next."""
_LONGEST_GREETING = 60
_ENDS = ",:!，：！،"
_PATRONYMIC = re.compile(r"(?i)(?:(?P<he>[ое]вич|ьич|[иы]ч)|(?P<she>[ое]вна|ична|инична))$")
_BEFORE_SURNAME = frozenset(
    "de da do dos das del della di du la le van von der den bin ibn al el zu zur ter st".split()
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name parted: `first` and `last` may be "", `academic` is "Dr." or "Prof."."""

    full: str = ""
    first: str = ""
    last: str = ""
    patronymic: str = ""
    academic: str = ""

    @property
    def given(self) -> str:
        """Given name, with the patronymic where there is one."""
        return f"{self.first} {self.patronymic}".strip()


def parted(written: str, language: str = "", *, company: str = "") -> PersonName:
    """The name of a person, parted; empty for what is no person's name (an address, a department, the company itself)."""
    text = filters.name(written)
    if not text or _NOT_A_PERSON.search(text) or (company and text.casefold() == company.casefold()):
        return PersonName()
    if _CJK.match(text):
        length = 2 if text[:2] in _TWO_SIGNS and len(text) > 2 else 1
        return PersonName(text, text[length:], text[:length])
    words = text.split()
    academic = ""
    while len(words) > 1 and (words[0].rstrip(".").casefold() in _HONORIFICS or _ACADEMIC.match(words[0])):
        if _ACADEMIC.match(words[0]):
            academic = f"{academic} {words[0].rstrip('.')}.".strip()
        words = words[1:]
    full = " ".join(words)
    if len(words) == 1:
        return PersonName(full, full, "", academic=academic)
    for index, word in enumerate(words):
        if index and _PATRONYMIC.search(word):
            first = words[index - 1]
            others = [one for one in words if one not in (first, word)]
            return PersonName(full, first, " ".join(others), patronymic=word, academic=academic)
    return _western(words, full, academic, language)


def salutation(written: str, sex: str, language: str, *, title: str = "", company: str = "") -> str:
    """The first line to somebody. `sex`: "male", "female" or "" for unknown; `title`: the position in the company."""
    name = parted(written, language, company=company)
    sex = sex or _sex_of(name.patronymic)
    to_him, to_her, to_either, to_nobody = _LINES.get(language, _LINES["en"])
    if not name.full:
        return to_nobody
    if language == "zh" and name.last and _CJK.match(name.full):
        for position, spoken in _CHINESE_TITLES:
            if position in title:
                return f"{name.last}{spoken}，您好："
    line = to_either
    if sex in (MALE, FEMALE):
        if not name.last or (language == "zh" and not _CJK.match(name.full)):
            to_him, to_her = _ONE_NAME.get(language, (to_him, to_her))
        line = to_her if sex == FEMALE else to_him
    last = f"{name.academic} {name.last}".strip() if language in ("de", "en") else name.last
    if language == "en" and name.academic and sex:
        return f"Dear {last},"
    return line.format(last=last, full=_as_one_says(name, language), first=name.given)


def as_before(text: str, written: str) -> str:
    """How a text of ours greets this person: its first line ("Hi Anna,"), or "" when it greets nobody, somebody else or several."""
    line = next((one.strip() for one in text.split("\n") if one.strip()), "")
    if not 3 <= len(line) <= _LONGEST_GREETING or line[-1] not in _ENDS or re.search(r"[\d@/<>&+]", line):
        return ""
    name = parted(written)
    words = {one for one in re.split(r"[^\w]+", line.casefold()) if one}
    called = {one for part in (name.first, name.last) for one in part.casefold().split() if one}
    if not called & words and not (_CJK.match(name.full) and name.last and line.startswith(name.last)):
        return ""
    return line


def closing(language: str) -> str:
    """The line above the signature."""
    return CLOSINGS.get(language, CLOSINGS["en"])


def _western(words: list[str], full: str, academic: str, language: str) -> PersonName:
    if words[0] in _TIED and len(words) > 2:
        return PersonName(full, " ".join(words[:2]), " ".join(words[2:]), academic=academic)
    head = words[0].casefold()
    if head in _FAMILY_FIRST or (head in _KOREAN and "-" in words[-1]):
        if words[-1].casefold() in _FAMILY_FIRST:  # either may be the family name
            return PersonName(full, full, "", academic=academic)
        return PersonName(full, " ".join(words[1:]), words[0], academic=academic)
    start = len(words) - 1
    if language == "es" and len(words) >= 3:
        start = len(words) - 2  # two family names
    while start > 1 and words[start - 1].casefold() in _BEFORE_SURNAME:
        start -= 1
    return PersonName(full, " ".join(words[:start]), " ".join(words[start:]), academic=academic)


def _as_one_says(name: PersonName, language: str) -> str:
    if language == "ru":
        return name.given
    return f"{name.academic} {name.full}".strip() if language in ("de", "en") else name.full


def _sex_of(patronymic: str) -> str:
    found = _PATRONYMIC.search(patronymic)
    if found is None:
        return ""
    return FEMALE if found["she"] else MALE
