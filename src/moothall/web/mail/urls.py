from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.mail.choices import group_mail
from moothall.web.mail.keeping import group_keeping_mail
from moothall.web.mail.own_settings import account_mail, account_mail_resume
from moothall.web.mail.stop import mail_stop
from moothall.web.mail.stop_invitations import invitations_stop
from moothall.web.mail.told import told, told_read
from moothall.web.mail.watching import person_watch, topic_watch

urlpatterns: list[URLPattern | URLResolver] = [
    path("news/", told, name="told"),
    path("news/read/", told_read, name="told_read"),
    path("account/mail/", account_mail, name="account_mail"),
    path("account/mail/resume/", account_mail_resume, name="account_mail_resume"),
    path("mail/stop/<str:token>/", mail_stop, name="mail_stop"),
    path("mail/invitations/<str:token>/", invitations_stop, name="invitations_stop"),
    path("groups/<slug:slug>/mail/", group_mail, name="group_mail"),
    path("groups/<slug:slug>/mail/managers/", group_keeping_mail, name="group_keeping_mail"),
    path("groups/<slug:slug>/topics/<int:topic_id>/watch/", topic_watch, name="topic_watch"),
    path("people/<slug:handle>/watch/", person_watch, name="person_watch"),
]
