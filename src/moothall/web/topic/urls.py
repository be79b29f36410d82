from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.topic.attachments import attachment
from moothall.web.topic.change import post_delete, post_edit, post_restore
from moothall.web.topic.compose import compose
from moothall.web.topic.drafts import draft_delete, draft_keep, drafts
from moothall.web.topic.flags import post_flag, post_unflag
from moothall.web.topic.preview import preview
from moothall.web.topic.reply import reply
from moothall.web.topic.revisions import post_revisions
from moothall.web.topic.thanks import post_answer, post_thank, post_unanswer, post_unthank
from moothall.web.topic.topic import topic

GROUP = "groups/<slug:slug>/"
POST = f"{GROUP}posts/<int:post_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(f"{GROUP}new/", compose, name="compose"),
    path(f"{GROUP}preview/", preview, name="preview"),
    path(f"{GROUP}drafts/", draft_keep, name="draft_keep"),
    path(f"{GROUP}topics/<int:topic_id>/", topic, name="topic"),
    path(f"{GROUP}topics/<int:topic_id>/replies/", reply, name="reply"),
    path(f"{POST}edit/", post_edit, name="post_edit"),
    path(f"{POST}revisions/", post_revisions, name="post_revisions"),
    path(f"{POST}delete/", post_delete, name="post_delete"),
    path(f"{POST}restore/", post_restore, name="post_restore"),
    path(f"{POST}thank/", post_thank, name="post_thank"),
    path(f"{POST}unthank/", post_unthank, name="post_unthank"),
    path(f"{POST}answer/", post_answer, name="post_answer"),
    path(f"{POST}unanswer/", post_unanswer, name="post_unanswer"),
    path(f"{POST}attachments/<int:attachment_id>/", attachment, name="attachment"),
    path(f"{POST}flag/", post_flag, name="post_flag"),
    path(f"{POST}unflag/", post_unflag, name="post_unflag"),
    path("drafts/", drafts, name="drafts"),
    path("drafts/<int:draft_id>/delete/", draft_delete, name="draft_delete"),
]
