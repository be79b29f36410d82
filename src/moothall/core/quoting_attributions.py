"""The line or few above a quotation that say whose it is: "On Thu, 8 Jan 2026 at 10:02, Mia <mia@moot.example> wrote:".

Known by a verb of many languages, or in any language by its shape: a mailbox and the minute it wrote, then a colon.
"""

import re

_LONGEST = 400
_LONGEST_WITH_OWN = 4000
_DIRECTIONS = (
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"  # around names, where one writes leftwards
)
_WROTE = (
    "wrote|writes|schrieb|schrieben|schreibt|a écrit|écrit|ecrit|escribió|escribio|ha scritto|scrisse|"
    "scriveva|schreef|skrev|skriver|escreveu|napisał|napisała|napisał\\(a\\)|pisze|написал|написала|пишет|писал|kirjoitti|"
    "yazdı|napsal|napísal|írta|a scris|έγραψε|कहा|wrote/napisał|写道|寫道|写到|のメール|は書きました|님이 작성|"
    "geschrieben|geschreven|va escriure|написа|napisao je|napisala je|rašė|rakstīja|kirjutas|đã viết|menulis|เขียนว่า"
)
_ATTRIBUTION = re.compile(
    rf"(?:^|[\s\d(>\"*,.])(?:{_WROTE})(?:[^:：]|(?<=\d):(?=\d)){{0,120}}[:：]\s*(?:\*)?$", re.IGNORECASE
)
# "The manual says:" is its author's; "Mia Moss <mia@moot.example> said:" a program's.
_SAID = re.compile(r"[^\d@]*[\d@].*\s(?:said|says)\s?:$", re.IGNORECASE)
_DATED_OPENING = (
    r"(?:On|Am|Le|El|Il|Op|Em|Den|Dne|Dnia|W dniu|At|In|In article|Quoting|На|Il giorno|Pada|Vào)\s.{0,120}[\d@]"
)
_OPENING = re.compile(_DATED_OPENING + r"|\d|[\"*«]")
_OPENING_OF_DAY = re.compile(_DATED_OPENING.replace(r"[\d@]", r"\d\D{1,3}\d.{0,40}\d"))
_WITH_MAILBOX = re.compile(
    r"(?:(?:Quoting|Citando|Zitat von)\s[^:]{1,200}|\*\s[^@]{1,120}@.{1,160}"
    r"|[^<>]{0,120}<[^<>\s@]{1,80}@[^<>\s@]{1,120}>[^<>]{0,80}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[^@]{0,160}@.{0,160}):\s*$"
)
_MAILBOX = re.compile(r"[^\s<>@()]{1,80}@[^\s<>@()]{1,120}")
_IN_BRACKETS = re.compile(r"[<(]\s?[^\s<>@()]{1,80}@[^\s<>@()]{1,120}\s?[>)]")
_LINK = re.compile(r"<mailto:[^<>]{1,200}>")  # as Exchange writes a link in plain text, behind what is shown of it
_TIME = re.compile(r"\d{1,2}[:.]\d\d")
_NUMBER = re.compile(r"\d+")
_NUMBERS_OF_A_MINUTE = 4  # day, year, hour, minute
_ENDS_SENTENCE = re.compile(r"[^\W\d]{5,}[.!?]$|[!?]$")
# Yahoo's program for phones puts the quotation into the same line.
_GOES_ON = re.compile(r"[:：] {2,}\S")


def is_attribution(paragraph: str) -> bool:
    paragraph = _plain(paragraph)
    if len(paragraph) > _LONGEST or not paragraph.endswith((":", "：", ":*")):
        return False
    if _ATTRIBUTION.search(paragraph) or _WITH_MAILBOX.match(paragraph) or _SAID.fullmatch(paragraph):
        return True
    return _names_mailbox_and_minute(paragraph)


def attribution_start(lines: list[str], first_free: int, end: int) -> int:
    """Where the attribution that stands right before `end`, and not before `first_free`, begins; `end` without one."""
    start, is_whole = end, False
    for first in range(end - 1, first_free - 1, -1):
        if not lines[first].strip() or (first < end - 1 and _ENDS_SENTENCE.search(lines[first].rstrip()[-80:])):
            break
        paragraph = " ".join(lines[first:end])
        if not is_attribution(paragraph):
            continue
        if _names_mailbox_and_minute(paragraph):
            return first
        if (_OPENING_OF_DAY if is_whole else _OPENING).match(lines[first].strip()[:_LONGEST]):
            return first
        start = first if start == end else start
        # It says who, and that they wrote: what stands above it is hardly a part of it.
        is_whole = is_whole or (
            _IN_BRACKETS.search(paragraph) is not None and _ATTRIBUTION.search(paragraph) is not None
        )
    return start


def unmarked_attribution_length(lines: list[str], at: int) -> int:
    """Lines of an attribution by a program that marks no line of what it quotes, as Yahoo's; 0 where none begins."""
    line = lines[at]
    if len(line) > _LONGEST or ("@" not in line and not line.endswith(("<", "< "))):
        return 0
    if ends_in_attribution(line):
        return 0
    goes_on = _GOES_ON.search(line)
    if _is_programs(line[: goes_on.start() + 1] if goes_on else line):
        return 1
    return 2 if at + 1 < len(lines) and _is_programs(f"{line} {lines[at + 1]}") else 0


def ends_in_attribution(line: str) -> bool:
    """Whether own words stand in front of such an attribution, on one line, as Yahoo's program puts them."""
    if "@" not in line or len(line) > _LONGEST_WITH_OWN:
        return False
    own, gap, rest = line.strip().rpartition("   ")
    return bool(own.strip() and gap) and _is_programs(rest)


def _is_programs(paragraph: str) -> bool:
    paragraph = _LINK.sub("", _plain(paragraph))
    if not paragraph.endswith((":", "：")) or len(paragraph) > _LONGEST:
        return False
    if _ATTRIBUTION.search(paragraph) is None or _IN_BRACKETS.search(paragraph) is None:
        return False
    return _names_mailbox_and_minute(paragraph)


def _plain(paragraph: str) -> str:
    """Ended by a colon, also where dashes stand around it instead, as Zoho has it."""
    paragraph = paragraph.strip(_DIRECTIONS + " \t\xa0")
    is_between_dashes = paragraph.startswith("---") and paragraph.endswith("---")
    return paragraph.strip("- ") + ":" if is_between_dashes else paragraph


def _names_mailbox_and_minute(paragraph: str) -> bool:
    without, count = _MAILBOX.subn(" ", _LINK.sub("", paragraph))
    # Twice where somebody's name is their address.
    return (
        1 <= count <= 2 and _TIME.search(without) is not None and len(_NUMBER.findall(without)) >= _NUMBERS_OF_A_MINUTE
    )
