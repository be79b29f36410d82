"""Mails as the common programs write them, in many languages: what their authors said, and what was put around it."""

from __future__ import annotations

from dataclasses import dataclass

OWN = "Splice it, if the plinth is put right first.\n\nWe did ours in oak, two winters ago."
QUOTED = "Is a spliced length ever the honest answer?\nThe north corner has gone soft for about a metre."
NEVER = ("honest answer", "north corner")


@dataclass(frozen=True, slots=True)
class Reply:
    """`own` are phrases that must stay, `gone` phrases that must go."""

    name: str
    text: str
    own: tuple[str, ...] = ("plinth is put right", "two winters ago")
    gone: tuple[str, ...] = NEVER


def _marked(text: str = QUOTED) -> str:
    return "".join(f"> {line}\n" for line in text.split("\n"))


def _above(name: str, attribution: str) -> Reply:
    return Reply(name, f"{OWN}\n\n{attribution}\n\n{_marked()}")


ATTRIBUTIONS = {
    "gmail-en": "On Thu, 8 Jan 2026 at 10:02, Mia Moss <mia@moot.example> wrote:",
    "gmail-en-wrapped": "On Thu, 8 Jan 2026 at 10:02, Mia Catherine Moss-Underhill <\nmia@moot.example> wrote:",
    "gmail-de": "Am Do., 8. Jan. 2026 um 10:02 Uhr schrieb Mia Moss <\nmia@moot.example>:",
    "gmail-fr": "Le jeu. 8 janv. 2026 à 10:02, Mia Moss <mia@moot.example> a écrit :",
    "gmail-es": "El jue, 8 ene 2026 a las 10:02, Mia Moss (<mia@moot.example>) escribió:",
    "gmail-it": "Il giorno gio 8 gen 2026 alle ore 10:02 Mia Moss <mia@moot.example>\nha scritto:",
    "gmail-nl": "Op do 8 jan 2026 om 10:02 schreef Mia Moss <mia@moot.example>:",
    "gmail-pt": "Em qui., 8 de jan. de 2026 às 10:02, Mia Moss <mia@moot.example>\nescreveu:",
    "gmail-pl": "czw., 8 sty 2026 o 10:02 Mia Moss <mia@moot.example> napisał(a):",
    "gmail-ru": "чт, 8 янв. 2026 г. в 10:02, Mia Moss <mia@moot.example>:",
    "gmail-sv": "Den tors 8 jan. 2026 kl 10:02 skrev Mia Moss <mia@moot.example>:",
    "gmail-da": "Den tor. 8. jan. 2026 kl. 10.02 skrev Mia Moss <mia@moot.example>:",
    "gmail-nb": "tor. 8. jan. 2026 kl. 10:02 skrev Mia Moss <mia@moot.example>:",
    "gmail-fi": "to 8. tammik. 2026 klo 10.02 Mia Moss (mia@moot.example) kirjoitti:",
    "gmail-cs": "čt 8. 1. 2026 v 10:02 odesílatel Mia Moss <mia@moot.example> napsal:",
    "gmail-hu": "Mia Moss <mia@moot.example> ezt írta (időpont: 2026. jan. 8., Cs, 10:02):",
    "gmail-tr": "Mia Moss <mia@moot.example>, 8 Oca 2026 Per, 10:02 tarihinde şunu yazdı:",
    "gmail-ro": "În joi, 8 ian. 2026 la 10:02, Mia Moss <mia@moot.example> a scris:",
    "gmail-el": "Στις Πέμ 8 Ιαν 2026 στις 10:02 π.μ., ο/η Mia Moss <\nmia@moot.example> έγραψε:",
    "gmail-ja": "2026年1月8日(木) 10:02 Mia Moss <mia@moot.example>:",
    "gmail-zh": "Mia Moss <mia@moot.example> 于2026年1月8日周四 10:02写道:",
    "gmail-ko": "2026년 1월 8일 (목) 오전 10:02, Mia Moss <mia@moot.example>님이 작성:",
    "apple-en": "On 8 Jan 2026, at 10:02, Mia Moss <mia@moot.example> wrote:",
    "apple-de": "Am 08.01.2026 um 10:02 schrieb Mia Moss <mia@moot.example>:",
    "apple-fr": "Le 8 janv. 2026 à 10:02, Mia Moss <mia@moot.example> a écrit :",
    "apple-es": "El 8 ene 2026, a las 10:02, Mia Moss <mia@moot.example> escribió:",
    "apple-it": "Il giorno 8 gen 2026, alle ore 10:02, Mia Moss <mia@moot.example> ha scritto:",
    "apple-nl": "Op 8 jan 2026, om 10:02 heeft Mia Moss <mia@moot.example> het volgende geschreven:",
    "apple-pt": "Em 8 de jan. de 2026, à(s) 10:02, Mia Moss <mia@moot.example> escreveu:",
    "apple-ru": "8 янв. 2026 г., в 10:02, Mia Moss <mia@moot.example> написал(а):",
    "thunderbird-en": "On 08/01/2026 10:02, Mia Moss wrote:",
    "thunderbird-de": "Am 08.01.26 um 10:02 schrieb Mia Moss:",
    "thunderbird-fr": "Le 08/01/2026 à 10:02, Mia Moss a écrit :",
    "thunderbird-it": "Il 08/01/2026 10:02, Mia Moss ha scritto:",
    "thunderbird-nl": "Op 08-01-2026 om 10:02 schreef Mia Moss:",
    "thunderbird-pl": "W dniu 8.01.2026 o 10:02, Mia Moss pisze:",
    "proton-en": "On Thursday, 8 January 2026 at 10:02, Mia Moss <mia@moot.example> wrote:",
    "yahoo-en": "On Thursday, 8 January 2026 at 10:02:11 GMT, Mia Moss <mia@moot.example> wrote:",
    "mutt": "* Mia Moss <mia@moot.example> [2026-01-08 10:02]:",
    "horde": "Quoting Mia Moss <mia@moot.example>:",
    "knode": "Mia Moss wrote:",
}

