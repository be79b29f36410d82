import base64
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from moothall.core.mail_troubles import DateTrouble, Trouble
from moothall.core.mime import ParsedMail, parse_message
from tests.effort import calls

NOW = datetime(2025, 1, 1, tzinfo=UTC)

PIECES = [
    b"From: ", b"Subject: ", b"Date: ", b"Message-ID: <", b"References: ", b"Content-Type: ",
    b"multipart/mixed;", b' boundary="b"', b"\n", b"\r\n", b"\n\n--b\n", b"--b--", b"text/html",
    b"text/plain; charset=", b"utf-7", b"utf-16", b"punycode", b"\x00", b"\xff\xfe", b"\xed\xa0\x80",
    b"=?utf-8?b?7aCA?=", b"=?x?q?=00?=", b"&#0;&#xD800;", b"<!--", b"<p>",
    b"Content-Transfer-Encoding: base64\n\n", b"AAAA", b"+2AA-", b"message/rfc822", b"; filename*0*=utf-8''%00",
    b"<a@b>", b" at ", b"(", b'"', b"\\", b"99999 99:99:99 +9999", b"format=flowed", b"\x1b$B",
    b"From x Thu Jan  1 0:00:00 0",
]  # fmt: skip


def mail(headers: str, body: str | bytes = "Hello\n") -> ParsedMail:
    raw = body if isinstance(body, bytes) else body.encode()
    return parse_message(headers.strip().encode() + b"\n\n" + raw, now=NOW)


def multipart(kind: str, *parts: str, boundary: str = "frontier") -> str:
    sections = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{sections}--{boundary}--\n'


def strings_of(parsed: ParsedMail) -> list[str]:
    texts = [parsed.subject, parsed.from_name, parsed.text, *parsed.list_tags, *parsed.references]
    texts += [value for attachment in parsed.attachments for value in (attachment.name, attachment.content_type)]
    return texts + [
        value for value in (parsed.message_id, parsed.in_reply_to, parsed.from_address, parsed.list_id) if value
    ]


@settings(max_examples=400)
@given(st.binary() | st.lists(st.sampled_from(PIECES)).map(b"".join))
@example(b"")
@example(b"From: @\n\n")
@example(b"Date: Thu, 31 Feb 99999 25:61:61 +9999\n\n")
def test_any_bytes_are_read_into_what_the_database_takes(data: bytes) -> None:
    for text in strings_of(parse_message(data)):
        assert "\0" not in text
        text.encode("utf-8")


def test_gmail_reply_is_read() -> None:
    plain = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    plain += "Kalk hilft =E2=80=93 ja."
    html = "Content-Type: text/html; charset=UTF-8\n\n<div>Kalk hilft</div>"
    headers, _, body = multipart("alternative", plain, html).partition("\n\n")
    parsed = mail(
        """\
MIME-Version: 1.0
References: <root@allotment.example> <one@allotment.example>
In-Reply-To: <one@allotment.example>
From: =?UTF-8?Q?J=C3=BCrgen_M=C3=BCller?= <Juergen@Allotment.example>
Date: Thu, 8 Jan 2004 11:02:03 +0100
Message-ID: <CAF=two@mail.example>
Subject: Re: [Plots] =?UTF-8?B?S29obGhlcm5pZQ==?=
List-Id: Allotment holders <plots.lists.example>
"""
        + headers,
        body,
    )

    assert parsed.subject == "Re: Kohlhernie"
    assert parsed.list_tags == ("Plots",)
    assert (parsed.from_name, parsed.from_address) == ("Jürgen Müller", "juergen@allotment.example")
    assert parsed.date == datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)
    assert parsed.references == ("root@allotment.example", "one@allotment.example")
    assert parsed.in_reply_to == "one@allotment.example"
    assert parsed.message_id == "CAF=two@mail.example"
    assert parsed.list_id == "plots.lists.example"
    assert parsed.text == "Kalk hilft – ja."
    assert (parsed.troubles, parsed.attachments, parsed.auto_submitted) == ((), (), False)


