"""The marks by which a line or a few are known as quotation, attribution, signature or list footer."""

import re

from moothall.core.mail_scrubbed import NEXT_PART, SCRUBBED

_LONGEST_LINE_LOOKED_AT = 400
_QUOTE = re.compile(r" ?(?:[A-Za-z]{1,4}(?=> ))?(>(?: {0,2}>)*)|(\|(?: ?\|){0,9}) (?! )")
_PROMPT = re.compile(r">>> ?(?:$|(?:import|from|def|class|for|if|while|with|print|del|try|raise|assert)\b"
                     r"|[A-Za-z_][\w.\[\]'\"]{0,80}\s{0,3}(?:$|[=(,+*/.\[-])|[\d('\"\[{#@])")  # fmt: skip

_WROTE = (
    "wrote|writes|said|says|schrieb|schrieben|schreibt|a écrit|écrit|ecrit|escribió|escribio|ha scritto|scrisse|"
    "scriveva|schreef|skrev|skriver|escreveu|napisał|napisała|napisał\\(a\\)|pisze|написал|написала|пишет|писал|kirjoitti|"
    "yazdı|napsal|napísal|írta|a scris|έγραψε|कहा|wrote/napisał|写道|寫道|写到|のメール|は書きました|님이 작성"
)
_ATTRIBUTION = re.compile(rf"(?:^|[\s\d(>\"*,.])(?:{_WROTE})[^:：]{{0,120}}[:：]\s*(?:\*)?$", re.IGNORECASE)
_OPENING = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Em|Den|Dne|Dnia|W dniu|At|In|In article|Quoting|На|Il giorno|Pada|Vào)\s.{0,120}[\d@]"
    r"|\d|[\"*«]"
)
_DATED_ATTRIBUTION = re.compile(
    r"(?:(?:Quoting|Citando|Zitat von)\s[^:]{1,200}|\*\s[^@]{1,120}@.{1,160}"
    r"|[^<>]{0,120}<[^<>\s@]{1,80}@[^<>\s@]{1,120}>[^<>]{0,80}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[^@]{0,160}@.{0,160}):\s*$"
)

_RULE = re.compile(r"[_=*-]{5,}")
_ORIGINAL = re.compile(
    r"\s*-{2,}\s?(?:Original (?:Message|Appointment|message)|Ursprüngliche Nachricht|Original-?Nachricht"
    r"|Message d'origine|Message original|Mensaje original|Messaggio originale|Oorspronkelijk bericht"
    r"|Ursprungligt meddelande|Oprindelig meddelelse|Opprinnelig melding|Alkuperäinen viesti|Mensagem original"
    r"|Wiadomość oryginalna"
    r"|Исходное сообщение|原始邮件|元のメッセージ|Reply message|Reply Message)\s?-{2,}\s*"
)
_FROM_NAMES = "From|Von|De|Da|Van|Från|Fra|Od|От|Lähettäjä|发件人|寄件者|差出人|보낸 사람"
_FROM_FIELD = re.compile(rf"\s*\*?(?:{_FROM_NAMES})\s?[:：]\*?\s*\S")
# How each line begins with which such a block can; nearly all lines are asked this, and few anything further.
_MAY_BEGIN_ORIGINAL = re.compile(rf"\s*(?:--|[_=*-]{{5}}|\*?(?:{_FROM_NAMES})\s?[:：])")
_OTHER_FIELD = re.compile(
    r"\s*\*?(?:Sent|Date|To|Cc|CC|Subject|Reply-To|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado(?: el)?|Para|Asunto"
    r"|Assunto|Inviato|A|Oggetto|Verzonden|Aan|Onderwerp|Skickat|Till|Ämne|Sendt|Til|Emne|Wysłano|Do|Temat|Отправлено"
    r"|Дата|Кому|Тема|Копия|Importance|发送时间|收件人|主题|抄送|送信日時|宛先|件名)\s?[:：]"
)

