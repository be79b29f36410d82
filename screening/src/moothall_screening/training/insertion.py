"""Writes a pitch into a genuine post, between two of its sentences, so that style stops telling adverts from posts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

SENTENCE = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？]+[\"')\]]*|\n+|$)\s*")
# Shorter ones are scraps of a sentence; longer ones are whole posts.
PITCH_CHARACTERS = (25, 320)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text, and whether it carries the pitch."""

    text: str
    is_pitch: bool = False


def sentences_of(text: str) -> list[str]:
    """The sentences of a text with the white space after them; joined they are the text again.

    >>> sentences_of("Tea? Yes, please. Two.")
    ['Tea? ', 'Yes, please. ', 'Two.']
    """
    return [found for found in SENTENCE.findall(text) if found]


def usable_pitch(pitch: str) -> bool:
    """Whether a marked pitch can stand between the sentences of another post."""
    low, high = PITCH_CHARACTERS
    return low <= len(pitch) <= high and (pitch[0].isupper() or pitch[0].isdigit())


def write_in(text: str, pitch: str, rng: Random) -> list[Part]:
    """The text with the pitch between two sentences: often last, as in life, else anywhere after the first."""
    sentences = sentences_of(text)
    at = len(sentences) if rng.random() < 0.35 else rng.randint(min(1, len(sentences)), len(sentences))
    before, after = "".join(sentences[:at]), "".join(sentences[at:])
    gap = rng.choice([" ", " ", "\n\n"])
    return [Part(before.rstrip() + gap if before else ""), Part(pitch.strip(), is_pitch=True), Part(gap + after)]


def parts_of(text: str, pitches: list[str]) -> list[Part]:
    """Cut a text at the marked pitches, each of them a substring of it.

    >>> parts_of("Nice. Call me. Bye.", ["Call me."])
    [Part(text='Nice. ', is_pitch=False), Part(text='Call me.', is_pitch=True), Part(text=' Bye.', is_pitch=False)]
    """
    marks = [False] * len(text)
    for pitch in pitches:
        at = text.find(pitch)
        if at >= 0:
            marks[at : at + len(pitch)] = [True] * len(pitch)
    parts: list[Part] = []
    start = 0
    for i in range(1, len(text) + 1):
        if i == len(text) or marks[i] != marks[start]:
            parts.append(Part(text[start:i], marks[start]))
            start = i
    return parts
