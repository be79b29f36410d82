from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("tokenizers")

import itertools

from tokenizers import Tokenizer, models, pre_tokenizers

from moothall_screening.sentence_pieces import (
    HEAD_CHARACTERS,
    TAIL_CHARACTERS,
    Cutter,
    Pieces,
    windows_of,
)
from moothall_screening.training.sentence_batch import NOTHING, batch_of


def letters() -> Tokenizer:
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0)]
    made = Tokenizer(models.Unigram([*vocabulary, *((c, -2.0) for c in "abcdefghijklmnopqrstuvwxyz:")], unk_id=3))
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    return made


CUTTER = Cutter(letters())


@given(st.text(max_size=300))
def test_any_text_is_cut_and_spans_lie_in_it(text: str) -> None:
    pieces = CUTTER.cut(text)
    assert len(pieces.ids) == len(pieces.spans)
    assert not len(pieces) or (pieces.spans.min() >= 0 and pieces.spans.max() <= len(text))


def test_lone_surrogates_and_nul_are_cut() -> None:
    assert len(CUTTER.cut("a\ud800b\x00c"))


def test_a_very_long_text_is_read_at_both_ends() -> None:
    text = "a" * HEAD_CHARACTERS + "b" * 50_000 + "c" * TAIL_CHARACTERS
    pieces = CUTTER.cut(text)
    assert pieces.spans[-1, 1] == len(text)
    assert len(pieces) <= HEAD_CHARACTERS + TAIL_CHARACTERS + 2


@given(st.integers(0, 3000))
def test_windows_are_few_and_short_and_reach_both_ends(count: int) -> None:
    windows = windows_of(Pieces(np.zeros(count, np.int64), np.zeros((count, 2), np.int64)))
    assert 1 <= len(windows) <= 3
    assert windows[0][0] == 0
    assert windows[-1][0] + windows[-1][1] == count
    assert all(size <= 256 for _, size in windows)


@given(st.integers(257, 700))
def test_windows_over_a_text_of_up_to_three_leave_no_gap(count: int) -> None:
    windows = windows_of(Pieces(np.zeros(count, np.int64), np.zeros((count, 2), np.int64)))
    assert all(start <= before + size for (before, size), (start, _) in itertools.pairwise(windows))


def test_a_batch_pads_and_counts_places_within_each_segment() -> None:
    batch = batch_of([[[5, 6], [7], []], [[5], [], []]])
    assert batch.pieces.tolist() == [[5, 6, 7], [5, 1, 1]]
    assert batch.places.tolist() == [[0, 1, 0], [0, 0, 0]]
    assert batch.segments.tolist() == [[0, 0, 1], [0, NOTHING, NOTHING]]


def test_an_empty_context_takes_no_pieces() -> None:
    assert CUTTER.purpose("") == []
    assert len(CUTTER.purpose("a" * 5000)) <= 40 + len(CUTTER.prefix) + 2