_DELIMITER = re.compile(r"--[ \xa0]?")
_LONGEST_SIGNATURE = 20
_LONGEST_LOOSE_SIGNATURE = 8
_SENT_FROM = re.compile(
    r"\s*(?:Sent (?:from|via|with) (?:my |the )?(?:i(?:Phone|Pad|Pod)|Android|BlackBerry|Samsung|Galaxy|mobile|Outlook|"
    r"Mail|Yahoo|Proton|Windows|Gmail|T-Mobile|Verizon|HTC|Nokia|phone|tablet)[^:]{0,80}"
    r"|(?:Diese Nachricht wurde v|V)on meine[mr] .{1,60} gesendet\.?|Gesendet (?:von|mit) .{1,80}"
    r"|Envoyé (?:de|depuis) mon .{1,60}"
    r"|Enviado (?:desde|do) m(?:i|eu) .{1,60}|Inviato da(?:l mio)? .{1,60}|Verstuurd vanaf mijn .{1,60}"
    r"|Skickat från min .{1,60}|Отправлено с .{1,60}|Get Outlook for .{1,60}|iPhoneから送信)\s*"
)

_LONGEST_FOOTER = 24
_UNDERSCORES = re.compile(r"[_-]{30,}\s*")
_LIST_WORDS = re.compile(
    r"mailing list|mailinglist|listinfo|to unsubscribe|unsubscribe:|unsubscribe@|-unsubscribe|/lists?/|mailman"
    r"|Mailingliste|Liste de diffusion|lista de correo",
    re.IGNORECASE,
)
_GROUPS_IO_RULE = re.compile(r"(?:-=){6,}-?\s*")
_GOOGLE_RULE = re.compile(r"-~?-?~?-{2,}~-{2,}.{0,80}|--~--~-.{0,80}|-~-{5,}~.{0,80}")
_SUBSCRIBED = re.compile(
    r"(?:You received this message because you are subscribed|Sie erhalten diese Nachricht, weil Sie|Vous recevez ce "
    r"message, car vous|Has recibido este mensaje porque est|Groups\.io Links|Yahoo! Groups (?:Links|Sponsor)"
    r"|To unsubscribe from this group|To unsubscribe(?: from this list|, e-mail)|Your use of Yahoo! Groups is subject)"
)
_FOOTER_STARTS = frozenset("_-YSVHGT")
_YAHOO_RULE = re.compile(r"-{10,} ?Yahoo! Groups (?:Sponsor|Links).{0,60}")
_YAHOO_RULE_BELOW = re.compile(r"-{30,}~->\s*")


def quote_depth(line: str) -> int:
    """How deep a line is quoted by `>` (also `Mo> ` and `| `), 0 when it is not."""
    if line[:6].find(">") < 0 and not line.startswith(("|", " |")):
        return 0
    match = _QUOTE.match(line[:_LONGEST_LINE_LOOKED_AT])
    if match is None:
        return 0
    return (match.group(1) or match.group(2)).count(">" if match.group(1) else "|")


def is_prompt(block: list[str]) -> bool:
    """Whether a run of `>` lines is a Python session: all are `>>> ` and the first reads as code."""
    return all(line.startswith(">>>") and line[3:4] in {"", " "} for line in block) and bool(
        _PROMPT.match(block[0][:_LONGEST_LINE_LOOKED_AT])
    )


