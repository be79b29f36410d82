from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import reverse

from moothall.discussions.models import TEXT_BYTES, Kind, Lane, Post, Status, Topic
from moothall.groups.models import Group, Membership, Policy
from moothall.members.models import Profile
from moothall.moderation.reach import INBOXES
from moothall.posting.check import TOPICS_A_DAY
from tests.browsers import as_
from tests.world import World, join, new_group, new_topic

TALK = "We took the cement render off and the sole plate is soft for a metre. Has anybody here spliced one?"
PITCH = (
    "We are a damp control company working all over East Anglia. WE TREAT ALL TYPES OF DAMP, best prices guaranteed. "
    "Call us today on 01632 960 118 for a FREE survey. 15% off for members of this group! www.damp-firm.example"
)


def compose(world: World, profile: Profile, **fields: object) -> HttpResponse:
    given = {"kind": "question", "title": "Splice or replace?", "text": TALK, "key": str(uuid4()), "go": "post"}
    return as_(profile).post(reverse("compose", args=[world.group.slug]), given | fields)  # type: ignore[return-value]


def reply(world: World, profile: Profile, **fields: object) -> HttpResponse:
    address = reverse("reply", args=[world.group.slug, world.topic.id])
    return as_(profile).post(address, {"text": TALK, "key": str(uuid4()), "go": "post"} | fields)  # type: ignore[return-value]


def test_posting_leads_to_the_new_conversation(world: World) -> None:
    answer = compose(world, world.mia)
    topic = Topic.objects.get(title="Splice or replace?")
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("topic", args=[world.group.slug, topic.id]))
    assert (topic.kind, topic.status) == (Kind.QUESTION, Status.PUBLISHED)


def test_same_form_sent_twice_posts_once(world: World) -> None:
    key = str(uuid4())
    first, second = compose(world, world.mia, key=key), compose(world, world.mia, key=key)
    assert first.headers["Location"] == second.headers["Location"]
    assert Topic.objects.filter(title="Splice or replace?").count() == 1


def test_another_text_from_a_page_that_one_went_back_to_is_neither_lost_nor_posted_unasked(world: World) -> None:
    key = str(uuid4())
    reply(world, world.mia, key=key, text="The plinth is limestone, and dry.")
    answer = reply(world, world.mia, key=key, text="I forgot to say that the post is elm.")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "This form was sent already" in html
    assert "I forgot to say that the post is elm." in html
    assert not Post.objects.filter(text__contains="elm").exists()
    (fresh,) = re.findall(r'name="key" value="([^"]+)"', html)
    reply(world, world.mia, key=fresh, text="I forgot to say that the post is elm.")
    assert Post.objects.filter(author=world.mia, is_first=False).count() == 2


def test_form_sent_again_after_its_post_was_edited_is_still_the_same(world: World) -> None:
    key = str(uuid4())
    first = compose(world, world.mia, key=key)
    post = Post.objects.get(submission_key=key)
    edited = {"kind": "question", "title": "Replace it?", "text": "Replaced.", "seen_version": 1, "go": "post"}
    as_(world.mia).post(reverse("post_edit", args=[world.group.slug, post.id]), edited)
    assert compose(world, world.mia, key=key).headers["Location"] == first.headers["Location"]


def test_another_conversation_from_the_form_of_the_last_one_is_given_back(world: World) -> None:
    key = str(uuid4())
    compose(world, world.mia, key=key)
    html = compose(world, world.mia, key=key, title="Which lime?").content.decode()
    assert "This form was sent already" in html
    assert 'value="Which lime?"' in html
    assert key not in html


@pytest.mark.parametrize("key", ["", "forged", "0", "\x00", "9" * 40])
def test_forged_key_of_a_form_is_no_key(world: World, key: str) -> None:
    assert compose(world, world.mia, key=key).status_code == 302


def test_key_of_anothers_form_posts_ones_own(world: World) -> None:
    key = str(uuid4())
    compose(world, world.mia, key=key)
    compose(world, world.olga, key=key)
    assert Topic.objects.filter(title="Splice or replace?").count() == 2


def test_refusal_stands_at_its_field_and_keeps_what_was_typed(world: World) -> None:
    answer = compose(world, world.mia, title="  ")
    html = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-invalid="true" aria-describedby="title-err"' in html
    assert '<p class="err" id="title-err">Give it a title' in html
    assert TALK in html
    assert 'value="question" checked' in html


def test_title_stands_on_one_line_without_controls(world: World) -> None:
    compose(world, world.mia, title="Splice\x00 or\u202e\nreplace? " + "e\u0301" + "\u0301" * 50)
    assert Topic.objects.latest("id").title == "Splice or replace? e" + "\u0301" * 5


def test_kind_that_does_not_exist_is_refused(world: World) -> None:
    answer = compose(world, world.mia, kind="announcement")
    assert answer.status_code == 422
    assert "Choose what kind of post it is." in answer.content.decode()


