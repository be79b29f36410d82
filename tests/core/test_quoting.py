import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall.core.quoting import SegmentKind, own_text, segments
from tests.effort import calls

LINES = [
    "> quoted", ">> deeper", "Hello", "", " ", "-- ", "--", "On Monday Mia wrote:", "Am 3.4. schrieb Mia:",
    "-----Original Message-----", "From: Mia", "Sent: Monday", "To: Mo", "Subject: Hi", ">>> import this",
    "_" * 47, "Plots mailing list", "-=-=-=-=-=-=-=-=-=-", "Groups.io Links: x", "Sent from my iPhone", "| bar",
    "-------------- next part --------------", "A non-text attachment was scrubbed...", "\u2028", "\x85", "\r",
]  # fmt: skip


def kinds(text: str) -> list[tuple[str, int, str]]:
    return [(segment.kind.value, segment.depth, segment.text) for segment in segments(text)]


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(LINES)).map("\n".join))
@example("\n\n")
@example("> a\n\n")
def test_segments_joined_are_the_text(text: str) -> None:
    found = segments(text)

    assert "".join(segment.text for segment in found) == text
    assert all(segment.text for segment in found)
    assert all((segment.kind is SegmentKind.QUOTE) == (segment.depth > 0) for segment in found)


def test_depths_of_quotation_are_told_apart() -> None:
    assert kinds("> one\n>> two\n> > two\nown\n") == [
        ("quote", 1, "> one\n"),
        ("quote", 2, ">> two\n> > two\n"),
        ("own", 0, "own\n"),
    ]


@pytest.mark.parametrize(
    "attribution",
    [
        "On Thu, 8 Jan 2004 at 10:02, Olga Brandt <olga@allotment.example> wrote:",
        "On Thu, 8 Jan 2004 at 10:02, Olga Brandt <\nolga@allotment.example> wrote:",
        "On 8 Jan 2004, at 10:02, Olga Brandt\n<olga@allotment.example>\nwrote:",
        "Am 08.01.2004 um 10:02 schrieb Olga Brandt <olga@allotment.example>:",
        "Le jeu. 8 janv. 2004 à 10:02, Olga Brandt <\nolga@allotment.example> a écrit :",
        "El jue, 8 ene 2004 a las 10:02, Olga Brandt (<olga@allotment.example>)\nescribió:",
        "Il giorno gio 8 gen 2004 alle ore 10:02 Olga ha scritto:",
        "Op do 8 jan. 2004 om 10:02 schreef Olga Brandt <olga@allotment.example>:",
        "Em qui, 8 de jan de 2004 às 10:02, Olga escreveu:",
        "Den tors 8 jan. 2004 kl 10:02 skrev Olga <olga@allotment.example>:",
        "чт, 8 янв. 2004 г. в 10:02, Ольга <olga@allotment.example> написал(а):",
        "2004年1月8日(木) 10:02 Olga <olga@allotment.example>:",
        "* Olga Brandt <olga@allotment.example> [2004-01-08 10:02]:",
        "Quoting Olga Brandt <olga@allotment.example>:",
        "Olga Brandt wrote:",
    ],
)
def test_attribution_belongs_to_the_quotation(attribution: str) -> None:
    assert own_text(f"Thanks!\n\n{attribution}\n> Lime helps.\n\nIt does.\n") == "Thanks!\n\nIt does."


def test_sentence_before_a_quotation_is_the_authors_own() -> None:
    assert own_text("The book has this to say on roots:\n> Lime helps.\n") == "The book has this to say on roots:"


def test_outlook_block_and_all_below_is_quotation() -> None:
    text = (
        "Agreed.\n\n-----Original Message-----\nFrom: Olga\nSent: Thursday\nTo: Plots\nSubject: Lime\n\nLime helps.\n"
    )

    assert kinds(text)[0] == ("own", 0, "Agreed.\n\n")
    assert kinds(text)[1][0] == "quote"
    assert len(kinds(text)) == 2


def test_header_block_in_german_after_a_rule_is_quotation() -> None:
    text = f"Ja.\n\n{'_' * 32}\nVon: Olga\nGesendet: Donnerstag\nAn: Plots\nBetreff: Kalk\n\nKalk hilft.\n"

    assert own_text(text) == "Ja."


