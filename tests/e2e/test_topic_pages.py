"""Conversations and the composer in a browser, with and without script."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from moothall.core.clock import now
from moothall.discussions.models import Attachment, Draft, Lane, Post, Revision, Status, Topic
from moothall.groups.models import Membership, MembershipState
from moothall.moderation.decide import Choice, decide
from moothall.moderation.flagging import flag
from moothall.moderation.models import Action
from moothall.posting.answer import choose_answer
from moothall.posting.thank import thank
from moothall.rules.models import Rule
from tests.e2e.conftest import OpenPage, assert_axe_clean, assert_fits, each_look
from tests.world import World, new_reply

TALK = "We took the cement render off and the sole plate is soft for a metre. Has anybody here spliced one?"
PITCH = (
    "We are a damp control company working all over East Anglia. WE TREAT ALL TYPES OF DAMP, best prices guaranteed. "
    "Call us today on 01632 960 118 for a FREE survey. 15% off for members of this group! www.damp-firm.example"
)


def topic_address(world: World) -> str:
    return reverse("topic", args=[world.group.slug, world.topic.id])


def furnish(world: World) -> None:
    """One of everything that the page of a conversation can show."""
    choose_answer(world.reply.id, world.mia.id)
    thank(world.reply.id, world.mia.id)
    nested = new_reply(world.topic, world.olga, "Ask before, not after.")
    mailed = "<p>As Mo says.</p><details class='quoted'><summary>Quoted text</summary><blockquote><p>Splice it.</p>"
    mailed += (
        "</blockquote></details><pre>  scarf   3 : 1\n  plate   150 mm</pre><div class='signature'><p>Olga</p></div>"
    )
    Post.objects.filter(id=nested.id).update(reply_to=world.reply, html=mailed, edited_at=now(), version=2)
    Revision.objects.create(post=nested, version=1, text="Ask after.", written_at=now() - timedelta(hours=1))
    Attachment.objects.create(post=nested, name="scarf.png", content_type="image/png", size_bytes=84_000)
    offer = new_reply(world.topic, world.nils, "Our resin system sets in 40 minutes.")
    rule = Rule.objects.get(edition__group=world.group, number=2)
    decide(offer.id, Choice(Action.REROUTE, Lane.PROMOTIONS, "It offers a system.", rule.id), world.mo.id)
    assert flag(world.reply.id, world.olga.id, None) is None
    gone = new_reply(world.topic, world.mia, "Never mind.")
    Post.objects.filter(id=gone.id).update(status=Status.DELETED, status_before="published", deleted_at=now())
    held = new_reply(world.topic, world.mia, "Message me for a price.")
    decide(held.id, Choice(Action.HOLD, Lane.DISCUSSIONS, "It names a price.", rule.id), world.mo.id)


def assert_sound(page: Page) -> None:
    assert_axe_clean(page)
    assert_fits(page)


@each_look
def test_conversation_is_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    page = open_page(world.mia, width=width, scheme=scheme)
    page.goto(topic_address(world))
    expect(page.get_by_role("heading", level=1)).to_have_text("Sole plate gone at the north corner")
    assert_sound(page)
    page.locator("details.pop summary").first.click()
    assert_sound(page)


# Where the first word and the full stop of a paragraph begin.
PLACES = """paragraph => {
    const words = paragraph.firstChild, range = document.createRange();
    return [0, words.length - 1].map((at) => {
        range.setStart(words, at); range.setEnd(words, at + 1);
        return range.getBoundingClientRect().left;
    });
}"""


def test_words_from_right_to_left_end_on_the_left(world: World, open_page: OpenPage) -> None:
    hebrew = "הקורה רקובה בפינה הצפונית."
    own = new_reply(world.topic, world.olga, hebrew)
    page = open_page(world.mia)
    page.goto(topic_address(world))
    for post_id, is_from_the_right in ((own.id, True), (world.reply.id, False)):
        begins, ends = page.locator(f"#p{post_id} .prose p").evaluate(PLACES)
        assert (begins > ends) == is_from_the_right


@pytest.mark.parametrize("has_script", [True, False])
def test_a_member_flags_a_post_and_another_joins(world: World, open_page: OpenPage, has_script: bool) -> None:
    page = open_page(world.mo, has_script=has_script)
    page.goto(topic_address(world))
    page.locator(f"#p{world.first.id} details.pop summary").click()
    page.get_by_role("button", name="Rule 1: Keep to the shared interest.").click()
    expect(page.get_by_text("The managers have it, with your name.")).to_be_visible()
    other = open_page(world.olga, has_script=has_script)
    other.goto(topic_address(world))
    other.get_by_role("button", name="I agree").click()
    expect(other.get_by_text("2 members agree: this is off the shared interest")).to_be_visible()


@each_look
def test_composer_and_its_refusals_are_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    page = open_page(world.nils, width=width, scheme=scheme)
    page.goto(reverse("compose", args=[world.group.slug]))
    assert_sound(page)
    page.get_by_label("What would you like to say?").fill(PITCH)
    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_label("Title")).to_be_focused()
    assert_sound(page)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="How it reads to the group")).to_be_visible()
    assert_sound(page)


@each_look
def test_pages_about_posts_are_sound(world: World, open_page: OpenPage, width: int, scheme: str) -> None:
    furnish(world)
    Draft.objects.create(author=world.mia, group=world.group, title="Begun", text=TALK)
    page = open_page(world.mia, width=width, scheme=scheme)
    edited = Post.objects.get(version=2)
    for address in (
        reverse("drafts"),
        reverse("post_revisions", args=[world.group.slug, edited.id]),
        reverse("post_edit", args=[world.group.slug, world.first.id]),
    ):
        page.goto(address)
        assert_sound(page)


def test_conversation_is_held_without_script(world: World, open_page: OpenPage) -> None:
    page = open_page(world.nils, has_script=False)
    page.goto(topic_address(world))
    page.get_by_role("button", name="Thank Mo Marsh").click()
    expect(page.get_by_role("button", name=re.compile("Thanked Mo Marsh"))).to_be_visible()
    page.get_by_role("link", name="Reply to Mo Marsh").click()
    box = page.get_by_label("Your reply to Mo Marsh")
    expect(box).to_have_value(re.compile("^> Splice it"))
    box.fill(box.input_value() + TALK)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("It would appear at once in Discussions")).to_be_visible()
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page.locator(".post").filter(has_text=TALK).first).to_be_visible()
    assert Post.objects.get(text__contains=TALK).reply_to == world.reply


def test_offer_waits_and_is_taken_back_without_script(world: World, open_page: OpenPage) -> None:
    page = open_page(world.nils, has_script=False)
    page.goto(reverse("compose", args=[world.group.slug]))
    page.get_by_label("Title").fill("Best price damp proofing in Essex")
    page.get_by_label("What would you like to say?").fill(PITCH)
    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_text("Waiting for a manager, since")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    expect(page).to_have_url(re.compile(reverse("drafts")))
    page.get_by_role("button", name="Put it back").click()
    expect(page.get_by_text("Waiting for a manager, since")).to_be_visible()


def test_thanks_preview_and_drafts_stay_on_the_page_with_script(world: World, open_page: OpenPage) -> None:
    page = open_page(world.nils)
    page.goto(topic_address(world))
    page.evaluate("window.isStillHere = true")
    page.get_by_role("button", name="Thank Mo Marsh").click()
    expect(page.get_by_role("button", name=re.compile("Thanked Mo Marsh"))).to_be_visible()
    page.get_by_label("Your reply").fill(TALK)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("It would appear at once in Discussions")).to_be_visible()
    expect(page.get_by_text("Kept as a draft at")).to_be_visible()
    assert page.evaluate("window.isStillHere") is True
    assert Draft.objects.get().text == TALK


def test_texts_of_two_windows_are_both_kept_with_script(world: World, open_page: OpenPage) -> None:
    one = open_page(world.nils)
    one.goto(topic_address(world))
    other = one.context.new_page()
    other.goto(topic_address(world))
    one.get_by_label("Your reply").fill(TALK)
    expect(one.get_by_text("Kept as a draft at")).to_be_visible()
    other.get_by_label("Your reply").fill("Or splice it.")
    expect(other.get_by_text("In another window you wrote something else here")).to_be_visible()
    other.get_by_role("link", name="both are among your drafts").click()
    expect(other.get_by_text(TALK)).to_be_visible()
    assert set(Draft.objects.values_list("text", flat=True)) == {TALK, "Or splice it."}


def test_a_duplicated_tab_keeps_a_text_of_its_own_with_script(world: World, open_page: OpenPage) -> None:
    one = open_page(world.nils)
    loaded = one.goto(topic_address(world))
    assert loaded is not None
    other = one.context.new_page()
    # As a browser that duplicates a tab: from what it has stored, without asking the server.
    stored = loaded.body()
    other.route("**" + topic_address(world), lambda route: route.fulfill(body=stored, content_type="text/html"))
    other.goto(topic_address(world))
    one.get_by_label("Your reply").fill(TALK)
    expect(one.get_by_text("Kept as a draft at")).to_be_visible()
    other.get_by_label("Your reply").fill("Or splice it.")
    expect(other.get_by_text("In another window you wrote something else here")).to_be_visible()
    one.get_by_label("Your reply").fill(f"{TALK} With oak?")
    expect(one.get_by_text("In another window you wrote something else here")).to_be_visible()
    assert set(Draft.objects.values_list("text", flat=True)) == {f"{TALK} With oak?", "Or splice it."}


def test_selected_words_alone_are_quoted_with_script(world: World, open_page: OpenPage) -> None:
    page = open_page(world.nils)
    page.goto(topic_address(world))
    page.evaluate(
        """id => { const p = document.querySelector(`#p${id} .prose p`).firstChild; const r = document.createRange();
        r.setStart(p, 0); r.setEnd(p, 9); getSelection().removeAllRanges(); getSelection().addRange(r); }""",
        world.reply.id,
    )
    page.get_by_role("link", name="Reply to Mo Marsh").click()
    expect(page.get_by_label("Your reply")).to_have_value("> Splice it\n\n")
    page.keyboard.type("Agreed, if the brick plinth is sound below it, and the oak is green.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Agreed, if the brick plinth")).to_be_visible()
    assert Post.objects.get(text__contains="Agreed").reply_to == world.reply


def test_permalink_without_its_page_finds_it_with_script(world: World, open_page: OpenPage) -> None:
    later = [
        Post(
            group=world.group, topic=world.topic, author=world.mo, status=Status.PUBLISHED, text="x",
            html=f"<p>Comment {nth}</p>", created_at=now() + timedelta(seconds=nth),
        )
        for nth in range(150)
    ]  # fmt: skip
    last = Post.objects.bulk_create(later)[-1]
    page = open_page(world.nils)
    page.goto(f"{topic_address(world)}#p{last.id}")
    expect(page.get_by_text("Comment 149")).to_be_in_viewport()


def test_conversation_is_begun_by_keyboard_alone(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia)
    page.goto(reverse("compose", args=[world.group.slug]))
    page.get_by_role("radio", name="Discussion").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Splice or replace a sole plate?")
    page.keyboard.press("Tab")
    page.keyboard.type(TALK)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Splice or replace a sole plate?")
    assert Topic.objects.get(title="Splice or replace a sole plate?").kind == "question"


@pytest.mark.parametrize("has_script", [True, False])
def test_text_is_given_back_whose_writer_is_no_member_any_more(
    world: World, open_page: OpenPage, has_script: bool
) -> None:
    page = open_page(world.mia, width=380, has_script=has_script)
    page.goto(reverse("compose", args=[world.group.slug]))
    page.get_by_label("Title").fill("On lime")
    page.get_by_label("What would you like to say?").fill(TALK)
    Membership.objects.filter(profile=world.mia).update(state=MembershipState.LEFT)
    page.get_by_role("button", name="Post it").click()
    expect(page.get_by_label("Text")).to_have_value(TALK)
    if has_script:
        assert_axe_clean(page)
    assert_fits(page)


@pytest.mark.parametrize("has_script", [True, False])
def test_refused_reply_is_told_and_its_field_has_the_focus(world: World, open_page: OpenPage, has_script: bool) -> None:
    page = open_page(world.mia, has_script=has_script)
    page.goto(topic_address(world))
    page.get_by_role("button", name="Reply", exact=True).click()
    expect(page).to_have_title(re.compile("^Please look again: "))
    expect(page.get_by_label("Your reply")).to_be_focused()
    expect(page.get_by_label("Your reply")).to_have_accessible_description(re.compile("^Write something first"))


def test_reply_that_quotes_is_written_on_below_the_quote(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia)
    page.goto(topic_address(world))
    page.get_by_role("link", name="Reply to Mo Marsh").click()
    expect(page.locator("#text")).to_be_focused()
    quoted = page.locator("#text").input_value()
    page.keyboard.type("I did.")
    expect(page.locator("#text")).to_have_value(f"{quoted}I did.")


@pytest.mark.parametrize(
    ("kind", "heading"),
    [("promotion", "Post a promotion"), ("job", "Post a job"), ("question", "Start a discussion")],
)
def test_composer_is_headed_as_the_button_that_led_there(
    world: World, open_page: OpenPage, kind: str, heading: str
) -> None:
    page = open_page(world.mia, has_script=False)
    page.goto(f"{reverse('compose', args=[world.group.slug])}?kind={kind}")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    expect(page).to_have_title(re.compile(f"^{heading} in "))


def test_preview_shows_that_it_is_under_way(world: World, open_page: OpenPage) -> None:
    page = open_page(world.mia)
    page.goto(reverse("compose", args=[world.group.slug]))
    button = page.get_by_role("button", name="Preview")
    before = button.evaluate("it => getComputedStyle(it).backgroundImage")
    # As htmx marks a button while it waits for the answer.
    button.evaluate("it => it.classList.add('htmx-request')")
    assert button.evaluate("it => getComputedStyle(it).backgroundImage") != before


def test_site_that_does_not_answer_is_told_below_the_text(world: World, open_page: OpenPage) -> None:
    # A page of its own, since htmx logs what it was not answered.
    page = open_page(world.mia).context.new_page()
    page.goto(reverse("compose", args=[world.group.slug]))
    page.locator("#text").press_sequentially(TALK)
    expect(page.locator(".kept")).to_contain_text("Kept as a draft at", timeout=15_000)
    page.route("**/drafts/", lambda route: route.abort())
    page.route("**/preview/", lambda route: route.fulfill(status=500, body="broken"))
    page.locator("#text").press_sequentially(" And with what?")
    expect(page.locator(".kept").get_by_role("alert")).to_have_text(
        re.compile("^This is not kept as a draft"), timeout=15_000
    )
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#shown").get_by_role("alert")).to_have_text(re.compile("^There is no preview"))
    page.unroute("**/drafts/")
    page.locator("#text").press_sequentially(" Oak?")
    expect(page.locator(".kept")).to_contain_text("Kept as a draft at", timeout=15_000)
