from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from moothall.core.clock import now
from moothall.discussions.models import Attachment, Lane, Post, Status, Thank, Topic, TopicRead
from moothall.discussions.ranking import recount
from moothall.discussions.reading import PAGE
from moothall.groups.models import Group, Membership, MembershipState, Visibility
from moothall.members.models import Profile, ProfileState
from moothall.moderation.decide import Choice, decide
from moothall.moderation.models import Action
from moothall.posting.delete import RESTORABLE_DAYS
from moothall.rules.models import Rule
from moothall.search.index import index_posts
from tests.browsers import as_
from tests.world import REPLY, World, join, new_group, new_reply, new_topic, person


def address(world: World, topic: Topic | None = None, query: str = "") -> str:
    return reverse("topic", args=[world.group.slug, (topic or world.topic).id]) + query


def page(world: World, profile: Profile, topic: Topic | None = None, query: str = "") -> str:
    answer = as_(profile).get(address(world, topic, query))
    assert answer.status_code == 200
    return answer.content.decode()


def many_replies(topic: Topic, authors: list[Profile], count: int, since: datetime) -> list[Post]:
    return Post.objects.bulk_create(
        Post(
            group=topic.group,
            topic=topic,
            author=authors[i % len(authors)],
            status=Status.PUBLISHED,
            text=f"Comment {i}",
            html=f"<p>Comment {i}</p>",
            created_at=since + timedelta(seconds=i),
        )
        for i in range(count)
    )


def comments_on(html: str) -> list[int]:
    return [int(found) for found in re.findall(r"Comment (\d+)</p>", html)]


def test_page_shows_the_conversation(world: World) -> None:
    html = page(world, world.nils)
    assert "<h1>Sole plate gone at the north corner</h1>" in html
    assert "Splice it, if the plinth is put right first." in html
    assert "keeps this group" in html


def test_title_is_shown_as_typed(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(title="<script>alert(1)</script>")
    html = page(world, world.nils)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_topic_of_another_group_is_not_found(world: World) -> None:
    elsewhere = new_topic(new_group("gardens"), world.mia).topic
    assert as_(world.mia).get(address(world, elsewhere)).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["?post=0", "?post=abc", "?post=99999999999999999999", "?after=%00", "?before=-1", "?quote=²", "?post=1&after=2"],
)
def test_numbers_that_name_nothing_open_the_beginning(world: World, query: str) -> None:
    assert "Is a <strong>spliced</strong> length" in page(world, world.nils, query=query)


def test_number_beyond_the_database_is_not_found(world: World) -> None:
    assert as_(world.nils).get(f"/groups/{world.group.slug}/topics/99999999999999999999/").status_code == 404


def test_long_conversation_comes_in_pages(world: World) -> None:
    many_replies(world.topic, [world.mo, world.nils], 250, now() + timedelta(minutes=1))
    opening = page(world, world.mia)
    assert comments_on(opening) == list(range(PAGE - 1))
    seen = comments_on(opening)
    html = opening
    while later := re.search(r'href="(\?after=\d+)"', html):
        html = page(world, world.mia, query=later[1])
        assert 0 < len(comments_on(html)) <= PAGE
        seen += comments_on(html)
    assert seen == list(range(250))
    back = comments_on(html)
    while earlier := re.search(r'href="(\?before=\d+)"', html):
        html = page(world, world.mia, query=earlier[1])
        back = comments_on(html) + back
    assert back[-250:] == list(range(250))


def test_permalink_opens_the_page_with_its_post(world: World) -> None:
    replies = many_replies(world.topic, [world.mo], 250, now() + timedelta(minutes=1))
    for nth in (0, 98, 99, 100, 170, 249):
        assert f'id="p{replies[nth].id}"' in page(world, world.mia, query=f"?post={replies[nth].id}")


def test_comments_written_in_the_same_moment_come_once(world: World) -> None:
    moment = now()
    replies = many_replies(world.topic, [world.mo], 150, moment)
    Post.objects.filter(id__in=[reply.id for reply in replies]).update(created_at=moment)
    opening = page(world, world.mia)
    later = re.search(r'href="(\?after=\d+)"', opening)
    assert later
    assert sorted(comments_on(opening) + comments_on(page(world, world.mia, query=later[1]))) == list(range(150))


