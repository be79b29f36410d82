"""Composes the endless stream of rows on which the sentence model is trained."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from random import Random
from typing import TypeVar

from moothall_screening.training import generators
from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.insertion import PITCH_CHARACTERS, Part, parts_of, sentences_of, usable_pitch, write_in
from moothall_screening.training.open_sets import LIST_PURPOSES, OpenSets, RealPost
from moothall_screening.training.sentence_noise import noisy
from moothall_screening.verdict import Kind

KINDS = tuple(Kind)
PROMOTION = KINDS.index(Kind.PROMOTION)
UNKNOWN = -1
Item = TypeVar("Item")
# Shares of the stream, so that no source's style stands for a label: each source of genuine posts
# has adverts in the same style beside it.
SHARES = {
    "corpus": 0.46,
    "contrast": 0.06,
    "abroad": 0.06,
    "community": 0.1,
    "written into": 0.065,
    "list": 0.045,
    "list spam": 0.025,
    "bot": 0.065,
    "neighbour": 0.04,
    "announcement": 0.01,
    "bare": 0.02,
    "known": 0.05,
}
# Of the real posts whose kind a reader found: sober announcements, rare among them, weigh most.
KNOWN_SHARES = {
    Kind.DISCUSSION: 0.15,
    Kind.QUESTION: 0.1,
    Kind.REQUEST: 0.1,
    Kind.EXPERTISE: 0.2,
    Kind.EVENT: 0.25,
    Kind.JOB: 0.03,
    Kind.PROMOTION: 0.17,
}
SHORTEST_PURPOSE = 15
# A pitch that may stand as a subject without a text.
SUBJECT_CHARACTERS = 90


@dataclass(frozen=True, slots=True)
class Row:
    """One row to learn from.

    `kind` indexes `KINDS` or is -1; `fits` is 1, 0 or -1 where unknown; `knows_pitch` says that the parts
    are marked throughout; rows of one contrast set share `pair`.
    """

    parts: tuple[Part, ...]
    subject: str
    is_promotion: bool
    kind: int = UNKNOWN
    purpose: str = ""
    parent: str = ""
    fits: int = UNKNOWN
    knows_pitch: bool = False
    pair: str = ""
    language: str = "en"

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


def corpus_rows(path: Path) -> list[Row]:
    """The rows of the corpus's `train.jsonl`, but for those of the groups that are held out."""
    with path.open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [corpus_row(row) for row in rows if not is_held_out(str(row["group"]))]


def corpus_row(line: dict[str, object]) -> Row:
    pitch = line["pitch"]
    marked = [str(p) for p in pitch] if isinstance(pitch, list) else []
    is_promotion = line["kind"] == Kind.PROMOTION
    return Row(
        parts=tuple(parts_of(str(line["text"]), marked)),
        subject=str(line["subject"] or ""),
        is_promotion=is_promotion,
        kind=KINDS.index(Kind(str(line["kind"]))),
        purpose=str(line["group_purpose"]),
        parent=str(line["parent"] or ""),
        fits=int(bool(line["on_topic"])),
        knows_pitch=bool(marked) or not is_promotion,
        pair=str(line["pair"] or ""),
        language=str(line["lang"]),
    )


