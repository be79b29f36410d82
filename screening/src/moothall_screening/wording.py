"""Reasons in plain words for what stands in a stretch of text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from moothall_screening import folding
from moothall_screening.shapes import shapes


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn of phrase that readers know, and what it does."""

    pattern: re.Pattern[str]
    reason: str


def _turn(reason: str, *patterns: str) -> _Turn:
    return _Turn(_either(patterns), reason)


def _either(patterns: Sequence[str]) -> re.Pattern[str]:
    """Any of them as whole words; "15%" ends on none."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


# What nobody is called, and nobody says of themselves beside their name.
_DEALS = (
    r"\d+ ?% ?(?:off|discount|cash ?back)",
    r"(?:discount|cash ?back)(?: of)? \d+ ?%",
    r"promo code",
    r"special offer",
    r"(?:best|lowest|cheapest) prices?",
    r"free (?:quotes?|estimates?|consultations?|demos?|trial)",
)
_REACH_US = (
    r"(?:call|ring|phone|text|whats ?app|contact|e-?mail) (?:us|our team)(?: (?:today|now))?",
    r"(?:dm|pm|inbox|message) us",
    r"(?:dm|pm|contact) me",
)
_ORDERS = (r"(?:book|order|buy|shop|enrol+|subscribe|claim|reserve)(?: your \w+)? (?:now|today)",)
_UNMISTAKABLE = _either((*_DEALS, *_REACH_US, *_ORDERS))
_OFFERING = (
    _turn(
        "asks readers to get in touch for a price",
        r"(?:dm|pm|message|contact|call|ring|e-?mail|ask) (?:me|us) for (?:a |the |our )?(?:price|quote|rate|fee)s?",
        r"prices? (?:on request|in dm|by dm)",
        r"(?:dm|pm) (?:for|me for) (?:price|rates?|details|info)",
    ),
    _turn(
        "asks readers to get in touch",
        *_REACH_US,
        r"(?:call|ring|phone|text|whats ?app|contact|e-?mail) me(?: (?:today|now))?",
        r"(?:inbox|message) me",
        r"get in touch",
        r"reach out",
        r"drop (?:me|us) a (?:line|message)",
        r"comment \w+ (?:below|and)",
    ),
    _turn(
        "names a discount or an offer",
        *_DEALS,
        r"discount(?:s|ed)?",
        r"coupons?",
        r"limited (?:time|offer|places|spots)",
        r"early bird",
    ),
    _turn(
        "asks readers to buy, book or sign up",
        *_ORDERS,
        r"(?:book|order|buy|shop|enrol+|sign up|register|subscribe|apply|claim|reserve|join)(?: your \w+)? "
        r"(?:now|today|here|online)",
        r"(?:sign up|register|subscribe) (?:at|via|for)",
        r"(?:places|seats|spots) (?:left|remaining|available)",
    ),
    _turn(
        "sends readers to a page",
        r"link in (?:my |the )?(?:bio|profile|comments?)",
        r"click (?:here|the link|below|on)",
        r"check out (?:my|our)",
        r"visit (?:us|our|my)",
    ),
    _turn(
        "speaks for a firm and what it sells",
        r"(?:we|our (?:team|company|firm|agency|experts?)) (?:offer|provide|speciali[sz]e|deliver|supply)s?",
        r"our (?:services?|products?|clients?|customers?|packages?|courses?|platform|range)",
        r"(?:i|we) (?:now )?(?:offer|provide|speciali[sz]e in|run a (?:small )?(?:company|firm|business|agency))",
    ),
    _turn(
        "praises a product or a firm",
        r"money[- ]back",
        r"satisfaction",
        r"trusted by",
        r"award[- ]winning",
        r"leading (?:provider|supplier)",
        r"changed my life",
        r"game[- ]changer",
        r"highly recommend(?:ed)?",
    ),
)
_SHARING = (
    _turn(
        "asks the group for its experience",
        r"(?:has|have|does|did|is|are) any(?:one|body)",
        r"any (?:ideas|thoughts|advice|suggestions|recommendations|pointers)",
        r"what (?:do|would|did) you",
    ),
    _turn("thanks somebody", r"(?:many )?thanks(?: \w+)? (?:for|in advance)", r"thank you"),
    _turn(
        "tells what the author tried or thinks",
        r"in my experience",
        r"i(?:'ve| have)? (?:found|tried|used|noticed|learnt|learned|think|wonder|remember|suspect)",
        r"(?:worked|happened) (?:for|to) (?:me|us)",
    ),
)
_SHAPE_REASONS = {
    folding.PHONE: "a telephone number",
    folding.EMAIL: "an e-mail address",
    folding.HOST: "the address of a site",
    folding.PRICE: "a price",
    folding.PERCENT: "a percentage",
    folding.SPACED: "letters set apart",
}
_CONTACTS = frozenset((folding.PHONE, folding.EMAIL, folding.HOST, folding.PRICE))
_LONGEST_QUOTE = 60


def offering(stretch: str) -> str:
    """Why a stretch that speaks for an offer does so."""
    carried = sorted({_SHAPE_REASONS[shape.code] for shape in shapes(_folded(stretch)) if shape.code in _SHAPE_REASONS})
    turned = _turned(_OFFERING, stretch)
    if turned and carried:
        return f"{turned}, with {_listed(carried)}"
    if turned:
        return turned
    if carried:
        return f"gives {_listed(carried)}: '{clip(stretch)}'"
    return f"worded like an offer: '{clip(stretch)}'"


def sharing(stretch: str) -> str:
    """Why a stretch that speaks for a conversation does so."""
    turned = _turned(_SHARING, stretch)
    if turned:
        return turned
    if stretch.rstrip().endswith(("?", "？", "؟")):
        return f"asks a question: '{clip(stretch)}'"
    return f"worded like conversation: '{clip(stretch)}'"


def clip(stretch: str) -> str:
    """On one line, cut where a quotation in a reason becomes too long."""
    shown = " ".join(stretch.split())
    return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _turned(turns: Sequence[_Turn], stretch: str) -> str | None:
    for turn in turns:
        if found := turn.pattern.search(stretch):
            return f"{turn.reason}: '{clip(found[0])}'"
    return None


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def contacts(text: str) -> str:
    """In words by what a text lets its readers reach or pay somebody, look-alikes undone; "" if by nothing.

    >>> contacts("Cheap builders, 020 7946 0000, builders dot com")
    'a telephone number and the address of a site'
    """
    found = {_SHAPE_REASONS[shape.code] for shape in shapes(_folded(text)) if shape.code in _CONTACTS}
    return _listed(sorted(found)) if found else ""


def offer_words(line: str) -> str:
    """The first words of an offer that are nobody's name, look-alikes undone, as they stand in the line; "" if none.

    >>> offer_words("Roofs in Leeds, free quotes")
    'free quotes'
    """
    found = _UNMISTAKABLE.search(folding.text_of(folding.fold(folding.codepoints(line))))
    return line[found.start() : found.end()] if found else ""


def _folded(stretch: str) -> str:
    codes = folding.fold(folding.codepoints(stretch))
    return folding.text_of(codes[codes != folding.GONE])