@pytest.mark.parametrize(
    ("written", "name", "address"),
    [
        ("olga at allotment.example (Olga Brandt)", "Olga Brandt", "olga@allotment.example"),
        ("olga(a)allotment.example (Olga)", "Olga", "olga@allotment.example"),
        ("olga (at) allotment.example (Olga)", "Olga", "olga@allotment.example"),
        ("Olga <olga AT allotment DOT example>", "Olga", "olga@allotment.example"),
        ('"Brandt, Olga" <Olga@Allotment.Example>', "Brandt, Olga", "olga@allotment.example"),
        ("olga@allotment.example", "", "olga@allotment.example"),
        ("=?iso-8859-1?q?Bj=F6rn?= <b@allotment.example>, x@y.example", "Björn", "b@allotment.example"),
        ("Olga <ol...@allotment.example>", "Olga", None),
        ("Olga", "Olga", None),
        ("Meet me at noon", "Meet me at noon", None),
        ("olga@allotment.example (Olga (the gardener) Brandt)", "Olga (the gardener) Brandt", "olga@allotment.example"),
        ("Holders: olga@allotment.example, mo@allotment.example;", "", "olga@allotment.example"),
        ("undisclosed-recipients:;", "", None),
        ('"olga@home.example" <olga@allotment.example>', "olga", "olga@allotment.example"),
        ("=?utf-8?q?olga=40home.example?= <o@allotment.example>", "olga", "o@allotment.example"),
        ("Olga (olga@home.example) <o@allotment.example>", "Olga (olga)", "o@allotment.example"),
        ("olga at allotment.example (olga at allotment.example)", "olga", "olga@allotment.example"),
        ("Olga via groups.io <olga=allotment.example@groups.io>", "Olga", "olga@allotment.example"),
    ],
)
def test_sender_is_read_where_it_is_certain(written: str, name: str, address: str | None) -> None:
    parsed = mail(f"From: {written}")

    assert (parsed.from_name, parsed.from_address) == (name, address)


def test_list_in_place_of_the_sender_gives_way_to_the_reply_address() -> None:
    headers = "From: Olga via Plots <plots@lists.example>\nList-Id: <plots.lists.example>\n"

    assert mail(headers + "Reply-To: Olga <olga@allotment.example>").from_address == "olga@allotment.example"
    hidden = mail(headers + "Reply-To: plots@lists.example")
    assert (hidden.from_name, hidden.from_address) == ("Olga", None)
    assert Trouble.HIDDEN_SENDER in hidden.troubles


def test_quotes_that_google_groups_puts_around_a_name_are_taken_off() -> None:
    headers = "List-Id: <plots.lists.example>\nX-Original-Sender: olga@allotment.example\nFrom: "

    assert mail(headers + "\"'Olga Brandt' via Plots\" <plots@lists.example>").from_name == "Olga Brandt"
    assert mail(headers + "'olga@allotment.example' via Plots <plots@lists.example>").from_name == "olga"


