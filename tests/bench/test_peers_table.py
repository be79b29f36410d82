import pytest
from peers_table import at_least, at_most


@pytest.mark.parametrize(
    ("ratio", "said"), [(3.2, "3.20"), (3.0, "3.00"), (2.8, "2.80 (wanted 3)"), (0.9, "0.90 WORSE")]
)
def test_more_is_better_says_where_it_falls_short(ratio: float, said: str) -> None:
    assert at_least(ratio, 3.0) == said


@pytest.mark.parametrize(
    ("ratio", "said"), [(0.2, "0.20"), (0.5, "0.50"), (0.6, "0.60 (wanted 0.5)"), (1.2, "1.20 WORSE")]
)
def test_less_is_better_says_where_it_is_worse_than_the_peer(ratio: float, said: str) -> None:
    assert at_most(ratio, 0.5) == said
