"""From a form to the one door."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from moothall.discussions import drafts
from moothall.discussions.drafts import Begun, DraftPlace, Window
from moothall.discussions.models import Draft, Kind, Post
from moothall.discussions.titles import title_for
from moothall.groups.access import Access
from moothall.members.models import Profile
from moothall.posting.submission import Outcome, Submission, refused
from moothall.posting.submit import submit
from moothall.web.topic.written import Written, number


def writer(there: Access) -> Profile:
    """Whoever writes here; only views for members ask."""
    if there.profile is None:
        raise PermissionDenied
    return there.profile


def own_post(there: Access, post_id: int) -> Post:
    """With `topic` and `shown_title`."""
    author = writer(there)
    posts = Post.objects.select_related("topic").annotate(shown_title=title_for(author, "topic"))
    return get_object_or_404(posts, id=post_id, group=there.group, author=author)


def draft_place(there: Access, topic_id: int | None) -> DraftPlace:
    return DraftPlace(writer(there).id, there.group.id, topic_id)


def submission(there: Access, written: Written, topic_id: int | None) -> Submission:
    return Submission(
        group_id=there.group.id,
        author_id=writer(there).id,
        text=written.text,
        kind=written.kind or Kind.DISCUSSION,
        title=written.title,
        topic_id=topic_id,
        reply_to_id=written.reply_to_id,
        key=written.key,
    )


def send(there: Access, written: Written, topic_id: int | None) -> Outcome:
    """Through the door; what was posted is a draft no longer."""
    if written.kind is None:
        return refused("kind", "Choose what kind of post it is.")
    outcome = submit(submission(there, written, topic_id))
    if not outcome.is_refused:
        drafts.drop(draft_place(there, topic_id), window_of(written))
    return outcome


def keep(there: Access, written: Written, topic_id: int | None) -> bool:
    begun = Begun(written.kind or Kind.DISCUSSION, written.title, written.text, written.reply_to_id)
    return drafts.keep(draft_place(there, topic_id), window_of(written), begun)


def chosen(request: HttpRequest, found: Sequence[Draft]) -> Draft | None:
    """The draft that the address names, or the last one kept."""
    asked = number(request.GET.get("draft", ""))
    return next((draft for draft in found if draft.id == asked), found[0] if found else None)


def window_of(written: Written) -> Window:
    return Window(written.window, written.seen_draft_at)