@pytest.mark.parametrize(
    ("label", "charset", "text"),
    [
        ("koi8-r", "koi8_r", "Привет, как дела на даче?"),
        ("us-ascii", "koi8_r", "Привет, как дела на даче?"),
        ("x-unknown", "cp1251", "Привет, как дела на даче?"),
        ("iso-2022-jp", "iso2022_jp", "こんにちは、畑はどうですか"),
        ("us-ascii", "iso2022_jp", "こんにちは、畑はどうですか"),
        ("nonsense", "euc_jp", "こんにちは、はたけはどうですか"),
        ("nonsense", "cp932", "こんにちは、はたけはどうですか"),
        ("iso-8859-1", "cp1252", "“Quotes” – and €"),
        ("iso-8859-1", "utf-8", "Grüße aus Köln"),
        ("utf-8", "cp1252", "Grüße aus Köln"),
        ("us-ascii", "cp1252", "déjà vu, naïve"),
        ("gb2312", "gb18030", "你好，菜园怎么样"),
        ("euc-kr", "cp949", "안녕하세요 텃밭은 어때요"),
        ("us-ascii", "utf-8", "Grüße"),
        ("utf-16", "ascii", "No wide letters\nare in here."),
        ("utf-16", "utf-16", "Wide\nletters"),
        ("utf-16le", "utf-16le", "広い\n文字"),
    ],
)
def test_text_survives_its_label(label: str, charset: str, text: str) -> None:
    parsed = mail(f"Content-Type: text/plain; charset={label}\nContent-Transfer-Encoding: 8bit", text.encode(charset))

    assert parsed.text == text


def test_header_in_bare_8_bit_bytes_is_read() -> None:
    parsed = parse_message("Subject: Grüße\nFrom: Jürgen <j@x.example>\n\n".encode("cp1252"))

    assert (parsed.subject, parsed.from_name) == ("Grüße", "Jürgen")


def test_encoded_words_split_inside_a_character_are_joined() -> None:
    assert mail("Subject: =?utf-8?b?S8O=?=\n =?utf-8?b?tmxu?=").subject == "Köln"


def test_japanese_subject_in_two_words_is_read() -> None:
    first, second = (base64.b64encode(part.encode("iso2022_jp")).decode() for part in ("畑の", "相談"))

    assert mail(f"Subject: =?ISO-2022-JP?B?{first}?=\n =?ISO-2022-JP?B?{second}?=").subject == "畑の相談"


@pytest.mark.parametrize(
    ("subject", "rest", "tags"),
    [
        ("[Plots] Lime", "Lime", ("Plots",)),
        ("Re: [Plots] Lime", "Re: Lime", ("Plots",)),
        ("[Plots] Re: [Plots] Lime", "Re: Lime", ("Plots",)),
        ("[Plots] [ANN] Lime for sale", "[ANN] Lime for sale", ("Plots",)),
        ("[plots:1234] Lime", "Lime", ("plots:1234",)),
        ("[Solved] Lime", "[Solved] Lime", ()),
        ("Lime [was: chalk]", "Lime [was: chalk]", ()),
    ],
)
def test_tags_of_the_list_are_kept_apart(subject: str, rest: str, tags: tuple[str, ...]) -> None:
    parsed = mail(f"Subject: {subject}\nList-Id: <plots.lists.example>")

    assert (parsed.subject, parsed.list_tags) == (rest, tags)