def test_lane_can_not_be_forged(world: World) -> None:
    compose(world, world.mia, kind="promotion", lane="discussions", status="published")
    assert Topic.objects.get(title="Splice or replace?").lane == Lane.PROMOTIONS


def test_promotion_goes_to_promotions_and_says_so_before_and_after(world: World) -> None:
    form = as_(world.mia).get(reverse("compose", args=[world.group.slug]) + "?kind=promotion").content.decode()
    assert 'value="promotion" checked' in form
    assert "A promotion goes to Promotions" in form
    mia = as_(world.mia)
    fields = {"kind": "promotion", "title": "Damp surveys", "text": PITCH, "go": "post"}
    after = mia.post(reverse("compose", args=[world.group.slug]), fields, follow=True)
    assert "It stands in Promotions." in after.content.decode()


def as_then(profile: Profile, answer: HttpResponse) -> str:
    """The page that a redirect leads to."""
    return as_(profile).get(answer.headers["Location"]).content.decode()


def test_offer_among_discussions_waits_and_its_page_says_why_and_how_long(world: World) -> None:
    answer = compose(world, world.nils, kind="discussion", title="Best price damp proofing", text=PITCH)
    html = as_then(world.nils, answer)
    assert "Waiting for a manager" in html
    assert "within 12 hours" in html
    assert "you can edit it or take it back" in html
    assert "Take it back" in html


