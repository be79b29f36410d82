"""Where somebody is logged in."""

from __future__ import annotations

from allauth.usersessions.models import UserSession

from moothall.accounts.models import User


def count_sessions(user: User) -> int:
    return len(UserSession.objects.purge_and_list(user))


def end_session(user: User, session_id: int) -> bool:
    """False when this person has no such session."""
    session = UserSession.objects.filter(user=user, id=session_id).first()
    if session is None:
        return False
    session.end()
    return True


def end_all_sessions(user: User) -> None:
    for session in UserSession.objects.filter(user=user):
        session.end()


def sessions_of(user: User) -> list[dict[str, object]]:
    """Without the keys, which would let whoever reads them in."""
    rows = UserSession.objects.filter(user=user).order_by("created_at")
    return [dict(row) for row in rows.values("created_at", "last_seen_at", "ip", "user_agent")]
