"""A mailing list's archive comes in by the same door as everything else, in batches.

Safe to run again and to interrupt: a message is known by its id, and a batch is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count, islice

from django.db.models import F

from moothall.core.archived import ArchivedMail, read_mails
from moothall.core.beside import Asked, Beside, usable_cores
from moothall.core.clock import now
from moothall.core.mbox import RawMessage
from moothall.core.statistics import take_stock
from moothall.core.subjects import shown_subject
from moothall.core.text import clean_line
from moothall.core.threads import Placement, Threader
from moothall.discussions.models import Kind, Post, Source, Status, Topic
from moothall.discussions.ranking import recount
from moothall.groups.models import Group, Membership
from moothall.judging.judge import PIECE, assess_archive
from moothall.judging.models import Screening
from moothall.judging.standing import refresh_standing
from moothall.moderation.models import Decision
from moothall.moderation.policy import hold_from
from moothall.posting.import_report import ImportReport
from moothall.posting.joining import join_threads
from moothall.posting.placeholders import Sender, placeholders
from moothall.posting.submission import AttachmentInfo, Outcome, Submission
from moothall.posting.submit import submit_batch

BATCH = 150
BATCHES_ALONE = 1  # what reading needs is loaded with the first, and then there for both processes
TOPICS_AT_ONCE = 1000
NO_SUBJECT = "(no subject)"
CUT_SHORT = "cut short, since the file breaks off here"
SET_ASIDE = "deleted, filtered out or not sent, where it was kept"


_Batch = tuple[list[RawMessage], list[Asked[list[ArchivedMail]]]]


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A message of the batch that is to be posted."""

    archived: ArchivedMail
    placement: Placement
    written_at: datetime


class _Ahead:
    """The next batch, which may be looked at before it is taken, so that its reading begins."""

    def __init__(self, batches: Iterator[_Batch]) -> None:
        self._batches = batches
        self._next: _Batch | None = None

    def look(self) -> None:
        self._next = self._next or next(self._batches, None)

    def take(self) -> _Batch | None:
        self.look()
        taken, self._next = self._next, None
        return taken


