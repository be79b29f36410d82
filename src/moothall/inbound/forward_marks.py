"""The line by which mail programs say that what follows is a forwarded mail."""

from __future__ import annotations

import re

from moothall.core.quoting_fields import field_of

_LONGEST_LINE_LOOKED_AT = 200
_LINES_TO_FIRST_FIELD = 4

_MESSAGE = (
    "Forwarded (?:message|email|by)|Weitergeleitete (?:Nachricht|E-?Mail)|(?:Message|Courriel) (?:transféré|réexpédié)"
    "|Mensaje (?:reenviado|original reenviado)|Messaggio (?:inoltrato|Inoltrato)|Doorgestuurd bericht"
    "|Vidarebefordrat (?:meddelande|mail)|Videresendt (?:besked|meddelelse|melding|e-?mail)"
    "|Edelleenlähetetty viesti|Välitetty viesti|Mensagem (?:encaminhada|reencaminhada)"
    "|(?:Przekazana|Przesłana dalej) wiadomość|Wiadomość przekazana|Přeposlaná zpráva|Továbbított (?:üzenet|levél)"
    "|İletilen (?:mesaj|ileti)|Mesaj redirecționat|(?:Пересылаемое|Перенаправленное|Пересланное) сообщение"
    "|Προωθημένο μήνυμα|転送(?:された)?メッセージ|转发(?:的)?(?:邮件|消息|信息)|轉寄(?:的)?郵件"
    "|전달된 (?:메시지|메일)|הודעה שהועברה"
)
_RULED = re.compile(rf"\s*[-_=*]{{2,}}\s?(?:{_MESSAGE})[^\n]{{0,60}}?\s?[-_=*]{{2,}}\s*(.*)", re.IGNORECASE)
_APPLE = re.compile(
    r"[>\s]*(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-?Mail)"
    r"|Début du (?:message|courriel|e-mail) (?:transféré|réexpédié)|Inicio del mensaje reenviado"
    r"|Inizio (?:del )?messaggio inoltrato|Begin doorgestuurd bericht|Vidarebefordrat brev|Vidarebefordrat mejl"
    r"|Início da mensagem (?:encaminhada|reencaminhada)|Start på videresendt (?:besked|melding|e-mail)"
    r"|Videresendt melding|Välitetty viesti alkaa|Początek przekazywanej wiadomości|Начало переадресованного сообщения"
    r"|転送されたメッセージ|下面是被转发的邮件|전달된 메시지 시작)\s?[:：]\s*()",
    re.IGNORECASE,
)


def forward_start(lines: list[str]) -> int | None:
    """The line at which a forwarded mail begins; its first field must follow, so that to speak of one is not enough."""
    for at, line in enumerate(lines):
        shown = line[:_LONGEST_LINE_LOOKED_AT]
        announced = _RULED.fullmatch(shown) or _APPLE.fullmatch(shown)
        if announced is None:
            continue
        if announced.group(1) and field_of(announced.group(1)):  # Yahoo writes the whole block into one line
            return at
        below = [text for text in lines[at + 1 : at + 12] if text.strip(">* \t")][:_LINES_TO_FIRST_FIELD]
        if not announced.group(1) and any(field_of(text.lstrip("> ")) for text in below):
            return at
    return None
