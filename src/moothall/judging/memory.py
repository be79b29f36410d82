"""What a group has taught the screener: a small correction on top of the frozen model, kept with the group."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from threading import Lock

from moothall.core.clock import now
from moothall.judging.judge import screener
from moothall.judging.models import GroupMemory
from moothall_screening import Example, GroupModel

MOST_CACHED = 256

_cached: dict[int, tuple[int, GroupModel]] = {}
_changing = Lock()


def remember(group_id: int, examples: Sequence[Example]) -> None:
    """Replaces the group's memory by what these examples teach; the same examples always give the same memory."""
    model = _taught(examples, _known(group_id))
    memory, is_new = GroupMemory.objects.get_or_create(
        group_id=group_id, defaults={"model": model.to_bytes(), "model_version": screener().version}
    )
    if is_new:
        return
    memory.model, memory.model_version, memory.learnt_at = model.to_bytes(), screener().version, now()
    memory.edition += 1
    memory.save(update_fields=["model", "model_version", "learnt_at", "edition"])


def outdated(group_ids: Collection[int] | None = None) -> list[int]:
    """Groups, of these or of all, whose memory was made by another version of the screener, and so is of no use now."""
    memories_of = GroupMemory.objects.all() if group_ids is None else GroupMemory.objects.filter(group__in=group_ids)
    return list(memories_of.exclude(model_version=screener().version).values_list("group", flat=True))


def _known(group_id: int) -> GroupModel:
    """What the group remembers now, if this version of the screener taught it."""
    stored = GroupMemory.objects.filter(group=group_id, model_version=screener().version).first()
    return GroupModel.from_bytes(bytes(stored.model)) if stored else GroupModel()


def _taught(examples: Sequence[Example], known: GroupModel) -> GroupModel:
    """Reading an example takes some 20 ms, so those that are known already are not read again."""
    traces = {place: trace for place, example in enumerate(examples) if (trace := known.trace_of(example))}
    unread = [place for place in range(len(examples)) if place not in traces]
    traces |= dict(zip(unread, screener().traces([examples[place] for place in unread]), strict=True))
    model = GroupModel()
    for place in range(len(examples)):
        model.learn(traces[place])
    return model


def memories(group_ids: Collection[int]) -> Mapping[int, GroupModel]:
    """One query for all; the memory itself is read only when it is newer than the one this process holds.

    A memory made by another version of the screener is left out until it is learnt anew. Where there is none, the
    screener, which takes half a second to load, is not asked for its version.
    """
    editions = GroupMemory.objects.filter(group__in=group_ids).values_list("group_id", "edition", "model_version")
    current = {group: edition for group, edition, version in editions if version == screener().version}
    stale = [group for group, edition in current.items() if _cached.get(group, (0,))[0] != edition]
    if stale:
        _load(stale)
    return {group: _cached[group][1] for group in current if group in _cached}


def _load(group_ids: Collection[int]) -> None:
    for memory in GroupMemory.objects.filter(group__in=group_ids):
        model = GroupModel.from_bytes(bytes(memory.model))
        with _changing:
            while len(_cached) >= MOST_CACHED:
                del _cached[next(iter(_cached))]
            _cached[memory.group_id] = (memory.edition, model)
