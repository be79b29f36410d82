"""Who is still here: digests go to nobody else."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from moothall.accounts.models import User
from moothall.accounts.presence import seen_since
from moothall.discussions.models import Post


def here_since(at: datetime) -> QuerySet[User]:
    """On the site since then, or heard there: whoever writes by mail alone need not log in."""
    wrote = Post.objects.filter(author__user=OuterRef("pk"), created_at__gte=at, is_unproved=False)
    return seen_since(at) | User.objects.filter(Exists(wrote))