def test_queries_stay_as_many_however_long_the_conversation(world: World) -> None:
    client = as_(world.mia)
    join(world.group, person("Ruth Thackwray"))

    def queries() -> int:
        client.get(address(world))
        with CaptureQueriesContext(connection) as caught:
            client.get(address(world))
        return len(caught)

    moved = new_reply(world.topic, world.nils)
    decide(moved.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer.", None), world.mo.id)
    few = queries()
    authors = [person(f"Person {i}") for i in range(20)]
    replies = many_replies(world.topic, authors, 99, now() - timedelta(hours=1))
    for reply in replies[:30]:
        Thank.objects.create(post=reply, profile=world.mia)
        Attachment.objects.create(post=reply, name="scarf.png", content_type="image/png", size_bytes=84_000)
    Post.objects.filter(id__in=[reply.id for reply in replies[:40]]).update(reply_to=world.reply)
    for reply in many_replies(world.topic, authors, 20, now() - timedelta(hours=2)):
        decide(reply.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "An offer.", None), world.mo.id)
    assert queries() == few
    assert few <= 27


def test_reply_to_a_reply_is_indented_and_says_whom_it_answers(world: World) -> None:
    answering = new_reply(world.topic, world.nils, "And if it is listed?")
    Post.objects.filter(id=answering.id).update(reply_to=world.reply)
    to_first = new_reply(world.topic, world.olga, "Ask before, not after.")
    Post.objects.filter(id=to_first.id).update(reply_to=world.first)
    html = page(world, world.mia)
    assert html.count("post--reply") == 1
    assert re.search(rf'answers <a href="\?post={world.reply.id}#p{world.reply.id}">Mo Marsh</a>', html)


def test_held_post_is_seen_by_its_author_and_the_managers_alone(world: World) -> None:
    held = world.held.topic
    assert "A manager looks at it within 12 hours" in page(world, world.nils, held)
    assert "Only Nils Nook and the managers see it" in page(world, world.mo, held)
    assert as_(world.mia).get(address(world, held)).status_code == 404


def test_returned_post_says_why_and_what_to_do(world: World) -> None:
    rule = Rule.objects.get(edition__group=world.group, number=2)
    decide(world.held.id, Choice(Action.RETURN, Lane.DISCUSSIONS, "Say what you know first.", rule.id), world.mo.id)
    html = page(world, world.nils, world.held.topic)
    assert "Returned to you</b> by Mo Marsh" in html
    assert "Say what you know first." in html
    assert "Rule 2:" in html
    assert "Change it and save it" in html


def test_rejected_post_stays_readable_for_its_author(world: World) -> None:
    decide(world.held.id, Choice(Action.REJECT, Lane.DISCUSSIONS, "Not about old houses.", None), world.mo.id)
    html = page(world, world.nils, world.held.topic)
    assert "Not published" in html
    assert "Not about old houses." in html
    assert f"{reverse('compose', args=[world.group.slug])}?kind=promotion" in html
    assert f'<a href="{reverse("group_about", args=[world.group.slug])}">those who keep the group</a>' in html


@override_settings(LMTP="127.0.0.1:8024", MAIL_DOMAIN="moot.example")
def test_managers_can_be_written_to_where_the_site_takes_mail_in(world: World) -> None:
    decide(world.held.id, Choice(Action.REJECT, Lane.DISCUSSIONS, "Not about old houses.", None), world.mo.id)
    owner = f'<a href="mailto:{world.group.slug}-owner@moot.example">'
    assert f"write to the managers: {owner}" in page(world, world.nils, world.held.topic)
    about = reverse("group_about", args=[world.group.slug])
    assert f"Write to them: {owner}" in as_(world.mia).get(about).content.decode()
    Group.objects.update(visibility=Visibility.PUBLIC)
    to_a_stranger = Client().get(about)
    assert to_a_stranger.status_code == 200
    assert owner not in to_a_stranger.content.decode()


def test_moved_comment_leaves_a_note_where_it_stood(world: World) -> None:
    offer = new_reply(world.topic, world.nils, "Our resin system sets in 40 minutes.")
    after = new_reply(world.topic, world.olga, "A certificate won't hold up a post.")
    rule = Rule.objects.get(edition__group=world.group, number=2)
    decide(offer.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "It offers a system.", rule.id), world.mo.id)
    html = page(world, world.mia)
    assert "Our resin system" not in html
    assert re.search(r"A post by Nils Nook was moved to <a [^>]*>Promotions</a></b> by Mo Marsh", html)
    assert "‘Don&#x27;t sell to the group.’" in html
    assert html.index(f'id="p{world.reply.id}"') < html.index(f'id="p{offer.id}"') < html.index(f'id="p{after.id}"')


