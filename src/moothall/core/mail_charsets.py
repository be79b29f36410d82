"""Bytes of a mail to text, whatever the mail says its charset is.

A declared charset (RFC 2045 section 5, RFC 2978) is believed as far as it holds: labels are read as browsers read
them (WHATWG Encoding, section 4.2: ISO-8859-1 means windows-1252, GB2312 means GB18030), text that is valid UTF-8
is UTF-8 even when labelled Latin-1, and a charset that is missing, unknown or contradicted by the bytes is guessed
from the script that comes out. Only charsets of mail are ever looked up: Python's other codecs (punycode, zip)
take quadratic time or blow up.
"""

import codecs
import re
from collections.abc import Callable
from encodings import normalize_encoding
from encodings.aliases import aliases

_READ_AS = {
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "iso2022_jp": "iso2022_jp_ext",
}
_OTHER_LABELS = {
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "x_sjis": "shift_jis",
    "x_gbk": "gbk",
    "x_euc_jp": "euc_jp",
    "x_mac_roman": "mac_roman",
    "unicode_1_1_utf_7": "utf_7",
    "cp_850": "cp850",
}
_CHARSETS_OF_MAIL = frozenset({
    "ascii", "utf_8", "utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "latin_1", "koi8_r", "koi8_u",
    "koi8_t", "mac_roman", "mac_cyrillic", "mac_latin2", "cp437", "cp850", "cp852", "cp855", "cp857", "cp858",
    "cp860", "cp861", "cp863", "cp865", "cp866", "cp874", "cp932", "cp949", "cp950", "cp1250", "cp1251",
    "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "iso8859_1", "iso8859_2", "iso8859_3",
    "iso8859_4", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_9", "iso8859_10", "iso8859_11",
    "iso8859_13", "iso8859_14", "iso8859_15", "iso8859_16", "tis_620", "big5", "big5hkscs", "gb2312", "gbk",
    "gb18030", "hz", "euc_jp", "euc_jis_2004", "euc_kr", "johab", "shift_jis", "shift_jis_2004", "iso2022_jp",
    "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_ext", "iso2022_kr",
})  # fmt: skip
# Charsets in which pure ASCII bytes may stand for something else.
_SHIFTING = frozenset({"utf_7", "utf_16", "utf_16_le", "utf_16_be", "utf_32", "hz", "iso2022_kr"})
_WIDE = frozenset({"utf_16", "utf_16_le", "utf_16_be", "utf_32"})
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,39}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SAMPLE_BYTES = 4096


def charset_of(label: str | None) -> str | None:
    """Python's name for a charset of mail, or None for a label that names none."""
    if label is None or not _LABEL.fullmatch(label):
        return None
    key = normalize_encoding(label).lower()
    key = _OTHER_LABELS.get(key) or aliases.get(key) or aliases.get(key.replace(".", "_")) or key
    return _READ_AS.get(key, key) if key in _CHARSETS_OF_MAIL else None


def decode_text(data: bytes, label: str | None = None) -> tuple[str, bool]:
    """The text, and whether its charset had to be guessed against or without the label."""
    charset = charset_of(label)
    if data.isascii() and charset not in _SHIFTING:
        if b"\x1b$" in data:
            return data.decode("iso2022_jp_ext", "replace"), charset is None
        return data.decode("ascii"), label is not None and charset is None
    if charset is None or charset == "ascii" or (charset in _WIDE and _is_in_bytes(data)):
        return _guess(data), label is not None or not _is_utf8(data)
    if charset == "cp1252" and _is_utf8(data):
        return data.decode("utf-8"), True
    try:
        return data.decode(charset), False
    except ValueError:
        return _decode_contradicted(data, charset)


def clean_text(text: str) -> tuple[str, bool]:
    """Text as PostgreSQL takes it (no NUL, no lone surrogate), with `\\n` lines; and whether anything was removed."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = _CONTROLS.sub("", text.replace("\x0c", "\n"))
    try:
        cleaned.encode("utf-8")
    except UnicodeEncodeError:
        cleaned = _SURROGATES.sub("\ufffd", cleaned)
    return cleaned, cleaned != text


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except ValueError:
        return False
    return True


def _is_in_bytes(data: bytes) -> bool:
    """In UTF-16 and UTF-32 the end of a line has a NUL in it."""
    return b"\n" in data and b"\0" not in data


def _decode_contradicted(data: bytes, charset: str) -> tuple[str, bool]:
    """A few broken bytes leave the declared charset standing; many are another charset."""
    text = data.decode(charset, "replace")
    beyond_ascii = sum(1 for character in text if character > "\x7f")
    if text.count("\ufffd") * 5 <= beyond_ascii or charset == "cp1252":
        return text, False
    return _guess(data), True


def _guess(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except ValueError:
        return data.decode(_charset_by_script(data), "replace")


def _charset_by_script(data: bytes) -> str:
    """Letters with accents stand alone between ASCII; bytes of other scripts come in runs."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf_16"
    first = _HIGH_RUN.search(data)
    start = first.start() if first else 0
    sample = data[start : start + _SAMPLE_BYTES]
    runs = _HIGH_RUN.findall(sample)
    if sum(map(len, runs)) < 1.5 * len(runs):
        return "cp1252"
    for charset, is_of_script, wanted_share in _SCRIPTS:
        if _share_of_script(sample, charset, is_of_script) >= wanted_share:
            return charset
    return "cp1252"


def _share_of_script(sample: bytes, charset: str, is_of_script: Callable[[str], bool]) -> float:
    try:
        text = codecs.getincrementaldecoder(charset)().decode(sample)
    except ValueError:
        return 0.0
    foreign = [character for character in text if character > "\x7f"]
    return sum(map(is_of_script, foreign)) / len(foreign) if foreign else 0.0


def _is_small_cyrillic(character: str) -> bool:
    return "\u0430" <= character <= "\u0451"


def _is_kana(character: str) -> bool:
    return "\u3040" <= character <= "\u30ff"


def _is_hangul(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3"


def _is_han(character: str) -> bool:
    return "\u3000" <= character <= "\u9fff" or "\uff00" <= character <= "\uffef"


# KOI8-R and windows-1251 turn each other's small letters into capitals, so small letters tell them apart.
_SCRIPTS: tuple[tuple[str, Callable[[str], bool], float], ...] = (
    ("koi8_r", _is_small_cyrillic, 0.7),
    ("cp1251", _is_small_cyrillic, 0.7),
    ("cp866", _is_small_cyrillic, 0.7),
    ("euc_jp", _is_kana, 0.25),
    ("cp932", _is_kana, 0.25),
    ("cp949", _is_hangul, 0.8),
    ("gb2312", _is_han, 0.9),
    ("cp950", _is_han, 0.9),
)
