"""Each address says what it is for, and nobody else can make one."""

from datetime import timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from moothall.core.clock import now
from moothall.mailer.addresses import (
    LONGEST_LOCAL,
    Recipient,
    RecipientKind,
    bounce_address,
    confirm_address,
    mail_domain,
    owner_address,
    post_address,
    read_recipient,
    read_stop_token,
    reply_address,
    stop_token,
    unsubscribe_address,
)

SLUGS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,28}[a-z0-9]", fullmatch=True).filter(lambda s: not s.endswith("-owner"))
IDS = st.integers(1, 2**63 - 1)


def test_domain_is_the_sites_own_unless_told() -> None:
    assert mail_domain() == "127.0.0.1"
    with override_settings(MAIL_DOMAIN="moot.example"):
        assert post_address("old-houses", "jobs") == "old-houses+jobs@moot.example"


@given(SLUGS, st.sampled_from(["discussions", "promotions", "jobs"]))
def test_address_of_a_lane_is_read_back(slug: str, lane: str) -> None:
    assert read_recipient(post_address(slug, lane)) == Recipient(RecipientKind.POST, slug=slug, lane=lane)


@given(SLUGS)
def test_address_of_the_managers_is_read_back(slug: str) -> None:
    assert read_recipient(owner_address(slug)) == Recipient(RecipientKind.OWNER, slug=slug)


@given(SLUGS, IDS, IDS)
def test_addresses_with_tokens_are_read_back_in_any_case(slug: str, profile: int, post: int) -> None:
    reply = read_recipient(reply_address(slug, profile, post, now()).upper())
    assert reply is not None
    assert (reply.kind, reply.profile_id, reply.post_id, reply.is_expired) == ("reply", profile, post, False)
    stop = read_recipient(unsubscribe_address(slug, profile).upper())
    assert stop == Recipient(RecipientKind.UNSUBSCRIBE, slug=slug, profile_id=profile)
    confirmed = read_recipient(confirm_address(slug, profile, now()))
    assert confirmed == Recipient(RecipientKind.CONFIRM, slug=slug, profile_id=profile)
    assert read_recipient(bounce_address(post)) == Recipient(RecipientKind.BOUNCE, outbound_id=post)


@given(SLUGS)
def test_local_parts_fit_into_64_octets_until_there_are_a_million_people_and_posts(slug: str) -> None:
    million = 2**20
    addresses = [
        reply_address(slug, 2**63 - 1, 2**63 - 1, now()),
        unsubscribe_address(slug, million),
        confirm_address(slug, million, now()),
        bounce_address(2**63 - 1),
    ]
    assert all(len(address.rpartition("@")[0]) <= LONGEST_LOCAL for address in addresses)


def test_reply_expires_after_90_days() -> None:
    young = read_recipient(reply_address("old-houses", 1, 2, now() - timedelta(days=89)))
    old = read_recipient(reply_address("old-houses", 1, 2, now() - timedelta(days=92)))
    assert young is not None
    assert old is not None
    assert (young.is_expired, old.is_expired) == (False, True)


def test_one_letter_changed_makes_it_nobodys_address() -> None:
    address = reply_address("old-houses", 12, 34, now())
    local, _, domain = address.partition("@")
    for at in range(local.index("+reply-") + 7, len(local)):
        for letter in {"a", "q", "7"} - {local[at]}:
            assert read_recipient(f"{local[:at]}{letter}{local[at + 1 :]}@{domain}") is None


def test_token_for_one_purpose_or_group_is_none_for_another() -> None:
    address = unsubscribe_address("old-houses", 12)
    assert read_recipient(address.replace("unsubscribe", "confirm")) is None
    assert read_recipient(address.replace("old-houses", "new-houses")) is None
    with override_settings(SECRET_KEY="another key of fifty letters, as long as it must be."):
        assert read_recipient(address) is None


def test_unsubscription_may_come_without_a_token() -> None:
    assert read_recipient(f"old-houses+unsubscribe@{mail_domain()}") == Recipient(
        RecipientKind.UNSUBSCRIBE, slug="old-houses"
    )


@pytest.mark.parametrize(
    "address",
    ["", "@", "old-houses", "old-houses@elsewhere.example", "old houses@127.0.0.1", "a+b@127.0.0.1", "é@127.0.0.1"],
)
def test_other_addresses_are_not_ours(address: str) -> None:
    assert read_recipient(address) is None


@given(st.text())
def test_no_text_breaks_the_reading(text: str) -> None:
    read_recipient(text)
    read_recipient(f"{text}@127.0.0.1")
    read_recipient(f"old-houses+reply-{text}@127.0.0.1")
    assert read_stop_token(text) is None


@given(IDS, IDS, st.sampled_from(["discussions", "all"]))
def test_stop_token_is_read_back_and_can_not_be_changed(profile: int, group: int, what: str) -> None:
    token = stop_token(profile, group, what)
    stop = read_stop_token(token)
    assert stop is not None
    assert (stop.profile_id, stop.group_id, stop.what) == (profile, group, what)
    assert read_stop_token(token[:-1] + ("a" if token[-1] != "a" else "q")) is None
