"""Reasons in plain words for what stands in a stretch of text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from moothall_screening import folding
from moothall_screening.shapes import shapes


@dataclass(frozen=True, slots=True)
class _Turn:
    """A turn of phrase that readers know, and what it does."""

    pattern: re.Pattern[str]
    reason: str


def _turn(pattern: str, reason: str) -> _Turn:
    return _Turn(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE), reason)


_OFFERING = (
    _turn(
        r"(?:call|ring|phone|text|whats ?app|contact|e-?mail) (?:us|me|our team)(?: (?:today|now))?",
        "asks readers to get in touch",
    ),
    _turn(
        r"(?:dm|pm|inbox|message) (?:me|us)|get in touch|reach out|drop (?:me|us) a (?:line|message)|slide into",
        "asks readers to get in touch",
    ),
    _turn(
        r"(?:free )?(?:quotes?|estimates?|consultations?|demos?)", "offers a quote, a demonstration or a consultation"
    ),
    _turn(
        r"(?:\d+ ?% off|discount\w*|promo code|coupon|special offer|limited (?:time|offer|places)|early bird|best prices?)",
        "names a discount or an offer",
    ),
    _turn(
        r"(?:book|order|buy|shop|enrol+|sign up|register|subscribe|apply|claim|reserve)(?: yours?)?(?: your \w+)? (?:now|today|here|online|at|via)",
        "asks readers to buy, book or sign up",
    ),
    _turn(
        r"link in (?:my |the )?(?:bio|profile|comments?)|click (?:here|the link|below)|check (?:out|it out)|visit (?:us|our|my)",
        "sends readers to a page",
    ),
    _turn(
        r"(?:we|our (?:team|company|firm|agency|experts?|clients?)) (?:offer|provide|speciali[sz]e|deliver|supply|help)\w*|our (?:services?|products?|clients?|customers?|packages?)",
        "speaks for a firm and what it sells",
    ),
    _turn(
        r"(?:i|we) (?:now )?(?:offer|provide|specialise|specialize|run a (?:small )?(?:company|firm|business|agency))",
        "speaks of what the author sells",
    ),
    _turn(
        r"(?:money[- ]back|guarantee\w*|satisfaction|trusted by|years? of experience|award[- ]winning|leading (?:provider|supplier))",
        "praises a product or a firm",
    ),
    _turn(
        r"(?:changed my life|game[- ]changer|life[- ]saver|thanks to (?:dr|mr|mrs)|highly recommend)",
        "praises a product or a firm",
    ),
)
_SHARING = (
    _turn(
        r"(?:has|have|does|did) any(?:one|body)|any (?:ideas|thoughts|advice|suggestions|recommendations)",
        "asks the group for its experience",
    ),
    _turn(r"(?:thanks|thank you|cheers|many thanks)(?: \w+)? (?:for|in advance)", "thanks somebody"),
    _turn(
        r"in my experience|i (?:found|tried|used|noticed|learnt|learned|think|wonder|remember)",
        "tells what the author tried or thinks",
    ),
)
_SHAPE_REASONS = {
    folding.PHONE: "a telephone number",
    folding.EMAIL: "an e-mail address",
    folding.HOST: "a link or the address of a site",
    folding.PRICE: "a price",
    folding.PERCENT: "a percentage",
    folding.SPACED: "letters set apart to hide a word",
}
_LONGEST_QUOTE = 60


def offering(stretch: str) -> str:
    """Why a stretch that speaks for an offer does so."""
    for turn in _OFFERING:
        if found := turn.pattern.search(stretch):
            return f"{turn.reason}: '{found[0]}'"
    carried = sorted({_SHAPE_REASONS[shape.code] for shape in shapes(_folded(stretch)) if shape.code in _SHAPE_REASONS})
    if carried:
        return f"gives {carried[0]}" + "".join(f" and {more}" for more in carried[1:])
    return f"worded like an offer: '{clip(stretch)}'"


def sharing(stretch: str) -> str:
    """Why a stretch that speaks for a conversation does so."""
    for turn in _SHARING:
        if found := turn.pattern.search(stretch):
            return f"{turn.reason}: '{found[0]}'"
    if stretch.rstrip().endswith("?"):
        return "asks a question"
    return f"worded like a conversation: '{clip(stretch)}'"


def clip(stretch: str) -> str:
    shown = " ".join(stretch.split())
    return shown if len(shown) <= _LONGEST_QUOTE else shown[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _folded(stretch: str) -> str:
    codes = folding.fold(folding.codepoints(stretch))
    return codes[codes != folding.GONE].tobytes().decode("utf-32-le", "surrogatepass")
