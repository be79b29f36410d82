"""Prices, numbers, hosts and addresses are found where they stand, in folded text."""

from __future__ import annotations

import pytest

from moothall_screening import folding
from moothall_screening.shapes import MOST, shapes
from moothall_screening.stretches import sentences

CASES = [
    ("now £0,000 only", folding.PRICE, "£0,000"),
    ("now £ 00.00 only", folding.PRICE, "£ 00.00"),
    ("for usd 00 each", folding.PRICE, "usd 00"),
    ("for rs. 000 each", folding.PRICE, "rs. 000"),
    ("for 00 euros each", folding.PRICE, "00 euros"),
    ("for 00k€ each", folding.PRICE, "00k€"),
    ("save 00% today", folding.PERCENT, "00%"),
    ("ring 000 0000 0000 today", folding.PHONE, "000 0000 0000"),
    ("ring 000 0000 0000, or write", folding.PHONE, "000 0000 0000"),
    ("ask @bob about it", folding.HANDLE, "@bob"),
    ("write to b.oak+a@lofts.co.uk soon", folding.EMAIL, "b.oak+a@lofts.co.uk"),
    ("write to bob at lofts dot com soon", folding.EMAIL, "bob at lofts dot com"),
    ("write to bob (at) lofts (dot) com soon", folding.EMAIL, "bob (at) lofts (dot) com"),
    ("see my-lofts.co.uk/work for it", folding.HOST, "my-lofts.co.uk/work"),
    ("see lofts d0t com for it", folding.HOST, "lofts d0t com"),
    ("see www.lofts.test/work for it", folding.HOST, "www.lofts.test/work"),
]


@pytest.mark.parametrize(("text", "code", "found"), CASES)
def test_a_shape_is_found_where_it_stands(text: str, code: int, found: str) -> None:
    assert found in {text[shape.start : shape.end] for shape in shapes(text) if shape.code == code}


@pytest.mark.parametrize(
    "text",
    ["chapter 00 of it", "the m0 motorway", "rooms 0 and 0", "0,000,000,000, at least", "a - b.c", "at the @ sign"],
)
def test_ordinary_text_has_none(text: str) -> None:
    assert not list(shapes(text))


@pytest.mark.parametrize("dots", ["...", "." * 50, "?!" * 30, '!"'])
def test_a_sentence_ends_once_however_many_marks_end_it(dots: str) -> None:
    first, second = f"It rained all day{dots}", " Then it was dry again."
    text = first + second
    assert [text[start:end] for start, end in sentences(text)] == [first, second]


def test_of_each_sort_so_many_are_found_and_the_first_ones() -> None:
    assert [shape[1] for shape in shapes("£0 " * (MOST + 7))] == list(range(0, 3 * MOST, 3))


@pytest.mark.parametrize("unit", [". ", "\na", "Yes, it is. "])
def test_a_text_of_countless_sentences_is_still_covered_without_a_gap_by_short_ones(unit: str) -> None:
    text = unit * 20_000
    found = sentences(text)
    assert [start for start, _ in found] == [0, *(end for _, end in found[:-1])]
    assert found[-1][1] == len(text)
    assert max(end - start for start, end in found) <= 400
    assert len(found) < 5_000
