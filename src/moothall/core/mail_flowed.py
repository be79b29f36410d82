"""Joining the soft line breaks of format=flowed (RFC 3676), and telling quoted-printable debris from text."""

import binascii
import re

_QUOTE_MARKS = re.compile(r">*")
_DEBRIS = re.compile(r"=(?:20$|09$|3D|[89A-F][0-9A-F])", re.MULTILINE)
_SOFT_BREAK = "=\n"
_ENOUGH_DEBRIS = 3


def join_flowed(text: str, *, delete_space: bool) -> str:
    """RFC 3676 section 4: a line ending in a space flows into the next of the same quote depth."""
    joined: list[str] = []
    paragraph: list[str] = []
    paragraph_depth = 0
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line)
        depth = marks.end() if marks else 0
        content = line[depth:].removeprefix(" ")  # space-stuffing, section 4.4
        is_delimiter = content == "-- "  # of the signature, section 4.3
        if paragraph and (depth != paragraph_depth or is_delimiter):
            joined.append(_quoted(paragraph, paragraph_depth))
            paragraph = []
        paragraph_depth = depth
        if content.endswith(" ") and not is_delimiter:
            paragraph.append(content[:-1] if delete_space else content)
        else:
            joined.append(_quoted([*paragraph, content], depth))
            paragraph = []
    if paragraph:
        joined.append(_quoted(paragraph, paragraph_depth))
    return "\n".join(joined)


def undo_debris(data: bytes) -> bytes:
    """Archives that drop the header fields leave bodies in raw quoted-printable ("=20", "=3D", soft breaks)."""
    text = data.decode("latin-1")
    if _SOFT_BREAK not in text or len(_DEBRIS.findall(text)) < _ENOUGH_DEBRIS:
        return data
    return binascii.a2b_qp(data)


def _quoted(pieces: list[str], depth: int) -> str:
    content = "".join(pieces)
    return f"{'>' * depth} {content}" if depth else content
