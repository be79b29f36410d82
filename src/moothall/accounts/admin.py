from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from moothall.accounts.addresses import is_taken
from moothall.accounts.models import Deletion, Export, User
from moothall.core.staff_lists import ReadOnlyStaffList, StaffList


class NewUserForm(BaseUserCreationForm):  # type: ignore[type-arg]  # can't be subscripted at run time
    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if is_taken(email):
            raise ValidationError("Somebody has this address already, as their first or as a further one.")
        return email


@admin.register(User)
class LogInList(UserAdmin):  # type: ignore[type-arg]
    """Whoever is added here has an address that counts as proved, and is asked for a name at the first log-in."""

    add_form = NewUserForm
    show_full_result_count = False
    ordering = ("-joined_at",)
    list_display = ("email", "joined_at", "last_login", "is_active", "is_staff", "is_superuser")
    list_filter = ("is_active", "is_staff", "is_superuser", "joined_at")
    search_fields = ("email", "profile__name", "profile__handle")
    readonly_fields = ("email", "joined_at", "last_login")
    filter_horizontal = ("groups", "user_permissions")
    fieldsets = (
        (None, {"fields": ("email", "password", "joined_at", "last_login")}),
        ("Display", {"fields": ("theme", "time_zone", "has_letter_keys")}),
        (
            "What they may do",
            {
                "fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions"),
                "description": "An account that is not active is closed: nobody logs in to it, and it gets no mail of "
                "groups. It is deleted by its owner, who is asked what is to become of the posts.",
            },
        ),
    )
    add_fieldsets = ((None, {"fields": ("email", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return self.readonly_fields if obj is not None else ()

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """What others see of somebody can't stay without their log-in."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, primary=True, verified=True)


@admin.register(Deletion)
class DeletionList(ReadOnlyStaffList):
    list_display = ("user", "posts_afterwards", "asked_at", "due_at")
    list_filter = ("posts_afterwards", "due_at")
    search_fields = ("user__email",)


@admin.register(Export)
class ExportList(ReadOnlyStaffList):
    list_display = ("user", "state", "asked_at", "done_count", "total_count", "size_bytes", "expires_at")
    list_filter = ("state",)
    search_fields = ("user__email",)


class SessionList(ReadOnlyStaffList):
    """In place of allauth's, which looks for a user name that nobody has here, and lets a row be deleted as if that
    ended a session."""

    list_display = ("user", "created_at", "last_seen_at", "ip", "user_agent")
    list_select_related = ("user",)
    search_fields = ("user__email", "ip")


class SecondFactorList(StaffList):
    """In place of allauth's, which shows what proves it. Without their row, whoever lost their telephone and codes gets
    in by the password alone."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("data",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Authenticator | None = None) -> bool:
        return False


# allauth's rooms register theirs after ours.
IN_PLACE_OF_ALLAUTHS = {UserSession: SessionList, Authenticator: SecondFactorList}
