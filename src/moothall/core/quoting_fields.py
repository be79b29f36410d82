"""The header block that Outlook and many others put, in their user's language, before the mail that is answered.

A block is known by what its fields mean, in whatever order they stand. Since people write "From: London" too, it must
be announced by a line of its own or name a mail: by a mailbox, or by a subject and the minute when it was sent.
"""

import re
from enum import Enum

_LONGEST_LINE_LOOKED_AT = 400
_MOST_LINES = 16


class Field(Enum):
    FROM = "from"
    TO = "to"
    SENT = "sent"
    SUBJECT = "subject"
    OTHER = "other"


_NAMES = {
    Field.FROM: (
        "From|Von|De|Da|Van|Från|Fra|Od|От|От кого|Від|Lähettäjä|Kimden|Gönderen|Από|Feladó|De la|Expeditor|Pošiljatelj"
        "|Saatja|发件人|寄件者|寄件人|差出人|보낸 사람|보낸사람|מאת|من"
    ),
    Field.TO: (
        "To|Cc|An|Kopie|À|Copie|Para|A|Aan|Till|Kopia|Til|Kopi|Do|Кому|Копия|Копія|Vastaanottaja|Kopio|Kime|Bilgi|Προς"
        "|Κοιν|Címzett|Másolatot kap|Komu|Către|Prima|Per a|收件人|收件者|抄送|副本|宛先"
        "|받는 사람|받는사람|참조|אל|עותק|إلى"
    ),
    Field.SENT: (
        "Sent|Date|Gesendet|Datum|Envoyé|Envoyé le|Date d'envoi|Enviado|Enviado el|Enviado em|Enviada em|Enviada|Fecha"
        "|Data|Inviato|Verzonden|Skickat|Sendt|Dato|Wysłano|Wysłane|Отправлено|Дата|Надіслано|Lähetetty|Päiväys"
        "|Gönderildi|Gönderme Tarihi|Tarih|Στάλθηκε|Ημερομηνία|Odesláno|Odoslané|Elküldve|Dátum|Trimis|Poslano"
        "|Enviat el|Saadetud|发送时间|發送時間|发送日期|寄件日期|日期|送信日時|日付|보낸 날짜|날짜"
        "|נשלח|תאריך|تم الإرسال|التاريخ"
    ),
    Field.SUBJECT: (
        "Subject|Betreff|Objet|Sujet|Asunto|Assunto|Oggetto|Onderwerp|Ämne|Emne|Temat|Тема|Относно|Aihe|Konu|Θέμα|Předmět"
        "|Predmet|Tárgy|Subiect|Tema|Teema|主题|主題|主旨|件名|제목|נושא|الموضوع"
    ),
    Field.OTHER: "Reply-To|Importance|Priority|Wichtigkeit|Importancia|Attachments",
}
_MEANS = {name.lower(): field for field, names in _NAMES.items() for name in names.split("|")}
_FIELD = re.compile(r"\s*\*{0,2}([^\W\d_][^:：*]{0,24}?)\s?\*{0,2}[:：]\*{0,2}(.*)", re.DOTALL)

_SIGNS_OF_RULES = frozenset(("--", "__", "==", "**"))
_RULE = re.compile(r"[_=*-]{5,}")
_IN_RULES = re.compile(r"\s*-{2,}\s?[^-\s][^\n]{0,120}?-{2,}\s*")
_ORIGINAL = re.compile(
    r"\s*-{2,}\s?(?:Original (?:Message|Appointment)|Ursprüngliche (?:Nachricht|Mail)|Original-?Nachricht"
    r"|Message d'origine|Message original|Mail original|Mensaje original|Messaggio originale|Oorspronkelijk bericht"
    r"|Ursprungligt meddelande|Oprindelig meddelelse|Opprinnelig melding|Alkuperäinen viesti|Mensagem original"
    r"|Wiadomość oryginalna|Исходное сообщение|Původní zpráva|Eredeti üzenet|Orijinal Mesaj"
    r"|原始邮件|元のメッセージ|Reply message)\s?-{2,}\s*(.*)",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"[^\s@]@[^\s@]{1,80}\.\w")
_MINUTE = re.compile(r"\d\D.*?\d{1,2}[:.h時시时]\s?\d\d")


def field_of(line: str) -> Field | None:
    """What a header field means; None for a line that is none.

    >>> field_of("*Gesendet:* Donnerstag"), field_of("Note: it rains")
    (<Field.SENT: 'sent'>, None)
    """
    found = _read(line)
    return found[0] if found else None


def original_block_length(lines: list[str], at: int) -> int:
    """Lines of the header block before a mail that is answered; 0 where none begins."""
    line = lines[at][:_LONGEST_LINE_LOOKED_AT]
    if not _may_begin(line):
        return 0
    announced = _ORIGINAL.fullmatch(line)
    if announced and announced.group(1):  # Samsung writes the whole block into one line
        return 1 if field_of(announced.group(1)) is Field.FROM and _MAILBOX.search(line) else 0
    is_announced = announced is not None
    is_ruled = _RULE.fullmatch(line.strip()[:120]) is not None
    is_above = is_announced or is_ruled or _IN_RULES.fullmatch(line) is not None
    start = _skip_blank(lines, at + 1) if is_above else at
    end = _block_end(lines, start)
    fields = [found for text in lines[start:end] if (found := _read(text))]
    if not _begins_block(lines, start) or Field.FROM not in {field for field, _ in fields}:
        return start - at if is_announced else 0
    names_mail = is_ruled or _names_mail(fields)
    return end - at if is_announced or (len(fields) > 2 and names_mail) else 0


def _read(line: str) -> tuple[Field, str] | None:
    head = line[:32]
    if ":" not in head and "：" not in head:
        return None
    found = _FIELD.match(line[:_LONGEST_LINE_LOOKED_AT])
    field = _MEANS.get(found.group(1).lower()) if found else None
    return (field, found.group(2)) if found and field else None


def _may_begin(line: str) -> bool:
    """Nearly all lines are asked this, and few anything further."""
    return line.lstrip()[:2] in _SIGNS_OF_RULES or _read(line) is not None


def _begins_block(lines: list[str], start: int) -> bool:
    return start < len(lines) and _read(lines[start]) is not None


def _block_end(lines: list[str], start: int) -> int:
    end = start
    while end < len(lines) and end - start < _MOST_LINES and lines[end].strip():
        end += 1
    return end


def _names_mail(fields: list[tuple[Field, str]]) -> bool:
    if any(field in (Field.FROM, Field.TO) and _MAILBOX.search(value) for field, value in fields):
        return True
    is_dated = any(field is Field.SENT and _MINUTE.search(value[:120]) for field, value in fields)
    return is_dated and any(field is Field.SUBJECT for field, _ in fields)


def _skip_blank(lines: list[str], at: int) -> int:
    end = at
    while end < len(lines) and end - at < 3 and not lines[end].strip():
        end += 1
    return end
