"""What members of groups write by mail: texts of the project's own corpus."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage

from filling_texts import corpus_texts

# Of so many mails to a group, the first begins a conversation and the others answer it.
CONVERSATION = 5
DOMAINS = 250


@dataclass(frozen=True, slots=True)
class Letter:
    sender: str
    recipient: str
    message_id: str
    raw: bytes


def address(place: int, group: int, domain: str) -> str:
    """Members have addresses at many domains, since mail to one is sent at a pace (MOOTHALL_MAIL_PACE)."""
    return f"m{place}.{group}@d{place % DOMAINS}.readers.{domain}"


def letters(writers: list[list[str]], domain: str, start: int, count: int) -> Iterator[Letter]:
    """From one group after the other; `start` makes their ids and texts differ from those of an earlier call."""
    texts = corpus_texts()
    begun = [""] * len(writers)
    for number in range(start, start + count):
        place = number % len(writers)
        title, text = texts[number % len(texts)]
        # In turn, so that nobody begins more conversations than a newcomer may in a day.
        nth = number // len(writers)
        begins = nth % CONVERSATION == 0 or not begun[place]
        sender = writers[place][(nth // CONVERSATION if begins else nth) % len(writers[place])]
        mail = EmailMessage()
        mail["From"] = f"Member <{sender}>"
        mail["To"] = recipient = f"group-{place}@{domain}"
        mail["Message-ID"] = message_id = f"<{number}.letter@readers.{domain}>"
        mail["Subject"] = f"{title[:60]} ({number})" if begins else f"Re: number {number}"
        if begins:
            begun[place] = message_id
        else:
            mail["In-Reply-To"] = begun[place]
        mail.set_content(text)
        yield Letter(sender, recipient, message_id.strip("<>"), mail.as_bytes().replace(b"\n", b"\r\n"))
