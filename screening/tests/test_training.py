from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from moothall_screening import Candidate, Kind, Screener, stack, weights
from moothall_screening.cli.main import main
from moothall_screening.labelled import read_rows
from moothall_screening.training.fast_judge import FastTraining
from moothall_screening.training.held_out import is_held_out
from moothall_screening.training.stacking import ANNOUNCED, CLEAR_BELOW, FAST_BOUNDS, learnt_languages

OFFERS = ["We sell {} and deliver, call us for a price", "Buy {} from our shop, twenty per cent off this week"]
TALK = ["Who here has tried {} on a north wall?", "I used {} last year and it held until the frost"]
KINDS = ["question", "discussion", "request", "expertise", "event", "job"]
THINGS = ["lime", "slate", "oak", "hemp", "cork", "clay", "chalk", "flint", "thatch", "lead", "zinc", "brick"]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    rows = []
    for number, thing in enumerate(THINGS):
        for place, line in enumerate(OFFERS + TALK * 3):
            offer = place < len(OFFERS)
            rows.append(
                {
                    "id": f"{number}-{place}",
                    "text": line.format(thing),
                    "kind": "promotion" if offer else KINDS[place - len(OFFERS)],
                    "group": f"Friends of {thing}",
                    "group_purpose": f"People who build with {thing}",
                    "lang": "en" if number % 3 else "cy",
                }
            )
    (folder / "train.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return folder


def test_training_learns_a_small_corpus(corpus: Path, tmp_path: Path) -> None:
    assert main(["train", "--corpus", str(corpus), "--to", str(tmp_path), "--version-name", "small"]) == 0
    offer, talk = Screener(tmp_path).screen_many(
        [Candidate("We sell tiles and deliver, call us for a price"), Candidate("Who here has tried tiles?")]
    )
    assert offer.kind is Kind.PROMOTION
    assert talk.kind is not Kind.PROMOTION
    assert offer.model_version == "small"


def test_training_repeats_itself(corpus: Path) -> None:
    rows = read_rows(corpus / "train.jsonl")
    places = np.arange(0, len(rows), 2)
    first, second = (FastTraining(rows).promotion_judge(places).promotion for _ in range(2))
    assert (first.char == second.char).all()
    assert first.bias == second.bias


def test_the_packaged_stack_has_what_was_chosen_and_not_fitted() -> None:
    shipped = stack.load(weights.PACKAGED)
    assert (shipped.clear_below, shipped.announced, shipped.fast_bounds) == (CLEAR_BELOW, ANNOUNCED, FAST_BOUNDS)
    rows = read_rows(Path(__file__).parents[2] / "corpus" / "train.jsonl")
    assert shipped.languages == learnt_languages([row for row in rows if not is_held_out(row.group)])
