from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from moothall.web.account.claims import claims
from moothall.web.account.deletion import confirm_deletion, deletion
from moothall.web.account.display import display
from moothall.web.account.export import download, export, progress
from moothall.web.account.name import name
from moothall.web.account.overview import overview
from moothall.web.account.own_services import (
    edit_service,
    lower_service,
    raise_service,
    remove_service,
    restore_service,
    services,
)
from moothall.web.account.posts_outside import delete_outside, posts_outside, restore_outside
from moothall.web.account.profile import edit_profile
from moothall.web.account.sessions import end

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", overview, name="account"),
    path("account/name/", name, name="account_name"),
    path("account/profile/", edit_profile, name="account_profile"),
    path("account/services/", services, name="account_services"),
    path("account/services/<int:service_id>/", edit_service, name="account_service"),
    path("account/services/<int:service_id>/up/", raise_service, name="account_service_up"),
    path("account/services/<int:service_id>/down/", lower_service, name="account_service_down"),
    path("account/services/<int:service_id>/remove/", remove_service, name="account_service_remove"),
    path("account/services/<int:service_id>/restore/", restore_service, name="account_service_restore"),
    path("account/display/", display, name="account_display"),
    path("account/sessions/<int:session_id>/end/", end, name="account_session_end"),
    path("account/posts/", posts_outside, name="account_posts"),
    path("account/posts/<int:post_id>/delete/", delete_outside, name="account_post_delete"),
    path("account/posts/<int:post_id>/restore/", restore_outside, name="account_post_restore"),
    path("account/claims/", claims, name="account_claims"),
    path("account/export/", export, name="account_export"),
    path("account/export/progress/", progress, name="account_export_progress"),
    path("account/export/download/", download, name="account_export_download"),
    path("account/delete/", deletion, name="account_delete"),
    path("account/delete/confirm/", confirm_deletion, name="account_delete_confirm"),
]
