"""Keeping a verdict: a Screening row for one version of a post."""

from __future__ import annotations

from collections.abc import Collection

from moothall.core.quoting import own_text
from moothall.discussions.models import Post, Source
from moothall.judging.models import Screening
from moothall_screening import Verdict


def words_read(post: Post) -> str:
    """The text that a verdict on this version of the post is about: of an archive's mail, its author's own words."""
    return own_text(post.text) if post.source == Source.IMPORT and post.version == 1 else post.text


def screening(post: Post, verdict: Verdict) -> Screening:
    """The unsaved row; bulk_create keeps many at once."""
    return Screening(
        post=post,
        group_id=post.group_id,
        post_version=post.version,
        model_version=verdict.model_version,
        promotion=verdict.promotion,
        fit=verdict.fit,
        kind=str(verdict.kind),
        kinds={str(kind): round(probability, 4) for kind, probability in verdict.kinds.items()},
        language=verdict.language,
        evidence=[
            {
                "source": e.source,
                "log_odds": round(e.log_odds, 4),
                "reason": e.reason,
                "spans": [list(s) for s in e.spans],
            }
            for e in verdict.evidence
        ],
        duplicate_keys=list(verdict.duplicate_keys),
    )


def latest_screening(post: Post) -> Screening | None:
    """The verdict that counts: of several versions of the post or of the screener, the one that was given last."""
    return post.screenings.order_by("-screened_at", "-id").first()


def latest_screenings(posts: Collection[Post]) -> dict[int, Screening]:
    """The same of many, by post."""
    given = Screening.objects.filter(post__in=posts).order_by("post", "-screened_at", "-id")
    return {each.post_id: each for each in given.distinct("post")}
