from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from moothall.core.mime import ParsedMail, parse_message
from moothall.core.threads import Placement, Threader

START = datetime(2004, 1, 8, tzinfo=UTC)


def mail(
    message_id: str | None, *, to: Sequence[str] = (), subject: str = "Lime", text: str = "", days: int = 0
) -> ParsedMail:
    blank = parse_message(b"From: olga@allotment.example\n\n")
    return replace(
        blank,
        message_id=message_id,
        references=tuple(to),
        subject=subject,
        text=text or f"text of {message_id}",
        date=START + timedelta(days=days),
    )


def place(*mails: ParsedMail) -> list[Placement]:
    threader = Threader()
    return [threader.place(one) for one in mails]


def test_reply_joins_the_thread_of_its_parent() -> None:
    root, reply = place(mail("a"), mail("b", to=["a"], subject="Another"))

    assert (root.by, reply.by) == ("new", "reference")
    assert reply.key == root.key
    assert reply.parent_message_id == "a"


def test_replies_to_a_missing_root_share_a_thread() -> None:
    first, second = place(mail("b", to=["gone"]), mail("c", to=["gone"], subject="Another"))

    assert first.key == second.key


def test_parent_that_comes_later_joins_its_replies() -> None:
    reply, root = place(mail("b", to=["a"]), mail("a"))

    assert root.key == reply.key
    assert root.joined_key is None


def test_parent_that_shows_two_threads_to_be_one_says_so() -> None:
    root, orphan, parent = place(mail("a"), mail("c", to=["b"], subject="x"), mail("b", to=["a"], subject="y"))

    assert orphan.key != root.key
    assert parent.key == root.key
    assert parent.joined_key == orphan.key


def test_thread_that_was_joined_stays_joined() -> None:
    placed = place(mail("a"), mail("c", to=["b"], subject="x"), mail("b", to=["a"]), mail("d", to=["c"], subject="z"))

    assert placed[3].key == placed[0].key


def test_nearest_ancestor_that_is_there_is_the_parent() -> None:
    *_, reply = place(mail("a"), mail("b", to=["a"]), mail("d", to=["a", "b", "gone"]))

    assert reply.parent_message_id == "b"


def test_subject_joins_replies_without_references() -> None:
    root, reply, german = place(
        mail("a", subject="Lime"),
        mail("b", subject="Re: LIME", days=59),
        mail("c", subject="AW: [Plots] lime", days=100),
    )

    assert (reply.by, reply.key, reply.parent_message_id) == ("subject", root.key, "a")
    assert german.key == root.key


def test_subject_alone_joins_nothing_that_is_no_reply_or_too_late() -> None:
    root, same, late = place(
        mail("a", subject="Lime"), mail("b", subject="Lime", days=1), mail("c", subject="Re: Lime", days=90)
    )

    assert len({root.key, same.key, late.key}) == 3


def test_same_mail_again_is_a_duplicate() -> None:
    first, again = place(mail("a", text="Lime  helps"), mail("a", text="Lime helps\n"))

    assert (first.is_duplicate, again.is_duplicate) == (False, True)
    assert again.key == first.key


def test_copy_that_came_by_the_list_with_its_footer_is_a_duplicate() -> None:
    footer = "\n" + "_" * 47 + "\nPlots mailing list\n"
    first, again, other = place(mail("a", text="one"), mail("a", text="one" + footer), mail("a", text="two" + footer))

    assert (first.is_duplicate, again.is_duplicate, other.is_duplicate) == (False, True, False)


def test_other_mail_under_the_same_id_is_kept_under_its_own() -> None:
    first, other, other_again = place(mail("a", text="one"), mail("a", text="two"), mail("a", text="two"))

    assert not other.is_duplicate
    assert other.message_id != first.message_id
    assert (other_again.is_duplicate, other_again.message_id) == (True, other.message_id)


def test_mail_without_id_gets_the_same_one_in_every_run() -> None:
    (first,), (second,) = place(mail(None, text="x")), place(mail(None, text="x"))

    assert first.message_id == second.message_id
    assert first.message_id.endswith(".invalid")


def test_reply_to_itself_is_a_new_thread() -> None:
    (alone,) = place(mail("a", to=["a"]))

    assert (alone.by, alone.parent_message_id) == ("new", None)


def test_cycle_of_references_is_one_thread_without_a_cycle_of_parents() -> None:
    first, second = place(mail("a", to=["b"]), mail("b", to=["a"]))

    assert first.key == second.key
    assert (first.parent_message_id, second.parent_message_id) == ("b", None)


def test_import_run_again_finds_everything_stored_and_asks_once_for_a_batch() -> None:
    mails = [mail("a"), mail("b", to=["a"]), mail("a", text="other"), mail(None)]
    stored = {placed.message_id: placed.key for placed in place(*mails)}
    questions: list[Sequence[str]] = []

    def known(ids: Sequence[str]) -> Mapping[str, str]:
        questions.append(ids)
        return {identifier: stored[identifier] for identifier in ids if identifier in stored}

    again = Threader(known).place_all(mails)

    assert all(placed.is_duplicate for placed in again)
    assert {placed.message_id: placed.key for placed in again} == stored
    assert len(questions) == 1


def test_import_that_was_interrupted_goes_on_in_the_stored_thread() -> None:
    threader = Threader(lambda ids: {"a": "stored-key"} if "a" in ids else {})

    again, new = threader.place_all([mail("a"), mail("b", to=["a"])])

    assert again.is_duplicate
    assert (new.is_duplicate, new.key) == (False, "stored-key")


IDS = st.sampled_from("abcdef")


@given(st.lists(st.builds(lambda own, to: mail(own, to=to, subject="x"), IDS, st.lists(IDS, max_size=3)), max_size=12))
def test_parents_never_form_a_cycle_and_batches_change_nothing(mails: list[ParsedMail]) -> None:
    one_by_one = place(*mails)

    assert Threader().place_all(mails) == one_by_one
    parents = {placed.message_id: placed.parent_message_id for placed in one_by_one if not placed.is_duplicate}
    for start in parents:
        seen, current = set(), parents.get(start)
        while current is not None and current not in seen:
            assert current != start
            seen.add(current)
            current = parents.get(current)
