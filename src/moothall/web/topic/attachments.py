"""A file that came with a post, for whoever may read the post; never shown by the browser as a page of this site."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from moothall.core.text import clean_line
from moothall.discussions.models import AttachmentContent, Post
from moothall.groups.access import Access
from moothall.web.reader import in_readable_group

SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


@require_safe
@in_readable_group
def attachment(request: HttpRequest, there: Access, post_id: int, attachment_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.readable_by(there.profile), id=post_id, group=there.group)
    kept = get_object_or_404(
        AttachmentContent.objects.select_related("attachment"), attachment=attachment_id, attachment__post=post
    )
    # A type that the browser might run or show is nobody's to choose but ours.
    response = HttpResponse(bytes(kept.data), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, file_name(kept.attachment.name)) or ""
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-store"
    return response


def file_name(given: str) -> str:
    """Without folders, controls and marks that turn the direction of letters, so that `.exe` is seen at the end."""
    name = "".join("_" if letter in "/\\:" else letter for letter in clean_line(given))
    return name.strip(". ")[:150] or "attachment"
