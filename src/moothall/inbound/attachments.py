"""Which attachments a post keeps: documents, pictures and sound that a group may want to have."""

from __future__ import annotations

from collections.abc import Iterable

from moothall.core.mail_body import Attachment

LARGEST_BYTES = 10 * 1024 * 1024
MOST = 20
_KEPT_KINDS = ("image/", "audio/", "video/", "text/")
_KEPT = frozenset(
    (
        *("application/pdf", "application/msword", "application/rtf", "application/epub+zip", "application/json"),
        *("application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/gpx+xml", "application/xml"),
        *("message/rfc822",),
    )
)
_KEPT_FAMILIES = ("application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.")
# Programs that do not know what a file is call it so (RFC 2046 section 4.5.1); its name says more.
_UNTOLD = frozenset(
    ("application/octet-stream", "binary/octet-stream", "application/x-download", "application/force-download")
)
_KEPT_ENDINGS = (
    *(".pdf", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".odt", ".ods", ".odp", ".rtf", ".epub", ".gpx"),
    *(".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".avif", ".tif", ".tiff", ".txt", ".csv", ".md"),
    *(".mp3", ".m4a", ".ogg", ".opus", ".wav", ".flac", ".mp4", ".mov", ".webm"),
)
# Programs attach these by themselves; their sender need not hear of them.
_PASSED_OVER = frozenset(
    (
        *("application/pgp-signature", "application/pgp-keys", "application/pkcs7-signature", "application/ms-tnef"),
        *("application/x-pkcs7-signature", "text/calendar", "text/x-vcard", "text/vcard", "text/html"),
        *("message/delivery-status", "message/disposition-notification"),
    )
)
# A picture that may carry a script, and what programs run.
_RUN = frozenset(("image/svg+xml", "text/javascript"))
_RUNS = (
    *(".exe", ".com", ".bat", ".cmd", ".scr", ".js", ".vbs", ".jar", ".msi", ".ps1", ".hta", ".lnk"),
    *(".svg", ".html", ".htm", ".xhtml"),
)


def attached_by_hand(found: Iterable[Attachment]) -> list[Attachment]:
    return [attachment for attachment in found if attachment.content_type not in _PASSED_OVER]


def sort_attachments(found: Iterable[Attachment]) -> tuple[list[int], list[tuple[Attachment, str]]]:
    """The places of those to be kept, and those to be left out with the reason for their sender."""
    kept: list[int] = []
    left_out: list[tuple[Attachment, str]] = []
    for place, attachment in enumerate(found):
        if attachment.content_type in _PASSED_OVER:
            continue
        why = _why_not(attachment) or ("there are too many" if len(kept) >= MOST else "")
        if why:
            left_out.append((attachment, why))
        else:
            kept.append(place)
    return kept, left_out[:MOST]


def _why_not(attachment: Attachment) -> str:
    if attachment.size_bytes > LARGEST_BYTES:
        return f"it is larger than {LARGEST_BYTES // 1024 // 1024} MB"
    kind = attachment.content_type
    name = attachment.name.lower()
    is_kept = kind in _KEPT or kind.startswith((*_KEPT_KINDS, *_KEPT_FAMILIES))
    is_kept = is_kept or (kind in _UNTOLD and name.endswith(_KEPT_ENDINGS))
    if not is_kept or kind in _RUN or name.endswith(_RUNS):
        return "files of this kind are not taken"
    return ""