@pytest.mark.parametrize(
    ("date", "trouble", "expected"),
    [
        ("Thu, 8 Jan 2004 11:02:03 +0100 (CET)", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("Thu Jan  8 10:02:03 2004", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("8 Jan 04 10:02 GMT", None, datetime(2004, 1, 8, 10, 2, tzinfo=UTC)),
        ("Thu, 08 Jan 104 10:02:03 +0000", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("2004-01-08T10:02:03Z", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("Do, 8 Dez 2003 10:02:03 +0000", None, datetime(2003, 12, 8, 10, 2, 3, tzinfo=UTC)),
        ("jeu., 8 janv. 2004 10:02:03 +0000", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("8 янв 2004 10:02:03", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("=?utf-8?q?Thu,_8_Jan_2004_10:02:03_+0000?=", None, datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)),
        ("Thu, 1 Jan 1970 00:00:00 +0000", DateTrouble.ABSURD, datetime(2004, 1, 9, 9, tzinfo=UTC)),
        ("Mon, 1 Jan 2035 00:00:00 +0000", DateTrouble.ABSURD, datetime(2004, 1, 9, 9, tzinfo=UTC)),
        ("yesterday", DateTrouble.UNREADABLE, datetime(2004, 1, 9, 9, tzinfo=UTC)),
        ("", DateTrouble.MISSING, datetime(2004, 1, 9, 9, tzinfo=UTC)),
    ],
)
def test_date_is_read_or_taken_from_the_relay(date: str, trouble: DateTrouble | None, expected: datetime) -> None:
    headers = "Received: from a by b; Fri, 9 Jan 2004 10:00:00 +0100" + (f"\nDate: {date}" if date else "")

    parsed = mail(headers)

    assert (parsed.date, parsed.date_trouble) == (expected, trouble)


def test_date_is_taken_from_the_envelope_at_last() -> None:
    parsed = mail("From olga at x.example  Thu Jan  8 10:02:03 2004\nSubject: Hi")

    assert parsed.date == datetime(2004, 1, 8, 10, 2, 3, tzinfo=UTC)


def test_attachments_are_listed_with_name_type_and_size() -> None:
    inner = "Content-Type: message/rfc822\n\nSubject: Forwarded plan\n\nText of it"
    image = "Content-Type: image/png\nContent-Disposition: inline; filename=plan.png\n"
    image += f"Content-Transfer-Encoding: base64\nContent-ID: <x>\n\n{base64.b64encode(bytes(1000)).decode()}"
    split = "Content-Type: text/plain\nContent-Disposition: attachment; filename*0*=utf-8''Pl%C3%A4ne%20;\n"
    split += ' filename*1="2004.txt"\n\n12345'
    winmail = "Content-Type: application/ms-tnef; name=winmail.dat\n\nabc"
    headers, _, body = multipart("mixed", "\nHere.", inner, image, split, winmail).partition("\n\n")

    parsed = mail(headers, body)

    assert parsed.text == "Here."
    assert [(item.name, item.content_type, item.size_bytes) for item in parsed.attachments] == [
        ("Forwarded plan", "message/rfc822", 35),
        ("plan.png", "image/png", 1000),
        ("Pläne 2004.txt", "text/plain", 5),
        ("winmail.dat", "application/ms-tnef", 3),
    ]
    assert Trouble.WINMAIL in parsed.troubles


def test_apple_mails_image_in_the_html_alternative_is_listed_and_the_plain_text_read() -> None:
    html, image = (
        "Content-Type: text/html\n\n<p>Look <img src='cid:x'></p>",
        "Content-Type: image/jpeg; name=a.jpg\n\nx",
    )
    related = multipart("related", html, image, boundary="inner")
    headers, _, body = multipart("alternative", "Content-Type: text/plain\n\nLook", related).partition("\n\n")

    parsed = mail(headers, body)

    assert parsed.text == "Look"
    assert [item.name for item in parsed.attachments] == ["a.jpg"]


def test_attachment_that_mailman_scrubbed_is_listed() -> None:
    block = "A non-text attachment was scrubbed...\nName: plan.pdf\nType: application/pdf\nSize: 1234 bytes\nDesc: x\n"

    parsed = mail("Subject: Plan", f"Here.\n-------------- next part --------------\n{block}")

    assert [(a.name, a.content_type, a.size_bytes) for a in parsed.attachments] == [
        ("plan.pdf", "application/pdf", 1234)
    ]


def test_files_in_the_text_are_listed_and_taken_out_of_it() -> None:
    file = 'begin 644 my plan.gif\nM1TE&.#=A(``@`/```````/___RP`````(``@```"!`0$!`0$!`0$!`0$!`0$\n#!`0$\n`\nend\n'

    parsed = mail("Subject: Plan", f"Here it is:\n{file}\nbegin 1 at the end\n".encode())

    assert [(each.name, each.content_type, each.size_bytes) for each in parsed.attachments] == [
        ("my plan.gif", "image/gif", 48)
    ]
    assert parsed.text == "Here it is:\n\nbegin 1 at the end\n"


def test_html_alone_becomes_readable_text() -> None:
    html = """<html><head><title>x</title><style>p {}</style></head><body><!-- secret --><p>Dear&nbsp;all,</p>
<ul><li>Lime</li><li>Chalk &amp; ash</li></ul><p>See <a href="https://lime.example/">our shop</a></p>
<blockquote>Does it<br>help?</blockquote><script>alert(1)</script></body></html>"""

    parsed = mail("Content-Type: text/html; charset=utf-8", html)

    assert parsed.text == (
        "Dear all,\n\n- Lime\n- Chalk & ash\n\nSee our shop <https://lime.example/>\n\n> Does it\n> help?\n"
    )
    assert Trouble.ONLY_HTML in parsed.troubles


def test_empty_lines_of_html_part_paragraphs() -> None:
    html = "<div>One</div><div>&nbsp;</div><div>Two</div><div><br></div><div>Three</div><p>&nbsp;</p><p>Four</p>"

    assert parse_message(f"Content-Type: text/html\n\n{html}".encode()).text == "One\n\nTwo\n\nThree\n\nFour\n"


def test_html_may_name_its_charset_itself() -> None:
    html = '<meta http-equiv="Content-Type" content="text/html; charset=iso-8859-2"><p>Spróchniały, źle.</p>'

    assert parse_message(b"Content-Type: text/html\n\n" + html.encode("iso-8859-2")).text == "Spróchniały, źle.\n"


def test_mark_of_byte_order_is_no_text() -> None:
    assert parse_message("Content-Type: text/plain; charset=utf-8\n\n\ufeffHello\n".encode()).text == "Hello\n"


def test_html_alone_keeps_the_numbers_of_lists_and_where_a_quotation_ends() -> None:
    html = (
        "<blockquote><p>How?</p></blockquote><p>So:</p>"
        "<ol><li>Soak</li><li>Wait<ul><li>long</li></ul></li><li>Lay</li></ol><ol start=7><li>Look</li></ol>"
    )

    parsed = mail("Content-Type: text/html; charset=utf-8", html)

    assert parsed.text == "> How?\n\nSo:\n\n1. Soak\n2. Wait\n\n- long\n\n3. Lay\n\n7. Look\n"


def test_flowed_text_is_joined() -> None:
    body = "Lime helps \nagainst club root.\n> It \n> does.\n-- \nMo\n"

    parsed = mail("Content-Type: text/plain; format=flowed", body)

    assert parsed.text == "Lime helps against club root.\n> It does.\n-- \nMo\n"


def test_quoted_printable_debris_is_undone_only_where_it_is_certain() -> None:
    debris = "Lime =3D chalk, =\nwhich helps=20\nagainst =E2=80=9Cclub root=E2=80=9D.\n"
    code = "x=20\ny=3D\nz = 4\n"

    assert mail("Subject: x", debris).text == "Lime = chalk, which helps \nagainst “club root”.\n"
    assert mail("Subject: x", code).text == code


def test_footer_in_the_clear_below_base64_is_kept() -> None:
    body = base64.b64encode("Grüße\n".encode()).decode() + "\n_______\nPlots mailing list\n"

    parsed = mail("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", body)

    assert parsed.text.startswith("Grüße\n")
    assert "Plots mailing list" in parsed.text


def test_folded_garbage_among_the_headers_does_not_end_them() -> None:
    parsed = mail("Subject: Lime\nthis line was broken\nMessage-ID: <one@x.example>")

    assert (parsed.subject, parsed.message_id) == ("Lime", "one@x.example")
    assert Trouble.BROKEN_HEADERS in parsed.troubles


def test_text_right_below_the_headers_is_not_lost() -> None:
    assert parse_message(b"Subject: Lime\nIt helps, I say\n\nOlga").text == "It helps, I say\n\nOlga"


def test_multipart_without_its_boundary_is_still_cut() -> None:
    parsed = mail("Content-Type: multipart/mixed", "--b\nContent-Type: text/plain\n\nLime\n--b--\n")

    assert parsed.text == "Lime"
    assert Trouble.BROKEN_MULTIPART in parsed.troubles


def test_machines_are_known_by_their_header() -> None:
    assert mail("Auto-Submitted: auto-replied").auto_submitted
    assert not mail("Auto-Submitted: no").auto_submitted


@pytest.mark.parametrize(
    ("headers", "is_set_aside"),
    [
        ("X-Mozilla-Status: 0001", False),
        ("X-Mozilla-Status: 0009", True),
        ("X-Mozilla-Status: what?", False),
        ("Status: RO\nX-Status: AF", False),
        ("Status: RO\nX-Status: D", True),
        ("X-Gmail-Labels: =?UTF-8?Q?Plots,Ge=C3=B6ffnet?=", False),
        ("X-Gmail-Labels: =?UTF-8?Q?Plots,Entw=C3=BCrfe?=", True),
        ("X-Gmail-Labels: Trash,Opened", True),
        ("X-IMAP: 1073556100 0000000003\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", True),
        ("X-IMAPbase: 1073556100 3\nSubject: Lime", False),
    ],
)
def test_mail_that_its_folder_has_set_aside_is_known(headers: str, is_set_aside: bool) -> None:
    assert mail(headers).is_set_aside == is_set_aside


def test_identifiers_are_normal_or_none() -> None:
    assert mail("Message-ID: < one@x.example >").message_id == "one@x.example"
    assert mail("Message-ID: <>").message_id is None
    assert (
        mail(f"Message-ID: <{'x' * 900}@y.example>").message_id
        == mail(f"Message-ID: <{'x' * 900}@y.example>").message_id
    )
    assert len(str(mail(f"Message-ID: <{'x' * 900}@y.example>").message_id)) < 200


@pytest.mark.parametrize(
    ("written", "identifier"),
    [
        ("<one@x.example>", "one@x.example"),
        ("one@x.example", "one@x.example"),
        ('Your message of "Thu" <one@x.example>', "one@x.example"),
        ("<one@x.example>; from olga@x.example on Thu, Jan 08, 2004", "one@x.example"),
        ('Message from "Olga" <olga@x.example> of "Thu." <one@x.example>', "one@x.example"),
        ("Message from Thursday <one@x.example>", "one@x.example"),
        ('Message from Olga <olga@x.example> of "Thu, 08 Jan 2004"', None),
        ('Your message of "Thu." olga@x.example', None),
    ],
)
def test_what_is_answered_is_an_identifier_and_never_a_persons_address(written: str, identifier: str | None) -> None:
    assert mail(f"In-Reply-To: {written}").in_reply_to == identifier


@pytest.mark.parametrize(
    "data",
    [
        b"\n" + b"a" * 2_000_000,
        b"Subject: " + b"=?a?q?" * 300_000,
        b"From: " + b" " * 2_000_000 + b"x",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(10_000)),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
        b"Content-Type: text/html\n\n" + b"<" * 2_000_000,
        b"Content-Type: text/html\n\n" + b"<a " * 600_000,
        b"Content-Type: text/html\n\n" + b"<!--" * 500_000,
        b"Content-Type: text/html\n\n&#" + b"9" * 2_000_000 + b";",
        b"Subject: x\n\n" + b"begin 644 x\n" * 100_000,
        b"Subject: x\n\nbegin 644 x\n" + b"M\n" * 1_000_000,
        b"Content-Type: text/plain; charset=punycode\n\n" + b"\xc3a" * 1_000_000,
        b"Content-Type: text/plain" + b'; a="' * 400_000,
    ],
)  # fmt: skip
def test_hostile_mail_is_read_in_linear_work(data: bytes) -> None:
    data, quarter = data[:400_000], data[:100_000]

    assert calls(lambda: parse_message(data)) < 6 * calls(lambda: parse_message(quarter)) + 2000