class Stream:
    """Draws groups of rows for ever; a group is one row, or the versions of a contrast set.

    The stream depends on `seed` and on the rows alone, so that training can go on where it stopped.
    """

    def __init__(self, corpus: list[Row], opened: OpenSets, seed: int) -> None:
        self.rng = Random(seed)  # noqa: S311
        self.opened = opened
        self.corpus = shuffled(corpus, self.rng)
        self.communities = shuffled(list(opened.communities), self.rng)
        self.ham = shuffled(list(opened.list_ham), self.rng)
        self.spam = shuffled(list(opened.list_spam), self.rng)
        self.sets = shuffled(contrast_sets(corpus), self.rng)
        self.known = {
            kind: shuffled([post for post in opened.known if post.kind is kind], self.rng)
            for kind in KNOWN_SHARES
            if any(post.kind is kind for post in opened.known)
        }
        self.genuine = [row for row in corpus if not row.is_promotion]
        marked = chain.from_iterable(row.parts for row in corpus if row.is_promotion)
        self.pitches = [part.text for part in marked if part.is_pitch and usable_pitch(part.text)]
        self.short_pitches = [pitch for pitch in self.pitches if len(pitch) <= SUBJECT_CHARACTERS]
        foreign = [row for row in corpus if row.language != "en"]
        self.foreign = shuffled(foreign or corpus, self.rng)
        self.foreign_pitches = pitches_by_language(foreign)
        self.drawers = {
            "corpus": self.draw_corpus,
            "abroad": self.draw_abroad,
            "contrast": lambda: [self.in_place(row) for row in next(self.sets)],
            "community": self.draw_community,
            "written into": self.draw_written_into,
            "list": lambda: [self.list_row(next(self.ham))],
            "list spam": lambda: [self.list_row(next(self.spam))],
            "bot": self.draw_bot,
            "neighbour": self.draw_neighbour,
            "announcement": self.draw_announcement,
            "bare": self.draw_bare,
            "known": self.draw_known if self.known else self.draw_community,
        }

    def __iter__(self) -> Iterator[list[Row]]:
        while True:
            (name,) = self.rng.choices(list(SHARES), list(SHARES.values()))
            yield [self.with_noise(row) for row in self.drawers[name]()]

    def draw_corpus(self) -> list[Row]:
        return [self.in_place(next(self.corpus))]

    def draw_abroad(self) -> list[Row]:
        """A post that is not in English; into half of the genuine ones a pitch in their language is written."""
        row = next(self.foreign)
        pitches = self.foreign_pitches.get(row.language, [])
        if row.is_promotion or not pitches or self.rng.random() < 0.5:
            return [self.in_place(row)]
        sold = replace(row, parts=tuple(write_in(row.text, self.rng.choice(pitches), self.rng)))
        return [self.in_place(replace(sold, is_promotion=True, kind=PROMOTION, pair=""))]

    def in_place(self, row: Row) -> Row:
        """The row with its group and parent, without them, or in another group, where it is off topic."""
        draw = self.rng.random()
        if draw < 0.18:
            row = replace(row, purpose=self.another_purpose(), fits=0)
        elif draw < 0.36:
            row = replace(row, purpose="", fits=UNKNOWN)
        elif draw < 0.42 and row.subject:
            row = replace(row, purpose=article_purpose(row.subject, self.rng))
        if row.parent and self.rng.random() < 0.35:
            row = replace(row, parent="")
        return replace(row, subject="") if self.rng.random() < 0.1 else row

    def another_purpose(self) -> str:
        if self.rng.random() < 0.5:
            return self.rng.choice(self.genuine).purpose
        return self.rng.choice(self.opened.communities).purposes[0][0]

    def draw_community(self) -> list[Row]:
        post = next(self.communities)
        return [self.community_row(post, [Part(post.text)])]

    def draw_known(self) -> list[Row]:
        """A real post whose kind a reader found."""
        (kind,) = self.rng.choices(list(self.known), [KNOWN_SHARES[kind] for kind in self.known])
        post = next(self.known[kind])
        parts = parts_of(post.text, [post.text[start:end] for start, end in post.pitch])
        return [replace(self.list_row(post), parts=tuple(parts)) if post.is_mail else self.community_row(post, parts)]

    def community_row(self, post: RealPost, parts: list[Part]) -> Row:
        purpose, fits = self.rng.choice(post.purposes)
        if len(post.purposes) == 1 and self.rng.random() < 0.5:
            other = self.rng.choice(self.opened.communities).purposes[0][0]
            purpose, fits = other, other == purpose
        is_promotion = post.is_promotion or any(part.is_pitch for part in parts)
        knows_pitch = bool(post.pitch) or not post.is_promotion
        row = Row(tuple(parts), post.subject, is_promotion, kind_of(post), knows_pitch=knows_pitch)
        return row if self.rng.random() < 0.15 else replace(row, purpose=purpose, fits=int(fits))

    def draw_written_into(self) -> list[Row]:
        pitch = self.rng.choice(self.pitches)
        draw = self.rng.random()
        if draw < 0.55:
            post = next(self.communities)
            row = self.community_row(post, write_in(post.text, pitch, self.rng))
        elif draw < 0.8:
            mail = next(self.ham)
            row = replace(self.list_row(mail), parts=tuple(write_in(mail.text, pitch, self.rng)), knows_pitch=True)
        else:
            genuine = self.rng.choice(self.genuine)
            row = replace(self.in_place(genuine), parts=tuple(write_in(genuine.text, pitch, self.rng)))
        return [replace(row, is_promotion=True, kind=PROMOTION)]

    def list_row(self, mail: RealPost) -> Row:
        """A mail on its own list or on another; one without a list only sometimes stands in a group."""
        purpose, fits = "", UNKNOWN
        if mail.purposes and self.rng.random() < 0.5:
            purpose, fits = mail.purposes[0][0], int(mail.purposes[0][1])
        elif self.rng.random() < (0.5 if mail.is_promotion or mail.purposes else 0.15):
            purpose = self.purpose_of_a_list() if mail.purposes else self.another_purpose()
            fits = int((purpose, True) in mail.purposes)
        row = Row((Part(mail.text),), mail.subject, mail.is_promotion, kind_of(mail), purpose=purpose, fits=fits)
        return replace(row, knows_pitch=bool(mail.pitch) or (not mail.is_promotion and mail.kind is not None))

    def purpose_of_a_list(self) -> str:
        return self.rng.choice(list(LIST_PURPOSES.values()))

    def draw_bot(self) -> list[Row]:
        """Bot spam under a group and a parent; a sentence may be copied from the parent or another post."""
        place = self.rng.choice(self.genuine)
        parent = place.text if self.rng.random() < 0.5 else ""
        spam = generators.bot_spam(self.rng)
        parts = [Part(spam.text, is_pitch=True)]
        if self.rng.random() < 0.25:
            copied = self.rng.choice(sentences_of(parent or self.rng.choice(self.genuine).text) or [""])
            parts = [Part(copied.strip() + " "), Part(generators.unrelated_phrase(self.rng), is_pitch=True)]
        purpose = self.bot_purpose(place)
        fits = 0 if purpose else UNKNOWN
        row = Row(tuple(parts), "", True, PROMOTION, purpose=purpose, parent=parent, fits=fits)
        return [replace(row, knows_pitch=spam.family not in ("salad", "testimony"))]

    def draw_neighbour(self) -> list[Row]:
        place = self.rng.choice(self.genuine)
        made = generators.genuine_neighbour(self.rng)
        parent = place.text if self.rng.random() < 0.5 else ""
        kind = KINDS.index(Kind(made.kind))
        return [Row((Part(made.text),), "", False, kind, self.bot_purpose(place), parent, knows_pitch=True)]

    def draw_announcement(self) -> list[Row]:
        """An announcement on its own list, on another, or nowhere."""
        made = generators.announcement(self.rng)
        draw = self.rng.random()
        if draw < 0.5:
            purpose, fits = made.purpose, 1
        elif draw < 0.75:
            purpose, fits = self.another_purpose(), 0
        else:
            purpose, fits = "", UNKNOWN
        kind = KINDS.index(Kind(made.kind))
        return [Row((Part(made.text),), made.subject, kind == PROMOTION, kind, purpose, fits=fits)]

    def draw_bare(self) -> list[Row]:
        """A subject without a text, or a text of one to six words: too little to accuse, unless it is a pitch."""
        place = self.rng.choice(self.genuine)
        draw = self.rng.random()
        if draw < 0.35 and self.short_pitches:
            place = replace(place, subject=self.rng.choice(self.short_pitches), is_promotion=True)
            bare = replace(place, parts=(), kind=PROMOTION, knows_pitch=False)
        elif draw < 0.7 and place.subject:
            bare = replace(place, parts=(), kind=UNKNOWN)
        else:
            words = place.text.split()[: self.rng.randint(1, 6)]
            bare = replace(place, parts=(Part(" ".join(words)),), subject="", kind=UNKNOWN)
        return [replace(self.in_place(bare), subject=bare.subject, fits=UNKNOWN, pair="")]

    def bot_purpose(self, place: Row) -> str:
        draw = self.rng.random()
        if draw < 0.25:
            return ""
        if draw < 0.55:
            return article_purpose(place.subject or self.rng.choice(self.opened.communities).subject, self.rng)
        return self.another_purpose()

    def with_noise(self, row: Row) -> Row:
        quoted = self.rng.choice(self.genuine).text
        if self.rng.random() < 0.3:
            row = replace(row, purpose=in_one_line(row.purpose))
        return replace(row, parts=tuple(noisy(row.parts, row.parent or quoted, self.rng)))