def test_deleted_comment_leaves_a_line_and_its_author_may_put_it_back(world: World) -> None:
    as_(world.mo).post(reverse("post_delete", args=[world.group.slug, world.reply.id]))
    others, own = page(world, world.mia), page(world, world.mo)
    assert "Mo Marsh deleted a post here" in others
    assert "Splice it" not in others
    assert "Put it back" not in others
    assert "Put it back" in own
    as_(world.mo).post(reverse("post_restore", args=[world.group.slug, world.reply.id]))
    assert "Splice it" in page(world, world.mia)


def test_deleted_comment_is_put_back_from_no_page_that_would_refuse_it(world: World) -> None:
    own = new_reply(world.topic, world.nils, "Or replace it.")
    Group.objects.update(visibility=Visibility.PUBLIC)
    as_(world.nils).post(reverse("post_delete", args=[world.group.slug, own.id]))
    assert "Put it back" in page(world, world.nils)
    Membership.objects.filter(profile=world.nils).update(state=MembershipState.LEFT)
    assert "Put it back" not in page(world, world.nils)
    Membership.objects.filter(profile=world.nils).update(state=MembershipState.ACTIVE)
    Post.objects.filter(id=own.id).update(deleted_at=now() - timedelta(days=RESTORABLE_DAYS, hours=1))
    assert "Put it back" not in page(world, world.nils)
    assert "You deleted your post here" in page(world, world.nils)


@pytest.mark.parametrize("status", [Status.DELETED, Status.HELD, Status.REJECTED])
def test_own_words_are_found_where_their_conversation_is_shown_no_more(world: World, status: Status) -> None:
    own = new_reply(world.topic, world.nils, "Mine waits.")
    Post.objects.filter(id__in=[own.id, world.reply.id]).update(status=Status.HELD)
    is_gone = status == Status.DELETED
    Post.objects.filter(id=world.first.id).update(
        status=status, status_before="published" if is_gone else "", deleted_at=now() if is_gone else None
    )
    Topic.objects.filter(id=world.topic.id).update(status=status, title="Sole plate, renamed")
    link = address(world, query=f"?post={own.id}")
    assert link in as_(world.nils).get(reverse("home")).content.decode()
    html = page(world, world.nils, query=f"?post={own.id}")
    assert "Mine waits." in html
    assert "Take it back" in html
    assert REPLY not in html
    assert "spliced" not in html
    assert ("Sole plate, renamed" in html) == is_gone
    assert as_(world.mia).get(address(world)).status_code == (404 if is_gone else 200)


def test_first_unread_is_offered_to_who_was_here_before(world: World) -> None:
    assert "First unread" not in page(world, world.nils)
    later = new_reply(world.topic, world.olga, "Measure before you decide.")
    assert f'href="?post={later.id}#p{later.id}">First unread' in page(world, world.nils)
    assert "First unread" not in page(world, world.nils)


def test_reading_an_earlier_page_never_moves_the_mark_back(world: World) -> None:
    many_replies(world.topic, [world.mo], 150, now() - timedelta(hours=1))
    page(world, world.nils, query=f"?after={Post.objects.get(text='Comment 120').id}")
    mark = TopicRead.objects.get(profile=world.nils)
    page(world, world.nils)
    assert TopicRead.objects.get(profile=world.nils).read_at == mark.read_at


def test_attachments_of_mail_are_listed(world: World) -> None:
    Attachment.objects.create(post=world.reply, name="<scarf>.png", content_type="image/png", size_bytes=84_000)
    assert "&lt;scarf&gt;.png, 82.0\xa0KB" in page(world, world.mia)


def test_former_member_and_placeholder_are_named_as_such(world: World) -> None:
    former = Profile.objects.create(name="Former member", handle="former-1", state=ProfileState.FORMER)
    unclaimed = Profile.objects.create(
        name="Wilf Sparrow", handle="wilf", state=ProfileState.PLACEHOLDER, claim_address="wilf@list.example"
    )
    new_reply(world.topic, former)
    new_reply(world.topic, unclaimed)
    html = page(world, world.mia)
    assert "<span>former member</span>" in html
    assert reverse("profile", args=["former-1"]) not in html
    assert "wrote by e-mail, not a member here yet" in html
    assert "wilf@list.example" not in html


