"""The words of a held post that speak for an offer, so that its text can be shown with them underlined."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from moothall.discussions.models import Post
from moothall.judging.models import Screening
from moothall.judging.record import words_read
from moothall.web.manage.ledger import LEAST_SHOWN, SOURCES, quote, signed

TOLD_OF_WORDS = frozenset({"wording", "form", "close reading"})
# Of one reason; a text may hold thousands of links, and a manager has understood after a few.
MOST_STRETCHES = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A run of the text. `ends` are the numbers of the reasons of which marked words end with it."""

    words: str
    is_marked: bool
    ends: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    number: int
    source: str
    reason: str
    quote: str
    weight: str


@dataclass(frozen=True, slots=True)
class Telling:
    """`title` is empty for a comment: its conversation's title is somebody else's."""

    title: tuple[Part, ...]
    text: tuple[Part, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class _Found:
    stored: dict[str, object]
    in_title: list[tuple[int, int]]
    in_text: list[tuple[int, int]]

    @property
    def place(self) -> tuple[bool, int]:
        first = self.in_title or self.in_text
        return not self.in_title, first[0][0]


def telling(screening: Screening, post: Post) -> Telling | None:
    """None where no words tell, or the verdict is about another version of the post than the one shown."""
    if screening.post_version != post.version:
        return None
    title, text = post.topic.title if post.is_first else "", words_read(post)
    found = sorted(_found(screening, title, text), key=lambda each: each.place)
    if not found:
        return None
    numbered = list(enumerate(found, start=1))
    return Telling(
        title=_parts(title, [_Stretch(*each, n) for n, one in numbered for each in one.in_title]),
        text=_parts(text, [_Stretch(*each, n) for n, one in numbered for each in one.in_text]),
        reasons=tuple(_reason(number, one, title, text) for number, one in numbered),
    )


def _found(screening: Screening, title: str, text: str) -> Iterable[_Found]:
    for stored in screening.evidence:
        if stored["source"] in TOLD_OF_WORDS and stored["log_odds"] >= LEAST_SHOWN:
            spans = stored["spans"][:MOST_STRETCHES]
            one = _Found(stored, _stretches(title, spans, len(title) + 1), _stretches(text, spans, 0))
            if one.in_title or one.in_text:
                yield one


def _stretches(words: str, spans: Iterable[Sequence[int]], shift: int) -> list[tuple[int, int]]:
    """What of the spans lies in these words, in whole words: of a link or a price only the first character is known."""
    found = set()
    for start, end in spans:
        low, high = max(0, start + shift), min(len(words), end + shift)
        stretch = words[low:high]
        if low < high and stretch.strip():
            low, high = high - len(stretch.lstrip()), low + len(stretch.rstrip())
            found.add((_word_start(words, low), _word_end(words, high)))
    return sorted(found)


def _word_start(words: str, at: int) -> int:
    return max(words.rfind(blank, 0, at) for blank in " \n\t") + 1


def _word_end(words: str, at: int) -> int:
    ends = (words.find(blank, at) for blank in " \n\t")
    return min((end for end in ends if end >= 0), default=len(words))


def _parts(words: str, stretches: Sequence[_Stretch]) -> tuple[Part, ...]:
    """The words cut wherever a stretch begins or ends, however they overlap. Joined, they are the words again."""
    opened = Counter(stretch.start for stretch in stretches)
    ending: defaultdict[int, list[int]] = defaultdict(list)
    for stretch in stretches:
        ending[stretch.end].append(stretch.number)
    edges = sorted({0, len(words), *opened, *ending})
    parts, depth = [], 0
    for start, end in pairwise(edges):
        depth += opened[start] - len(ending.get(start, ()))
        parts.append(Part(words[start:end], depth > 0, tuple(sorted(set(ending.get(end, ()))))))
    return tuple(parts)


def _reason(number: int, one: _Found, title: str, text: str) -> Reason:
    words, (start, end) = (title, one.in_title[0]) if one.in_title else (text, one.in_text[0])
    stored = one.stored
    source, reason, weight = str(stored["source"]), str(stored["reason"]), float(str(stored["log_odds"]))
    label = SOURCES.get(source, source.capitalize())
    return Reason(number, label, reason, quote(reason, words[start:end]), signed(weight))
