"""Asking for one's account to be deleted, and taking that back."""

from __future__ import annotations

from moothall.accounts.models import Deletion, PostsAfterwards, User
from moothall.accounts.sessions import end_all_sessions
from moothall.core.clock import now


def ask_for_deletion(user: User, posts_afterwards: PostsAfterwards) -> Deletion:
    """Logs them out everywhere: whoever logs in again within the grace takes it back."""
    at = now()
    deletion, _ = Deletion.objects.update_or_create(
        user=user,
        defaults={"posts_afterwards": posts_afterwards, "asked_at": at, "due_at": at + Deletion.GRACE},
    )
    end_all_sessions(user)
    return deletion


def take_back_deletion(user: User) -> bool:
    """False when none was asked for."""
    taken_back, _ = Deletion.objects.filter(user=user).delete()
    return taken_back > 0
