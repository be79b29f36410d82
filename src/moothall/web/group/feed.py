"""The conversations of a group: Discussions, Promotions and Jobs, each in an order of the reader's choice."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from moothall.discussions.feed import Order, feed_page
from moothall.discussions.models import Lane, Post
from moothall.groups.access import Access
from moothall.groups.models import MailChoice
from moothall.rules.current import current_rules
from moothall.web.group.frame import frame, managers
from moothall.web.reader import for_search_engines, in_readable_group

RULES_SHOWN = 5

ORDERS = {
    Lane.DISCUSSIONS: (Order.BEST, Order.NEWEST, Order.UNANSWERED),
    Lane.PROMOTIONS: (Order.BEST, Order.NEWEST),
    Lane.JOBS: (Order.BEST, Order.NEWEST),
}


@in_readable_group
def group(request: HttpRequest, there: Access) -> HttpResponse:
    return _lane(request, there, Lane.DISCUSSIONS)


@in_readable_group
def group_promotions(request: HttpRequest, there: Access) -> HttpResponse:
    return _lane(request, there, Lane.PROMOTIONS)


@in_readable_group
def group_jobs(request: HttpRequest, there: Access) -> HttpResponse:
    return _lane(request, there, Lane.JOBS)


def _lane(request: HttpRequest, there: Access, lane: Lane) -> HttpResponse:
    order = next((o for o in ORDERS[lane] if o == request.GET.get("order")), Order.BEST)
    cursor = request.GET.get("after", "")
    page = feed_page(there.group, lane, order, cursor, there.profile)
    rules = current_rules(there.group)
    response = render(
        request,
        "group/feed.html",
        {
            "frame": frame(there, page.counts),
            "group": there.group,
            "access": there,
            "lane": lane,
            "order": order,
            "orders": ORDERS[lane],
            "page": page,
            "is_first_page": not cursor,
            "rules": rules[:RULES_SHOWN],
            "rules_count": len(rules),
            "managers": managers(there.group),
            "has_written": _has_written(there),
            "mail_choices": MailChoice.choices,
            "nav": "groups",
        },
    )
    return for_search_engines(response, there.group)


def _has_written(there: Access) -> bool:
    return there.profile is not None and Post.objects.filter(author=there.profile, group=there.group).exists()
