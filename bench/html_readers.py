"""Which reader of HTML mails suits replies: ours, html2text or inscriptis.

.venv/bin/pip install html2text inscriptis
.venv/bin/python bench/html_readers.py
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from types import FrameType

import html2text
import inscriptis
from inscriptis.model.config import ParserConfig

from moothall.core.mail_html import html_to_text

# What a reader must see, and what must not be there.
KEPT = {
    "quotation marked": ("<p>Yes.</p><blockquote type=cite>Splice<br>it?</blockquote>", ("> Splice", "> it?"), ()),
    "quotation in a quotation": ("<blockquote>a<blockquote>b</blockquote></blockquote>", ("> a", "> > b"), ()),
    "numbers go on": ("<ol start=4><li>oak<li>elm</ol>", ("4. oak", "5. elm"), ()),
    "address of a link": ('<a href="https://a.example/x">here</a>', ("here", "https://a.example/x"), ()),
    "code line by line": ("<pre>saw \\\n    --deep</pre>", ("saw \\", "    --deep"), ()),
    "words as they are": ("<p>2 * 3 * 4 = a_b_c, [x] #1</p>", ("2 * 3 * 4 = a_b_c, [x] #1",), ("\\",)),
    "no script, no style": ("<style>p{}</style><script>hi()</script><p>Oak</p>", ("Oak",), ("hi()", "p{}")),
    "cells apart": ("<table><tr><td>Oak<td>12</tr></table>", ("Oak", "12"), ("Oak12",)),
    "long line whole": (f"<p>{'oak ' * 40}</p>", ("oak " * 39 + "oak",), ()),
    "nothing": ("", (), ()),
    "a NUL": ("<p>a\x00b</p>", ("a", "b"), ()),
    "an open comment": ("<p>a</p><!-- <p>b</p>", ("a", "b"), ()),
}
LETTER = "<div>Splice it, if the plinth is put right first.<br>We did ours in <b>oak</b>.</div>\n" * 100
HOSTILE = {
    "<": "<" * 100_000,
    "<a ": "<a " * 33_000,
    "<!--": "<!--" * 25_000,
    "<div>": "<div>" * 20_000,
    "<blockquote>": "<blockquote>" * 8_000,
    "&#999…": "&#" + "9" * 100_000 + ";",
}


def by_html2text(html: str) -> str:
    reader = html2text.HTML2Text(bodywidth=0)
    reader.inline_links = True
    return reader.handle(html)


def by_inscriptis(html: str) -> str:
    return inscriptis.get_text(html, ParserConfig(display_links=True))


LONGEST_S = 5.0
READERS: dict[str, Callable[[str], str]] = {
    "moothall.core.mail_html": html_to_text,
    "html2text": by_html2text,
    "inscriptis": by_inscriptis,
}


def main() -> None:
    for name, reader in READERS.items():
        wrong = [what for what, (html, kept, gone) in KEPT.items() if not _is_right(reader, html, kept, gone)]
        print(f"{name}: {len(KEPT) - len(wrong)} of {len(KEPT)} right; wrong: {', '.join(wrong) or 'nothing'}")
        print(f"   {len(LETTER) // 1000} kB: {_usual_s(reader) * 1000:.2f} ms")
        for what, html in HOSTILE.items():
            print(f"   100 kB of {what}: {_cpu_s(reader, html) * 1000:.0f} ms")


def _is_right(reader: Callable[[str], str], html: str, kept: tuple[str, ...], gone: tuple[str, ...]) -> bool:
    try:
        text = reader(html)
    except Exception:
        return False
    return all(each in text for each in kept) and not any(each in text for each in gone)


def _usual_s(reader: Callable[[str], str]) -> float:
    began_s = time.process_time()
    for _ in range(100):
        reader(LETTER)
    return (time.process_time() - began_s) / 100


def _cpu_s(reader: Callable[[str], str], html: str) -> float:
    """Infinite where it raises, or takes longer than anybody waits."""
    began_s = time.process_time()
    signal.signal(signal.SIGPROF, _stop)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_S)
    try:
        reader(html)
    except Exception:
        return float("inf")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    return time.process_time() - began_s


def _stop(number: int, frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    main()