def test_thanks_are_given_and_taken_back(world: World) -> None:
    mia, slug = as_(world.mia), world.group.slug
    mia.post(reverse("post_thank", args=[slug, world.reply.id]))
    mia.post(reverse("post_thank", args=[slug, world.reply.id]))
    assert re.search(r'aria-pressed="true">Thanked<span class="vh"> Mo Marsh</span> <b>1</b>', page(world, world.mia))
    mia.post(reverse("post_unthank", args=[slug, world.reply.id]))
    assert re.search(r'aria-pressed="false">Thank<span class="vh"> Mo Marsh</span> <b>0</b>', page(world, world.mia))


def test_thanks_on_the_page_swap_the_button_alone(world: World) -> None:
    address = reverse("post_thank", args=[world.group.slug, world.reply.id])
    answer = as_(world.mia).post(address, headers={"HX-Request": "true"})
    assert answer.content.decode().strip().startswith("<form")
    assert "Thanked" in answer.content.decode()


def test_who_asks_says_what_answered_and_may_take_it_back(world: World) -> None:
    slug = world.group.slug
    as_(world.olga).post(reverse("post_answer", args=[slug, world.reply.id]))
    assert Topic.objects.get(id=world.topic.id).answer is None
    as_(world.mia).post(reverse("post_answer", args=[slug, world.reply.id]))
    assert "Mia Moss says this answered it." in page(world, world.nils)
    as_(world.mia).post(reverse("post_unanswer", args=[slug, world.reply.id]))
    assert Topic.objects.get(id=world.topic.id).answer is None


def test_answer_can_be_taken_back_where_its_question_was_made_a_discussion(world: World) -> None:
    Topic.objects.filter(id=world.topic.id).update(answer=world.reply)
    other = new_reply(world.topic, world.nils, "Or replace it.")
    Topic.objects.filter(id=world.topic.id).update(kind="discussion")
    html = page(world, world.mia)
    assert reverse("post_unanswer", args=[world.group.slug, world.reply.id]) in html
    assert reverse("post_answer", args=[world.group.slug, other.id]) not in html


def test_post_of_another_group_can_not_be_thanked_through_this_one(world: World) -> None:
    elsewhere = new_topic(new_group("gardens"), world.mo)
    address = reverse("post_thank", args=[world.group.slug, elsewhere.id])
    assert as_(world.mia).post(address).status_code == 404
    assert not Thank.objects.exists()


def test_public_conversation_is_read_by_anybody_and_written_by_members(world: World) -> None:
    Group.objects.update(visibility=Visibility.PUBLIC)
    html = Client().get(address(world)).content.decode()
    assert "Log in</a> to join them" in html
    assert "<textarea" not in html
    assert "See how to join" in page(world, world.sam)


def test_robots_are_let_in_only_where_the_owner_says_so(world: World) -> None:
    Group.objects.update(visibility=Visibility.PUBLIC)
    assert "noindex" in Client().get(address(world)).headers["X-Robots-Tag"]
    world.group.may_be_indexed = True
    world.group.save(update_fields=["may_be_indexed"])
    assert "X-Robots-Tag" not in Client().get(address(world)).headers


def test_who_is_talking_names_the_most_thanked_first(world: World) -> None:
    Post.objects.filter(id=world.reply.id).update(thanked_count=3)
    recount({world.topic.id})
    html = page(world, world.nils)
    side = html[html.index("Who is talking") :]
    assert side.index("Mo Marsh") < side.index("Mia Moss")
    assert "Thanked 3 times here" in side


def test_conversations_near_this_are_offered_where_one_may_read_them(world: World) -> None:
    near = new_topic(world.group, world.olga, "Sole plate rotten behind the render")
    closed = new_topic(new_group("gardens"), world.mo, "Sole plate of the north corner shed")
    index_posts([world.first, near, closed])
    html = page(world, world.mia)
    side = html[html.index("Near this") :]
    assert "Sole plate rotten behind the render" in side
    assert "corner shed" not in side


def test_where_a_long_conversation_goes_on_no_other_is_offered(world: World) -> None:
    index_posts([world.first, new_topic(world.group, world.olga, "Sole plate rotten behind the render")])
    last = many_replies(world.topic, [world.mo], 150, now() + timedelta(minutes=1))[-1]
    assert "Near this" not in page(world, world.mia)
    assert "Near this" in page(world, world.mia, query=f"?post={last.id}")
