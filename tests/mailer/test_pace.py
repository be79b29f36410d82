"""One domain's mails are spread over minutes; others need not wait for them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from moothall.core.clock import now
from moothall.mailer.models import DomainMinute, OutboundMessage
from moothall.mailer.pace import KEPT, spread
from moothall.mailer.queueing import Waiting, queue
from moothall.notifications.quiet import Hours

pytestmark = pytest.mark.django_db


def minutes(times: list[datetime]) -> list[int]:
    """After this one."""
    first = now().replace(second=0, microsecond=0)
    return [(at - first) // timedelta(minutes=1) for at in times]


def test_what_is_too_much_for_a_minute_goes_in_the_next_ones() -> None:
    with override_settings(MAIL_PACE=3):
        assert minutes(spread([("inbox.example", now())] * 8)) == [0, 0, 0, 1, 1, 1, 2, 2]


def test_later_batches_find_the_minutes_taken_and_another_domain_does_not() -> None:
    with override_settings(MAIL_PACE=2):
        spread([("inbox.example", now())] * 3)
        assert minutes(spread([("inbox.example", now()), ("other.example", now())] * 2)) == [1, 0, 2, 0]


def test_a_mail_that_is_due_later_keeps_its_time_and_leaves_the_minutes_before_it_free() -> None:
    tonight = now() + timedelta(hours=8)
    with override_settings(MAIL_PACE=1):
        assert spread([("inbox.example", tonight)]) == [tonight]
        assert minutes(spread([("inbox.example", now())])) == [0]


def test_minutes_of_the_hour_that_clocks_show_twice_are_the_same_in_every_time_zone() -> None:
    evening = datetime(2036, 10, 25, 22, tzinfo=UTC)
    night = [Hours("Europe/London", 22, 1).due_at(evening), Hours("Europe/Berlin", 22, 2).due_at(evening)]
    with override_settings(MAIL_PACE=1):
        times = spread([("inbox.example", at) for at in night]) + spread([("inbox.example", at) for at in night])

    midnight = datetime(2036, 10, 26, tzinfo=UTC)
    assert [at.astimezone(UTC) for at in times] == [midnight + timedelta(minutes=minute) for minute in range(4)]


def test_no_pace_and_no_domain_put_nothing_off() -> None:
    at = now()
    with override_settings(MAIL_PACE=0):
        assert spread([("inbox.example", at)] * 50) == [at] * 50
    with override_settings(MAIL_PACE=1):
        assert spread([("", at)] * 50) == [at] * 50
    assert not DomainMinute.objects.exists()


def test_rows_of_minutes_long_gone_are_removed() -> None:
    DomainMinute.objects.create(domain="old.example", minute=now() - 2 * KEPT, booked_count=7)
    spread([("inbox.example", now())])
    assert list(DomainMinute.objects.values_list("domain", flat=True)) == ["inbox.example"]


def test_mails_are_queued_for_the_minutes_in_which_their_domain_has_room() -> None:
    with override_settings(MAIL_PACE=2):
        queue(Waiting(n, "post:1", now(), f"Reader{n}@Inbox.example") for n in range(5))
    assert minutes(list(OutboundMessage.objects.order_by("id").values_list("due_at", flat=True))) == [0, 0, 1, 1, 2]


def test_what_is_queued_again_takes_no_minutes_again() -> None:
    """Digests are built every hour, and tell of those who have had theirs each time."""
    with override_settings(MAIL_PACE=2):
        for _ in range(3):
            queue(Waiting(n, "digest:1:weekly:2026-11-27", now(), f"reader{n}@inbox.example") for n in range(4))
        queue([Waiting(9, "post:1", now(), "other@inbox.example")])
    assert sum(DomainMinute.objects.values_list("booked_count", flat=True)) == 5
    assert minutes([OutboundMessage.objects.get(thing="post:1").due_at]) == [2]


class Always(TestCase):
    @given(
        st.lists(st.tuples(st.sampled_from(["a.example", "b.example", ""]), st.integers(0, 300)), max_size=40),
        st.integers(1, 4),
    )
    def test_no_minute_has_more_than_the_pace_and_nothing_is_early(self, due: list[tuple[str, int]], pace: int) -> None:
        base = now() + timedelta(days=1)
        asked = [(domain, base + timedelta(seconds=seconds)) for domain, seconds in due]
        with override_settings(MAIL_PACE=pace):
            times = spread(asked)
        assert all(time >= at for time, (_, at) in zip(times, asked, strict=True))
        taken = [(domain, time) for time, (domain, _) in zip(times, asked, strict=True) if domain]
        booked = Counter((domain, time.replace(second=0, microsecond=0)) for domain, time in taken)
        assert all(count <= pace for count in booked.values())
