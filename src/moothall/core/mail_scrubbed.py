"""What Mailman leaves in a text archive where an attachment was.

-------------- next part --------------
A non-text attachment was scrubbed...
Name: plan.pdf
Type: application/pdf
Size: 1234 bytes
"""

import re
from collections.abc import Iterator

NEXT_PART = re.compile(r"-{14} next part -{14}\s*")
SCRUBBED = re.compile(
    r"(?:An? (?:non-text|HTML|embedded|encrypted)\b[^\n]{0,60}"
    r"|(?:Skipped content of type) [^\n]{0,80})(?:scrubbed|was scrubbed\.\.\.)?\s*"
)
_BLOCK = re.compile(
    r"^An? (?:non-text attachment|embedded (?:message|and charset-unspecified text)) was scrubbed\.\.\.\n"
    r"((?:(?:From|Subject|Date|Name|Type|Size|Desc|Url|URL) ?: ?[^\n]{0,500}\n){1,8})",
    re.MULTILINE,
)
_FIELD = re.compile(r"^(Name|Type|Size|Subject) ?: ?([^\n]*)$", re.MULTILINE)
_DIGITS = re.compile(r"\d{1,12}")


def scrubbed_attachments(text: str) -> Iterator[tuple[str, str, int]]:
    """Name, content type and size in bytes (0 where Mailman did not say) of each attachment it took out."""
    if "was scrubbed..." not in text:
        return
    for block in _BLOCK.finditer(text + "\n"):
        fields: dict[str, str] = dict(_FIELD.findall(block.group(1)))
        size = _DIGITS.search(fields.get("Size", ""))
        content_type = fields.get("Type") or ("message/rfc822" if "Subject" in fields else "text/plain")
        name = (fields.get("Name") or fields.get("Subject") or "").strip()
        yield name, content_type.strip(), int(size.group()) if size else 0