def kind_of(post: RealPost) -> int:
    if post.is_promotion:
        return PROMOTION
    return KINDS.index(post.kind) if post.kind else UNKNOWN


def in_one_line(purpose: str) -> str:
    """The first sentence of a purpose without its markup: many groups say no more than that.

    >>> in_one_line("# Welcome! **Old radios**, mended and heard. No sales.")
    'Old radios, mended and heard.'
    """
    plain = re.sub(r"[*#_\[\]]+", "", purpose).strip()
    sentences = [s for s in re.split(r"(?<=[.!?])\s+|\n+", plain) if len(s) >= SHORTEST_PURPOSE]
    return sentences[0] if sentences else purpose


def pitches_by_language(rows: list[Row]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.is_promotion:
            pitches = (part.text for part in row.parts if part.is_pitch and len(part.text) >= PITCH_CHARACTERS[0])
            found.setdefault(row.language, []).extend(pitches)
    return found


def article_purpose(subject: str, rng: Random) -> str:
    """How a comment thread under an article describes itself."""
    form = rng.choice(['Reader comments under "{}"', 'Comments on the article "{}"', "Discussion of: {}"])
    return form.format(subject.removeprefix("Re: "))


def contrast_sets(corpus: list[Row]) -> list[list[Row]]:
    sets: dict[str, list[Row]] = {}
    for row in corpus:
        if row.pair:
            sets.setdefault(row.pair, []).append(row)
    return [rows for rows in sets.values() if len({row.is_promotion for row in rows}) == 2]


def shuffled(items: list[Item], rng: Random) -> Iterator[Item]:
    """The items in random order, again and again, each once a round."""
    while True:
        yield from rng.sample(items, len(items))
