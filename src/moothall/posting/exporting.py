"""Everything that belongs to one member, as a ZIP of JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Case, F, When
from django.utils.text import slugify

from moothall.accounts.addresses import proved_addresses
from moothall.accounts.exports import keep
from moothall.accounts.models import Export, ExportState, User
from moothall.accounts.second_factor import has_second_factor
from moothall.accounts.sessions import sessions_of
from moothall.discussions.models import Attachment, Draft, Post, Revision, Thank
from moothall.discussions.titles import title_for
from moothall.groups.mail_choice import KINDS
from moothall.groups.models import Membership
from moothall.members.models import Profile
from moothall.moderation.models import Flag
from moothall.notifications.models import Watch

Row = Mapping[str, object]

CHUNK = 500

READ_ME = """This is everything that belongs to your account.

account.json      your addresses and settings
sessions.json     where you are logged in
profile.json      what others see of you; profile.md is the same to read
memberships.json  your groups
posts.json        all that you wrote, also what was deleted or waits for a manager
revisions.json    your posts as they were before you changed them
posts/            each post as a Markdown file, by group
attachments/      the files of your mails, each with the number of its post
thanks.json       what you thanked others for
flags.json        what you flagged, and what became of it
drafts.json       what you have begun to write
watches.json      the conversations and people that you follow or mute
"""


@dataclass(frozen=True, slots=True)
class _Written:
    """`title` is the conversation's, as far as it is the author's own or may be read by them."""

    post: Post
    title: str

    @property
    def file_name(self) -> str:
        words = slugify(self.title)[:60]
        name = f"{self.post.created_at:%Y-%m-%d}-{self.post.id}"
        return f"posts/{self.post.group.slug}/{name}-{words}.md" if words else f"posts/{self.post.group.slug}/{name}.md"


def write_export(export_id: int) -> None:
    """Does nothing for an export that was replaced by a later one, or is ready."""
    export = Export.objects.select_related("user").filter(id=export_id, state=ExportState.WAITING).first()
    if export is None:
        return
    with TemporaryFile() as archive:
        _write(export, archive)
        archive.seek(0)
        keep(export.id, archive)


def mark_failed(export_id: int) -> None:
    Export.objects.filter(id=export_id, state=ExportState.WAITING).update(state=ExportState.FAILED)


def _write(export: Export, archive: IO[bytes]) -> None:
    profile = Profile.objects.filter(user=export.user).first()
    with ZipFile(archive, "w", ZIP_DEFLATED) as zipped:
        zipped.writestr("README.txt", READ_ME)
        _add(zipped, "account.json", [_account(export.user)])
        _add(zipped, "sessions.json", sessions_of(export.user))
        if profile is None:
            return
        _add(zipped, "profile.json", [_profile(profile)])
        zipped.writestr("profile.md", f"# {profile.name}\n\n{profile.headline}\n\n{profile.about}\n")
        _add(zipped, "memberships.json", _memberships(profile))
        _add(zipped, "thanks.json", _thanks(profile))
        _add(zipped, "flags.json", _flags(profile))
        _add(zipped, "drafts.json", _drafts(profile))
        _add(zipped, "watches.json", _watches(profile))
        _add(zipped, "posts.json", (_post(written) for written in _posts(profile)))
        _add(zipped, "revisions.json", _revisions(profile))
        _add_markdown(zipped, export, profile)
        _add_attachments(zipped, profile)


def _add(zipped: ZipFile, name: str, rows: Iterable[Row]) -> None:
    """A JSON list, written row by row: ten thousand posts are never in memory together."""
    with zipped.open(name, "w") as file:
        separator = b"[\n"
        for row in rows:
            file.write(separator + json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False).encode())
            separator = b",\n"
        file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def _add_markdown(zipped: ZipFile, export: Export, profile: Profile) -> None:
    """A file a post, counting on the page as it goes."""
    total = Post.objects.filter(author=profile).count()
    Export.objects.filter(id=export.id).update(total_count=total)
    for number, written in enumerate(_posts(profile), start=1):
        zipped.writestr(written.file_name, _markdown(written))
        if number % CHUNK == 0 or number == total:
            Export.objects.filter(id=export.id).update(done_count=number)


def _add_attachments(zipped: ZipFile, profile: Profile) -> None:
    """One in memory at a time."""
    mine = Attachment.objects.filter(post__author=profile, is_kept=True).order_by("id")
    for row in mine.iterator(chunk_size=CHUNK):
        stem, _, ending = row.name.rpartition(".")
        name = f"{slugify(stem)[:60] or 'file'}.{slugify(ending)[:10] or 'bin'}"
        zipped.writestr(f"attachments/{row.post_id}-{row.id}-{name}", bytes(row.content.data))


def _markdown(written: _Written) -> str:
    post = written.post
    head = f"{post.group.name}, {post.created_at:%Y-%m-%d %H:%M} UTC, {post.get_status_display()}"
    if written.title:
        head = f"{written.title}\n{head}"
    return f"{head}\n\n{post.text}\n"


def _posts(profile: Profile) -> Iterator[_Written]:
    shown = Case(When(is_first=True, then=F("own_title")), default=title_for(profile, "topic", hidden=""))
    posts = Post.objects.filter(author=profile).with_own_title().annotate(shown_title=shown)
    for post in posts.select_related("group").order_by("id").iterator(chunk_size=CHUNK):
        yield _Written(post, post.shown_title)  # type: ignore[attr-defined]  # annotated above


def _post(written: _Written) -> Row:
    post = written.post
    return {
        "id": post.id,
        "group": post.group.slug,
        "topic": post.topic_id,
        "title": written.title,
        "is_first": post.is_first,
        "kind": post.kind,
        "lane": post.lane,
        "status": post.status,
        "source": post.source,
        "text": post.text,
        "created_at": post.created_at,
        "edited_at": post.edited_at,
        "deleted_at": post.deleted_at,
        "thanked_by": post.thanked_count,
    }


def _revisions(profile: Profile) -> Iterator[Row]:
    rows = Revision.objects.filter(post__author=profile).order_by("post", "version")
    yield from rows.values("post_id", "version", "title", "text", "written_at").iterator(chunk_size=CHUNK)


def _account(user: User) -> Row:
    return {
        "email": user.email,
        "proved_addresses": proved_addresses(user),
        "joined_at": user.joined_at,
        "last_login_at": user.last_login,
        "time_zone": user.time_zone,
        "theme": user.theme,
        "mail_paused_until": user.mail_paused_until,
        "mail_quiet_hours": [user.mail_quiet_from, user.mail_quiet_until],
        "mail_is_together": user.mail_is_together,
        "has_letter_keys": user.has_letter_keys,
        "has_second_factor": has_second_factor(user),
    }


def _profile(profile: Profile) -> Row:
    return {
        "handle": profile.handle,
        "name": profile.name,
        "headline": profile.headline,
        "about": profile.about,
        "knows": profile.knows,
        "services": list(profile.services.offered().values("title", "text")),
        "created_at": profile.created_at,
    }


def _memberships(profile: Profile) -> Iterator[Row]:
    rows = Membership.objects.filter(profile=profile).order_by("joined_at").select_related("group")
    for row in rows:
        yield {
            "group": row.group.slug,
            "name": row.group.name,
            "role": row.role,
            "state": row.state,
            "answer": row.answer,
            "rules_edition": row.rules_edition,
            "rules_accepted_at": row.rules_accepted_at,
            "joined_at": row.joined_at,
            "mail": {kind: row.mail_of(kind) for kind in KINDS},
            "banned_reason": row.banned_reason,
            "refused_at": row.refused_at,
        }


def _thanks(profile: Profile) -> Iterator[Row]:
    rows = (
        Thank.objects.filter(profile=profile)
        .annotate(title=title_for(profile, "post__topic", hidden=""))
        .order_by("id")
    )
    for row in rows.values("post_id", "post__group__slug", "title", "created_at").iterator(CHUNK):
        yield {("post__topic__title" if name == "title" else name): value for name, value in row.items()}


def _flags(profile: Profile) -> Iterator[Row]:
    """The rule by its number; the decision by what was done, not by whom."""
    rows = Flag.objects.filter(profile=profile).order_by("id")
    yield from rows.values(
        "post_id", "group__slug", "concern", "rule__number", "created_at", "decision__action"
    ).iterator(CHUNK)


def _drafts(profile: Profile) -> Iterator[Row]:
    rows = Draft.objects.filter(author=profile).order_by("id")
    yield from rows.values("group__slug", "topic_id", "kind", "title", "text", "updated_at").iterator(CHUNK)


def _watches(profile: Profile) -> Iterator[Row]:
    """The title as far as it may be read; a person by what stands in the address of their page."""
    rows = Watch.objects.filter(profile=profile).annotate(title=title_for(profile, "topic", hidden="")).order_by("id")
    yield from rows.values("attitude", "topic_id", "title", "person__handle", "since").iterator(CHUNK)
