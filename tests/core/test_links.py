from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.links import pieces


def links(text: str) -> list[str]:
    return [piece.href for piece in pieces(text) if piece.href]


@given(st.lists(st.sampled_from(["http://", "www.", "a", ".", ")", "(", " ", "[", "]", "é", "\n", "@"])))
def test_pieces_give_the_text_again(parts: list[str]) -> None:
    text = "".join(parts)
    assert "".join(piece.text for piece in pieces(text)) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("See https://a.example/x?y=1&z=2.", ["https://a.example/x?y=1&z=2"]),
        ("(www.a.example)", ["http://www.a.example"]),
        ("http://a.example/b_(c)", ["http://a.example/b_(c)"]),
        ("HTTP://A.example!", ["HTTP://A.example"]),
        ("<http://a.example/>", ["http://a.example/"]),
        ("http://a.example/x, http://b.example/y", ["http://a.example/x", "http://b.example/y"]),
        ("the end.It was setup.py", []),
        ("ruth@www.a.example javascript:alert(1) data:text/html,x http:// www. xhttp://a", []),
    ],
)
def test_addresses_are_found(text: str, expected: list[str]) -> None:
    assert links(text) == expected
