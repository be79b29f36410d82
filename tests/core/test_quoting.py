import pytest
from hypothesis import example, given
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
        "On 6/23/04, plots@allotment.example\n<plots@allotment.example> wrote:",
        "Olga Brandt/London/ACME wrote on 08/01/2004 10:02:11:",
        "On Thu, Jan 8, 2004 at 10:02\u202fAM Olga Catherine Brandt of the\nSociety for Old Gardens via Plots <\n"
        "plots@allotment.example> wrote:",
        "czw., 8 sty 2004 o 10:02 Olga Brandt via Plots <plots@allotment.example>\nnapisał(a):",
        "Olga Brandt <olga@allotment.example> 于2004年1月8日周四 10:02写道：",
        "Missatge de Olga Brandt <olga@allotment.example> del dia dj., 8\nde gen. 2004 a les 10:02:",
        "Sol 8. janv. 2004, plkst. 10:02 — Olga (<\nolga@allotment.example>) kuulutas:",
        "\u202bבתאריך 8 בינו׳ 2004 ב-10:02 מאת \u202aOlga\u202c <\u202a\nolga@allotment.example\u202c>:\u202c",
    ],
)
def test_attribution_belongs_to_the_quotation(attribution: str) -> None:
    assert own_text(f"Thanks!\n\n{attribution}\n> Lime helps.\n\nIt does.\n") == "Thanks!\n\nIt does."


@pytest.mark.parametrize("sentence", ["The book has this to say on roots:", "The book says:", "It cost 12.50 in all."])
def test_sentence_before_a_quotation_is_the_authors_own(sentence: str) -> None:
    assert own_text(f"{sentence}\n> Lime helps.\n") == sentence


def test_sentence_above_an_attribution_is_the_authors_own() -> None:
    text = "It cost 12.50 in all.\nOlga <olga@allotment.example> writes:\n> Lime helps.\n"

    assert own_text(text) == "It cost 12.50 in all."


@pytest.mark.parametrize(
    "attribution",
    [
        "  On Thursday, January 8, 2004 at 10:02:11 AM GMT, Olga Brandt <olga@allotment.example> wrote:  \n\n",
        "On Thu, 8 Jan 2004 at 10:02, Olga via Plots <\nplots@allotment.example> wrote:\n",
        "  On Thu, 8 Jan 2004 at 10:02, Olga Brandt<olga@allotment.example> wrote:   ",
        "---- On Thu, 08 Jan 2004 10:02:11 +0000 Olga <olga@allotment.example> wrote ---\n\n",
        "On 8 Jan 2004, at 10:02, Olga <olga@allotment.example<mailto:olga@allotment.example>> wrote:\n\n",
        "-------- Original message --------From: Olga <olga@allotment.example> Date: 08/01/2004  10:02 Subject: Lime ",
    ],
)
def test_what_a_program_quotes_without_marks_is_quotation(attribution: str) -> None:
    assert own_text(f"It does.\n\n{attribution}Lime helps.\nTry it.\n") == "It does."
    assert "Try it." in own_text(f"{attribution}Lime helps.\nTry it.\n")  # where the answer may stand below


@pytest.mark.parametrize(
    "block",
    [
        "Kimden: Olga <olga@allotment.example>\nGönderildi: Perşembe\nKime: Plots\nKonu: Lime",
        "Lähettäjä: Olga\nLähetetty: torstai 8. tammikuuta 2004 10.02\nVastaanottaja: Plots\nAihe: Lime",
        "Gesendet: Donnerstag, 08. Januar 2004 um 10:02 Uhr\nVon: Olga\nAn: Plots\nBetreff: Kalk",
        "-----Original-Nachricht-----\nBetreff: Kalk\nDatum: 2004-01-08T10:02:11+0100\nVon: Olga\nAn: Plots",
        "-----Olga <olga@allotment.example> wrote: -----\nTo: Plots\nFrom: Olga <olga@x.example>\nSubject: Lime",
        "----- Mail original -----\nDe: Olga <olga@allotment.example>\nÀ: Plots\nObjet: Lime",
        "------ Originalnachricht ------\nVon Olga\nAn Plots",
    ],
)
def test_header_block_is_known_by_what_it_means(block: str) -> None:
    assert own_text(f"Agreed.\n\n{block}\n\nLime helps.\n") == "Agreed."


