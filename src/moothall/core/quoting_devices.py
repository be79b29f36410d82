"""The line that phones and mail programs add by themselves: "Sent from my iPhone", in its user's language.

It says "sent" (or "get"), names a program or device, and says little else: every other word is short, a name, or one
of the few that stand between. So a sentence that only begins like it stays its author's.
"""

import re

_LONGEST_LINE = 400
_MOST_WORDS = 14
_LINK = re.compile(r"[<(\[]?\s?(?:https?://|mailto:)[^\s<>()\[\]]{1,300}\s?[>)\]]?")
_SENT = frozenset(
    (
        *("sent", "get", "gesendet", "envoyé", "provenance", "enviado", "enviada", "inviato", "verstuurd", "verzonden"),
        *("skickat", "sendt", "отправлено", "надіслано", "изпратено", "wysłane", "wysłano", "lähetetty", "odesláno"),
        *("odoslané", "poslano", "küldve", "gönderildi", "trimis", "στάλθηκε", "enviat", "saadetud"),
        *("holen", "beziehen"),
        *("téléchargez", "télécharger", "obtenez", "obtener", "obtén", "obter", "obtenha", "scarica", "ottieni"),
        *("downloaden", "pobierz", "hämta", "hent", "skaff", "hanki", "получить", "скачать", "stáhnout", "indir"),
    )
)
_DEVICE = (
    r"i(?:phon|pad|pod)|apple|watch|android|galaxy|samsung|blackberry|huawei|honor|xiaomi|redmi|oppo|oneplus|pixel|nokia"
    r"|htc|sony|xperia|motorola|t-mobile|verizon|windows|outlook|gmail|yahoo|aol|proton|tuta|mailspring|airmail|bluemail"
    r"|superhuman|spark|hey|canary|edison|newton|fastmail|zoho|posteo|gmx|web\.de|k-9|fairemail|thunderbird|mymail|mail"
    r"|courrier|correo|posta|e-mail|почт|mobile|smartphone|phone|tablet|handy|mobiltelefon|móvil|celular|téléphone"
    r"|cellulare|telefon"
)
_NAMES_DEVICE = re.compile(rf"(?:{_DEVICE})\S{{0,12}}", re.IGNORECASE)
_BETWEEN = frozenset(
    (
        *("from", "with", "using", "device", "smartphone", "secure", "securely", "email", "mobile"),
        *("meinem", "meinem/meiner", "meiner", "depuis", "partir", "pour", "appareil", "desde", "para", "dispositivo"),
        *("vanaf", "mijn", "voor", "från", "minun", "моего", "program", "aplikację", "systemu", "sich"),
    )
)
# Where words are not set apart, or where the device comes before what is said of it.
_IN_ONE = re.compile(
    r"[发發]自我的?\s?\S{0,8}?(?:[A-Za-z]{3}|手机|手機|平板)\S{0,12}(?:\s\S{1,10}){0,3}|[從从]我的?\s?[A-Za-z]\S{2,20}\s?[傳发]送"
    r"|(?:[A-Za-z]\S{2,20}|\S{0,12}(?:スマートフォン|携帯|モバイル))\s?から送信|나의 [A-Za-z]\S{1,20}에서 보냄"
    r"|נשלח מה-?[A-Za-z]\S{1,20} שלי|\S{2,12} 版の? ?Outlook を入手(?:する)?"
    r"|获取适用于 \S{2,12} 的 Outlook|取得 \S{2,12} 版 Outlook"
)
_EXCUSE = re.compile(
    r"[.,;–-]?\s+(?:please|sorry|excuse|pardon|forgive|apologies|bitte|entschuldige?n?|désolé|excusez|d[ie]sculp\w{1,3})\b"
    r"[^.!?]{0,60}\b(?:typos?|brevity|spelling|errors?|mistakes|kürze|tippfehler|fautes|brièveté|brevedad|errores|erros)"
    r"\b[^.!?]{0,20}[.!]?$",
    re.IGNORECASE,
)
_THIS_MAIL = re.compile(r"^(?:Diese (?:Nachricht|E-?Mail|Mail) wurde|This (?:message|e-?mail) was)\s", re.IGNORECASE)
_SLOGAN = re.compile(r"[.,]\s(?:Get your own|the best)\s.{0,60}$")


def is_sent_from_device(line: str) -> bool:
    """
    >>> is_sent_from_device("Wysłane z iPhone’a"), is_sent_from_device("Sent from my iPhone, so no pictures came.")
    (True, False)
    """
    if len(line) > _LONGEST_LINE:
        return False
    said = _THIS_MAIL.sub("", _LINK.sub(" ", line) if "://" in line else line)
    if said.isascii() and not _says_sent(said.split()):
        return False
    said = " ".join(said.strip(" \t*_~|-\u200b\ufeff").split())
    if not said.isascii() and _IN_ONE.fullmatch(said):
        return True
    words = [_bare(word) for word in _SLOGAN.sub("", _EXCUSE.sub("", said)).split()]
    if not 2 <= len(words) <= _MOST_WORDS or not _says_sent(words):
        return False
    return any(map(_NAMES_DEVICE.fullmatch, words)) and all(map(_is_little, words))


def _says_sent(words: list[str]) -> bool:
    """First or last, as whole sentences rarely do. All lines are asked this, and few anything further."""
    return bool(words) and (
        _bare(words[0]).lower() in _SENT or any(_bare(word).lower() in _SENT for word in words[-2:])
    )


def _bare(word: str) -> str:
    return word.strip("()[]<>,.:;!*_~|-")


def _is_little(word: str) -> bool:
    if len(word) <= 3 or not word[0].islower() or word.lower() in _BETWEEN or word.lower() in _SENT:
        return True
    return _NAMES_DEVICE.fullmatch(word) is not None
