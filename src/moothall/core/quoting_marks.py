"""The marks by which a line or a few are known as quotation, signature or list footer."""

import re

from moothall.core.mail_scrubbed import NEXT_PART, SCRUBBED
from moothall.core.quoting_attributions import unmarked_attribution_length
from moothall.core.quoting_fields import original_block_length

_LONGEST_LINE_LOOKED_AT = 400
_QUOTE = re.compile(r" ?(?:[A-Za-z]{1,4}(?=> ))?(>(?: {0,2}>)*)|(\|(?: ?\|){0,9}) (?! )")
_PROMPT = re.compile(r">>> ?(?:$|(?:import|from|def|class|for|if|while|with|print|del|try|raise|assert)\b"
                     r"|[A-Za-z_][\w.\[\]'\"]{0,80}\s{0,3}(?:$|[=(,+*/.\[-])|[\d('\"\[{#@])")  # fmt: skip

_DELIMITER = re.compile(r"(?:- )?--[ \xa0]?")  # RFC 4880 section 7.1: "- " stands before it in what is signed
_FULL_DELIMITERS = ("-- ", "- -- ")
_LONGEST_SIGNATURE = 20
_LONGEST_LOOSE_SIGNATURE = 8
_LONGEST_ARMOUR = 80
_BOUNDARY = re.compile(r"--\S{8,70}--")
_LONGEST_FOOTER = 24
_UNDERSCORES = re.compile(r"[_-]{30,}\s*")
_HASHES = re.compile(r"#{30,}\s*")  # LISTSERV
_LIST_WORDS = re.compile(
    r"mailing list|mailinglist|listinfo|to unsubscribe|unsubscribe:|unsubscribe@|-unsubscribe|/lists?/|mailman/"
    r"|Mailingliste|Liste de diffusion|lista de correo",
    re.IGNORECASE,
)
_GROUPS_IO_RULE = re.compile(r"(?:-=){6,}-?\s*")
_GOOGLE_RULE = re.compile(r"-~?-?~?-{2,}~-{2,}.{0,80}|--~--~-.{0,80}|-~-{5,}~.{0,80}")
_SUBSCRIBED = re.compile(
    r"(?:You received this message because you are subscribed|Sie erhalten diese Nachricht, weil Sie|Vous recevez ce "
    r"message, car vous|Has recibido este mensaje porque est|Groups\.io Links|Yahoo! Groups (?:Links|Sponsor)"
    r"|To unsubscribe from (?:this (?:group|list)|the [^\s:]{1,80} list)|To unsubscribe, e-mail"
    r"|Your use of Yahoo! Groups is subject)"
)
_FOOTER_STARTS = frozenset("_-#YSVHGT")
_YAHOO_RULE = re.compile(r"-{10,} ?Yahoo! Groups (?:Sponsor|Links).{0,60}")
_YAHOO_RULE_BELOW = re.compile(r"-{30,}~->\s*")


def quote_depth(line: str) -> int:
    """How deep a line is quoted by `>` (also `Mo> ` and `| `), 0 when it is not."""
    if line[:6].find(">") < 0 and not line.startswith(("|", " |")):
        return 0
    match = _QUOTE.match(line[:_LONGEST_LINE_LOOKED_AT])
    if match is None or (match.group(2) and line.rstrip()[2:].endswith("|")):  # a table's row
        return 0
    return (match.group(1) or match.group(2)).count(">" if match.group(1) else "|")


def is_prompt(block: list[str]) -> bool:
    """Whether a run of `>` lines is a Python session: all are `>>> ` and the first reads as code."""
    return all(line.startswith(">>>") and line[3:4] in {"", " "} for line in block) and bool(
        _PROMPT.match(block[0][:_LONGEST_LINE_LOOKED_AT])
    )


def signature_length(lines: list[str], at: int, limit: int) -> int:
    """Lines from a signature delimiter to the next quotation or end; 0 when it is none or too long for one."""
    if not _DELIMITER.fullmatch(lines[at][:6]):
        return 0
    most = _LONGEST_SIGNATURE if lines[at] in _FULL_DELIMITERS else _LONGEST_LOOSE_SIGNATURE
    said = 0
    for end in range(at + 1, limit):
        if not lines[end].strip():
            continue
        if _ends_signature(lines, end):
            return end - at
        said += 1
        if said > most:
            return 0
    return limit - at