def test_text_of_exactly_the_limit_is_posted_and_one_byte_more_is_not(world: World) -> None:
    """A browser sends each line's end as two bytes; one is counted."""
    text = "é\r\n" * (TEXT_BYTES // 3 - 1) + "four"
    assert len(text.replace("\r", "").encode()) == TEXT_BYTES
    assert reply(world, world.mia, text=text + "!").status_code == 422
    assert reply(world, world.mia, text=text).status_code == 302


def test_too_long_text_is_given_back_whole(world: World) -> None:
    answer = reply(world, world.mia, text="x" * (TEXT_BYTES + 1))
    assert answer.status_code == 422
    assert "x" * (TEXT_BYTES + 1) in answer.content.decode()


@pytest.mark.parametrize(
    "text",
    [
        "nul \x00 and bell \x07",
        "<script>alert(1)</script>",
        "[x](javascript:alert(1)) <img src=x onerror=alert(1)>",
        ">" * 10_000,
        "[" * 10_000,
        "*" * 10_000 + "x",
        "\u202eevil\u2066",
        "z" + "\u0301" * 500,
    ],
)
def test_hostile_text_is_posted_harmless(world: World, text: str) -> None:
    answer = reply(world, world.mia, text=f"About the plate: {text}")
    assert answer.status_code == 302
    html = as_then(world.mia, answer)
    assert "<script>alert" not in html
    assert "onerror=" not in html.replace("&lt;img src=x onerror=", "")
    assert 'href="javascript' not in html
    assert not set(html) & set("\x00\x07\u202e\u2066")


def test_reply_names_the_post_it_answers(world: World) -> None:
    reply(world, world.nils, reply_to=world.reply.id, text="And if it is listed? " + TALK)
    assert Post.objects.get(text__startswith="And if").reply_to == world.reply


def test_answering_a_post_of_another_conversation_is_refused(world: World) -> None:
    elsewhere = new_topic(new_group("gardens"), world.mia)
    answer = reply(world, world.mia, reply_to=elsewhere.id)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "is not in this conversation any more" in html
    assert TALK in html
    assert 'name="reply_to" value=""' in html


@pytest.mark.parametrize("forged", ["-1", "abc", "99999999999999999999", "\x00"])
def test_number_that_is_none_answers_the_conversation(world: World, forged: str) -> None:
    assert reply(world, world.mia, reply_to=forged).status_code == 302


def test_replying_in_a_conversation_of_another_group_is_not_found(world: World) -> None:
    gardens = new_group("gardens")
    join(gardens, world.mia)
    address = reverse("reply", args=["gardens", world.topic.id])
    assert as_(world.mia).post(address, {"text": TALK, "go": "post"}).status_code == 404


@pytest.mark.parametrize("go", ["post", "preview"])
@pytest.mark.parametrize("status", [Status.RETURNED, Status.REJECTED])
def test_reply_to_a_conversation_that_ends_meanwhile_is_given_back(world: World, status: Status, go: str) -> None:
    Post.objects.filter(id=world.first.id).update(status=status)
    Topic.objects.filter(id=world.topic.id).update(status=status)
    for profile in (world.mia, world.mo):
        html = reply(world, profile, go=go).content.decode()
        assert TALK in html
        assert "Nobody can reply here now." in html
    assert not Post.objects.filter(text=TALK).exists()


def test_preview_shows_the_text_and_writes_nothing(world: World) -> None:
    posts = Post.objects.count()
    answer = compose(world, world.mia, go="preview", text="So **bold**.\n\n<script>x</script>")
    html = answer.content.decode()
    assert "So <strong>bold</strong>." in html
    assert "<script>x" not in html
    assert Post.objects.count() == posts
    part = as_(world.mia).post(reverse("preview", args=[world.group.slug]), {"text": "So **bold**.", "title": "T"})
    assert "So <strong>bold</strong>." in part.content.decode()
    assert "<html" not in part.content.decode()


def test_preview_of_more_than_fits_in_a_day_promises_nothing(world: World) -> None:
    begun = Post.objects.filter(author=world.mia, is_first=True).count()
    for _ in range(TOPICS_A_DAY[True] - begun - 1):
        new_topic(world.group, world.mia)
    assert "It would appear at once" in compose(world, world.mia, go="preview").content.decode()
    new_topic(world.group, world.mia)
    html = compose(world, world.mia, go="preview").content.decode()
    assert "which is as many as fit" in html
    assert "It would appear at once" not in html


def test_preview_of_an_offer_says_that_a_manager_looks_first(world: World) -> None:
    html = compose(world, world.nils, go="preview", kind="discussion", text=PITCH).content.decode()
    assert "a manager would look at it first" in html
    assert (
        compose(world, world.nils, go="preview", kind="promotion", text=PITCH)
        .content.decode()
        .count("at once in Promotions")
    )


def test_preview_of_an_offer_in_a_reply_says_where_offers_go(world: World) -> None:
    html = reply(world, world.nils, go="preview", text=PITCH).content.decode()
    assert "a manager would look at it first" in html
    assert "choose ‘Promotion’" not in html
    assert f"{reverse('compose', args=[world.group.slug])}?kind=promotion" in html


def test_preview_says_how_many_inboxes_it_would_fill_and_when_that_is_too_many(world: World) -> None:
    Membership.objects.update(mail_promotions="weekly")
    offer = {"go": "preview", "kind": "promotion", "text": "Ten tubs of lime putty."}
    assert (
        f"It would be mailed to 3, of the {INBOXES} inboxes left" in compose(world, world.mia, **offer).content.decode()
    )
    Post.objects.filter(id=world.first.id).update(reach=INBOXES - 1)
    assert "It would not be mailed: it would reach 3 inboxes" in compose(world, world.mia, **offer).content.decode()


def test_preview_of_what_nobody_wants_by_mail_says_so(world: World) -> None:
    html = compose(world, world.mia, go="preview", kind="promotion", text="Ten tubs of lime putty.").content.decode()
    assert "It would not be mailed: nobody else here has mail of Promotions." in html
    assert "mailed to 0" not in html


def test_preview_of_what_has_to_earn_its_mail_says_so_and_what_it_costs(world: World) -> None:
    """Half an offer: not held where a group is relaxed, and mailed at once nowhere."""
    Group.objects.update(policy=Policy.RELAXED)
    offered = "I fit lime plaster for a living and have a free week in May, if anybody needs a hand with theirs."
    html = compose(world, world.nils, go="preview", text=offered, title="Lime").content.decode()
    assert "once some members have read it and nobody flagged it, to 3, of the" in html


def test_preview_of_a_reply_stays_with_the_conversation(world: World) -> None:
    html = reply(world, world.mia, go="preview", text="So **bold**.", reply_to=world.reply.id).content.decode()
    assert "So <strong>bold</strong>." in html
    assert "Your reply to Mo Marsh" in html


def test_links_of_a_reply_that_is_not_sent_yet_lead_on(world: World) -> None:
    client = as_(world.mia)
    here = reverse("reply", args=[world.group.slug, world.topic.id])
    html = client.post(here, {"text": "", "go": "post"}).content.decode()
    links = re.findall(r'href="(\?[^"#]*)', html)
    assert links
    for link in links:
        assert client.get(here + link, follow=True).status_code == 200
    quoted = client.get(f"{here}?quote={world.reply.id}", follow=True).content.decode()
    assert f'name="reply_to" value="{world.reply.id}"' in quoted


def test_reply_link_quotes_the_post(world: World) -> None:
    Post.objects.filter(id=world.reply.id).update(text="> quoted before\n\nSplice it.\nThen wait.")
    html = as_(world.mia).get(reverse("topic", args=[world.group.slug, world.topic.id]) + f"?quote={world.reply.id}")
    page = html.content.decode()
    assert "&gt; Splice it.\n&gt; Then wait.\n" in page
    assert "quoted before" not in page[page.index("<textarea") :]
    assert f'name="reply_to" value="{world.reply.id}"' in page


def test_post_that_one_may_not_read_is_not_quoted(world: World) -> None:
    address = reverse("topic", args=[world.group.slug, world.topic.id]) + f"?quote={world.held.id}"
    assert "Best price" not in as_(world.mia).get(address).content.decode()
