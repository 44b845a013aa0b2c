"""What one line at the foot of a letter is: a phone or address, a title or company, a name, or a sentence.

Judged by the shape of the line alone. Where a line stands, and so whether it is a signature, is for `inboxcrm.reading.signature`.
"""

from __future__ import annotations

import re

from inboxcrm.reading.closings import COMPANY_FORMS, CONTACT_LABELS, MESSENGERS, OTHER_LABELS, SAYS, STREETS, TITLES

ASKS = ("?", "？", "؟")
# Longer lines are prose, unless a label begins them.
_LONGEST = 160

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"”’)\]]?\s*$")
_LINK = re.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]+\.[\w.-]+|\b[\w-]{2,40}\.(?:com|net|org|de|fr|es|it|ru|pl|nl|cn|com\.\w\w|co\.\w\w)\b",
    re.IGNORECASE,
)
# A number that no label calls a phone must look like one: a country code, an area code, groups of digits.
_BARE_PHONE = re.compile(
    r"(?:\+|(?<!\d)00)\d[\d\s().\-/–]{6,20}\d|\(\+?\d{1,4}\)[\d\s.\-/–]{5,16}\d|(?<!\d)0\d{1,4}[\s.\-/–][\d\s.\-/–]{4,14}\d"
    r"|(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)|(?<!\d)\d{3}[\s.-]\d{3}[\s.-]\d{4}(?!\d)|(?<!\d)0\d{10}(?!\d)"
)
# "张三", "김철수 과장" and "田中 太郎" are names; longer lines say something.
_CJK_NAME = re.compile(f"[{_CJK}]{{2,4}}(?:\\s?[{_CJK}]{{1,4}})?")
_PREFIX = re.compile(r"(?:i\.\s?[av]\.|ing\.|lic\.|dr\.|mr\.?|mrs\.?|ms\.?|dipl\.-ing\.)\s*", re.IGNORECASE)
_QUANTITY = re.compile(
    r"(?<![\w.])\d[\d.,]*\s?(?:(?:pcs?|pieces?|sets?|units?|kgs?|tons?|mt|pallets?|ctns?|cartons?|boxes|rolls?|sqm|m2|m²|usd|eur|rmb|piezas?|"
    r"pzas?|pz|unidades|uds|stück|stk|pièces|pezzi|peças|шт|adet|szt|stuks|cái)(?![^\W\d_])|[%$€£¥]|[个只套件台箱吨公斤米支双条])",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\b\d{4,6}\b|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|\b\d{3}-\d{4}\b|\b\d{2}-\d{3}\b")
_CJK_STREET = re.compile(r"[路街号號区區室楼樓]|丁目|番地|[시구동로길]\s?\d|شارع|ص\.ب|ถนน")
_CJK_REQUEST = re.compile("我要|需要|想要|请|請|吗|嗎|您|我们|我們|ください|下さい|세요|니다|ですか")
# "Tel.", "M:", "电话：", "Phone no. :", "T +44": the name of a datum before its value.
_LABEL_SHAPE = re.compile(
    r"\W{0,4}([^\W\d_][^:：+(\t\d|]{0,22}?)\s{0,8}(?:[:：+(\t|]|[.]\s?(?=[+(\d])|\s(?=\d)|(?<=\))\s)"
)


def _words(table: str) -> frozenset[str]:
    return frozenset(word for word in table.split("/") if word)


_CONTACT_LABELS = _words(CONTACT_LABELS)
_OTHER_LABELS = _words(OTHER_LABELS)
_MESSENGERS = _words(MESSENGERS)
_SAYS = _words(SAYS)
_STREETS = _words(STREETS)
_COMPANY_WORDS = frozenset(
    word for word in _words(COMPANY_FORMS) if len(word) > 1 and not re.match(f"[{_CJK}]", word)
) | {"s/a", "a/s"}
_COMPANY_CJK = re.compile("|".join(word for word in sorted(_words(COMPANY_FORMS)) if re.match(f"[{_CJK}]", word)))
_TITLE_WORDS = frozenset(word for word in _words(TITLES) if not re.match(f"[{_CJK}]", word))
_TITLE_PHRASES = tuple(word for word in _TITLE_WORDS if " " in word)
_TITLE_CJK = re.compile(
    "|".join(sorted((word for word in _words(TITLES) if re.match(f"[{_CJK}]", word)), key=len, reverse=True))
)
# In other words than company names these are too common.
_COMPANY_ENDS = frozenset(
    "ag ab as sa spa sl cv dd bt est ek sc sk ug nv bv oy co kg limited group company import imports holding trading "
    "international ип ао".split()
)


def is_contact(line: str) -> bool:
    """A line that holds a phone, an address of mail or web, or a messenger's name, and little else."""
    head = line.strip()
    if not head or len(head) > _LONGEST or head.endswith(ASKS):
        return False
    digits = sum(map(str.isdigit, head))
    link = _LINK.search(head) if "." in head or "@" in head else None
    if digits < 6 and link is None:
        return _label(head) in _MESSENGERS and len(head) < 60
    label = _label(head)
    if label in _CONTACT_LABELS and (link or digits * 6 >= len(head)):
        return True
    if label in _MESSENGERS and len(head) < 60:
        return True
    if len(head) > 120:
        return False
    phone = _BARE_PHONE.search(head) if digits >= 7 else None
    if phone and sum(map(str.isdigit, phone[0])) >= 7 and sum(map(str.isalpha, head)) <= 12:
        return True
    if link and len(head) - len(link[0]) <= 25 and len(head.split()) <= 4:
        return True
    return ("|" in head or "·" in head or "•" in head) and bool(phone or link)


def _label(head: str) -> str:
    """The name of the datum that `head` begins with, in lower case: "Tel. : +49 40" → "tel"."""
    match = _LABEL_SHAPE.match(head)
    if match is None:
        return ""
    label = match[1].strip(" .)]*_-").lower().replace("i\u0307", "i")
    for ending in (" no", " nr", " number", " id", " phone", " n°", " №"):
        label = label.removesuffix(ending)
    return label.split("/")[0].split(" / ")[0].split("&")[0].strip(" .")


def has_other_label(line: str) -> bool:
    """A labelled line of a contact block that is no proof of one: a postal address, a tax number."""
    return _label(line.strip()) in _OTHER_LABELS


def is_title(line: str) -> bool:
    """A short line that names a job, a department, a company or a street."""
    head = line.strip(" \t*_")
    if not head or len(head) > 140 or head[-1] in ASKS:
        return False
    lowered = head.lower().replace("i\u0307", "i")
    words = [word.strip("(),.|:;*\"'«»“”-–") for word in lowered.replace(".", "").split()]
    street = not _STREETS.isdisjoint(words) or bool(_CJK_STREET.search(head))
    if (street and _POSTCODE.search(head)) or _label(head) in _OTHER_LABELS:
        return True
    if says_something(head):
        return False
    if len(head) > 70 or (street and any(map(str.isdigit, head))):
        return len(head) <= 70
    if _is_company(head, words):
        return True
    if _COMPANY_CJK.search(head) or _TITLE_CJK.search(head):
        return len(head) <= 24 and not _CJK_REQUEST.search(head)
    if _SENTENCE_END.search(head[-3:]) and len(words) > 3:
        return False
    if len(words) > 7 or (_TITLE_WORDS.isdisjoint(words) and not any(phrase in lowered for phrase in _TITLE_PHRASES)):
        return False
    long = [word for word in head.split() if len(word) > 3 and word[0].isalpha()]
    return sum(word[0].isupper() or not word[0].islower() for word in long) * 2 >= len(long)


def _is_company(head: str, words: list[str]) -> bool:
    if len(words) > 8:
        return False
    if words[-1] in _COMPANY_WORDS or (len(words) > 2 and "".join(words[-2:]) in _COMPANY_WORDS):
        return head[:1].isupper() or not head[:1].islower()
    return not (_COMPANY_WORDS - _COMPANY_ENDS).isdisjoint(words) and (head[:1].isupper() or head[:1] in '"«“')


def is_name(line: str) -> bool:
    """A line that may be nothing but a person's name."""
    bare = line.strip(" *_-–—,.")
    return (
        0 < len(bare) <= 40
        and len(bare.split()) <= 5
        and not any(map(str.isdigit, bare))
        and "@" not in bare
        and "|" not in bare
    )


def says_something(line: str) -> bool:
    """A line that is part of what is said, however short: a question, a quantity, an announcement, words of a sentence."""
    head = line.strip(" \t*_")
    if not head or is_contact(head):
        return False
    if head[-1] in ASKS or (head[-1] in ":：" and _label(head) not in _CONTACT_LABELS | _OTHER_LABELS):
        return True
    if _QUANTITY.search(head) or _CJK_REQUEST.search(head):
        return True
    words = [word.strip("(),.!;:\"'«»“”") for word in head.split()]
    if len(words) < 3:
        return False
    if words[0].lower() in _SAYS or not _SAYS.isdisjoint(words[1:]):
        return True
    return head[0].islower() and (len(words) > 3 or any(map(str.isdigit, head))) and head[1:2] != "."


def is_personal_name(line: str) -> bool:
    """A line that looks like a person's name in its script: capitalised words, or a few characters where there are no capitals."""
    bare = _PREFIX.sub("", line.strip(" \t*_-–—,."))
    if not is_name(bare) or ":" in bare or "：" in bare:
        return False
    if _CJK_NAME.fullmatch(bare):
        return True
    words = bare.split()
    return len(words) <= 4 and all(
        word[:1].isalpha() and not word[:1].islower() and word[0] < "\u3040" for word in words if len(word) > 3
    )


def is_sentence(line: str) -> bool:
    """A line of prose: long, a question, or several words that end like a sentence."""
    head = line.strip()
    if len(head) > 110 or head.endswith(ASKS):
        return True
    if not _SENTENCE_END.search(head[-5:]):
        return False
    words = head.lower().replace(".", "").split()
    if not words or words[-1].strip("),") in _COMPANY_WORDS or "".join(words[-2:]) in _COMPANY_WORDS:
        return False
    return len(words) >= 4 or sum("\u3040" <= one <= "\ud7af" for one in head) >= 7
