from __future__ import annotations

import random
from itertools import pairwise

import pytest

from moothall_screening import Candidate, Screener

PITCH = (
    "If your gutters have been dripping since the storms, our two-man team is in the village all next week with the "
    "long ladder. Forty pounds a house, leaf guards extra, and we take the rubbish with us. Message me for a day."
)
OTHERS = [
    "Does anybody know who looks after the noticeboard by the church now? The parish minutes from March are still up.",
    "The reading group meets on Thursday at seven in the back room; we are on chapter nine and the kettle is mended.",
    "Our two dogs found the gap in the fence again, so if you see a brown spaniel on the lane, please ring the farm.",
    "I measured the draught under the door with a strip of tissue and then fitted the brush; it made more difference "
    "than the new glass did, which was forty times the price.",
]


@pytest.fixture(scope="module")
def screener() -> Screener:
    """The keys are made of the letters, whoever reads them."""
    return Screener(closely=False)


def keys(screener: Screener, text: str) -> set[int]:
    return set(screener.screen(Candidate(text)).duplicate_keys)


@pytest.mark.parametrize(
    "disguise",
    [
        str.upper,
        lambda text: text.replace("a", "\u0430").replace("o", "\u043e"),
        "\u200b".join,
        lambda text: text.translate(str.maketrans("aeio", "4310")),
        lambda text: text.replace(" ", "  \U0001f600 "),
        lambda text: text.replace(".", "!!!").replace(",", ""),
        lambda text: (
            f"Hello everybody, hope it is all right to post this here. {text} Thanks for reading, all the best!"
        ),
        lambda text: text.replace("village", "town").replace("Forty pounds", "60 quid").replace("storms", "gales"),
        lambda text: text[: len(text) * 3 // 4],
    ],
    ids=[
        "capitals",
        "look-alikes",
        "zero width",
        "figures",
        "emoji",
        "punctuation",
        "padding",
        "words swapped",
        "cut short",
    ],
)
def test_a_disguised_copy_shares_a_key(screener: Screener, disguise: object) -> None:
    assert callable(disguise)
    assert keys(screener, PITCH) & keys(screener, disguise(PITCH))


def test_different_posts_share_none(screener: Screener) -> None:
    found = [keys(screener, text) for text in [PITCH, *OTHERS]]
    assert all(not left & right for at, left in enumerate(found) for right in found[at + 1 :])


def test_keys_fit_a_signed_column_and_short_texts_have_none(screener: Screener) -> None:
    assert all(0 <= key < 1 << 63 for key in keys(screener, PITCH))
    assert keys(screener, "Thanks, that did it!") == set()


def test_of_a_short_text_only_the_same_words_are_a_copy(screener: Screener) -> None:
    short = "Great article, thanks for sharing it!"
    assert keys(screener, short) == keys(screener, "GREAT article... thanks f0r  sharing it")
    assert len(keys(screener, short)) == 1
    assert not keys(screener, short) & keys(screener, "Great job Luke, and thanks for sharing it!")
    assert keys(screener, "aeiou " * 9) == set()


def test_copies_with_a_tenth_of_their_words_changed_are_nearly_all_found(screener: Screener) -> None:
    chosen = random.Random(4)
    pool = [word for text in OTHERS for word in text.split()]
    known = keys(screener, PITCH)
    copies = []
    for _ in range(50):
        words = PITCH.split()
        for place in chosen.sample(range(len(words)), len(words) // 10):
            words[place] = chosen.choice(pool)
        copies.append(keys(screener, " ".join(words)))
    assert sum(bool(known & copy) for copy in copies) >= 47
    assert any(left != right for left, right in pairwise(copies))