OUTLOOK_FIELDS = {
    "en": ("From", "Sent", "To", "Subject"),
    "de": ("Von", "Gesendet", "An", "Betreff"),
    "fr": ("De", "Envoyé", "À", "Objet"),
    "es": ("De", "Enviado", "Para", "Asunto"),
    "it": ("Da", "Inviato", "A", "Oggetto"),
    "nl": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "pt": ("De", "Enviado", "Para", "Assunto"),
    "pl": ("Od", "Wysłano", "Do", "Temat"),
    "ru": ("От", "Отправлено", "Кому", "Тема"),
    "sv": ("Från", "Skickat", "Till", "Ämne"),
    "da": ("Fra", "Sendt", "Til", "Emne"),
    "zh": ("发件人", "发送时间", "收件人", "主题"),
    "ja": ("差出人", "送信日時", "宛先", "件名"),
}


def _outlook(language: str, rule: str) -> Reply:
    sender, sent, to, subject = OUTLOOK_FIELDS[language]
    block = f"{sender}: Mia Moss <mia@moot.example>\n{sent}: 08 January 2026 10:02\n{to}: old-houses@moot.example\n"
    return Reply(
        f"outlook-{language}{'-rule' if rule else ''}",
        f"{OWN}\n\n{rule}{block}{subject}: Sole plate gone\n\n{QUOTED}\n",
    )


ORIGINALS = (
    "Original Message", "Ursprüngliche Nachricht", "Message d'origine", "Mensaje original", "Messaggio originale",
    "Oorspronkelijk bericht", "Mensagem original", "Исходное сообщение",
)  # fmt: skip
FORWARDS = (
    "---------- Forwarded message ---------", "-------- Forwarded Message --------", "Begin forwarded message:",
    "-------- Weitergeleitete Nachricht --------", "Anfang der weitergeleiteten Nachricht:",
    "-------- Message transféré --------", "Début du message réexpédié :", "---------- Mensaje reenviado ---------",
    "-------- Messaggio Inoltrato --------", "-------- Doorgestuurd bericht --------",
    "-------- Mensagem encaminhada --------", "-------- Пересылаемое сообщение --------",
    "---------- 転送メッセージ ---------",
)  # fmt: skip
DEVICES = (
    "Sent from my iPhone", "Sent from my iPad", "Sent from Outlook for Android", "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Von meinem iPhone gesendet", "Envoyé de mon iPhone", "Enviado desde mi iPhone", "Inviato da iPhone",
    "Verstuurd vanaf mijn iPhone", "Enviado do meu iPhone", "Skickat från min iPhone", "Отправлено с iPhone",
    "iPhoneから送信", "Sent with Proton Mail secure email.",
    "Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.",
    "Sent from Yahoo Mail for iPhone",
)  # fmt: skip