def test_answer_below_outlooks_block_is_kept() -> None:
    text = "-----Original Message-----\nFrom: Olga\nSent: Thursday\nTo: Plots\n\nLime helps.\n\nIt does not.\n"

    assert "It does not." in own_text(text)


def test_answers_between_quoted_lines_below_outlooks_block_are_kept() -> None:
    text = "Hi,\n-----Original Message-----\nFrom: Olga\nSent: Thursday\nTo: Plots\n\n> Lime helps.\n\nIt does not.\n"

    assert own_text(text) == "Hi,\nIt does not."


def test_forwarded_text_counts_as_the_authors_own() -> None:
    text = "Look:\n\n---------- Forwarded message ---------\nFrom: Sam\nDate: today\n\nBuy my book.\n"

    assert "Buy my book." in own_text(text)


def test_signature_ends_where_quotation_begins() -> None:
    assert [kind for kind, _, _ in kinds("Yes.\n-- \nMo\nPlot 12\n\nOn Monday Olga wrote:\n> Lime?\n")] == [
        "own",
        "signature",
        "quote",
    ]


def test_long_text_after_two_dashes_is_no_signature() -> None:
    below = "".join(f"Point {number}\n" for number in range(30))

    assert "Point 29" in own_text(f"Agenda\n--\n{below}")


@pytest.mark.parametrize(
    "footer",
    [
        f"{'_' * 47}\nPlots mailing list\nPlots@lists.example\nhttps://lists.example/mailman/listinfo/plots\n",
        f"{'_' * 47}\nPlots mailing list -- plots@lists.example\nTo unsubscribe mail plots-leave@x.example\n",
        "-=-=-=-=-=-=-=-=-=-=-=-\nGroups.io Links: You receive all messages sent to this group.\n\n"
        "View/Reply Online (#12): https://groups.io/g/plots/message/12\n\n-=-=-=-=-=-=-=-=-=-=-=-\n",
        '-- \nYou received this message because you are subscribed to the Google Groups "plots" group.\n'
        "To unsubscribe from this group, send an email to plots+unsubscribe@googlegroups.com.\n",
        f"{'-' * 69}\nTo unsubscribe, e-mail: plots-unsubscribe@lists.example\nFor additional commands, e-mail: x\n",
        "------------------------ Yahoo! Groups Sponsor --------------------~-->\nBuy things\n"
        f"{'-' * 68}~->\n\nYahoo! Groups Links\n\n<*> To visit your group on the web, go to:\n    http://x.example\n",
        "-------------- next part --------------\nA non-text attachment was scrubbed...\nName: a.pdf\nSize: 12 bytes\n",
        "Sent from my iPhone\n",
        "Von meinem iPad gesendet\n",
    ],
)
def test_footer_is_no_word_of_the_author(footer: str) -> None:
    assert own_text(f"Lime helps.\n\n{footer}") == "Lime helps."


def test_words_after_mailmans_part_separator_are_kept() -> None:
    assert "second part" in own_text("first part\n-------------- next part --------------\nsecond part\n")


def test_python_session_is_no_quotation() -> None:
    text = "Try this:\n>>> import math\n>>> math.pi\n3.14\n"

    assert own_text(text) == text.strip()


def test_deep_quotation_by_three_marks_is_quotation() -> None:
    assert kinds(">>> I think so too\n")[0][:2] == ("quote", 3)


@pytest.mark.parametrize(
    "unit",
    ["--\n", "-- \nx\n", "> \nx\n", "On 1 x\non 2\nat 3\nx@y:\n>\n", "-----Original Message-----\n", "-----\nFrom: x\n",
     "_" * 31 + "\n", "<@" * 190 + ":\n>\n", "* " + "@" * 380 + ":\n>\n", "wrote" + " wrote" * 60 + ":\n>\n", "\n"],
)  # fmt: skip
def test_hostile_text_takes_linear_time(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in (20_000, 80_000))

    assert calls(lambda: segments(long)) < 6 * calls(lambda: segments(short))  # squared would be 16
