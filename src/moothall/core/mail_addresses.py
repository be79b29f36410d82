"""Who wrote a mail: a name and, where it is certain, an address (RFC 5322 section 3.4).

Archives hide addresses ("user at host", "user AT host DOT com") and lists replace them: for DMARC's sake Mailman
writes `Name via List <list@host>` and Groups.io `user=host@groups.io`. What can be undone with certainty is undone;
where the true address is gone ("jo...@host"), None is better than somebody else's.
"""

import re
from dataclasses import dataclass

from moothall.core.mail_headers import Headers, clean_line, decode_words, raw_text

_LONGEST_FIELD = 2000
_LONGEST_ADDRESS = 254  # RFC 5321 section 4.5.3.1.3, RFC 3696 erratum 1690
_ADDRESS = re.compile(r"[^\s@<>()\[\]\"',;:]{1,64}@[a-z0-9](?:[a-z0-9-]{0,62})(?:\.[a-z0-9-]{1,63}){1,20}")
_ANGLE = re.compile(r"<([^<>]*)>")
_COMMENT = re.compile(r"\(((?:[^()]|\([^()]*\))*)\)")
_GROUP = re.compile(r'[^:;<>@"]{0,200}:([^;]*);\s*')  # RFC 6854: From may hold one
_ADDRESS_IN_NAME = re.compile(r"([^\s@<>()\[\]\"',;:]+)@[^\s@<>()\[\]\"',;:]+")
_LOCAL_PART = re.compile(r"[^\s@(\[{]+")
_AT = re.compile(r"(?<=\S)(?:\s*[(\[{_]\s*(?:at|a)\s*[)\]}_]\s*|\s+(?:at|AT)\s+)(?=\S)", re.IGNORECASE)
_DOT = re.compile(r"\s*[(\[{]\s*dot\s*[)\]}]\s*|(?<=\S)\s(?:DOT|dot)\s(?=\S)", re.IGNORECASE)
_SIGNS_IN_BRACKETS = frozenset({"at", "a", "dot"})
_MASKED = re.compile(r"\.\.\.|\u2026|xxx|\*\*|\+xx|@public\.gmane\.org$|@example\.invalid$")
_VIA = re.compile(r"\s+via\s+\S.{0,120}$", re.IGNORECASE)
_GROUPS_IO = re.compile(r"([^=@]+)=([^=@]+)@(?:[a-z0-9-]+\.)*groups\.io")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")
_TRUE_SENDER_FIELDS = ("x-original-from", "x-original-sender", "original-from", "reply-to")


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    address: str | None
    is_hidden: bool  # somebody wrote it, but archive or list took the address away


def sender_of(headers: Headers, list_names: frozenset[str]) -> Sender:
    """The author; `list_names` are what the list's address may be called (see `list_key`)."""
    value = headers.first("from")
    if value is None:
        return Sender("", None, is_hidden=False)
    name, address = split_mailbox(raw_text(value))
    unmunged = _GROUPS_IO.fullmatch(address) if address else None
    if unmunged:
        return Sender(_VIA.sub("", name), f"{unmunged.group(1)}@{unmunged.group(2)}", is_hidden=False)
    via = _VIA.search(name)
    if address and not via and list_key(address.partition("@")[0]) not in list_names:
        return Sender(name, address, is_hidden=False)
    name = _name(name[: via.start()]) if via else name  # Google Groups puts what stands before it in quotes of its own
    if address is None:
        return Sender(name, None, is_hidden=True)
    true_address = _true_address(headers, address, list_names)
    return Sender(name, true_address, is_hidden=true_address is None)


def list_key(name: str) -> str:
    """A list's name as it is compared: `Twisted-web`, `twisted_web` and `twisted web` are one."""
    return _NOT_IN_NAMES.sub("", name.lower())


def split_mailbox(text: str) -> tuple[str, str | None]:
    """Name and address of the first mailbox in a raw field value; None for an address that is missing or masked."""
    text = text[:_LONGEST_FIELD]
    if group := _GROUP.fullmatch(text):
        text = group.group(1)
    angle = _ANGLE.search(text)
    if angle:
        address = _certain_address(angle.group(1))
        name = _name(text[: angle.start()]) or _comment(text[angle.end() :])
        if address is None and not angle.group(1).strip():
            address = _certain_address(name)
    else:
        name = _comment(text)
        address = _certain_address(_COMMENT.sub(_without_comment, text).partition(",")[0])
        if not name and address is None:
            name = _name(text)
    if address is None and "@" in name:
        name = name.partition("@")[0]
    return _without_address(name), address


def _certain_address(text: str) -> str | None:
    text = clean_line(text).strip("<>\"' ").lower().removeprefix("mailto:")
    if "@" not in text:
        text = _AT.sub("@", text, count=1)
        if "@" in text:
            text = _DOT.sub(".", text)
    text = text.replace(" @ ", "@")
    if len(text) > _LONGEST_ADDRESS or _MASKED.search(text):
        return None
    return text if _ADDRESS.fullmatch(text) else None


def _true_address(headers: Headers, shown: str, list_names: frozenset[str]) -> str | None:
    for field in _TRUE_SENDER_FIELDS:
        for value in headers.every(field):
            _, address = split_mailbox(raw_text(value))
            if address and address != shown and list_key(address.partition("@")[0]) not in list_names:
                return address
    return None


def _name(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return decode_words(text.replace('\\"', '"').replace("\\\\", "\\").strip(' "'))


def _without_address(name: str) -> str:
    """A name is shown to everybody, an address to nobody, hence of an address in its place only who is meant."""
    if _certain_address(name) and (local_part := _LOCAL_PART.match(name)):
        return local_part.group()
    return _ADDRESS_IN_NAME.sub(r"\1", name)


def _comment(text: str) -> str:
    for comment in _COMMENT.finditer(text):
        if comment.group(1).strip().lower() not in _SIGNS_IN_BRACKETS:
            return _name(comment.group(1))
    return ""


def _without_comment(comment: re.Match[str]) -> str:
    return comment.group() if comment.group(1).strip().lower() in _SIGNS_IN_BRACKETS else " "
