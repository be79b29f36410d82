"""Conversations about the same thing, by the words that tell a conversation from others."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from django.db.models import Q

from moothall.discussions.models import Post, Status, Topic
from moothall.groups.models import Group, Membership
from moothall.members.models import Profile

MOST_WORDS = 12
# A word that more posts than this contain tells little and costs much. How many do is PostgreSQL's own estimate, which
# it keeps for the words that are common; a word it does not know is rare.
MOST_POSTS_PER_WORD = 500

_TELLING_WORDS = """
WITH common AS (
    SELECT c.word
    FROM pg_class t
    JOIN pg_stats s ON s.schemaname = current_schema() AND s.tablename = t.relname AND s.attname = 'words'
    CROSS JOIN LATERAL unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS c(word, share)
    WHERE t.oid = 'search_searchentry'::regclass AND c.word IS NOT NULL
        AND c.share * greatest(t.reltuples, 1) > %s
)
SELECT w.lexeme
FROM search_searchentry e
JOIN discussions_post p ON p.id = e.post_id
CROSS JOIN LATERAL unnest(e.words) AS w
WHERE p.topic_id = %s AND p.is_first AND length(w.lexeme) > 2 AND w.lexeme NOT IN (SELECT word FROM common)
ORDER BY 'A' = ANY(w.weights) DESC, cardinality(w.positions) DESC, length(w.lexeme) DESC, w.lexeme
LIMIT %s
"""

# At most MOST_WORDS times MOST_POSTS_PER_WORD posts match. Word by word and with OFFSET 0, PostgreSQL reads the index
# of words; for all words at once it would rather unpack the words of every post.
_NEAREST = """
SELECT post.topic_id
FROM (
    SELECT found.post_id, count(*) AS shared
    FROM unnest(%(each)s::tsquery[]) AS word
    CROSS JOIN LATERAL (
        SELECT post_id FROM search_searchentry WHERE words @@ word AND group_id = ANY(%(groups)s) OFFSET 0
    ) found
    GROUP BY found.post_id HAVING count(*) >= %(enough)s OFFSET 0
) near
CROSS JOIN LATERAL (
    SELECT topic_id, group_id FROM discussions_post
    WHERE id = near.post_id AND is_first AND status = 'published' AND lane = %(lane)s AND topic_id <> %(topic)s
    OFFSET 0
) post
JOIN search_searchentry entry ON entry.post_id = near.post_id
WHERE post.group_id = %(own)s OR near.shared >= %(enough_elsewhere)s
ORDER BY near.shared DESC, ts_rank(entry.words, %(query)s::tsquery) DESC, post.topic_id DESC
LIMIT %(limit)s
"""


def similar_topics(topic: Topic, reader: Profile | None, limit: int = 3) -> Sequence[Topic]:
    """Published conversations of the same lane, in this group and those that the reader is in; the nearest first.

    Other public groups are left out, since anybody may found one to have its titles stand here.
    """
    words = _telling_words(topic)
    if not words:
        return []
    joined = Membership.objects.active().filter(profile=reader).values("group")
    groups = Group.objects.readable_by(reader).filter(Q(id=topic.group_id) | Q(id__in=joined)).order_by()
    each = [_quoted(word) for word in words]
    with connection.cursor() as cursor:
        cursor.execute(
            _NEAREST,
            {
                "query": " | ".join(each),
                "each": each,
                "lane": topic.lane,
                "groups": list(groups.values_list("id", flat=True)),
                "topic": topic.id,
                "own": topic.group_id,
                # One word in common is chance; between groups of other interests two are chance still.
                "enough": min(2, len(words)),
                "enough_elsewhere": 4,
                "limit": limit,
            },
        )
        ids = [row[0] for row in cursor.fetchall()]
    return _readable(ids, reader)


def _readable(ids: Sequence[int], reader: Profile | None) -> list[Topic]:
    posts = Post.objects.readable_by(reader).filter(topic__in=ids, is_first=True, topic__status=Status.PUBLISHED)
    posts = posts.select_related("topic__group", "topic__author", "topic__answer")
    posts = posts.defer("text", "html", "topic__answer__text", "topic__answer__html")
    topics = {post.topic_id: post.topic for post in posts}
    return [topics[topic_id] for topic_id in ids if topic_id in topics]


def _telling_words(topic: Topic) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_TELLING_WORDS, [MOST_POSTS_PER_WORD, topic.id, MOST_WORDS])
        return [row[0] for row in cursor.fetchall()]


def _quoted(word: str) -> str:
    doubled = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{doubled}'"
