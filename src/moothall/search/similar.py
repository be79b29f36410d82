"""Conversations about the same thing, by the words that tell a conversation from others."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from moothall.discussions.models import Post, Status, Topic
from moothall.groups.models import Group
from moothall.members.models import Profile

MOST_WORDS = 12
# A word that more posts than this contain tells little and costs much. How many do is PostgreSQL's own estimate, which
# it keeps for the words that are common; a word it does not know is rare.
MOST_POSTS_PER_WORD = 500
MOST_CANDIDATES = 500

_TELLING_WORDS = """
WITH common AS (
    SELECT c.word, c.share * greatest(t.reltuples, 1) AS posts
    FROM pg_class t
    JOIN pg_stats s ON s.schemaname = current_schema() AND s.tablename = t.relname AND s.attname = 'words'
    CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS c(word, share)
    WHERE t.oid = 'search_searchentry'::regclass AND c.word IS NOT NULL
)
SELECT w.lexeme
FROM search_searchentry e
JOIN discussions_post p ON p.id = e.post_id
CROSS JOIN LATERAL unnest(e.words) AS w
LEFT JOIN common c ON c.word = w.lexeme
WHERE p.topic_id = %s AND p.is_first AND length(w.lexeme) > 2 AND coalesce(c.posts, 0) <= %s
ORDER BY 'A' = ANY(w.weights) DESC, cardinality(w.positions) DESC, length(w.lexeme) DESC, w.lexeme
LIMIT %s
"""

_NEAREST = """
SELECT near.topic_id
FROM (
    SELECT p.topic_id, e.words
    FROM search_searchentry e
    JOIN discussions_post p ON p.id = e.post_id
    WHERE e.words @@ %(query)s::tsquery AND p.is_first AND p.status = 'published' AND p.lane = %(lane)s
        AND p.group_id = ANY(%(groups)s) AND p.topic_id <> %(topic)s
    ORDER BY p.id DESC LIMIT %(candidates)s
) near
CROSS JOIN LATERAL (
    SELECT count(*) AS shared FROM unnest(tsvector_to_array(near.words)) AS word WHERE word = ANY(%(words)s)
) s
WHERE s.shared >= %(enough)s
ORDER BY s.shared DESC, ts_rank(near.words, %(query)s::tsquery) DESC, near.topic_id DESC
LIMIT %(limit)s
"""


def similar_topics(topic: Topic, reader: Profile | None, limit: int = 3) -> Sequence[Topic]:
    """Published conversations of the same lane, in any group that the reader may read; the nearest first."""
    words = _telling_words(topic)
    if not words:
        return []
    groups = Group.objects.readable_by(reader).order_by()
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "query": " | ".join(_quoted(word) for word in words),
                "words": words,
                "lane": topic.lane,
                "groups": list(groups.values_list("id", flat=True)),
                "topic": topic.id,
                "candidates": MOST_CANDIDATES,
                # One word in common is chance.
                "enough": min(2, len(words)),
                "limit": limit,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    return _readable(ids, reader)


def _readable(ids: Sequence[int], reader: Profile | None) -> list[Topic]:
    posts = Post.objects.readable_by(reader).filter(topic__in=ids, is_first=True, topic__status=Status.PUBLISHED)
    topics = {post.topic_id: post.topic for post in posts.select_related("topic__group", "topic__author")}
    return [topics[topic_id] for topic_id in ids if topic_id in topics]


def _telling_words(topic: Topic) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TELLING_WORDS, [topic.id, MOST_POSTS_PER_WORD, MOST_WORDS])
        return [row[0] for row in cursor.fetchall()]


def _quoted(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
