"""What a mail program notes about the mails of its own folder, which may lie there long after they were deleted."""

from moothall.core.mail_headers import Headers

_EXPUNGED = 0x0008  # Thunderbird's nsMsgMessageFlags: deleted, and gone from the file when the folder is compacted
_DELETED_OR_DRAFT = frozenset("DT")  # c-client's X-Status
_INTERNAL_DATA = "FOLDER INTERNAL DATA"  # the mail that c-client and its heirs keep their own notes in
# Google names its labels in the language of the account.
_LABELS = frozenset({
    "spam", "trash", "bin", "drafts", "papierkorb", "entwürfe", "corbeille", "brouillons", "papelera", "borradores",
})  # fmt: skip


def is_set_aside(headers: Headers) -> bool:
    """Whether the folder's owner deleted it, never sent it or took it for spam, or its program wrote it for itself."""
    return (
        bool(_mozilla_flags(headers) & _EXPUNGED)
        or not _DELETED_OR_DRAFT.isdisjoint(headers.text("x-status"))
        or ("x-imap" in headers.fields and _INTERNAL_DATA in headers.text("subject"))
        or any(label.strip().lower() in _LABELS for label in headers.text("x-gmail-labels").split(","))
    )


def _mozilla_flags(headers: Headers) -> int:
    try:
        return int(headers.text("x-mozilla-status")[:8] or "0", 16)
    except ValueError:
        return 0
