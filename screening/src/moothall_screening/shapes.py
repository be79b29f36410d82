"""Hosts, addresses, prices and telephone numbers: what a text carries, whatever the words around it.

They are looked for in folded text (small letters, every digit a 0). Each search begins with a literal, which
`re` finds at the speed of memchr, and every repeat is bounded, so that the time is linear in any text. Of each sort
the first 4,000 are found: in 64 kB that is one in sixteen characters, and no more words than that are left to judge.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from moothall_screening.folding import EMAIL, HANDLE, HOST, PERCENT, PHONE, PRICE, SPACED

_TLD = (
    "(?:com|net|org|info|biz|shop|store|online|site|xyz|club|app|dev|io|ai|co|me|ly|tv|uk|de|fr|es|it|nl|pl|pt|br|in|"
    "ru|cn|jp|us|ca|au|eu|ch|at|se|no|dk|tr|example|test|invalid)"
)
_LINK = re.compile(r"http[s]?://[^\s<>\"')\]]{1,400}")
_WWW = re.compile(r"www\.[^\s<>\"')\]]{1,400}")
_DOTTED = re.compile(rf"\.(?:[a-z0-]{{1,40}}\.){{0,3}}{_TLD}(?![\w-])(?:/[^\s<>\"')\]]{{0,300}})?")
_SPELT = re.compile(r"d[o0]t ?[)\]}]? ?(?:com|c0m|net|org|info|biz|io|co|shop|store|de|uk|in|example)\b")
_AT_SIGN = re.compile(r"@[a-z0][\w.-]{1,80}")
_NUMBER = re.compile(r"0[0,]*(?:[ ./()-]{1,2}0[0,]*){0,12}(?:\.0+)?")
_SPACED = re.compile(r"[ \n](?:[^\W0_][ .*_-]{1,2}){4,30}")
# These three are read backwards from the dot or sign, so that they need not be tried from every place before it.
_NAME_BEFORE = re.compile(r"[a-z0-]{0,40}[a-z0]")
_LOCAL_BEFORE = re.compile(r"[\w.+-]{1,64}")
_SPELT_BEFORE = re.compile(r" ?[(\[{]? ?[a-z0-]{1,40}( ?[)\]}]? ?(?:ta|@) ?[(\[{]? ?[a-z0.+_-]{1,40})?")
_MONEY_BEFORE = re.compile(r"(?:[£$€¥₹₽]|\b(?:usd|eur|gbp|rs\.?|inr|chf)) ?$")
_MONEY_AFTER = re.compile(
    r"[km]? ?(?:[£$€¥₹₽]"
    r"|(?:usd|eur|gbp|euros?|dollars|pounds|quid|bucks|rupees|inr|chf|pln|sek|nok|dkk|kr|zł|py\u0431)\b)"
)


MOST = 4_000
_MONEY_SIGNS = frozenset("£$€¥₹₽")
# How the two can end and begin: most numbers are none of money, which one sign tells.
_MONEY_ENDS = frozenset(" drps.f")
_MONEY_BEGINS = frozenset("km £$€¥₹₽uegdpqbricsnz")


class Shape(NamedTuple):
    code: int
    start: int
    end: int


def _found(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    return islice(pattern.finditer(text), MOST)


def shapes(text: str) -> Iterator[Shape]:
    """Every shape of a folded text; where two overlap, the one yielded last is meant."""
    yield from _numbers(text)
    yield from _spaced(text)
    yield from _at_signs(text)
    yield from _hosts(text)


def _numbers(text: str) -> Iterator[Shape]:
    for match in _found(_NUMBER, text):
        start, end = match.span()
        following = text[end : end + 1]
        preceding = text[start - 1 : start]
        if preceding in _MONEY_SIGNS:
            yield Shape(PRICE, start - 1, end)
        elif preceding in _MONEY_ENDS and (before := _MONEY_BEFORE.search(text, max(0, start - 4), start)):
            yield Shape(PRICE, before.start(), end)
        elif following in _MONEY_BEGINS and (after := _MONEY_AFTER.match(text, end)):
            yield Shape(PRICE, start, after.end())
        elif following == "%":
            yield Shape(PERCENT, start, end + 1)
        elif end - start >= 8 and _is_phone(text, start, end := _before_comma(text, end)):
            yield Shape(PHONE, start, end)


def _before_comma(text: str, end: int) -> int:
    """Where a number ends that a comma of the sentence follows."""
    return end - 1 if text[end - 1] == "," else end


def _is_phone(text: str, start: int, end: int) -> bool:
    number = text[start:end]
    digits = number.count("0")
    if not 8 <= digits <= 15 or "," in number:
        return False
    if number.count("-") == 2 and digits == 8 and number[4] == "-":  # a date
        return False
    led = text[max(0, start - 1) : start] in {"+", "("}
    return led or digits >= 9


def _spaced(text: str) -> Iterator[Shape]:
    for match in _found(_SPACED, text):
        yield Shape(SPACED, match.start() + 1, match.end())


def _at_signs(text: str) -> Iterator[Shape]:
    for match in _found(_AT_SIGN, text):
        start, end = match.span()
        local = _LOCAL_BEFORE.match(_backwards(text, start, 64))
        if local is None:
            yield Shape(HANDLE, start, end)
        elif "." in text[start:end]:
            yield Shape(EMAIL, start - local.end(), end)


def _hosts(text: str) -> Iterator[Shape]:
    for match in _found(_DOTTED, text):
        start, end = match.span()
        name = _NAME_BEFORE.match(_backwards(text, start, 41))
        if name and not text.startswith("@", start - name.end() - 1):
            yield Shape(HOST, start - name.end(), end)
    for match in _found(_SPELT, text):
        start, end = match.span()
        spelt = _SPELT_BEFORE.match(_backwards(text, start, 100))
        if spelt:
            yield Shape(EMAIL if spelt[1] else HOST, start - spelt.end(), end)
    for pattern in (_LINK, _WWW):
        for match in _found(pattern, text):
            yield Shape(HOST, *match.span())


def _backwards(text: str, end: int, most: int) -> str:
    """What stands before `end`, the nearest first."""
    return text[max(0, end - most) : end][::-1]
