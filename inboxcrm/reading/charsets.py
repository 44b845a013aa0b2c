"""Bytes → text, whatever the label says: what mail programs call "gb2312", "iso-8859-1" or "x-unknown" is often something else.

`decode` never raises and never returns a NUL or a lone surrogate, so every text that leaves this module can be stored
and sent as JSON. It trusts the bytes more than their label where the bytes prove the label wrong, and does not guess otherwise.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from itertools import pairwise

REAL_NAMES = {
    # Labels that stand for a larger set than they name (as browsers read them, WHATWG Encoding Standard 4.2).
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "iso_8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "cp936": "gb18030",
    "windows-936": "gb18030",
    "chinesesimplified": "gb18030",
    "euc-cn": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "cn-big5": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "ksc5601": "cp949",
    "euc-kr": "cp949",
    "euckr": "cp949",
    "windows-949": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "ms_kanji": "cp932",
    "x-euc-jp": "euc_jp",
    "iso-2022-jp": "iso2022_jp_ext",
    "csiso2022jp": "iso2022_jp_ext",
    "iso-8859-8-i": "iso8859_8",
    "iso-8859-6-i": "iso8859_6",
    "iso-8859-16": "iso8859_16",
    "unicode-1-1-utf-7": "utf_7",
    "unicode-1-1-utf-8": "utf_8",
    "utf8mb4": "utf_8",
    "utf-8-sig": "utf_8_sig",
    "unicode": "utf_16",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-mac-cyrillic": "mac_cyrillic",
    "koi8-ru": "koi8_u",
    "hz-gb-2312": "hz",
}
"""Label in lower case → the Python codec that reads what such mails really contain."""

SAYS_NOTHING = frozenset(
    [
        "unknown-8bit",
        "x-unknown",
        "unknown",
        "x-user-defined",
        "default",
        "none",
        "null",
        "8bit",
        "7bit",
        "binary",
        "charset",
        "utf",
        "_autodetect_all",
        "_autodetect",
    ]
)
"""Labels that name no character set."""

NOT_CHARACTER_SETS = frozenset(
    [
        "base64",
        "bz2",
        "hex",
        "quopri",
        "rot13",
        "uu",
        "zlib",
        "idna",
        "punycode",
        "unicode_escape",
        "raw_unicode_escape",
        "undefined",
        "mbcs",
        "oem",
        "charmap",
    ]
)
"""Python codecs that a mail must not choose."""

NEAREST_WINDOWS = {
    "iso8859_2": "cp1250",
    "iso8859_5": "cp1251",
    "iso8859_6": "cp1256",
    "iso8859_7": "cp1253",
    "iso8859_8": "cp1255",
    "iso8859_13": "cp1257",
    "iso8859_4": "cp1257",
    "iso8859_15": "cp1252",
}
"""ISO code pages have control characters at 0x80-0x9F, which no mail means: there the Windows page was meant."""

ONE_BYTE = re.compile(r"cp125\d$|cp874$|iso8859_|latin_1$|koi8|mac_|cp\d{3}$")

_C1 = re.compile(rb"[\x80-\x9f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_LATIN_PAIR = re.compile("[\u00a1-\u00fe]{2}.{0,20}[\u00a1-\u00fe]{2}", re.DOTALL)
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\x7e\x80-\xfe]")
_FULL_RUN = re.compile(rb"[\xa1-\xfe]+")
_JIS_ESCAPE = re.compile(rb"\x1b\$[@B(]|\x1b\([IJ]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TWICE = re.compile(
    "[\u00c2-\u00f4][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2122]"
)


def decode(data: bytes, label: str = "") -> str:
    """The text of `data`, which its sender labelled `label` ("" when unlabelled). Marks what is lost with U+FFFD."""
    if data.isascii() and b"\x1b" not in data and b"\x00" not in data and _is_plain(label):
        return data.decode("ascii")
    text = _decode(data, label)
    if "\x00" in text:
        text = text.replace("\x00", "")
    return _SURROGATE.sub("\ufffd", text)


def known(label: str) -> bool:
    """Whether `label` names a character set that we can read."""
    return codec_of(label) is not None


@lru_cache(maxsize=512)
def codec_of(label: str) -> str | None:
    """The Python codec for a label, or None when it names nothing; forgives quotes, white space and appended rubbish."""
    name = label.strip().strip("\"'").strip().lower().replace(" ", "-")
    if not name or name in SAYS_NOTHING or not name.isascii():
        return None
    for candidate in (name, name.replace("_", "-"), name.removeprefix("x-"), re.split(r"[^a-z0-9_.:-]", name)[0]):
        wanted = REAL_NAMES.get(candidate, candidate)
        try:
            found = codecs.lookup(wanted)
        except (LookupError, ValueError):
            continue
        usual = found.name.replace("-", "_")
        if usual not in NOT_CHARACTER_SETS:
            return REAL_NAMES.get(found.name, usual)
    junk = re.match(r"(?:charset=)?\W*(utf-?8|windows-?125\d|iso-?8859-?\d{1,2}|gb2312|gbk|gb18030|big5|koi8-r)", name)
    if junk and junk[1] != name:
        return codec_of(
            re.sub(r"^(utf|windows|iso)-?(8859)?-?", lambda m: "-".join(filter(None, m.groups())) + "-", junk[1])
        )
    return None


@lru_cache(maxsize=512)
def _is_plain(label: str) -> bool:
    """Whether ASCII bytes under this label mean ASCII."""
    codec = codec_of(label)
    return codec is None or not codec.startswith(("utf_7", "utf_16", "utf_32", "hz", "iso2022"))


def _decode(data: bytes, label: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if data.startswith(b"\xef\xbb\xbf"):
        return _decode(data[3:], "utf-8")
    if _JIS_ESCAPE.search(data):
        return _from_jis(data)
    codec = codec_of(label)
    if codec is None:
        return guess(data)
    if codec == "utf_8":
        return _from_utf8(data)
    if ONE_BYTE.match(codec):
        return _from_one_byte(data, codec)
    try:
        return data.decode(codec)
    except UnicodeError:
        pass
    if codec.startswith(("utf_16", "utf_32", "utf_7", "hz", "iso2022")):
        return data.decode(codec, "replace") if _HIGH.search(data) is None else guess(data)
    # A multi-byte text with one broken character is still in that set; a UTF-8 text never is.
    return _as_utf8(data) or data.decode(codec, "replace")


def _from_one_byte(data: bytes, codec: str) -> str:
    if _HIGH.search(data) is None:
        return data.decode("ascii")
    if (text := _as_utf8(data)) is not None:
        return _once(text)
    if codec in NEAREST_WINDOWS and _C1.search(data):
        codec = NEAREST_WINDOWS[codec]
    if codec == "cp1252" and (better := _east_asian(data)):
        # Chinese written under the label of a program that knows only Latin.
        return data.decode(better, "replace")
    try:
        return data.decode(codec)
    except UnicodeDecodeError:
        return data.decode("latin-1") if codec == "cp1252" else data.decode(codec, "replace")


def _from_utf8(data: bytes) -> str:
    text = _as_utf8(data)
    if text is not None:
        return _once(text)
    try:
        # Programs that think in UTF-16 write a character beyond it as two halves (CESU-8).
        halves = data.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass")
        return halves.decode("utf-16-le", "replace")
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    kept = sum(character > "\x7f" for character in text) - lost
    # Cut or damaged UTF-8 loses a character here and there; a wrong label loses nearly all.
    return text if kept > lost or (lost <= 1 and len(text) > 200) else guess(data)


def _once(text: str) -> str:
    """Undoes what was taken for Latin-1 and encoded as UTF-8 ("MÃ¼ller" → "Müller", "ÖÐÎÄ" → "中文"), when all of the text shows it."""
    if text.isascii():
        return text
    if _TWICE.search(text):
        for codec in ("cp1252", "latin-1"):
            try:
                return text.encode(codec).decode("utf-8")
            except UnicodeError:
                continue
    return _east_asian_once(text) if _LATIN_PAIR.search(text) else text


def _east_asian_once(text: str) -> str:
    try:
        data = text.encode("latin-1")
    except UnicodeEncodeError:
        return text
    codec = _east_asian(data)
    return data.decode(codec, "replace") if codec else text


def _as_utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _from_jis(data: bytes) -> str:
    """ISO-2022-JP with what Microsoft adds to it (circled numbers, half-width kana), which Python's codecs refuse."""
    for codec in ("iso2022_jp", "iso2022_jp_ext", "iso2022_jp_2"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError:
            continue
    out: list[str] = []
    for escape, run in re.findall(rb"(?:\A|\x1b(\$[@B]|\$\([A-Z]|\([A-Z]))([^\x1b]*)", data):
        if escape.startswith(b"$"):
            lines = run.split(b"\n")
            out.append("\n".join(_jis_pairs(line).decode("cp932", "replace") for line in lines))
        elif escape == b"(I":
            out.append(bytes(byte | 0x80 for byte in run).decode("cp932", "replace"))
        else:
            out.append(run.decode("utf-8", "replace"))
    return "".join(out)


def _jis_pairs(run: bytes) -> bytes:
    """Pairs of JIS X 0208 (7 bit) as Shift JIS."""
    out = bytearray()
    for high, low in zip(run[::2], run[1::2], strict=False):
        lead = ((high - 0x21) >> 1) + (0x81 if high < 0x5F else 0xC1)
        trail = low + (0x1F if low < 0x60 else 0x20) if high & 1 else low + 0x7E
        out += bytes((lead & 0xFF, trail & 0xFF))
    return bytes(out)


def guess(data: bytes) -> str:
    """The text of unlabelled bytes: UTF-8 if it is, else the East Asian, Arabic or Cyrillic set whose frequent letters it
    uses, else Latin."""
    if (text := _as_utf8(data)) is not None:
        return _once(text)
    if codec := _east_asian(data) or _arabic(data) or _cyrillic(data):
        return data.decode(codec, "replace")
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _east_asian(data: bytes) -> str | None:
    """The East Asian set of `data`, where high bytes come in pairs, side by side, that its common characters explain; else None."""
    sample = data[:20_000]
    found = list(_PAIR.finditer(sample))
    pairs = [match[0] for match in found]
    high = len(_HIGH.findall(sample))
    # In Latin and Cyrillic texts too high bytes may stand side by side; only in the East Asian ones do pairs follow pairs.
    neighbours = sum(one.end() == other.start() for one, other in pairwise(found))
    if high < 4 or neighbours * 2 < len(pairs) or len(pairs) < 2:
        return None

    def share(leads: range, trails: range = range(0x40, 0x100)) -> float:
        return sum(pair[0] in leads and pair[1] in trails for pair in pairs) / len(pairs)

    low_trails = share(range(0x81, 0xFF), range(0x40, 0x80))
    if share(range(0x82, 0x84)) > 0.25 and _decodes(sample, "cp932"):
        return "cp932"
    if share(range(0xA4, 0xA6), range(0xA1, 0xFF)) > 0.33 and _decodes(sample, "euc_jp"):
        return "euc_jp"
    if low_trails < 0.03 and all(len(run) % 2 == 0 for run in _FULL_RUN.findall(sample)):
        if share(range(0xB0, 0xC9)) > 0.92 and len(pairs) > 8:
            return "cp949"
        # Half of the punctuation of Chinese stands in the first rows, its 3,755 usual characters in these.
        if share(range(0xB0, 0xD8)) + share(range(0xA1, 0xA4)) > 0.6 and _decodes(sample, "gb18030"):
            return "gb18030"
    if low_trails > 0.1 and share(range(0xA4, 0xC7)) + share(range(0xA1, 0xA4)) > 0.7 and _decodes(sample, "big5hkscs"):
        return "big5hkscs"
    return None


def _cyrillic(data: bytes) -> str | None:
    """The Cyrillic set of `data` if nearly all its high bytes are letters of one, told by where the small letters stand."""
    letters = [byte for byte in data[:20_000] if byte >= 0x80]
    words = re.findall(rb"[\xa8\xb8\xc0-\xff]{3,}", data[:20_000])
    if sum(map(len, words)) * 10 < len(letters) * 6 or not letters:
        return None
    small_1251 = sum(byte >= 0xE0 for byte in letters)
    small_koi8 = sum(0xC0 <= byte <= 0xDF for byte in letters)
    return "cp1251" if small_1251 >= small_koi8 else "koi8_r"


def _arabic(data: bytes) -> str | None:
    """Windows-1256 if the high bytes of `data` are its Arabic letters, alef, lam and yeh often among them."""
    letters = [byte for byte in data[:20_000] if byte >= 0x80]
    often = sum(byte in b"\xc7\xe1\xed" for byte in letters)
    never = sum(byte in b"\xe0\xe2\xe7\xe8\xe9\xea\xeb\xee\xef\xf9\xfb\xfc\xff" for byte in letters)
    return "cp1256" if len(letters) >= 8 and often * 6 >= len(letters) and never * 20 <= len(letters) else None


def _decodes(data: bytes, codec: str) -> bool:
    try:
        data[: len(data) // 2 * 2].decode(codec)
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 4
    return True
