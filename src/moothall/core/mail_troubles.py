"""What can be wrong with a mail, as a closed list that an import can count by."""

from enum import StrEnum


class Trouble(StrEnum):
    """One thing that was not as the standards have it and had to be made up for."""

    MISSING_ID = "missing-id"
    MISSING_SENDER = "missing-sender"
    HIDDEN_SENDER = "hidden-sender"  # the archive or the list took the address away
    BROKEN_HEADERS = "broken-headers"
    BROKEN_MULTIPART = "broken-multipart"
    BROKEN_ENCODING = "broken-encoding"
    GUESSED_CHARSET = "guessed-charset"
    TOO_MANY_PARTS = "too-many-parts"
    CONTROL_CHARACTERS = "control-characters"
    ONLY_HTML = "only-html"
    NO_TEXT = "no-text"
    WINMAIL = "winmail"


class DateTrouble(StrEnum):
    MISSING = "missing"
    UNREADABLE = "unreadable"
    ABSURD = "absurd"