class Import:
    """One run over one archive. `take` each batch in order, then `finish`.

    Args:
        batch: messages of one transaction.
        cores: with two, a long archive is read ahead by a second process; as many as this process may use, if not said.
    """

    def __init__(self, group: Group, *, batch: int = BATCH, cores: int | None = None) -> None:
        self.group = group
        self._batch = batch
        self._cores = usable_cores() if cores is None else cores
        self.report = ImportReport(group=group.slug)
        self._threader = Threader(self._known_threads)
        self._last_written_at: datetime | None = None
        self._beside: Beside | None = None

    def run(self, messages: Iterable[RawMessage]) -> Generator[RawMessage, None, None]:
        """Imports them all; yields the last message of each batch once it is stored, for a progress bar."""
        with ExitStack() as stack:
            stack.callback(self.finish)
            ahead = _Ahead(self._batches(messages, stack))
            while following := ahead.take():
                batch, asked = following
                self._post(batch, _answers(asked), ahead.look)
                yield batch[-1]

    def take(self, batch: Sequence[RawMessage]) -> None:
        self._post(batch, _answers(self._mails(batch)))

    def finish(self) -> None:
        """Standing and order of the whole group, now that all of its people and conversations are known."""
        take_stock(Post, Topic, Membership, Screening, Decision)
        members = list(Membership.objects.filter(group=self.group).values_list("profile_id", flat=True))
        refresh_standing(self.group.id, members)
        ids = list(Topic.objects.filter(group=self.group).order_by("created_at").values_list("id", flat=True))
        for start in range(0, len(ids), TOPICS_AT_ONCE):
            recount(ids[start : start + TOPICS_AT_ONCE])

    def _batches(self, messages: Iterable[RawMessage], stack: ExitStack) -> Iterator[_Batch]:
        """In order; of a long archive each is read, from when it is looked at, by a process beside this one."""
        source = iter(messages)
        for number in count():
            batch = list(islice(source, self._batch))
            if not batch:
                return
            if number == BATCHES_ALONE and self._cores > 1:
                self._beside = stack.enter_context(Beside())
            yield batch, self._mails(batch)

    def _mails(self, batch: Sequence[RawMessage]) -> list[Asked[list[ArchivedMail]]]:
        raw = [each.data for each in batch if _is_whole(each)]
        pieces = [partial(read_mails, raw[at : at + PIECE]) for at in range(0, len(raw), PIECE)]
        return [self._beside.ask(piece) if self._beside is not None else Asked(piece) for piece in pieces]

    def _post(
        self, batch: Sequence[RawMessage], mails: Sequence[ArchivedMail], then: Callable[[], None] = lambda: None
    ) -> None:
        """`then` is called once the process beside this one is asked to share the screening."""
        self.report.skipped["too large"] += sum(each.is_oversized for each in batch)
        self.report.skipped[CUT_SHORT] += sum(each.is_cut_short and not each.is_oversized for each in batch)
        arrivals = self._arrivals(mails)
        if not arrivals:
            return
        authors = placeholders(self.group, [_sender(a) for a in arrivals])
        self.report.members += authors.created
        topics_before = Topic.objects.filter(group=self.group).count()
        submissions = [self._submission(a, authors.ids[_sender(a).address]) for a in arrivals]
        outcomes = submit_batch(submissions, assess=partial(assess_archive, beside=self._beside, then=then))
        for placement in (a.placement for a in arrivals if a.placement.joined_key is not None):
            join_threads(self.group.id, joined=str(placement.joined_key), into=placement.key)
        self.report.topics += Topic.objects.filter(group=self.group).count() - topics_before
        self._count(arrivals, outcomes)

    def _arrivals(self, archive: Sequence[ArchivedMail]) -> list[_Arrival]:
        # Before they are placed, since a mail that was deleted may lie there once more, not deleted.
        mails = [archived for archived in archive if not archived.mail.is_set_aside]
        self.report.skipped[SET_ASIDE] += len(archive) - len(mails)
        placements = self._threader.place_all([archived.mail for archived in mails])
        stored = self._stored([p.message_id for p in placements if p.is_duplicate])
        arrivals = (self._arrival(m, p, stored) for m, p in zip(mails, placements, strict=True))
        return [arrival for arrival in arrivals if arrival is not None]

    def _arrival(self, archived: ArchivedMail, placement: Placement, stored: Collection[str]) -> _Arrival | None:
        if placement.is_duplicate:
            self.report.skipped["imported before" if placement.message_id in stored else "sent twice"] += 1
            return None
        if not archived.plain.text and not archived.mail.attachments:
            self.report.skipped["empty"] += 1
            return None
        written_at = archived.mail.date or self._last_written_at or now()
        self._last_written_at = written_at
        return _Arrival(archived, placement, written_at)

    def _stored(self, message_ids: Sequence[str]) -> set[str]:
        posts = Post.objects.filter(group=self.group, message_id__in=message_ids)
        return set(posts.values_list("message_id", flat=True)) if message_ids else set()

    def _known_threads(self, message_ids: Sequence[str]) -> Mapping[str, str]:
        posts = Post.objects.filter(group=self.group, message_id__in=list(message_ids))
        return dict(posts.values_list("message_id", "topic__thread_key"))

    def _submission(self, arrival: _Arrival, author_id: int) -> Submission:
        mail, placement = arrival.archived.mail, arrival.placement
        return Submission(
            group_id=self.group.id,
            author_id=author_id,
            text=arrival.archived.plain.text,
            plain=arrival.archived.plain,
            title=clean_line(shown_subject(mail.subject)) or NO_SUBJECT,
            kind=Kind.DISCUSSION,
            source=Source.IMPORT,
            written_at=arrival.written_at,
            message_id=placement.message_id,
            in_reply_to=placement.parent_message_id or "",
            thread_key=placement.key,
            attachments=tuple(AttachmentInfo(a.name, a.content_type, a.size_bytes) for a in mail.attachments),
        )

    def _count(self, arrivals: Sequence[_Arrival], outcomes: Sequence[Outcome]) -> None:
        posts = [o.post_id for o in outcomes if o.post_id is not None]
        promotion = dict(
            Screening.objects.filter(post__in=posts, post_version=F("post__version")).values_list("post", "promotion")
        )
        self.report.not_shown += _published_where_none_is_shown(posts)
        advert_from = hold_from(self.group.policy_preset)
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            if outcome.post_id is None:
                self.report.skipped[outcome.problems[0].message] += 1
                continue
            self.report.imported += 1
            self.report.troubles.update(str(t) for t in arrival.archived.mail.troubles)
            self.report.troubles["cut at 256 kB"] += arrival.archived.is_cut
            is_advert = promotion[outcome.post_id] >= advert_from
            self.report.count_month(f"{arrival.written_at:%Y-%m}", is_advert=is_advert)


def _is_whole(message: RawMessage) -> bool:
    """One that is cut short is left for a run with the whole archive, which would take it for imported before."""
    return not message.is_oversized and not message.is_cut_short


def _published_where_none_is_shown(posts: Sequence[int]) -> int:
    return Post.objects.filter(id__in=posts, status=Status.PUBLISHED).exclude(topic__status=Status.PUBLISHED).count()


def _answers(asked: Iterable[Asked[list[ArchivedMail]]]) -> list[ArchivedMail]:
    return [mail for piece in asked for mail in piece.result()]


def _sender(arrival: _Arrival) -> Sender:
    return Sender.of(arrival.archived.mail.from_name, arrival.archived.mail.from_address, arrival.written_at)
