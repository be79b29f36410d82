"""Which reader of replies keeps the author's words and drops the rest: ours, mail-parser-reply or quotequail.

.venv/bin/pip install mail-parser-reply quotequail
.venv/bin/python bench/reply_parsers.py
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import quotequail
from mailparser_reply import EmailReplyParser
from mailparser_reply.constants import MAIL_LANGUAGES

sys.path.insert(0, str(Path(__file__).parents[1]))

from moothall.core.quoting import own_text
from moothall.inbound.trimming import trim
from tests.inbound.replies import REPLIES

_PARSER = EmailReplyParser(languages=list(MAIL_LANGUAGES))


def by_mail_parser_reply(text: str) -> str:
    return _PARSER.parse_reply(text) or ""


def by_quotequail(text: str) -> str:
    return "".join(part for is_shown, part in quotequail.quote(text, quote_intro_line=True) if is_shown)


def by_trimming(text: str) -> str:
    return trim(text).text


READERS: dict[str, Callable[[str], str]] = {
    "moothall.inbound.trimming": by_trimming,
    "moothall.core.quoting alone": own_text,
    "mail-parser-reply": by_mail_parser_reply,
    "quotequail": by_quotequail,
}


def main() -> None:
    print(f"{len(REPLIES)} mails           loses own words   keeps others' words      right   ms a mail")
    for name, reader in READERS.items():
        began_s = time.perf_counter()
        texts = [reader(reply.text) for reply in REPLIES]
        took_ms = (time.perf_counter() - began_s) * 1000 / len(REPLIES)
        loses = {r.name for r, text in zip(REPLIES, texts, strict=True) if not all(own in text for own in r.own)}
        keeps = {r.name for r, text in zip(REPLIES, texts, strict=True) if any(gone in text for gone in r.gone)}
        right = len(REPLIES) - len(loses | keeps)
        print(f"{name:28} {len(loses):12} {len(keeps):20} {right:12} {took_ms:10.2f}")
        if "-v" in sys.argv:
            print("   loses:", *sorted(loses), sep="\n      ")
            print("   keeps:", *sorted(keeps), sep="\n      ")


if __name__ == "__main__":
    main()