def _original(words: str) -> str:
    return f"{OWN}\n\n-----{words}-----\nFrom: Mia\nSent: Thursday\nSubject: Plate\n\n{QUOTED}\n"


def _from_device(line: str) -> str:
    return f"{OWN}\n\n{line}\n\n{ATTRIBUTIONS['apple-en']}\n\n{_marked()}"


def _forward(marker: str) -> Reply:
    body = f"{OWN}\n\n{marker}\n\nFrom: Mia Moss <mia@moot.example>\nDate: 8 January 2026\nSubject: Plate\n\n{QUOTED}\n"
    return Reply(f"forward {marker}", body)


OTHERS = (
    Reply("plain", f"{OWN}\n", gone=()),
    Reply("below", f"On Thu, 8 Jan 2026, Mia Moss wrote:\n\n{_marked()}\n{OWN}\n"),
    Reply(
        "between",
        "On Thu, 8 Jan 2026, Mia Moss wrote:\n> Splice or replace?\nSplice, two winters ago we did.\n"
        "> Oak or larch?\nOak, once the plinth is put right.\n> Kind regards, from the north corner\n",
        gone=("north corner",),
    ),
    Reply(
        "signature",
        f"{OWN}\n-- \nMo Marsh\nMarsh & Daughters, honest answers since 1984\nnorth corner house\n",
    ),
    Reply("signature-loose", f"{OWN}\n\n--\nMo Marsh\nhonest answers, north corner\n\n"),
    Reply(
        "signature-then-quote",
        f"{OWN}\n\n-- \nMo\n\nOn Thu, 8 Jan 2026 at 10:02, Mia <m@moot.example> wrote:\n\n{_marked()}",
    ),
    Reply("rule-and-a-last-thought", f"Splice it.\n\n--\n{OWN}\n", gone=()),
    Reply("postscript", f"{OWN}\n--\nPS: larch rots.\n", own=("two winters ago", "larch rots"), gone=()),
    Reply("hyphen-list", "- the plinth is put right\n- two winters ago\n- oak\n", gone=()),
    Reply(
        "speaks-of-writing",
        f"On Monday Mia wrote: it needs doing.\n\n{OWN}\n",
        own=("needs doing", "two winters ago"),
        gone=(),
    ),
    Reply("route", f"From: London\nTo: Ely\n\n{OWN}\n", own=("London", "Ely", "two winters ago"), gone=()),
    Reply(
        "speaks-of-forwarding",
        f"Begin forwarded message: that is what it says.\n\n{OWN}\n",
        own=("that is what", "two winters"),
        gone=(),
    ),
    Reply("greater-than", f"The gap is\n> 5 mm\nI would say. {OWN}\n", own=("5 mm", "two winters ago"), gone=()),
    Reply("dashes", f"One thing first.\n\n----------\n\n{OWN}\n", own=("One thing first", "two winters ago"), gone=()),
    Reply(
        "mailman-footer",
        f"{OWN}\n{'_' * 47}\nOld houses mailing list\nhonest answer, north corner\nhttps://lists.example/\n",
    ),
    Reply(
        "googlegroups-footer",
        f"{OWN}\n\n-- \nYou received this message because you are subscribed to honest answer.\nnorth corner\n",
    ),
    Reply(
        "forward-alone",
        f"---------- Forwarded message ---------\nFrom: A <a@x.example>\nSubject: Plate\n\n{OWN}\n",
        gone=(),
    ),
    Reply(
        "deep",
        f"{OWN}\n\nOn Friday Mo <mo@x.example> wrote:\n> On Thursday Mia wrote:\n>> honest answer\n> north corner\n",
    ),
)

REPLIES = (
    *(_above(name, attribution) for name, attribution in ATTRIBUTIONS.items()),
    *(_outlook(language, "") for language in OUTLOOK_FIELDS),
    *(_outlook(language, "_" * 32 + "\n") for language in OUTLOOK_FIELDS),
    *(Reply(f"original {words}", _original(words)) for words in ORIGINALS),
    *(_forward(marker) for marker in FORWARDS),
    *(Reply(f"device {line}", _from_device(line), gone=(*NEVER, line[:14])) for line in DEVICES),
    *OTHERS,
)
