"""Files in the middle of a text, as mail had them before MIME (POSIX uuencode).

begin 644 plan.gif
M1TE&.#=A(``@`/```````/___RP`````(``@```"
`
end
"""

import re
from mimetypes import guess_type

# A line of data has no small letters, so no line of it can begin or end a file.
_FILE = re.compile(r"^begin [0-7]{3,4} ([^\n]{1,255})\n((?:[ -`]{1,70}\n)+)end[ \t]*(?:\n|\Z)", re.MULTILINE)


def without_files(text: str) -> tuple[str, list[tuple[str, str, int]]]:
    """The text without them; and of each its name, content type and size in bytes."""
    if "begin " not in text:
        return text, []
    files = [(found.group(1).strip(), found.group(2)) for found in _FILE.finditer(text)]
    return _FILE.sub("", text), [(name, _content_type(name), _size(data)) for name, data in files]


def _content_type(name: str) -> str:
    return guess_type(name)[0] or "application/octet-stream"


def _size(data: str) -> int:
    """Each line begins with the number of its bytes, as a character that many above the space."""
    return sum((ord(line[0]) - 32) % 64 for line in data.splitlines())
