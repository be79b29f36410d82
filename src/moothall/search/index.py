"""Which words of a post can be found, and how much each counts: title, the author's own words, what is quoted."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from django.db import connection

from moothall.core.quoting import Segment, SegmentKind, segments
from moothall.discussions.models import TEXT_BYTES, Post

# PostgreSQL refuses a tsvector over 1 MB and a text with NUL. Imported mail may be longer than what members write;
# with words of one letter each, a vector grows to eight bytes a word, so twice TEXT_BYTES keeps well below.
MOST_CHARACTERS = 2 * TEXT_BYTES

# A group may name a dictionary that another installation had; "simple" always exists.
_INDEX = """
INSERT INTO search_searchentry (post_id, group_id, words)
SELECT p.id, p.group_id,
    setweight(to_tsvector(config.name, CASE WHEN p.is_first THEN normalize(t.title, NFC) ELSE '' END), 'A')
    || setweight(to_tsvector(config.name, given.own), 'B')
    || setweight(to_tsvector(config.name, given.quoted), 'D')
FROM (VALUES {given}) AS given(id, own, quoted)
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
    index_segments([(post.id, segments(post.text)) for post in posts])


def index_segments(cut: Sequence[tuple[int, Sequence[Segment]]]) -> None:
    """As `index_posts`, for posts (by id) whose texts were cut into segments before."""
    if not cut:
        return
    # Not three arrays: a text in an array is searched for quotation marks and escaped twice over.
    given = ", ".join(["(%s::bigint, %s, %s)"] * len(cut))
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX.format(given=given),
            [value for post_id, parts in cut for value in (post_id, *_own_and_quoted(parts))],
        )


def _own_and_quoted(parts: Sequence[Segment]) -> tuple[str, str]:
    own = _joined(part for part in parts if part.kind is SegmentKind.OWN)[:MOST_CHARACTERS]
    rest = _joined(part for part in parts if part.kind is not SegmentKind.OWN)
    return own, rest[: MOST_CHARACTERS - len(own)]


def _joined(parts: Iterable[Segment]) -> str:
    text = "\n".join(part.text for part in parts).replace("\x00", " ")
    return text if text.isascii() else in_one_form(text)


def in_one_form(text: str) -> str:
    """The words as whoever searches types them: what is copied from a PDF has accents as signs of their own."""
    return unicodedata.normalize("NFC", text)
