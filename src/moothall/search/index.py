"""Which words of a post can be found, and how much each counts: title, the author's own words, what is quoted."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from moothall.core.quoting import SegmentKind, segments
from moothall.discussions.models import TEXT_BYTES, Post

# PostgreSQL refuses a tsvector over 1 MB and a text with NUL. Imported mail may be longer than what members write;
# with words of one letter each, a vector grows to eight bytes a word, so four times TEXT_BYTES keeps well below.
MOST_CHARACTERS = 2 * TEXT_BYTES

# A group may name a dictionary that another installation had; "simple" always exists.
_INDEX = """
INSERT INTO search_searchentry (post_id, group_id, words)
SELECT p.id, p.group_id,
    setweight(to_tsvector(config.name, CASE WHEN p.is_first THEN t.title ELSE '' END), 'A')
    || setweight(to_tsvector(config.name, given.own), 'B')
    || setweight(to_tsvector(config.name, given.quoted), 'D')
FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given(id, own, quoted)
JOIN discussions_post p ON p.id = given.id
JOIN discussions_topic t ON t.id = p.topic_id
JOIN groups_group g ON g.id = p.group_id
CROSS JOIN LATERAL (
    SELECT coalesce((SELECT c.oid FROM pg_ts_config c WHERE c.cfgname = g.search_config LIMIT 1),
        'simple'::regconfig)::regconfig AS name
) config
ORDER BY p.id
ON CONFLICT (post_id) DO UPDATE SET group_id = excluded.group_id, words = excluded.words
"""


def index_posts(posts: Sequence[Post]) -> None:
    """Makes these posts findable by their present words; one statement, in the caller's transaction."""
    if not posts:
        return
    parts = [_own_and_quoted(post.text) for post in posts]
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, [[post.id for post in posts], [own for own, _ in parts], [rest for _, rest in parts]])


def _own_and_quoted(text: str) -> tuple[str, str]:
    own: list[str] = []
    rest: list[str] = []
    for segment in segments(text.replace("\x00", " ")[:MOST_CHARACTERS]):
        (own if segment.kind is SegmentKind.OWN else rest).append(segment.text)
    return "\n".join(own), "\n".join(rest)
