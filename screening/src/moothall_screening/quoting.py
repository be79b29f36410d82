"""Which parts of a text its author did not write for it: quoted lines, the line that announces them, a signature, and
what list managers and mail providers set below."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Mails and what was saved under Windows end their lines with both signs.
_ENDS = r"\r?(?=\n)"
_QUOTED = re.compile(r"(?:\n[ \t]{0,4}(?:>|&gt;)[^\n]*)+")
_ANNOUNCED = re.compile(
    rf"\n[^\n]{{4,160}}(?:wrote|writes|schrieb|écrit|escribió|ha scritto|schreef|skrev):?[ \t]*{_ENDS}"
)
_DASHES = r"--[ \t]*"
_SIGNATURE = re.compile(rf"\n{_DASHES}{_ENDS}")
_LONGEST_SIGNATURE = 600
# "_______________", "-.-.-.-.-.-.-.-": drawn above a signature, a list's footer, a provider's advert, a disclaimer.
_RULE = r"[ \t]*(?:[-_=*~.+#][ \t]?){16,120}[ \t]*"
_RULED = re.compile(rf"\n{_RULE}{_ENDS}")
_LONGEST_RULED = 300
_NOTE = r"[ \t]*(?:\[\[alternative HTML version deleted\]\]|-{10,20} next part -{10,20})[ \t]*"
_SCRUBBED = re.compile(rf"\n{_NOTE}\r?(?=\n|$)")
_MARKED = re.compile(rf"{_RULED.pattern}|{_SCRUBBED.pattern}")
# A line below which words may be left out.
MARK = re.compile(rf"(?:{_DASHES}|{_RULE}|{_NOTE})\r?")
_FOOTER = re.compile(
    r"mailing list|listinfo|un\]?-?subscri|google groups|you received this|confidential|disclaimer|"
    r"(?:this|the) (?:e-?mail|message|communication)\b",
    re.IGNORECASE,
)
_LONGEST_FOOTER = 1_000
# So early after its rule a footer says what it is.
_FOOTER_BEGINS = 160
MOST_QUOTED = 0.85  # a text that is nearly all quotation is judged by what it quotes


def may_leave_out(text: str) -> bool:
    """Whether anything in a text looks like a quotation or a mark of what stands below; quick where nothing does."""
    return _QUOTED.search("\n" + text) is not None or "\n--" in text or _MARKED.search(text) is not None


def quoted(text: str) -> Iterator[tuple[int, int]]:
    """Spans of runs of quoted lines; the newline before each run stays outside."""
    framed = "\n" + text
    if "\n>" not in framed and "\n &gt;" not in framed and "\n&gt;" not in framed and "\n >" not in framed:
        return
    for pattern in (_QUOTED, _ANNOUNCED):
        for match in pattern.finditer(framed):
            yield match.start(), match.end() - 1


def signature(text: str) -> tuple[int, int] | None:
    """What stands below the text, to its end: signature, footer of a list, advert of a mail provider."""
    end = len(text.rstrip())
    if "\n" not in text[max(0, end - _LONGEST_FOOTER) : end]:
        return None
    start = end
    for below in (_scrubbed, _footer, _ruled, _signed):
        start = below(text, start)
    return (start, len(text)) if start < end else None


def _scrubbed(text: str, end: int) -> int:
    """Where begins what an archive notes of parts that it does not show."""
    found = _SCRUBBED.search(text, max(0, end - _LONGEST_FOOTER), end)
    return found.start() + 1 if found else end


def _footer(text: str, end: int) -> int:
    for rule in _RULED.finditer(text, max(0, end - _LONGEST_FOOTER), end):
        if _FOOTER.search(text, rule.end(), min(end, rule.end() + _FOOTER_BEGINS)):
            return rule.start() + 1
    return end


def _ruled(text: str, end: int) -> int:
    """Where a short block below a rule begins; a rule below a heading has little above it."""
    rule = _RULED.search(text, max(0, end - _LONGEST_RULED), end)
    return rule.start() + 1 if rule and 3 * rule.start() >= end else end


def _signed(text: str, end: int) -> int:
    last = end
    for match in _SIGNATURE.finditer(text, max(0, end - _LONGEST_SIGNATURE), end):
        last = match.start() + 1
    return last


def left_out(text: str) -> list[tuple[int, int]]:
    """Spans that speak for somebody else: quotations, unless the text is nearly all quotation, and the signature."""
    # Space at the end is no part of what was written, and must not decide how much of it is quotation.
    text = text.rstrip()
    spans = list(quoted(text))
    if sum(end - start for start, end in spans) > MOST_QUOTED * len(text):
        spans = []
    block = signature(text)
    return sorted([*spans, block] if block and block[0] > 0 else spans)


def own_words(text: str) -> str:
    """The text without what is left out."""
    kept, last = [], 0
    for start, end in left_out(text):
        kept.append(text[last : max(last, start)])
        last = max(last, end)
    return "".join([*kept, text[last:]])
