"""The middle of the door: each checked submission is read by the screener and ruled on. No lock is held here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from moothall.core.quoting import Segment, own_words, segments
from moothall.core.seen import seen
from moothall.core.text import clean, clean_line
from moothall.discussions.models import Inbox, Kind, Source
from moothall.judging.judge import Assess, assess, candidate
from moothall.moderation.policy import PolicyContext, Ruling, inbox, reading, rule
from moothall.posting.gather import Surroundings
from moothall.posting.submission import Submission
from moothall_screening import AuthorRecord, Candidate, Verdict


@dataclass(frozen=True, slots=True)
class ReadSubmission:
    """A submission with what was made of it; `position` is its place in the batch, `segments` are its text's."""

    position: int
    submission: Submission
    text: str
    segments: tuple[Segment, ...]
    title: str
    kind: Kind
    verdict: Verdict
    ruling: Ruling
    inbox: Inbox


@dataclass(slots=True)
class _Earlier:
    """What earlier submissions of the batch said, for later ones that answer them before anything is written."""

    titles: dict[tuple[int, str], str] = field(default_factory=dict)
    texts: dict[tuple[int, str], str] = field(default_factory=dict)

    def add(self, submission: Submission) -> None:
        if submission.thread_key:
            self.titles.setdefault((submission.group_id, submission.thread_key), clean_line(submission.title))
        if submission.message_id:
            self.texts[submission.group_id, submission.message_id] = submission.text

    def title_of(self, submission: Submission) -> str | None:
        return self.titles.get((submission.group_id, submission.thread_key)) if submission.thread_key else None


@dataclass(frozen=True, slots=True)
class _Conversation:
    """The post that is answered, and what was said that may be quoted."""

    parent: str | None
    quotable: tuple[str, ...]


def read(
    asked: Sequence[tuple[int, Submission]], around: Surroundings, assess: Assess = assess
) -> list[ReadSubmission]:
    earlier = _Earlier()
    candidates: list[Candidate] = []
    contexts: list[PolicyContext] = []
    cuts = [_cut(submission) for _, submission in asked]
    for (_, submission), (text, cut) in zip(asked, cuts, strict=True):
        said = _conversation(submission, around, earlier)
        # An archive's quotations and signatures are what they seem; who writes now may hide a pitch in them.
        own = own_words(cut) if submission.plain is not None else seen(text, said.quotable)
        candidates.append(_candidate(submission, own, said.parent, around, earlier))
        contexts.append(_context(submission, around, earlier))
        earlier.add(submission)
    verdicts = _verdicts([submission for _, submission in asked], candidates, around, assess)
    return [
        _ruled_on(position, submission, text, cut, verdict, context)
        for (position, submission), (text, cut), verdict, context in zip(asked, cuts, verdicts, contexts, strict=True)
    ]


def _cut(submission: Submission) -> tuple[str, tuple[Segment, ...]]:
    """The text to be kept, and its segments."""
    if submission.plain is not None:
        return submission.plain.text, submission.plain.segments
    text = clean(submission.text)
    return text, segments(text)


def _verdicts(
    asked: Sequence[Submission], candidates: Sequence[Candidate], around: Surroundings, assess: Assess
) -> list[Verdict]:
    """In the order asked, each by what its own group has taught; a batch is nearly always of one group."""
    found: dict[int, Verdict] = {}
    groups = [submission.group_id for submission in asked]
    for group in dict.fromkeys(groups):
        places = [place for place, of in enumerate(groups) if of == group]
        verdicts = assess([candidates[place] for place in places], around.taught.get(group))
        found.update(zip(places, verdicts, strict=True))
    return [found[place] for place in range(len(candidates))]


def _ruled_on(
    position: int, submission: Submission, text: str, cut: tuple[Segment, ...], verdict: Verdict, context: PolicyContext
) -> ReadSubmission:
    read_as = reading(verdict)
    ruling = rule(read_as, context)
    return ReadSubmission(
        position=position,
        submission=submission,
        text=text,
        segments=cut,
        title=clean_line(submission.title),
        kind=_kind(submission, verdict),
        verdict=verdict,
        ruling=ruling,
        inbox=inbox(read_as, ruling, context),
    )


def _kind(submission: Submission, verdict: Verdict) -> Kind:
    """The author's choice; imported mail has none, so there it is what the text reads as."""
    return Kind(verdict.kind) if submission.source == Source.IMPORT else submission.kind


def _candidate(
    submission: Submission, text: str, parent: str | None, around: Surroundings, earlier: _Earlier
) -> Candidate:
    group = around.groups[submission.group_id]
    topic = around.topic_of(submission)
    return candidate(
        group=group,
        rules=[r.text for r in around.rules.get(group.id, ())],
        subject=topic.title if topic is not None else earlier.title_of(submission) or clean_line(submission.title),
        text=text,
        parent=parent,
        author=around.record(submission) or AuthorRecord(),
    )


def _conversation(submission: Submission, around: Surroundings, earlier: _Earlier) -> _Conversation:
    topic, parent = around.topic_of(submission), around.parent_of(submission)
    said = [parent] if parent is not None else []
    if topic is not None and (parent is None or submission.plain is None):
        said += [p for p in around.posts.values() if p.topic_id == topic.id and p.is_first and p is not parent]
    if not said:
        return _Conversation(earlier.texts.get((submission.group_id, submission.in_reply_to)), ())
    return _Conversation(said[0].text, tuple(post.text for post in said if post.is_quotable))


def _context(submission: Submission, around: Surroundings, earlier: _Earlier) -> PolicyContext:
    topic = around.topic_of(submission)
    there = around.access(submission)
    return PolicyContext(
        preset=there.group.policy_preset,
        lane=topic.lane_value if topic is not None else submission.lane,
        source=submission.source,
        is_comment=topic is not None or earlier.title_of(submission) is not None,
        is_manager=there.is_manager and submission.source.proves_author,
        has_standing=there.has_standing,
        is_unproved=submission.is_unproved,
    )
