"""Subjects of mails: reply prefixes in many languages, and the `[list-name]` tags that lists put in front."""

import re

from moothall.core.mail_addresses import list_key

# Reply and forward prefixes that mail programs write (RFC 5322 section 3.6.5 knows only "Re: "; the rest is custom).
_REPLY_WORDS = (
    "re|aw|antw(?:ort)?|sv|vs|odp|r[ée]f|rif|ris|res|resp|rv|r|bls|ynt|atb|vá|vl|ant|per|hal|balas|ответ|отв|на|"
    "απ|σχετ|回复|回覆|答复|答覆|返信|답장|회신|תשובה|رد"
)
_FORWARD_WORDS = "fwd?|fw|wg|tr|rv|enc|i|vb|vs|doorst|pd|yml|továbbítás|továbbította|пересл|转发|轉寄|転送|전달"
_NUMBERED = r"(?:\s{0,2}[\[(^*]\s{0,2}\d{1,4}[\])]?)?"
_PREFIX = re.compile(rf"\s*(?:({_REPLY_WORDS})|({_FORWARD_WORDS})){_NUMBERED}\s{{0,2}}[:：]\s*", re.IGNORECASE)
_TAG = re.compile(r"\s*\[([^\[\]]{1,60})\]\s*")
_WAS = re.compile(r"\s*[\[(]\s*was\s*:?\s[^\[\]()]{1,300}[\])]\s*$", re.IGNORECASE)
_LIST_NUMBER = re.compile(r"[:\s#]+\d+$")  # ezmlm and Yahoo number the tag: [list:1234]
# Brackets that say what a message is, not which list it went to.
_OF_CONTENT = re.compile(
    r"(?:ann(?:ounce(?:ment)?)?|jobs?|hiring|patch|bug|issue|rfc|rfe|pr|ot|off.?topic|solved|fixed|event|cfp|help|"
    r"question|q|vote|result|discuss(?:ion)?|proposal|release|security|urgent|meta|review|for.?sale|wanted|fs|wtb|poll|"
    r"spam\??|external|ext|encrypted|commit|svn|git|was)\b.*|\d.*",
    re.IGNORECASE,
)
_MOST_PREFIXES = 20
_LONGEST_SUBJECT = 998  # RFC 5322 section 2.1.1


def split_tags(subject: str, list_names: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """The subject without its list's tags, and the tags.

    A bracket is the list's when it bears the list's name, or, where nothing tells the name, when it comes first and
    is not one of the customary marks of content such as `[ANN]` or `[solved]`.
    """
    tags: list[str] = []
    kept: list[str] = []
    rest = subject[:_LONGEST_SUBJECT]
    has_own_bracket = False
    for _ in range(_MOST_PREFIXES):
        if prefix := _PREFIX.match(rest):
            kept.append(prefix.group().strip() + " ")
            rest = rest[prefix.end() :]
        elif tag := _TAG.match(rest):
            if _is_list_tag(tag.group(1), list_names, is_first=not tags and not has_own_bracket):
                tags.append(tag.group(1).strip())
            else:
                has_own_bracket = True
                kept.append(tag.group().strip() + " ")
            rest = rest[tag.end() :]
        else:
            break
    return ("".join(kept) + rest).strip(), tuple(dict.fromkeys(tags))


def base_subject(subject: str) -> tuple[str, bool]:
    """What two mails of one conversation have in common, and whether the subject is that of a reply.

    The base is folded in case and white space, all leading brackets and prefixes and a final "(was: …)" removed.
    """
    rest = _WAS.sub("", subject[:_LONGEST_SUBJECT])
    is_reply = False
    for _ in range(_MOST_PREFIXES):
        if prefix := _PREFIX.match(rest):
            is_reply = is_reply or prefix.group(1) is not None
            rest = rest[prefix.end() :]
        elif (tag := _TAG.match(rest)) and tag.end() < len(rest):
            rest = rest[tag.end() :]
        else:
            break
    return " ".join(rest.casefold().split()), is_reply


def shown_subject(subject: str) -> str:
    """The subject as the title of a conversation: reply and forward prefixes taken off, all else as it was.

    >>> shown_subject("Re: AW: [solved] Twisted and CGI")
    '[solved] Twisted and CGI'
    """
    rest = subject[:_LONGEST_SUBJECT]
    for _ in range(_MOST_PREFIXES):
        prefix = _PREFIX.match(rest)
        if prefix is None:
            break
        rest = rest[prefix.end() :]
    return " ".join(rest.split())


def _is_list_tag(tag: str, list_names: frozenset[str], *, is_first: bool) -> bool:
    key = list_key(_LIST_NUMBER.sub("", tag))
    if key and any(key == name or (len(key) >= 3 and name.startswith(key)) for name in list_names):
        return True
    return not list_names and is_first and key != "" and not _OF_CONTENT.fullmatch(tag.strip())
