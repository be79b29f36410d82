"""Reading of mbox archives, message by message, in memory that does not grow with the archive.

The mbox family (RFC 4155; mboxo, mboxrd, mboxcl) has no grammar that all writers keep. A message begins at a line
`From …` that looks like an envelope (someone, then a date with a time of day) and is followed by a header line, or
after a blank line at one that looks like half an envelope and is followed by a header that mails have; a sentence that
begins with "From" satisfies neither. One `>` is taken off `>From ` lines (mboxrd; for mboxo the same),
save inside a quotation. Read are plain and gzip archives (RFC 1952) of Mailman ("From user at host  Thu Jan  1 …"),
Google Groups and Takeout ("From 1234@xxx …"), Groups.io, Thunderbird ("From - …") and public-inbox ("From mboxrd@z").
A file without any envelope that begins with headers is read as one message.
"""

import gzip
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

OVERSIZED_BYTES = 25 * 1024 * 1024  # what the large providers take as one mail; a longer one is damage or abuse
_LINE_BYTES = 64 * 1024
_BLOCK_BYTES = 128 * 1024
_GZIP_MAGIC = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ENVELOPE = b"From "

_ENVELOPE_DATE = re.compile(
    rb"From (?:.{0,300}?[ \t])?"
    rb"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+)?"
    rb"(?:[A-Z][a-z]{2}[ \t]+\d{1,2}|\d{1,2}[ \t]+[A-Z][a-z]{2}|\d{4}-\d\d-\d\d)[T \t]"
    rb".{0,20}?\d{1,2}:\d\d"
)
# Nobody or one name, as Thunderbird and old scripts write; a date in another language or order; one without a time.
_HALF_AN_ENVELOPE = re.compile(
    rb"From (?:\S{0,320}|[^\s@]{1,64} at [^\s@]{1,255}|.{1,300}[ \t](?:\d{1,2}:\d\d:\d\d.{0,40}|(?:19|20)\d\d))"
    rb"[ \t]*\r?\n"
)
_HEADER = re.compile(rb"[!-9;-~]{1,76}:(?!//)|>From ")
_KNOWN_HEADER = re.compile(
    rb"(?:From|Date|Subject|To|Message-ID|Received|Return-Path|Delivered-To|MIME-Version|Content-Type|Status|X-[\w-]+"
    rb"|Reply-To|Sender|List-Id|References|In-Reply-To):",
    re.IGNORECASE,
)
_QUOTED_FROM = re.compile(rb"^>+From ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """One message as the archive holds it, its envelope line first, `>From ` unquoted."""

    position: int  # 1-based
    offset: int  # in bytes of the uncompressed archive
    data: bytes
    consumed_bytes: int  # of the file as it lies on disk, to be set against estimate_total()
    is_oversized: bool = False  # data is cut at OVERSIZED_BYTES
    is_cut_short: bool = False  # the compressed archive breaks off inside this message


def estimate_total(path: Path) -> int:
    """Size of the file on disk in bytes: what `RawMessage.consumed_bytes` reaches at the end."""
    return path.stat().st_size


def iterate_mbox(path: Path) -> Iterator[RawMessage]:
    """Every message of an archive, in its order.

    Raises:
        OSError: the file can't be opened or read. A damaged gzip stream is no error: what came before is yielded.
    """
    with path.open("rb") as file:
        is_gzip = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        archive = _Archive(file, is_gzip=is_gzip)
        yield from _messages(archive)


class _ForgivingGzip(io.RawIOBase):
    """A gzip stream that ends where it is damaged, instead of raising and taking what was read with it."""

    def __init__(self, file: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")
        self.is_damaged = False
        self._is_at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        view = memoryview(buffer)
        if self._is_at_end:
            return 0
        try:
            block = self._gzip.read1(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.is_damaged = not str(error).startswith(
                "Not a gzipped file"
            )  # that is a foreign tail after a whole one
            self._is_at_end = True
            return 0
        view[: len(block)] = block
        return len(block)


class _Archive:
    """Lines with their offset, and one line to look ahead; a line longer than 64 kB comes in pieces.

    Nearly all of an archive is passed over by whole stretches, in which the next "From " is looked for at once: line by
    line it took three times as long.
    """

    def __init__(self, file: BinaryIO, *, is_gzip: bool) -> None:
        self._file = file
        self._gzip = _ForgivingGzip(file) if is_gzip else None
        self._read = io.BufferedReader(self._gzip, _BLOCK_BYTES).read if self._gzip else file.read
        self._block = b""
        self._at = 0
        self.offset = 0

    def next_line(self) -> bytes:
        """The next line, or b"" at the end."""
        return self._take(self._line_end())

    def peek(self) -> bytes:
        end = self._line_end()  # which may read on
        return self._block[self._at : end]

    def goes_on_with(self, start: bytes) -> bool:
        while len(self._block) - self._at < len(start) and self._fill():
            pass
        return self._block.startswith(start, self._at)

    def next_stretch(self, mark: bytes) -> bytes:
        """What comes before the next line that begins with `mark`, or a part of it; b"" at the end."""
        sought = b"\n" + mark
        while True:
            found = self._block.find(sought, self._at)
            if found >= 0:
                return self._take(found + 1)
            # The mark may lie across the end of the block.
            end = len(self._block) - len(mark)
            if end > self._at:
                return self._take(end)
            if not self._fill():
                return self._take(len(self._block))

    @property
    def consumed_bytes(self) -> int:
        return self._file.tell() if self._gzip else self.offset

    @property
    def is_damaged(self) -> bool:
        return self._gzip is not None and self._gzip.is_damaged

    def _line_end(self) -> int:
        while True:
            found = self._block.find(b"\n", self._at, self._at + _LINE_BYTES)
            if found >= 0:
                return found + 1
            if len(self._block) - self._at >= _LINE_BYTES:
                return self._at + _LINE_BYTES
            if not self._fill():
                return len(self._block)

    def _take(self, end: int) -> bytes:
        taken = self._block[self._at : end]
        self._at = end
        self.offset += len(taken)
        return taken

    def _fill(self) -> bool:
        more = self._read(_BLOCK_BYTES)
        self._block, self._at = self._block[self._at :] + more, 0
        return bool(more)


def _messages(archive: _Archive) -> Iterator[RawMessage]:
    envelope = _skip_to_first(archive)
    position = 0
    while envelope:
        position += 1
        offset = archive.offset - len(envelope)
        body, is_oversized, following = _collect(archive, envelope)
        yield RawMessage(
            position=position,
            offset=offset,
            data=_unquote_from(body),
            consumed_bytes=archive.consumed_bytes,
            is_oversized=is_oversized,
            is_cut_short=not following and archive.is_damaged,
        )
        envelope = following


def _skip_to_first(archive: _Archive) -> bytes:
    """The first envelope line; or the first header, where a file begins with headers at once."""
    at_line_start, is_first = True, True
    while line := archive.next_line():
        candidate = line.removeprefix(_BYTE_ORDER_MARK) if is_first else line
        if at_line_start and _begins_message(candidate, archive, after_blank=True):
            return candidate
        if is_first and line.strip():
            is_first = False
            if _KNOWN_HEADER.match(candidate):
                return candidate
        at_line_start = line.endswith(b"\n")
    return b""


def _collect(archive: _Archive, envelope: bytes) -> tuple[bytes, bool, bytes]:
    """Read up to the next message: this one's bytes, whether they were cut, and the next one's envelope."""
    body = bytearray(envelope)
    previous = envelope
    is_oversized = False
    while True:
        if previous.endswith(b"\n") and archive.goes_on_with(_ENVELOPE):
            stretch = archive.next_line()
            if _begins_message(stretch, archive, after_blank=not previous.strip()):
                return bytes(body), is_oversized, stretch
        else:
            stretch = archive.next_stretch(_ENVELOPE)
            if not stretch:
                return bytes(body), is_oversized, b""
        previous = _last_line(previous, stretch)
        room = OVERSIZED_BYTES - len(body)
        body += stretch[:room]
        is_oversized = is_oversized or len(stretch) > room


def _last_line(before: bytes, stretch: bytes) -> bytes:
    """Of what was read so far; of a long one its end."""
    begin = stretch.rfind(b"\n", 0, len(stretch) - 1) + 1
    if begin or before.endswith(b"\n"):
        return stretch[begin:]
    return (before + stretch)[-_LINE_BYTES:]


def _begins_message(line: bytes, archive: _Archive, *, after_blank: bool) -> bool:
    if not line.startswith(_ENVELOPE):
        return False
    if _ENVELOPE_DATE.match(line):
        return _HEADER.match(archive.peek()) is not None
    return after_blank and _HALF_AN_ENVELOPE.match(line) is not None and _has_known_header(archive.peek())


def _has_known_header(line: bytes) -> bool:
    return _KNOWN_HEADER.match(line) is not None


def _unquote_from(data: bytes) -> bytes:
    if b">From " not in data:
        return data
    return _QUOTED_FROM.sub(lambda match: _without_one_mark(match, data), data)


def _without_one_mark(match: re.Match[bytes], data: bytes) -> bytes:
    """`>From ` amid `>` lines is quotation that an mboxo writer left as it was (mboxrd would have written `>>From`)."""
    quoted = match.group()
    before = data.rfind(b"\n", 0, max(match.start() - 1, 0)) + 1
    after = data.find(b"\n", match.end(), match.end() + _LINE_BYTES) + 1
    if quoted == b">From " and data[before : before + 1] == b">" and after and data[after : after + 1] == b">":
        return quoted
    return quoted[1:]
