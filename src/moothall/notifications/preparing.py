"""What is in each mail, asked at the moment of sending: whatever changed since it was queued keeps it back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from moothall.mailer.mail import Dropped, Mail
from moothall.mailer.models import OutboundMessage
from moothall.notifications.absence_mail import prepare_absences
from moothall.notifications.answer_mail import prepare_answers
from moothall.notifications.digest_mail import prepare_digests
from moothall.notifications.invitation_mail import prepare_invitations
from moothall.notifications.managers_mail import prepare_managers_mails
from moothall.notifications.post_mail import prepare_posts
from moothall.notifications.probe_mail import prepare_probes
from moothall.notifications.together_mail import prepare_together

Prepared = Mapping[int, Mail | Dropped]
_BY_KIND: Mapping[str, Callable[[Sequence[OutboundMessage]], Prepared]] = {
    "post": prepare_posts,
    "digest": prepare_digests,
    "digests": prepare_together,
    "absence": prepare_absences,
    "probe": prepare_probes,
    "invitation": prepare_invitations,
    "answer": prepare_answers,
    "keeping": prepare_managers_mails,
}


def prepare(rows: Sequence[OutboundMessage]) -> Prepared:
    """One entry for each row, in a constant number of queries for each kind of mail."""
    by_kind: defaultdict[str, list[OutboundMessage]] = defaultdict(list)
    for row in rows:
        by_kind[row.thing.partition(":")[0]].append(row)
    found: dict[int, Mail | Dropped] = {}
    for kind, some in by_kind.items():
        found |= _BY_KIND[kind](some)
    return found
