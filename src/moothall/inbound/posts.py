"""A mail becomes a conversation or a reply, through the same door as everything else."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings

from moothall.accounts.addresses import user_of_address
from moothall.core.mail_body import Attachment
from moothall.core.mime import attachment_contents
from moothall.core.subjects import shown_subject
from moothall.discussions.models import TITLE_LENGTH, Kind, Post, Source, Status
from moothall.groups.access import Access, access
from moothall.groups.models import Group
from moothall.inbound.attachments import sort_attachments
from moothall.inbound.authentication import AuthenticationVerdict
from moothall.inbound.models import MailState
from moothall.inbound.result import NOT_LOST, Result, not_posted
from moothall.inbound.understand import Understood, with_plain_lines
from moothall.mailer.addresses import Recipient, RecipientKind
from moothall.members.models import Profile
from moothall.moderation.reach import BEYOND
from moothall.notifications.letterhead import topic_url
from moothall.posting.submission import AttachmentInfo, Outcome, Submission
from moothall.posting.submission import Result as PostingResult
from moothall.posting.submit import submit

BEYOND_REACH = f"Your mail was posted. {BEYOND}"
_KINDS = {"promotions": Kind.PROMOTION, "jobs": Kind.JOB}


def post(group: Group, mail: Understood, recipient: Recipient, message_id: str, raw: bytes) -> Result:
    """`raw` is the mail as it came, for what is in its attachments."""
    author = author_of(mail)
    if author is None:
        return not_posted(
            f"Nobody has an account with the address {mail.from_address}, so your mail was not posted. Write from the "
            f"address of your account, or add this one to it at {settings.BASE_URL}/account/."
        )
    there = access(group, author)
    if not there.may_post:
        return not_posted(_why_not(there))
    if recipient.kind is RecipientKind.REPLY and recipient.profile_id != author.id:
        return not_posted(
            "The address that you answered was made for somebody else, so your reply was not posted. Answer the mail "
            "that came to you, or write to the group's own address."
        )
    asked = _submission(group, author, mail, recipient, message_id)
    outcome = submit(replace(asked, attachments=_attachments(mail, raw)))
    if outcome.is_refused:
        return not_posted(f"Your mail was not posted. {outcome.problems[0].message}")
    return Result(MailState.POSTED, notice=_told(group, mail, outcome), post_id=outcome.post_id)


def _told(group: Group, mail: Understood, outcome: Outcome) -> str:
    """On the site the page after the form says so; "" where there is nothing to tell."""
    waits = outcome.result == PostingResult.HELD
    said = [_waits(group, outcome)] if waits else [BEYOND_REACH] if outcome.is_beyond_reach else []
    if left_out := _about_attachments(mail):
        said += [left_out] if said else ["Your mail was posted.", left_out]
    return "\n\n".join(said)


def _waits(group: Group, outcome: Outcome) -> str:
    hours = f"{group.promise_hours} hour{'s' if group.promise_hours != 1 else ''}"
    return (
        f"Your mail waits for a manager of {group.name}, who looks at it within {hours}. Why it waits and what becomes "
        "of it is told here, where you can also change it or take it back until then:\n"
        f"{topic_url(group, outcome.topic_id or 0)}?post={outcome.post_id}#p{outcome.post_id}"
    )


def author_of(mail: Understood) -> Profile | None:
    """Who has proved that the address is theirs."""
    user = user_of_address(mail.from_address) if mail.from_address else None
    return Profile.objects.filter(user=user).first() if user is not None else None


def _why_not(there: Access) -> str:
    door = f"{settings.BASE_URL}/groups/{there.group.slug}/join/"
    if there.is_banned:
        return (
            "The managers of the group that you wrote to have closed it to you, so your mail was not posted. If they "
            f"gave a reason, you find it at {door}."
        )
    if there.is_pending:
        return (
            "Your request to join the group that you wrote to still waits for its managers, so your mail was not "
            f"posted. Send it again once they have let you in. How your request stands is told at {door}."
        )
    return (
        "You are not a member of the group that you wrote to, so your mail was not posted. Join it first at "
        f"{settings.BASE_URL}/groups/."
    )


def _submission(group: Group, author: Profile, mail: Understood, recipient: Recipient, message_id: str) -> Submission:
    answered = _answered(group, mail, recipient)
    return Submission(
        group_id=group.id,
        author_id=author.id,
        text=mail.text,
        kind=_KINDS.get(recipient.lane, Kind.DISCUSSION) if answered is None else Kind.DISCUSSION,
        title=_title(mail) if answered is None else "",
        topic_id=answered.topic_id if answered else None,
        reply_to_id=answered.id if answered else None,
        source=Source.MAIL,
        message_id=message_id,
        whole_text=mail.full_text if _is_cut(mail) else "",
        is_unproved=mail.authentication.verdict is AuthenticationVerdict.FAIL,
    )


def _attachments(mail: Understood, raw: bytes) -> tuple[AttachmentInfo, ...]:
    kept, _ = sort_attachments(mail.attachments)
    contents = attachment_contents(with_plain_lines(raw)) if kept else []
    found = []
    for place in kept:
        listed = mail.attachments[place]
        content = contents[place] if place < len(contents) else None
        size = len(content) if content is not None else listed.size_bytes
        found.append(AttachmentInfo(listed.name, listed.content_type, size, content))
    return tuple(found)


def _is_cut(mail: Understood) -> bool:
    return bool(mail.trimmed.quotes or mail.trimmed.signature or mail.trimmed.forward)


def _answered(group: Group, mail: Understood, recipient: Recipient) -> Post | None:
    """The post that the address was made for, else the latest of those that the mail says it answers."""
    if recipient.kind is RecipientKind.REPLY:
        return Post.objects.filter(id=recipient.post_id, group=group).first()
    wanted = [*([mail.in_reply_to] if mail.in_reply_to else []), *reversed(mail.references)]
    posts = Post.objects.filter(group=group, message_id__in=wanted).exclude(status=Status.DELETED)
    found = {each.message_id: each for each in posts}
    return next((found[each] for each in wanted if each in found), None)


def _title(mail: Understood) -> str:
    first_line = next((line.strip() for line in mail.text.splitlines() if line.strip()), "")
    return (shown_subject(mail.subject) or first_line)[:TITLE_LENGTH]


def _about_attachments(mail: Understood) -> str:
    _, left_out = sort_attachments(mail.attachments)
    if not left_out:
        return ""
    lines = "\n".join(f"- {_named(attachment, mail)}: {why}" for attachment, why in left_out)
    return f"These attachments were left out:\n\n{lines}\n\n{NOT_LOST}"


def _named(attachment: Attachment, mail: Understood) -> str:
    if not mail.is_proved:
        return "an attachment"
    return f"{attachment.name or 'without a name'} ({attachment.content_type})"
