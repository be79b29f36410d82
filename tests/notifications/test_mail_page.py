"""docs/mail.md says what the code does, figure by figure."""

from __future__ import annotations

from pathlib import Path

from moothall.groups.invite_by_mail import MAILED_A_DAY
from moothall.groups.models import Membership
from moothall.mailer.addresses import REPLY_DAYS
from moothall.mailer.bounces import PROBED_FOR_DAYS, SOFT_DAYS, WITHIN_DAYS
from moothall.mailer.sending import BATCH
from moothall.moderation.managers_mail import POSTS_NAMED
from moothall.notifications.choosing import MOST, MOST_ASKED, MOST_WAITING
from moothall.notifications.digests import ABSENT_DAYS
from moothall.notifications.fanning import MAILED_WITHIN
from moothall.notifications.windows import HOUR
from moothall.site.environment import Environment

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "mail.md").read_text(encoding="utf-8").split())
NUMBERS = {3: "three", 5: "five", 14: "fourteen"}


def test_figures_are_those_of_the_code() -> None:
    for words in (
        f"end at {HOUR} in the morning",
        f"at most {MOST} conversations: first up to {NUMBERS[MOST_ASKED]} that ask",
        f"then up to {NUMBERS[MOST_WAITING]} that wait",
        f"not been here for {ABSENT_DAYS} days",
        f"more than {MAILED_WITHIN.days} days old",
        f"in batches of {BATCH}",
        f"{NUMBERS[SOFT_DAYS]} days with a temporary failure among {NUMBERS[WITHIN_DAYS]}",
        f"not asked again for {PROBED_FOR_DAYS} days",
        f"daily at {Membership().mail_keeping_hour}, with the week on Mondays",
        f"It names up to {POSTS_NAMED} posts",
        f"go {Environment.__dataclass_fields__['mail_pace'].metadata['setting'].default} mails a minute at most",
        f"mailed {MAILED_A_DAY} a day at most",
        f"to this post, for {REPLY_DAYS} days",
    ):
        assert words in PAGE, words
