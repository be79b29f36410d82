"""Mail choices, the list behind the envelope, and the HTML part of mails, in a browser."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from playwright.sync_api import expect

from moothall.accounts.models import User
from moothall.core.clock import now
from moothall.core.markdown import render
from moothall.discussions.models import Attachment, Inbox, Kind, Lane, Post, Topic
from moothall.groups.invite_by_mail import THING, invite_by_mail
from moothall.groups.models import MailChoice, Membership
from moothall.mailer.addresses import stop_token
from moothall.mailer.mail import Mail
from moothall.mailer.models import OutboundMessage, Probe
from moothall.mailer.queueing import Waiting, queue
from moothall.members.models import Profile
from moothall.moderation.week import week
from moothall.notifications.digests import build_due
from moothall.notifications.fanning import fan_out_event
from moothall.notifications.models import Attitude, Event, EventKind, ManagersMail
from moothall.notifications.preparing import prepare
from moothall.notifications.watching import watch_person
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.world import World, new_topic


def furnish(world: World) -> None:
    """Something to be told of each kind."""
    Profile.objects.filter(id=world.olga.id).update(knows=["limewash"])
    asked = new_topic(world.group, world.nils, "Limewash over gypsum skim: is it safe?", kind=Kind.QUESTION)
    new_topic(world.group, world.mia, "Lime putty, ten tubs", kind=Kind.PROMOTION, lane=Lane.PROMOTIONS)
    Post.objects.exclude(id=world.held.id).update(inbox=Inbox.OPEN, inbox_at=now() - timedelta(days=1))
    Topic.objects.filter(id=asked.topic_id).update(is_unanswered=True)
    Topic.objects.filter(id=world.topic.id).update(people_count=7, thanked_count=3)
    Post.objects.filter(id=world.reply.id).update(thanked_count=3)
    watch_person(world.olga.id, world.mo.id, Attitude.FOLLOW)
    for post, kind in ((asked, EventKind.POSTED), (world.reply, EventKind.REPLIED)):
        event = Event.objects.create(kind=kind, group=world.group, topic=post.topic, post=post, actor=post.author)
        fan_out_event(event.id)


def digest(world: World) -> Mail:
    """Olga's, of the window that ends next."""
    Membership.objects.update(mail_discussions=MailChoice.DAILY)
    Post.objects.filter(inbox=Inbox.OPEN).update(inbox_at=now(), created_at=now())
    Topic.objects.update(created_at=now())
    sum(build_due(now() + timedelta(days=1)))
    row = OutboundMessage.objects.get(profile_id=world.olga.id, thing__startswith="digest:")
    mail = prepare([row])[row.id]
    assert isinstance(mail, Mail)
    return mail


def other_mails(world: World) -> list[Mail]:
    """One digest for all groups, the managers' mail, the probe, the notice of absence, an invitation, and one post with
    a file, a quotation and a line of code that is wider than a phone."""
    furnish(world)
    Post.objects.filter(id=world.first.id).update(
        html=render(f"> Cut back to sound wood.\n\n    {'measure(plate) ' * 12}")
    )
    digest(world)
    until = now()
    built = ManagersMail.objects.create(
        profile=world.olga, group=world.group, until=until, posts=[world.held.id], week=week(world.group, until)
    )
    Attachment.objects.create(
        post=world.first, name="plate.jpg", content_type="image/jpeg", size_bytes=84_000, is_kept=True
    )
    Membership.objects.filter(profile=world.nils).update(mail_discussions=MailChoice.INSTANT)
    User.objects.filter(profile=world.sam).update(last_login=None, joined_at=now() - timedelta(days=400))
    own_digest = OutboundMessage.objects.get(profile_id=world.olga.id, thing__startswith="digest:")
    day = own_digest.thing[-10:]
    own_digest.delete()  # what a group has mailed by itself is in no mail for all groups
    assert world.olga.user is not None
    Probe.objects.create(address=world.olga.user.email)
    things = {
        world.olga.id: [f"digests:daily:{day}", f"keeping:{built.id}", "probe:2026-01-08"],
        world.nils.id: [f"post:{world.first.id}"],
        world.sam.id: ["absence:2026-01-08"],
    }
    queue(Waiting(profile, thing, now()) for profile, some in things.items() for thing in some)
    invite_by_mail(world.group.id, by_id=world.olga.id, address="new@readers.example")
    wanted = Q(thing__in=[thing for some in things.values() for thing in some]) | Q(thing__startswith=THING)
    mails = [m for m in prepare(list(OutboundMessage.objects.filter(wanted))).values() if isinstance(m, Mail)]
    assert len(mails) == 6
    return mails


@each_look
def test_pages_of_mail_fit_and_are_accessible(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    page = open_page(world.olga, width=width, scheme=scheme)
    stop = reverse("mail_stop", args=[stop_token(world.olga.id, world.group.id, "discussions")])
    for address in (reverse("told"), reverse("account_mail"), stop, reverse("group", args=[world.group.slug])):
        page.goto(address)
        assert_fits(page)
        assert_axe_clean(page)


@each_look
def test_the_digest_fits_and_can_be_read(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    html = str(digest(world).html)
    page = open_page(width=width, scheme=scheme)
    page.set_content(html)
    assert_fits(page)
    expect(page.get_by_role("heading", name="Old houses")).to_be_visible()
    expect(page.get_by_role("link", name="Answer Nils")).to_be_visible()
    expect(page.get_by_role("link", name="Change it")).to_be_visible()


@each_look
def test_the_other_mails_fit(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(width=width, scheme=scheme)
    for mail in other_mails(world):
        page.set_content(str(mail.html))
        assert_fits(page)
        expect(page.get_by_text("You get this").first).to_be_visible()


def test_one_click_without_script_changes_how_often_mail_comes(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia, has_script=False)
    page.goto(reverse("group", args=[world.group.slug]))
    page.get_by_role("button", name="Daily").click()
    expect(page.get_by_role("button", name="Daily")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("mails you once a day")).to_be_visible()


def test_the_envelope_counts_what_is_unread(world: World, open_page: OpenPage) -> None:
    furnish(world)
    page = open_page(world.olga)
    page.goto(reverse("home"))
    page.get_by_role("link", name="What concerns you").click()
    expect(page.get_by_text("Nils Nook asks for what you know")).to_be_visible()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.get_by_role("banner").get_by_text("unread")).to_have_count(0)