@pytest.mark.parametrize(
    "own",
    [
        "From: London\nTo: Ely\nDate: 12 March at 9:15\n\nWho shares a car?",
        "From: 9:00\nTo: 17:00\nDate: Saturday\nSubject: lime day\n\nBring gloves.",
        "When: Saturday 10 January 2026 10:00\nContact: olga@allotment.example\nBring: gloves\n\nAll welcome.",
        "----- Original drawings -----\nThe bed is 2 m wide.",
        "On 8 January 2026 at 10:02 Olga wrote:\n\nWhat follows is mine.",
        "Sent from my iPhone yesterday, the pictures never came.\n\nHere they are.",
        "It was the mail\nSent from my iPhone, sorry, and so it had no pictures.",
        "Gesendet von der Gemeinde wurde uns dieser Brief.",
        "Gesendet wurde die Mail vom Handy.",
        "发自我内心的感谢",
        "Get Outlook for iOS to show the pictures, it works better than Mail.",
        "To unsubscribe from this list of endless repairs I would have to move.\n\nWould you?",
        f"News:\n{'_' * 30}\nThe mailman brought the permit.",
    ],
)
def test_words_that_only_look_like_a_programs_are_their_authors(own: str) -> None:
    text = f"First of all.\n\n{own}\n"

    assert own_text(text) == text.strip()


def test_own_words_in_front_of_an_attribution_stay() -> None:
    """Yahoo's program puts the last line of an answer, four spaces and the attribution into one line."""
    line = "It does. Nils    On Thu, 8 Jan 2004 at 10:02, Olga <olga@allotment.example> wrote:  "

    assert own_text(f"{line}\n\n Lime helps.\n") == line.strip()


def test_what_a_device_adds_ends_where_a_footer_begins() -> None:
    text = f"Lime helps.\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n{'_' * 47}\nPlots mailing list\n"

    assert own_text(text) == "Lime helps."


def test_boundary_below_an_armour_belongs_to_it() -> None:
    text = "Lime helps.\n-----BEGIN PGP SIGNATURE-----\n\n=abcd\n-----END PGP SIGNATURE-----\n\n--=-xNGbG/uhauATa--\n"

    assert own_text(text) == "Lime helps."


def test_table_is_no_quotation() -> None:
    assert kinds("| lime | 12 |\n|---|---|\n| sand | 3 |\n")[0][0] == "own"


@pytest.mark.parametrize("delimiter", ["- -- ", "- --"])
def test_armour_of_a_signed_text_is_no_word_of_its_author(delimiter: str) -> None:
    """RFC 4880, section 7."""
    text = (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nLime helps.\n\n{delimiter}\nOlga\n"
        "-----BEGIN PGP SIGNATURE-----\n\niHUEARYK\n=abcd\n-----END PGP SIGNATURE-----\n"
    )

    assert own_text(text) == "Lime helps."


@pytest.mark.parametrize(
    "line",
    [
        "Wysłane z iPhone’a", "iPhone’umdan gönderildi", "发自我的 iPhone", "나의 iPhone에서 보냄",
        "Outlook für iOS<https://aka.ms/o0ukef> beziehen", "Sent via Superhuman ( https://sprh.mn/?vip=olga )",
        "Lähetetty iPhonesta",
        "Sent from my Android device with K-9 Mail. Please excuse my brevity.", "Envoyé depuis mon appareil Galaxy",
        "Sent with [Proton Mail](https://proton.me/mail/home) secure email.",
    ],
)  # fmt: skip
def test_what_a_device_adds_is_no_word_of_its_author(line: str) -> None:
    assert own_text(f"Lime helps.\n\n{line}\n\n") == "Lime helps."


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
    short, long = (unit * (size // len(unit)) for size in (10_000, 40_000))

    assert calls(lambda: segments(long)) < 6 * calls(lambda: segments(short))  # squared would be 16
