from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from moothall.discussions.models import Post
from moothall.search.index import index_posts

BATCH = 200
BATCHES_A_JOB = 10


def index_anew(group_id: int) -> None:
    """In the caller's transaction: once the group has another language, its posts are found by the words of that."""
    _go_on(group_id, 0)


@app.task(name="index_group_anew")
def index_group_anew(group_id: int, after: int) -> None:
    """Some thousand posts at a time, so that other work gets its turn; `after` is the last one that was done."""
    for _ in range(BATCHES_A_JOB):
        done = _index_next(group_id, after)
        if done is None:
            return
        after = done
    _go_on(group_id, after)


@transaction.atomic
def _index_next(group_id: int, after: int) -> int | None:
    # Who edits one of them meanwhile waits, or is waited for: the words are those of the text that stands.
    rows = Post.objects.select_for_update(no_key=True).filter(group=group_id, id__gt=after).order_by("id")
    posts = list(rows.only("text")[:BATCH])
    index_posts(posts)
    return posts[-1].id if posts else None


def _go_on(group_id: int, after: int) -> None:
    index_group_anew.configure(lock=f"index_group_anew:{group_id}").defer(group_id=group_id, after=after)