def _ends_signature(lines: list[str], at: int) -> bool:
    if _DELIMITER.fullmatch(lines[at][:6]) or armour_length(lines, at) or footer_length(lines, at):
        return True
    return original_block_length(lines, at) > 0 or unmarked_attribution_length(lines, at) > 0


def armour_length(lines: list[str], at: int) -> int:
    """Lines of what OpenPGP puts around a signed text (RFC 4880 section 7) that begin here; 0 where none does."""
    if not lines[at].startswith("-----BEGIN PGP SIG"):
        return 0
    if lines[at].startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        return _until_blank(lines, at) - at
    for end in range(at + 1, min(at + _LONGEST_ARMOUR, len(lines))):
        if lines[end].startswith("-----END PGP SIGNATURE-----"):
            return _after_boundary(lines, end + 1) - at
    return 0


def _after_boundary(lines: list[str], at: int) -> int:
    """Archives that keep the raw text of signed parts keep the last boundary too."""
    below = at
    while below < len(lines) and below - at < 2 and not lines[below].strip():
        below += 1
    return below + 1 if below < len(lines) and _BOUNDARY.fullmatch(lines[below][:120]) else at


def footer_length(lines: list[str], at: int) -> int:
    """Lines of a list's footer, or of what Mailman left of an attachment, that begin here; 0 where none does."""
    line = lines[at][:_LONGEST_LINE_LOOKED_AT]
    if line[:1] not in _FOOTER_STARTS:
        return 0
    if NEXT_PART.fullmatch(line):
        return 1 + (_scrubbed_length(lines, at + 1) if at + 1 < len(lines) else 0)
    if _UNDERSCORES.fullmatch(line) and _says_list(lines, at):
        return _until_blank(lines, at + 1) - at
    if _HASHES.fullmatch(line) and at + 2 < len(lines) and _is_about_subscription(lines, at + 2):
        return _until_blank(lines, at + 2) - at
    if _GROUPS_IO_RULE.fullmatch(line) and _names_subscription(lines, at):
        return _through_rule(lines, at, _GROUPS_IO_RULE)
    if _GOOGLE_RULE.fullmatch(line) and _names_subscription(lines, at):
        return _through_rule(lines, at, _GOOGLE_RULE)
    if _YAHOO_RULE.fullmatch(line):
        return _through_rule(lines, at, _YAHOO_RULE_BELOW)
    if _DELIMITER.fullmatch(line) and _names_subscription(lines, at):
        return _to_end_of_footer(lines, at)
    return _to_end_of_footer(lines, at) if _is_about_subscription(lines, at) else 0


def _scrubbed_length(lines: list[str], at: int) -> int:
    return _until_blank(lines, at) - at if SCRUBBED.match(lines[at][:_LONGEST_LINE_LOOKED_AT]) else 0


def _says_list(lines: list[str], at: int) -> bool:
    for line in lines[at + 1 : at + 5]:
        if _UNDERSCORES.fullmatch(line[:_LONGEST_LINE_LOOKED_AT]):
            return False
        if _LIST_WORDS.search(line[:200]):
            return True
    return False


def _names_subscription(lines: list[str], at: int) -> bool:
    return any(_is_about_subscription(lines, below) for below in range(at, min(at + 4, len(lines))))


def _is_about_subscription(lines: list[str], at: int) -> bool:
    """To unsubscribe takes an address, which people who only talk of it do not give."""
    found = _SUBSCRIBED.match(lines[at][:200])
    if found is None or not found.group().startswith("To unsubscribe"):
        return found is not None
    return any("@" in line[:200] or "://" in line[:200] for line in lines[at : at + 3])


def _until_blank(lines: list[str], at: int) -> int:
    end = at
    while end < len(lines) and end - at < _LONGEST_FOOTER and lines[end].strip():
        end += 1
    return end


def _through_rule(lines: list[str], at: int, rule: re.Pattern[str]) -> int:
    for end in range(at + 1, min(at + _LONGEST_FOOTER, len(lines))):
        if rule.fullmatch(lines[end][:120]):
            return end + 1 - at
    return _to_end_of_footer(lines, at)


def _to_end_of_footer(lines: list[str], at: int) -> int:
    """To the end when that is near, else to the next blank line."""
    if len(lines) - at <= _LONGEST_FOOTER:
        return len(lines) - at
    return max(_until_blank(lines, at + 1) - at, 2)
