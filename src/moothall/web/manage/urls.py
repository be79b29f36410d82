from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.manage import founding, handing_over, invitations, joining, people, rereading, review, rules, settings

GROUP = "groups/<slug:slug>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("groups/new/", founding.group_new, name="group_new"),
    path("invitations/<str:secret>/", invitations.invitation, name="invitation"),
    path(f"{GROUP}join/", joining.group_join, name="group_join"),
    path(f"{GROUP}leave/", joining.group_leave, name="group_leave"),
    path(f"{GROUP}rules/", rules.group_rules, name="group_rules"),
    path(f"{GROUP}rules/edit/", rules.group_rules_edit, name="group_rules_edit"),
    path(f"{GROUP}rules/accept/", joining.group_rules_accept, name="group_rules_accept"),
    path(f"{GROUP}settings/", settings.group_settings, name="group_settings"),
    path(f"{GROUP}rereading/", rereading.group_rereading, name="group_rereading"),
    path(f"{GROUP}people/", people.group_people, name="group_people"),
    path(f"{GROUP}people/<int:membership_id>/", people.group_person, name="group_person"),
    path(f"{GROUP}invitations/", invitations.group_invitations, name="group_invitations"),
    path(
        f"{GROUP}invitations/<int:invitation_id>/withdrawal/",
        invitations.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path(f"{GROUP}transfer/", handing_over.group_transfer, name="group_transfer"),
    path(f"{GROUP}close/", handing_over.group_close, name="group_close"),
    path(f"{GROUP}reopen/", handing_over.group_reopen, name="group_reopen"),
    path(f"{GROUP}review/", review.group_review, name="group_review"),
    path(f"{GROUP}posts/<int:post_id>/decision/", review.post_decision, name="post_decision"),
    path(f"{GROUP}decisions/<int:decision_id>/undo/", review.decision_undo, name="decision_undo"),
]
