"""Mail taken in as the listener and the worker take it, and what would be answered."""

from __future__ import annotations

from procrastinate.contrib.django.models import ProcrastinateJob

from moothall.discussions.models import Post
from moothall.inbound.models import InboundMessage
from moothall.inbound.process import process
from moothall.inbound.receive import receive
from moothall.mailer.addresses import post_address

TALK = (
    "We took the cement render off the north wall last week and the sole plate behind it is soft for about a metre. "
    "Has anybody here spliced a plate rather than replacing the whole length?"
)
PITCH = (
    "We are a damp control company working all over East Anglia. WE TREAT ALL TYPES OF DAMP, best prices guaranteed. "
    "Call us today on 01632 960 118 for a FREE survey. 15% off for members of this group! www.damp-firm.example"
)
MIA = "mia.moss@moothall.example"
FORGED = {"Authentication_Results": "mx.moot.example; dmarc=fail"}
PROVED = {"Authentication_Results": "mx.moot.example; dmarc=pass"}


def take(raw: bytes, to: str = post_address("old-houses"), sender: str = MIA) -> InboundMessage:
    """Through the same two steps as the listener and the worker take."""
    before = set(InboundMessage.objects.values_list("id", flat=True))
    receive(raw, sender, [to])
    row = InboundMessage.objects.exclude(id__in=before).get()
    process(row.id)
    row.refresh_from_db()
    return row


def posted(row: InboundMessage) -> Post:
    assert row.post is not None
    return row.post


def answers() -> list[dict[str, str]]:
    """What the worker would send, in order."""
    jobs = ProcrastinateJob.objects.filter(task_name="send_answer").order_by("id")
    return [dict(job.args) for job in jobs]
