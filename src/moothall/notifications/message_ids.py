"""The Message-ID of each post: its own where it came by mail, else one of ours, kept from its first mailing on."""

from __future__ import annotations

import secrets

from moothall.discussions.models import Post
from moothall.mailer.addresses import mail_domain


def message_id(post: Post) -> str:
    return post.message_id or f"post-{post.id}@{mail_domain()}"


def give_message_id(post: Post) -> None:
    """Stored, so that answers by mail find the post, and so that another domain later breaks no thread.

    A mail with an id of this form may be there before: in an archive of this site, or from whoever guesses the next.
    """
    if post.message_id:
        return
    own = message_id(post)
    if Post.objects.filter(group=post.group_id, message_id=own).exists():
        own = f"{secrets.token_hex(8)}.{own}"
    Post.objects.filter(id=post.id, message_id="").update(message_id=own)


def references(post: Post, first: Post | None) -> tuple[str, ...]:
    """The conversation's beginning, then what is answered."""
    chain = [message_id(each) for each in (first, post.reply_to) if each is not None and each.id != post.id]
    return tuple(dict.fromkeys(chain))
