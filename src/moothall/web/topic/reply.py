"""Joining a conversation."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from moothall.groups.access import Access
from moothall.web.reader import in_joined_group
from moothall.web.topic.addresses import address_of
from moothall.web.topic.compose import REFUSED, kept
from moothall.web.topic.page import Where, find_topic, gather
from moothall.web.topic.preview import shown
from moothall.web.topic.sending import send
from moothall.web.topic.topic import topic_page
from moothall.web.topic.written import by_field, from_form


@require_http_methods(["GET", "HEAD", "POST"])
@in_joined_group
def reply(request: HttpRequest, there: Access, topic_id: int) -> HttpResponse:
    """A preview or a refusal is the conversation's page at this address: whoever loads it anew, or follows a link to
    another part of the page, comes to the conversation."""
    if request.method != "POST":
        address = reverse("topic", args=[there.group.slug, topic_id])
        return redirect(f"{address}?{request.META['QUERY_STRING']}")
    topic = find_topic(there, topic_id)
    if topic is None:
        raise Http404
    written = from_form(request.POST)
    go = request.POST.get("go")
    if go == "draft":
        return kept(request, there, written, topic.id)
    if go == "preview":
        page = gather(there, topic, Where(post=written.reply_to_id))
        return topic_page(request, there, page, written, {"shown": shown(there, written, topic.id)})
    outcome = send(there, written, topic.id)
    if outcome.is_refused:
        problems = by_field(outcome.problems)
        again = written.to_send_again()
        # It then answers the conversation.
        kept_text = replace(again, reply_to_id=None) if "reply_to" in problems else again
        page = gather(there, topic, Where(post=kept_text.reply_to_id))
        return topic_page(request, there, page, kept_text, {"problems": problems}, REFUSED)
    return redirect(address_of(there.group.slug, outcome))