def is_attribution(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST_LINE_LOOKED_AT or not paragraph.rstrip().endswith((":", "：", ":*")):
        return False
    paragraph = paragraph.strip()
    return _ATTRIBUTION.search(paragraph) is not None or _DATED_ATTRIBUTION.match(paragraph) is not None


def opens_attribution(line: str) -> bool:
    """Whether an attribution that runs over several lines would begin like this."""
    return _OPENING.match(line.strip()[:_LONGEST_LINE_LOOKED_AT]) is not None


def original_block_length(lines: list[str], at: int) -> int:
    """Lines of the header block that Outlook puts before the mail it answers; 0 where none begins."""
    if not _MAY_BEGIN_ORIGINAL.match(lines[at], 0, _LONGEST_LINE_LOOKED_AT):
        return 0
    end = at
    is_announced = bool(_ORIGINAL.fullmatch(lines[at][:120]))
    if is_announced or _RULE.fullmatch(lines[at].strip()[:120]):
        end = _skip_blank(lines, at + 1)
    if end >= len(lines) or not _FROM_FIELD.match(lines[end][:_LONGEST_LINE_LOOKED_AT]):
        return end - at if is_announced else 0
    fields = 0
    while end < len(lines) and end - at < 16 and lines[end].strip():
        fields += bool(_OTHER_FIELD.match(lines[end][:_LONGEST_LINE_LOOKED_AT]))
        end += 1
    return end - at if fields >= 2 or is_announced else 0


def signature_length(lines: list[str], at: int, limit: int) -> int:
    """Lines from a signature delimiter to the next quotation or end; 0 when it is none or too long for one."""
    if not _DELIMITER.fullmatch(lines[at][:4]):
        return 0
    most = _LONGEST_SIGNATURE if lines[at] == "-- " else _LONGEST_LOOSE_SIGNATURE
    said = 0
    for end in range(at + 1, limit):
        if _ends_signature(lines, end):
            return end - at
        said += bool(lines[end].strip())
        if said > most:
            return 0
    return limit - at


def _ends_signature(lines: list[str], at: int) -> bool:
    if _DELIMITER.fullmatch(lines[at][:4]):
        return True
    return footer_length(lines, at) > 0 or original_block_length(lines, at) > 0


def is_sent_from_device(line: str) -> bool:
    return len(line) < 120 and _SENT_FROM.fullmatch(line) is not None


def footer_length(lines: list[str], at: int) -> int:
    """Lines of a list's footer, or of what Mailman left of an attachment, that begin here; 0 where none does."""
    line = lines[at][:_LONGEST_LINE_LOOKED_AT]
    if line[:1] not in _FOOTER_STARTS:
        return 0
    if NEXT_PART.fullmatch(line):
        return 1 + (_scrubbed_length(lines, at + 1) if at + 1 < len(lines) else 0)
    if _UNDERSCORES.fullmatch(line) and _says_list(lines, at):
        return _until_blank(lines, at + 1) - at
    if _GROUPS_IO_RULE.fullmatch(line) and _names_subscription(lines, at):
        return _through_rule(lines, at, _GROUPS_IO_RULE)
    if _GOOGLE_RULE.fullmatch(line) and _names_subscription(lines, at):
        return _through_rule(lines, at, _GOOGLE_RULE)
    if _YAHOO_RULE.fullmatch(line):
        return _through_rule(lines, at, _YAHOO_RULE_BELOW)
    if _DELIMITER.fullmatch(line) and _names_subscription(lines, at):
        return _to_end_of_footer(lines, at)
    return _to_end_of_footer(lines, at) if _SUBSCRIBED.match(line) else 0


def _scrubbed_length(lines: list[str], at: int) -> int:
    return _until_blank(lines, at) - at if SCRUBBED.match(lines[at][:_LONGEST_LINE_LOOKED_AT]) else 0


def _says_list(lines: list[str], at: int) -> bool:
    for line in lines[at + 1 : at + 5]:
        if _UNDERSCORES.fullmatch(line[:_LONGEST_LINE_LOOKED_AT]):
            return False
        if _LIST_WORDS.search(line[:200]):
            return True
    return False


def _names_subscription(lines: list[str], at: int) -> bool:
    return any(_SUBSCRIBED.match(line[:200]) for line in lines[at : at + 4])


def _until_blank(lines: list[str], at: int) -> int:
    end = at
    while end < len(lines) and end - at < _LONGEST_FOOTER and lines[end].strip():
        end += 1
    return end


def _through_rule(lines: list[str], at: int, rule: re.Pattern[str]) -> int:
    for end in range(at + 1, min(at + _LONGEST_FOOTER, len(lines))):
        if rule.fullmatch(lines[end][:120]):
            return end + 1 - at
    return _to_end_of_footer(lines, at)


def _to_end_of_footer(lines: list[str], at: int) -> int:
    """To the end when that is near, else to the next blank line."""
    if len(lines) - at <= _LONGEST_FOOTER:
        return len(lines) - at
    return max(_until_blank(lines, at + 1) - at, 2)


def _skip_blank(lines: list[str], at: int) -> int:
    end = at
    while end < len(lines) and end - at < 3 and not lines[end].strip():
        end += 1
    return end
