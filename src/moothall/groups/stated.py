"""What a group says of itself to whoever looks for one: its name and its interest."""

from __future__ import annotations

from moothall.groups.refusal import Refusal
from moothall.members.names import contact_in, pitch_in


def check_stated(name: str, purpose: str) -> Refusal | None:
    """The first thing that is wrong with them, or None."""
    if not name.strip():
        return Refusal("A group needs a name.", "name")
    if not purpose.strip():
        return Refusal("State the interest that people here share. Every post is read against it.", "purpose")
    if carried := pitch_in(name):
        return Refusal(f"A group’s name stands in every list. Leave out {carried}: its interest can say more.", "name")
    if carried := contact_in(purpose):
        message = "The interest is read by everybody who looks for a group, and goes out with invitations."
        return Refusal(f"{message} Leave out {carried}.", "purpose")
    return None
