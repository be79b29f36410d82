"""Who is still here: digests go to nobody else."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from moothall.accounts.presence import seen_since
from moothall.discussions.models import Post


def here_among(user_ids: Collection[int], since: datetime) -> set[int]:
    """Those who were on the site since then, or heard there: whoever writes by mail alone need not log in."""
    seen = set(seen_since(since).filter(id__in=user_ids).values_list("id", flat=True))
    unseen = set(user_ids) - seen
    if not unseen:
        return seen
    wrote = Post.objects.filter(author__user__in=unseen, created_at__gte=since, is_unproved=False).order_by()
    return seen | set(wrote.values_list("author__user", flat=True).distinct())
