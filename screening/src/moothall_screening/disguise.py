"""A text without its disguises, as a reader sees it: for the sentence model, whose word pieces they tear apart.

Invisible marks and strokes through letters go; letters of other scripts that pass for Latin ones become these, unless
the text is written in that script; so do figures that stand for letters ("fr33"), in a text with several such words;
letters set apart ("b u y  n o w") are put together; pictures go where they stand behind every other word; and who
shouts is read in small letters.
"""

from __future__ import annotations

import re
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]

# Joiners and marks of direction mean something after letters of these scripts, and between the parts of an emoji.
_JOINED = "\u0590-\u1fff\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
# The last are strokes, lines and slashes laid over a letter, and any accent upon two others.
_UNSEEN = re.compile(
    rf"(?<![{_JOINED}])[\u00ad\u034f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\U000e0000-\U000e007f]+"
    r"|[\u0332-\u0338]+|(?<=[\u0300-\u036f]{2})[\u0300-\u036f]+"
)
# No language heaps three accents upon a letter; where one letter has them, no accent of the text means anything.
_HEAPED = re.compile("[\u0300-\u036f]{3}")
_ACCENT = re.compile("[\u0300-\u036f]+")
_SMALL_CAPITALS = zip(
    "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\ua7af\u0280\ua731\u1d1b\u1d1c"
    "\u1d20\u1d21\u028f\u1d22",
    "abcdefghijklmnopqrstuvwyz",
    strict=True,
)
# In circles and squares, white and black: the alphabet in order each time. The last are blanks that are no spaces.
_FRAMED = ((0x24B6, "A"), (0x24D0, "a"), (0x1F110, "A"), (0x1F130, "A"), (0x1F150, "A"), (0x1F170, "A"))
_PLAIN = str.maketrans(
    dict(_SMALL_CAPITALS)
    | {chr(first + place): chr(ord(letter) + place) for first, letter in _FRAMED for place in range(26)}
    | dict.fromkeys("\u2800\u115f\u1160\u3164\uffa0", " ")
)
_PICTURES = re.compile("[ ]?[\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]+")
_FEWEST_PICTURES = 8
# Letters that look alike in their own case. `folding` has more, since there a word changes always in the same way and
# need not be one of its language afterwards.
_LATIN_FOR = dict(
    zip(
        "\u0430\u0441\u0435\u0456\u0458\u04bb\u043e\u0440\u0455\u0443\u0445\u051b\u051d\u0501"
        "\u0410\u0412\u0421\u0415\u041d\u0406\u0408\u041a\u041c\u041e\u0420\u0405\u0422\u0423\u0425"
        "\u03b1\u03b5\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u03c7"
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "aceijhopsyxqwdABCEHIJKMOPSTYXaeikvopuxABEZHIKMNOPTYX",
        strict=True,
    )
)
_TO_LATIN = str.maketrans(_LATIN_FOR)
_TO_CYRILLIC = str.maketrans(
    "aceiopxyABCEHIKMOPTX",
    "\u0430\u0441\u0435\u0456\u043e\u0440\u0445\u0443\u0410\u0412\u0421\u0415\u041d\u0406\u041a\u041c\u041e\u0420\u0422\u0425",
)
_PASSING = "".join(_LATIN_FOR)
_FOREIGN = re.compile("[\u0370-\u052f]")
# Greek or Cyrillic that passes for nothing: there is hardly a sentence without it.
_TRULY_FOREIGN = re.compile(rf"(?![{_PASSING}])[\u0370-\u052f]")
_LATIN = re.compile("[A-Za-z]")
_TRULY_CYRILLIC = re.compile(rf"(?![{_PASSING}])[\u0400-\u052f]")
_TRULY_LATIN = re.compile("[bdfghjklmnqrstuvwzDFGJLNQRSUVWYZ]")
_WORD = re.compile(r"\w+")
_SET_APART = re.compile(r"(?<!\w)[^\W_]([ .*_-])[^\W_](?:\1[^\W_]){2,}(?!\w)")
_PAIR_APART = re.compile(r"(?<!\w)[^\W_]([ .*_-])[^\W_](?:\1[^\W_])*(?!\w)")
# In so many words of a text a figure among letters is no name of a standard or a size.
_FEWEST_WITH_FIGURES = 4
_FIGURE_INSIDE = re.compile(r"[^\W\d_][0134]+[^\W\d_]")
_WITH_FIGURES = re.compile(r"(?<!\w)[^\W_]*[^\W\d_][0134]+[^\W_]*(?!\w)")
_FIGURES = str.maketrans("0134", "oiea")
_SHOUTS_FROM, _FEWEST_SHOUTED = 0.7, 20
_ALONE = re.compile(r"(?<!\w)[^\W_](?!\w)")


def undisguised(text: str) -> tuple[str, Places | None]:
    """The text as it is seen, and for each character its place in `text`; no places where nothing was left out."""
    text = text if text.isascii() else text.translate(_PLAIN)
    kept = np.ones(len(text), dtype=np.bool_)
    if not text.isascii():
        pictures = list(_PICTURES.finditer(text))
        are_between = len(pictures) >= max(_FEWEST_PICTURES, len(_WORD.findall(text)) / 2)
        accents = _ACCENT.finditer(text) if _HEAPED.search(text) else ()
        for found in chain(_UNSEEN.finditer(text), accents, pictures if are_between else ()):
            kept[found.start() : found.end()] = False
    shown, places = _left(text, kept, None)
    if not text.isascii() and _FOREIGN.search(shown):
        shown = _in_latin(shown)
    if _SET_APART.search(shown):
        shown, places = _left(shown, _without_gaps(shown), places)
    if len(set(_FIGURE_INSIDE.findall(shown))) >= _FEWEST_WITH_FIGURES:
        shown = _WITH_FIGURES.sub(lambda word: word[0].translate(_FIGURES), shown)
    return _in_small_letters(shown), places


def _left(text: str, kept: NDArray[np.bool_], places: Places | None) -> tuple[str, Places | None]:
    if kept.all():
        return text, places
    left = np.flatnonzero(kept)
    return "".join(text[place] for place in left.tolist()), left if places is None else places[left]


def _in_latin(text: str) -> str:
    """Of a text in Greek or Cyrillic only the words that mix scripts."""
    if not _TRULY_FOREIGN.search(text):
        return text.translate(_TO_LATIN) if _LATIN.search(text) else text
    return _WORD.sub(_one_script, text)


def _one_script(word: re.Match[str]) -> str:
    if not _LATIN.search(word[0]) or not _FOREIGN.search(word[0]):
        return word[0]
    if not _TRULY_FOREIGN.search(word[0]):
        return word[0].translate(_TO_LATIN)
    is_cyrillic = _TRULY_CYRILLIC.search(word[0]) and not _TRULY_LATIN.search(word[0])
    return word[0].translate(_TO_CYRILLIC) if is_cyrillic else word[0]


def _in_small_letters(text: str) -> str:
    large = sum(map(str.isupper, text))
    if large < _FEWEST_SHOUTED or large < _SHOUTS_FROM * (large + sum(map(str.islower, text))):
        return text
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _without_gaps(text: str) -> NDArray[np.bool_]:
    """False where a gap stands between letters set apart; where most words are, pairs are taken for words too."""
    mostly = 2 * len(_ALONE.findall(text)) > len(_WORD.findall(text))
    kept = np.ones(len(text), dtype=np.bool_)
    for found in (_PAIR_APART if mostly else _SET_APART).finditer(text):
        kept[found.start() + 1 : found.end() : 2] = False
    return kept
