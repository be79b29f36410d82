"""docs/policy.md says what the code does, figure by figure."""

from __future__ import annotations

from math import exp
from pathlib import Path

from moothall.groups.create import MOST_A_DAY
from moothall.groups.models import Policy
from moothall.judging.standing import CLEAN_DAYS, CONTRIBUTIONS, FIRST_DAYS_AGO
from moothall.moderation.decide import UNDO_HOURS
from moothall.moderation.earning import EARNS_FOR_DAYS, READERS_TO_EARN
from moothall.moderation.flag_weight import (
    AGREE_ALONE,
    AGREE_WITH_READING,
    BEGINS_WITH,
    MOST_OF_A_HUNDRED,
    Record,
    weight,
)
from moothall.moderation.flagging import FLAGS_A_DAY
from moothall.moderation.policy import (
    ADVERTS_FOR_ONE_DELAY,
    DOUBTFUL_FIT,
    DOUBTFUL_FROM,
    LEFT_OUT_FOR_ONE_MAILED,
    MAILED_FIT,
    hold_from,
    mailed_below,
)
from moothall.moderation.reach import DAYS, INBOXES
from moothall.posting.check import COMMENTS_A_DAY, TOPICS_A_DAY
from moothall.posting.delete import RESTORABLE_DAYS
from moothall.posting.thank import THANKS_A_DAY

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "policy.md").read_text(encoding="utf-8").split())
NUMBERS = {3: "three", 20: "20"}


def test_the_presets_are_those_of_the_code() -> None:
    for preset in Policy:
        row = f"| {preset.label} | {ADVERTS_FOR_ONE_DELAY[preset]:g} | {hold_from(preset):.2f} |"
        assert row in PAGE


def test_doubt_standing_undo_and_rates_are_those_of_the_code() -> None:
    for words in (
        f"from *p* = {DOUBTFUL_FROM}, or one that fits the group's interest with less than {DOUBTFUL_FIT}",
        f"with {NUMBERS[CONTRIBUTIONS]} published contributions",
        f"the first at least {NUMBERS[FIRST_DAYS_AGO]} days old",
        f"in the last {CLEAN_DAYS} days",
        f"within {UNDO_HOURS} hours takes all of it back",
        f"They delete it, and put it back for {RESTORABLE_DAYS} days",
        f"begin {NUMBERS[TOPICS_A_DAY[False]]} conversations and write {COMMENTS_A_DAY[False]} replies in 24 hours, "
        f"members with standing {TOPICS_A_DAY[True]} and {COMMENTS_A_DAY[True]}. "
        f"Nobody founds more than {MOST_A_DAY} groups in 24 hours, and nobody gives more than {THANKS_A_DAY} thanks",
    ):
        assert words in PAGE, words


def test_the_gate_of_the_inbox_is_that_of_the_code() -> None:
    for who, has_standing in (("with standing", True), ("without", False)):
        below = mailed_below(has_standing=has_standing)
        assert f"| {who} | {LEFT_OUT_FOR_ONE_MAILED[has_standing]:g} | {below:.2f} |" in PAGE
    for words in (
        f"fit the group's interest with at least {MAILED_FIT}",
        f"**budget of reach** of {INBOXES} inboxes in {DAYS} days",
        f"mail within {EARNS_FOR_DAYS} days when {READERS_TO_EARN} members with standing, "
        "beside its author, have read it",
    ):
        assert words in PAGE, words


def test_the_flags_are_those_of_the_code() -> None:
    right, wrong = BEGINS_WITH[True]
    assert BEGINS_WITH[False] == (1, 1)
    odds = hold_from(Policy.BALANCED) / (1 - hold_from(Policy.BALANCED))
    odds /= exp(AGREE_WITH_READING * weight(Record(has_standing=True)))
    for words in (
        f"begins as if {right:g} of {right + wrong:g} had been right",
        f"No flag counts for more than {MOST_OF_A_HUNDRED} of 100",
        f"**{AGREE_WITH_READING} members hold a post**",
        f"from *p* = {odds / (1 + odds):.2f} before their flags",
        f"**{AGREE_ALONE} members hold any post**",
        f"one flags {FLAGS_A_DAY[False]} posts in a group, {FLAGS_A_DAY[True]} with standing",
    ):
        assert words in PAGE, words
