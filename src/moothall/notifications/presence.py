"""Who is still here: digests go to nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from django.db.models import Max, QuerySet

from moothall.accounts.presence import seen_since
from moothall.discussions.models import Post


def here_among(user_ids: Collection[int], since: datetime) -> set[int]:
    """Those who were on the site since then, or heard there: whoever writes by mail alone need not log in."""
    seen = set(seen_since(since).filter(id__in=user_ids).values_list("id", flat=True))
    unseen = set(user_ids) - seen
    if not unseen:
        return seen
    wrote = _written_by(unseen).filter(created_at__gte=since)
    return seen | set(wrote.values_list("author__user", flat=True).distinct())


def last_wrote(user_ids: Collection[int]) -> Mapping[int, datetime]:
    """When each was heard last, of those who ever were."""
    if not user_ids:
        return {}
    return dict(_written_by(user_ids).values_list("author__user").annotate(Max("created_at")))


def _written_by(user_ids: Collection[int]) -> QuerySet[Post]:
    return Post.objects.filter(author__user__in=user_ids, is_unproved=False).order_by()
